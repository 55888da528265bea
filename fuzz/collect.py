"""`python -m fuzz.collect`: chooses the few inputs, of very many, that the corpus keeps.

Theory
    An input is worth keeping when it takes vobj's Python code along a line after another line that
    no input before took in that order, or is done natively where none before was. Short inputs come
    first, so the corpus is small, and starts deep inside of what mutation alone finds late.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

from fuzz import drawn
from fuzz.places import CORPUS
from fuzz.quiet import quiet
from fuzz.targets import TARGETS, Target

_MOST_BYTES = 45_000
_HERE = str(Path(__file__).parent.parent / "vobj")

Edge = tuple[str, int, int]


def edges(target: Target, data: bytes) -> set[Edge]:
    """The pairs of lines that an input takes the Python code along."""
    found: set[Edge] = set()

    def lines(frame: FrameType) -> Any:
        name = frame.f_code.co_filename
        before = 0

        def trace(frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal before
            if event == "line":
                found.add((name, before, frame.f_lineno))
                before = frame.f_lineno
            return trace

        return trace

    def called(frame: FrameType, _event: str, _argument: object) -> Any:
        return lines(frame) if frame.f_code.co_filename.startswith(_HERE) else None

    before = target.tally.native
    sys.settrace(called)
    try:
        target(data)
    finally:
        sys.settrace(None)
    if target.tally.native > before:
        found.add(("native", 0, len(found) // 8))
    return found


def chosen(target: Target, runs: int, seed: int) -> Iterator[bytes]:
    """The inputs to keep, of `runs` that are drawn."""
    known: set[Edge] = set()
    for data in sorted(set(target.corpus), key=len):
        known |= edges(target, data)
    size = 0
    for data in sorted(set(islice(drawn.inputs(target, seed), runs)), key=len):
        new = edges(target, data) - known
        if new and size + len(data) <= _MOST_BYTES:
            known |= new
            size += len(data)
            yield data


def main() -> None:
    """Add to the corpus of each target what it has not got."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.collect", description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000, help="inputs to choose from, each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", choices=list(TARGETS))
    options = parser.parse_args()
    quiet()
    for name in options.target or TARGETS:
        target = TARGETS[name]()
        folder = CORPUS / target.wire
        folder.mkdir(parents=True, exist_ok=True)
        kept = list(chosen(target, options.runs, options.seed))
        for data in kept:
            (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        print(f"{name}: {len(kept)} inputs, {sum(map(len, kept)):,} bytes", flush=True)


if __name__ == "__main__":
    main()
