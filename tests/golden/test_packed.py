"""The packed payloads of every release are read, and are written as they were, byte for byte.

`tests/golden/RELEASE/NAME.packed` is what that release wrote for the case `NAME` of `yard.py`, and
`NAME.json` what is in it. `python -m tests.golden` writes the files of a new release.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden.files import HERE, tree_text
from tests.golden.yard import CASES

FILES = sorted(HERE.glob("*/*.packed"))


def test_there_are_golden_payloads() -> None:
    """Of the first release that wrote packed payloads, every case."""
    assert {one.stem for one in FILES if one.parent.name == "0.1.0"} == set(CASES)


@pytest.mark.parametrize("file", FILES, ids=lambda one: f"{one.parent.name}/{one.stem}")
def test_a_golden_payload(file: Path) -> None:
    """It has the tree that it had, gives the object that it was made of, and is written again."""
    codec, make, to = CASES[file.stem]
    data = file.read_bytes()
    assert tree_text(codec._wire.decode(data)) == file.with_suffix(".json").read_text()
    assert codec.encode(make(), to) == data
    newest = codec.encode(make())
    if to is None:
        assert codec.encode(codec.decode(data)) == data
    else:
        assert codec.backport(newest, to) == data
        assert codec.merge(newest, data) == newest


def test_the_trees_are_plain() -> None:
    """Whoever reads the page can read them."""
    tree = json.loads((HERE / "0.1.0" / "odd.json").read_text())
    assert tree["versioned_object.data"]["number"] == 7
    assert tree["versioned_object.version"] == "1.0.3"
