"""The results of one run, as JSON for programs and as a page for people."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.codec_speed import CONTENDERS, REFERENCE, Answer
from vobj.codec import executor

PACKAGES = ("oslo.versionedobjects", "oslo.serialization", "msgpack")

PAGE = """\
# Benchmarks

`make bench` writes this page and `benchmarks/results.json` anew. What it says is of one run on one
machine: {python}, {packages}.

This release has one executor, `{executor}`, in pure Python. **The native executor does not exist
yet**, and neither does the `packed` wire, so the goals for speed in the
[design](design.md#6-speed-is-a-feature) are not met; these figures are where the way to them
starts.

The object has 32 fields, three of them nested objects (`benchmarks/datasets.py`). It is measured as
a plain oslo.versionedobjects class with hand-written compatibility code, and as a vobj class with
the same fields, data and history. *oslo* is the plain class with `obj_to_primitive`,
`obj_from_primitive` and the `dumps` and `loads` of oslo.serialization. Each time is the least of
{rounds} repeats in which all contenders take turns, in microseconds; *x* is how many times as fast
as oslo that is, so below 1 is slower. All results are checked to be equal before anything is timed.

{tables}
## Reading it

- A class without dated changes is oslo's to serialize: the codec calls it, and adds the limits and
  checks that make hostile payloads safe to read. `loads` of oslo.serialization has none of them.
- A backport of a vobj class builds no object; oslo decodes, converts and encodes one.
"""


def write(results: Sequence[Answer], *, rounds: int, folder: Path, page: Path) -> None:
    """Writes `results.json` into `folder`, and the page."""
    facts: dict[str, Any] = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: version(name) for name in PACKAGES},
        "executor": executor,
        "rounds": rounds,
    }
    document = {**facts, "answers": [asdict(one) for one in results]}
    (folder / "results.json").write_text(json.dumps(document, indent=1) + "\n")
    packages = ", ".join(f"{name} {found}" for name, found in facts["packages"].items())
    page.write_text(PAGE.format(**{**facts, "packages": packages}, tables=tables(results)))


def tables(results: Iterable[Answer]) -> str:
    """One table per wire: a row for each question, a column for each contender."""
    found = {(one.wire, one.question, one.contender): one for one in results}
    wires = list(dict.fromkeys(wire for wire, _, _ in found))
    questions = list(dict.fromkeys(question for _, question, _ in found))
    lines: list[str] = []
    for wire in wires:
        lines += [f"## The {wire} wire", ""]
        lines.append(f"| work | {' | '.join(f'{name}, µs' for name in CONTENDERS)} | bytes |")
        lines.append("|---" + "|---:" * (len(CONTENDERS) + 1) + "|")
        for question in questions:
            row = [found[wire, question, name] for name in CONTENDERS]
            size = "" if row[-1].size is None else str(row[-1].size)
            lines.append(f"| {question} | {' | '.join(map(_cell, row))} | {size} |")
        lines.append("")
    return "\n".join(lines)


def _cell(answer: Answer) -> str:
    if answer.contender == REFERENCE:
        return f"{answer.microseconds:.0f}"
    return f"{answer.microseconds:.0f} ({answer.ratio:.2f}x)"
