"""The results of a run as tables of Markdown. Each function gives one table as text.

A cell that is `-` is work that the contender does not do; `not available` is a contender, or a part
of vobj, that was not there in the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks import questions as ask
from benchmarks.contenders import ACCELERATED, ALL, GROWTH, MSGSPEC_MAP, OSLO, TRAITS
from benchmarks.datasets import SETS
from benchmarks.goals import AIM, GOALS, MISSED, Verdict, asked, times, verdicts
from benchmarks.imports import REFERENCE, STATEMENTS
from benchmarks.results import Results

MISSING, UNDONE = "not available", "-"
OTHER_DATA = tuple(name for name in SETS if not name.startswith(("fields", "depth", "server")))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """words: how many columns are text; the others are numbers, to the right."""
    rule = ["---"] * words + ["---:"] * (len(head) - words)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows)) + "\n"


def goals(results: Results) -> str:
    """Rows 1 to 8 of the design: what was asked, and what each executor does."""
    native, python = (list(verdicts(results, one)) for one in ("native", "python"))
    rows = [
        [
            str(goal.row),
            goal.work,
            asked(goal, goal.must),
            asked(goal, goal.aim, aim=True),
            _verdict(of_native),
            _verdict(of_python),
        ]
        for goal, of_native, of_python in zip(GOALS, native, python, strict=True)
    ]
    head = ("row", "work", "must", "aim", "native", "python")
    return table(head, rows, words=6)


def _verdict(verdict: Verdict) -> str:
    if not verdict.figure:
        return MISSING
    state = verdict.state if verdict.state == MISSED else f"**{verdict.state}**"
    return f"{verdict.figure}: {state}"


def wire(results: Results) -> str:
    """Every contender on the 32 fields: the work on bytes, and their number."""
    head = ("", *ask.WIRE, "bytes")
    return table(head, ((one, *_wire_row(results, one)) for one in ALL))


def _wire_row(results: Results, who: str) -> Iterator[str]:
    for question in ask.WIRE:
        yield timed(results, ask.SERVER, question, who)
    yield _bytes(results, ask.SIZE, who)


def objects(results: Results) -> str:
    """What can be done with an object in memory, and how much of that it takes."""
    head = ("", *ask.OBJECT, "memory, bytes")
    named = {one.thing: one.name for one in ALL.values() if one.thing}
    rows = (
        (
            thing,
            *(timed(results, ask.SERVER, question, who) for question in ask.OBJECT),
            _bytes(results, ask.MEMORY, who),
        )
        for thing, who in named.items()
    )
    return table(head, rows)


def others(results: Results, question: str) -> str:
    """One kind of work on all other data that it was done on."""

    def cell(data: str, who: str) -> str:
        return timed(results, data, question, who)

    return _by_data(results, question, cell)


def sizes(results: Results) -> str:
    """The bytes of all other data, as a share of those of the reference."""

    def cell(data: str, who: str) -> str:
        return _share(results, data, who)

    return _by_data(results, ask.ENCODE, cell)


def _by_data(results: Results, question: str, cell: Callable[[str, str], str]) -> str:
    """Contenders by data, without those that do no such work on any of it."""
    data = [one for one in OTHER_DATA if results.least(one, question, OSLO) is not None]
    found = ((who, *(cell(one, who) for one in data)) for who in ALL)
    rows = [row for row in found if set(row[1:]) != {UNDONE}]
    return table(("", *(SETS[name].title for name in data)), rows)


def _share(results: Results, data: str, who: str) -> str:
    found, reference = (results.least(data, ask.SIZE, one) for one in (who, OSLO))
    if found is None or reference is None:
        return _nothing(results, data, ask.ENCODE, who)
    return f"{found:,.0f}" if who == OSLO else f"{found / reference:.0%}"


def growth(results: Results, question: str, by: str) -> str:
    """Microseconds for 1, 2, 4 ... of something, of the contenders that are asked."""
    named = [name for name in SETS if name.startswith(by)]
    data = [name for name in named if results.least(name, question, OSLO) is not None]
    head = ("µs", *(SETS[name].title for name in data))
    rows = ((who, *(_microseconds(results, one, question, who) for one in data)) for who in GROWTH)
    return table(head, rows)


def imports(results: Results) -> str:
    """Milliseconds of a new process, beyond those of an empty one."""
    rows = []
    for name in STATEMENTS:
        found = results.least("", ask.IMPORT, name)
        text = MISSING if found is None else f"{found * 1e3:.1f}"
        rows.append((name, f"`{STATEMENTS[name]}`", text, _ratio(results, name)))
    return table(("", "statement", "ms", "as fast as oslo"), rows, words=2)


def _ratio(results: Results, name: str) -> str:
    found, reference = (results.least("", ask.IMPORT, one) for one in (name, REFERENCE))
    return UNDONE if found is None or reference is None else times(reference / found)


def traits() -> str:
    """What each library does besides moving data."""
    head = (
        "",
        "checks on construct",
        "checks on set",
        "tracks changes",
        "knows unset fields",
        "versions",
        "note",
    )
    rows = (
        (name, one.construct, one.assign, one.changes, one.unset, one.versions, one.note)
        for name, one in TRAITS.items()
    )
    return table(head, rows, words=len(head))


def short(results: Results) -> str:
    """A few rows and columns for the front page.

    Work on objects has no wire; the column of the unmodified class is the accelerated one there.
    """
    vobj = f"vobj {shown_executor(results)}"
    columns: tuple[tuple[str, str, str], ...] = (
        ("oslo", OSLO, OSLO),
        ("vobj, oslo class", f"{vobj}: oslo class, msgpack", ACCELERATED),
        ("vobj class, msgpack", f"{vobj}: vobj class, msgpack", f"{vobj}: vobj class, msgpack"),
        ("vobj class, packed", f"{vobj}: vobj class, packed", ""),
        ("msgspec", MSGSPEC_MAP, MSGSPEC_MAP),
        ("pydantic", "pydantic", "pydantic"),
    )
    rows = [
        (question, *(timed(results, ask.SERVER, question, who) for _, who, _ in columns))
        for question in ask.WIRE
    ]
    rows += [
        (question, *(timed(results, ask.SERVER, question, who) for _, _, who in columns))
        for question in (ask.CONSTRUCT, ask.GET, ask.SET)
    ]
    size = (ask.SIZE, *(_bytes(results, ask.SIZE, who) for _, who, _ in columns))
    return table(("", *(head for head, _, _ in columns)), (*rows, size))


def shown_executor(results: Results) -> str:
    """The one that users get: native where there is one."""
    there = results.least(ask.SERVER, ask.ENCODE, "vobj native: oslo class, msgpack")
    return "python" if there is None else "native"


def score(results: Results, executor: str) -> str:
    """In one sentence, how many goals are met."""
    found = [one for one in verdicts(results, executor) if one.figure]
    met = sum(one.state != MISSED for one in found)
    aims = sum(one.state == AIM for one in found)
    return (
        f"The {executor} executor meets {met} of {len(GOALS)} bounds that must be met, {aims} of"
        " them at what is aimed for."
    )


def timed(results: Results, data: str, question: str, who: str) -> str:
    """A time, for the reference itself, or how many times as fast as it a contender is."""
    found, reference = (results.least(data, question, one) for one in (who, OSLO))
    if found is None:
        return _nothing(results, data, question, who)
    if who == OSLO or reference is None:
        return f"{microseconds(found)} µs"
    return times(reference / found)


def _microseconds(results: Results, data: str, question: str, who: str) -> str:
    found = results.least(data, question, who)
    return _nothing(results, data, question, who) if found is None else microseconds(found)


def microseconds(seconds: float) -> str:
    """Three digits: 0.0312, 1.43, 304, 12,300."""
    much = seconds * 1e6
    digits = 0 if much >= 100 else 1 if much >= 10 else 2 if much >= 1 else 3
    return f"{much:,.{digits}f}"


def _bytes(results: Results, question: str, who: str) -> str:
    found = results.least(ask.SERVER, question, who)
    if found is None:
        return _nothing(results, ask.SERVER, ask.ENCODE, who)
    return f"{found:,.0f}"


def _nothing(results: Results, data: str, question: str, who: str) -> str:
    return MISSING if results.missing(data, question, who) else UNDONE
