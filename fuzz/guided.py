"""Inputs chosen by atheris: changes that reach new code of the Python executor are kept.

Theory
    libFuzzer, which is below atheris, ends the process in its own way, so this module is the main
    program of a process that tries one target: `python -m fuzz.guided TARGET RUNS SEED FOLDER`.
    What it found is told by its exit status and by the files that it leaves in the folder.
"""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

with atheris.instrument_imports(include=["vobj"]):
    import vobj.codec
    import vobj.evolve
    import vobj.model
    import vobj.wires  # noqa: F401

from fuzz.oracle import Finding
from fuzz.quiet import quiet
from fuzz.targets import TARGETS

if TYPE_CHECKING:
    from fuzz.targets import Target


def main(name: str, runs: int, seed: int, folder: Path) -> None:
    """Try `runs` inputs on a target, and leave the process."""
    quiet()
    target = TARGETS[name]()
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.corpus):
        (corpus / f"seed-{number:04}").write_bytes(data)

    def one(data: bytes) -> None:
        try:
            target(data)
        except Finding as finding:
            _leave(target, folder, data, finding)
        if target.tally.inputs >= runs:
            _leave(target, folder)

    def changed(data: bytes, most: int, number: int) -> bytes:
        made: bytes = target.mutator(data, random.Random(number))
        return made[:most]

    flags = [f"-seed={seed}", "-max_len=4096", "-timeout=60", "-rss_limit_mb=4096", "-verbosity=0"]
    flags += [f"-artifact_prefix={folder}/crash-", "-len_control=0"]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], one, custom_mutator=changed)
    atheris.Fuzz()


def _leave(
    target: Target, folder: Path, data: bytes | None = None, finding: Finding | None = None
) -> None:
    if data is not None:
        (folder / "finding").write_bytes(data)
    told = {**vars(target.tally), "finding": None if finding is None else str(finding)}
    (folder / "tally.json").write_text(json.dumps(told))
    sys.stdout.flush()
    os._exit(finding is not None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
