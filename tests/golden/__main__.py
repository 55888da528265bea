"""Writes the golden payloads of this release, for the cases that it has no file of yet."""

from __future__ import annotations

from importlib.metadata import version

from tests.golden.files import HERE, tree_text
from tests.golden.yard import CASES

folder = HERE / version("pyvobj")
folder.mkdir(exist_ok=True)
for name, (codec, make, to) in CASES.items():
    file = folder / f"{name}.packed"
    if not file.exists():
        data = codec.encode(make(), to)
        file.write_bytes(data)
        file.with_suffix(".json").write_text(tree_text(codec._wire.decode(data)))
