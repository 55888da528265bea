"""The page of the documentation, and the passage of README.md, from the results of a run."""

from __future__ import annotations

import textwrap
from pathlib import Path

from benchmarks import questions as ask
from benchmarks import tables
from benchmarks.goals import MISSED, MISSES, verdicts
from benchmarks.results import Results

BEGIN, END = "<!-- benchmarks:begin -->", "<!-- benchmarks:end -->"

PAGE = """\
# Benchmarks

`make bench` writes this page, its plot, the passage in the README and `benchmarks/results.json`
anew. All figures are of one {pace} run on one machine.

{versions}
{quick}
![Time for the object of 32 fields, on a logarithmic scale](benchmarks.svg)

Each time is the least of up to {rounds} repeats in which all contenders take turns, with the
garbage collector at work; the two executors of vobj live in two processes of the same run. In the
middle of all figures the median repeat took {spread} longer than the least. *31x* is 31 times as
fast as oslo.versionedobjects with msgpack, whose own row has the time; below 1x is slower. `-` is
work that a library does not do. All results are compared with those of oslo before anything is
timed. `benchmarks/results.json` is a suite of pyperf: `python -m pyperf stats
benchmarks/results.json` shows the repeats of every figure.
{absent}
## The goals

The rows of [section 6 of the design](design.md#6-speed-is-a-feature), on an object of 32 fields
with three nested objects.
{score}

{goals}
{misses}## What each library does besides

A time says little without what was done in it. vobj and oslo check every value when it is set,
note what was changed, tell unset fields from empty ones, and stamp every object with its version.

{traits}
## The work on bytes

The object of 32 fields. *oslo class* is an unmodified oslo.versionedobjects class with hand-written
compatibility code, *vobj class* has the same fields, data and history. *oslo accelerated* is oslo's
own calls on the unmodified class after `vobj.accelerate`. The older peer is four versions behind:
three fields dropped, one renamed, one value mapped.

{wire}
## The work on objects

*get* and *set* are the mean per field: get of all 32 fields, set of an integer, a text, a boolean
and a float; *checked fields* are a UUID, a MAC address and an enum. *to primitive* and *from
primitive* are `obj_to_primitive` and `obj_from_primitive`, and what other libraries have like it.
Memory is what one decoded object adds to its process, everything inside included.

{objects}
## Other data

### Encode

{encode}
### Decode

{decode}
### Encode for an older peer

{older}
### Backport, bytes to bytes

{backport}
### Bytes

The row of the reference has bytes, the others their share of these.

{sizes}
## How it grows

{growth}
## Import

A new process with the statement, less an empty one.

{imports}
## Reading it

- The JSON and msgpack wires are oslo's own, byte for byte what oslo's readers take. What they cost
  in bytes they cost with every library.
- Decoding with vobj includes limits on size, depth and number of values, which make hostile
  payloads safe to read. `loads` of oslo.serialization and most of the others have none or fewer.
- A backport of a vobj class builds no object; oslo decodes, converts and encodes one. A hook that
  is written by hand is called as it is, so an unmodified class that has one gains less there.
- protobuf and the libraries without classes do not build what vobj builds. They show how far down
  the work can go, not what it would cost to do all of it.
"""

QUICK = """
**This was a quick run**: one short repeat of each, enough to see that everything works, and too
little to rely on any figure.
"""


def page(results: Results, *, rounds: int) -> str:
    """The page. rounds: repeats of each piece of work, at most."""
    named = ", ".join(f"{name} {held}" for name, held in results.facts.items() if name != "python")
    executor = tables.shown_executor(results)
    return PAGE.format(
        pace=results.pace,
        versions=_wrapped(f"Measured with {results.facts['python']}, {named}."),
        quick=QUICK if results.pace == "quick" else "",
        rounds=rounds,
        spread=f"{results.spread:.0%}",
        absent=_absent(results),
        score=tables.score(results, executor),
        goals=tables.goals(results),
        misses=_misses(results, executor),
        traits=tables.traits(),
        wire=tables.wire(results),
        objects=tables.objects(results),
        encode=tables.others(results, ask.ENCODE),
        decode=tables.others(results, ask.DECODE),
        older=tables.others(results, ask.ENCODE_OLDER),
        backport=tables.others(results, ask.BACKPORT),
        sizes=tables.sizes(results),
        growth=_growth(results),
        imports=tables.imports(results),
    )


def _absent(results: Results) -> str:
    if not results.absent:
        return ""
    lines = (f"- {'; '.join(who)} ({reason})" for reason, who in results.absent.items())
    return "\n".join(["", "Not available in this run:", "", *lines, ""])


def _misses(results: Results, executor: str) -> str:
    """One line for each goal that the executor misses, with the reason where it is known."""
    missed = [one for one in verdicts(results, executor) if one.state == MISSED]
    lines = [f"- {one.sentence}. {MISSES.get(one.goal.work, '')}".rstrip() for one in missed]
    if not lines:
        return ""
    return "".join(f"{line}\n" for line in [f"Missed by the {executor} executor:", "", *lines, ""])


def _growth(results: Results) -> str:
    parts = []
    for by, word in (("fields", "the number of fields"), ("depth", "depth"), ("list", "length")):
        for question in (ask.ENCODE, ask.DECODE):
            parts.append(f"### {question.capitalize()}, by {word}\n")
            parts.append(tables.growth(results, question, by))
    return "\n".join(parts)


def passage(results: Results) -> str:
    """The short form, for README.md."""
    executor = tables.shown_executor(results)
    note = " (a quick run; the figures say little)" if results.pace == "quick" else ""
    head = _wrapped(
        f"One object of 32 fields, three of them nested objects, with the {executor} executor of"
        f" vobj and in other libraries{note}. *31x* is 31 times as fast as oslo.versionedobjects,"
        " whose column has the time."
    )
    tail = _wrapped(
        f"{tables.score(results, executor)} The classes of vobj and oslo check every value, track"
        " changes and have versions; msgspec and pydantic do not."
        " [The page](docs/benchmarks.md) has more peers, other data, and what each of them leaves"
        " out. An *oslo class* is unmodified: sent by a codec of vobj, and for construct, get and"
        " set after `vobj.accelerate`."
    )
    return f"""\
{head}

{tables.short(results)}
{tail}

![Time for the object of 32 fields, on a logarithmic scale](docs/benchmarks.svg)
"""


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)


def put(text: str, passage_of: str) -> str:
    """A page with what stands between the markers replaced. Raises ValueError without markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} ... {END} for the figures to stand between")
    return f"{before}{begin}\n{passage_of}{end}{after}"


def rewrite(file: Path, results: Results) -> None:
    """Puts the passage into a page. Raises ValueError when it has no markers."""
    file.write_text(put(file.read_text(), passage(results)))
