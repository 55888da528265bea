"""The goals for speed, rows 1 to 8 of section 6 of the design, and whether a run met them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks import questions as ask
from benchmarks.contenders import MSGSPEC_ARRAY, MSGSPEC_MAP, OSLO
from benchmarks.results import Results

MET, MISSED, AIM, ABSENT = "met", "missed", "aim met", "not available"
_ON_OSLO, _OWN, _PACKED = "oslo class, msgpack", "vobj class, msgpack", "vobj class, packed"


@dataclass(frozen=True)
class Goal:
    """One line of the table. row: its number there.

    question and contender: what is measured. against: a contender, or its own plain encode. unit:
    `times as fast` (more is better), `of the time` or `bytes` (less is better).
    """

    row: int
    work: str
    question: str
    contender: str
    against: str
    unit: str
    must: float
    aim: float
    aim_against: str = ""
    against_question: str = ""


def _faster(row: int, work: str, question: str, who: str, must: float, aim: float) -> Goal:
    return Goal(row, work, question, who, OSLO, "times as fast", must, aim)


def _within(
    row: int,
    work: str,
    who: str,
    must: float,
    *,
    question: str,
    against: str,
    aim_against: str = "",
    against_question: str = "",
) -> Goal:
    return Goal(
        row, work, question, who, against, "of the time", must, 1.0, aim_against, against_question
    )


GOALS: tuple[Goal, ...] = (
    _faster(1, "encode an unmodified oslo object to oslo-msgpack", ask.ENCODE, _ON_OSLO, 100, 150),
    _faster(2, "decode it", ask.DECODE, _ON_OSLO, 30, 60),
    _within(
        3,
        "encode packed",
        _PACKED,
        1.2,
        question=ask.ENCODE,
        against=MSGSPEC_MAP,
        aim_against=MSGSPEC_ARRAY,
    ),
    _within(
        4,
        "decode packed into a full object",
        _PACKED,
        2.0,
        question=ask.DECODE,
        against=MSGSPEC_MAP,
    ),
    *(
        _within(
            5,
            f"encode for an older version, {wire}",
            who,
            1.1,
            question=ask.ENCODE_OLDER,
            against="",
            against_question=ask.ENCODE,
        )
        for wire, who in (("msgpack", _OWN), ("packed", _PACKED))
    ),
    _faster(6, "backport bytes to bytes, msgpack", ask.BACKPORT, _OWN, 100, 300),
    _faster(6, "backport bytes to bytes, packed", ask.BACKPORT, _PACKED, 100, 300),
    _faster(7, "construct an object", ask.CONSTRUCT, _OWN, 5, 15),
    _faster(7, "get a field", ask.GET, _OWN, 3, 6),
    _faster(7, "set a field", ask.SET, _OWN, 2, 5),
    Goal(8, "size on the wire, packed", ask.SIZE, _PACKED, "", "bytes", 600, 540),
)

_CYCLES = (
    "The storage is oslo's. Its containers and the object they belong to hold each other, so every"
    " object waits for the collector, which takes a fifth to a quarter of the time. Half is CPython"
    " making objects, dicts, sets and containers, and letting go of them; reading is a fifth."
)
_PER_OBJECT = (
    "Every field is checked by its type and written by its form, about 50 instructions; each"
    " object adds 300 for its definition, its marks and the check that its class is as it was."
)
MISSES: Mapping[str, str] = {
    "decode it": _CYCLES,
    "encode packed": _PER_OBJECT,
}
"""Why a goal is missed, found by profiling: sentences by the work of the goal."""


@dataclass(frozen=True)
class Verdict:
    """What a run says of a goal, with one executor. figure: as a person reads it.

    state: `missed`, `met`, `aim met` or `not available`. reason: why it is not available.
    """

    goal: Goal
    executor: str
    figure: str
    state: str
    reason: str = ""

    @property
    def sentence(self) -> str:
        """One line: what was measured, what was asked, and what came of it."""
        goal = self.goal
        if self.state == ABSENT:
            return f"{goal.work}: not available ({self.reason}); must {asked(goal, goal.must)}"
        wanted = goal.aim if self.state == AIM else goal.must
        word = "aim" if self.state == AIM else "must"
        said = "met" if self.state == AIM else self.state
        return (
            f"{goal.work}: {self.figure}; {word} {asked(goal, wanted, aim=word == 'aim')}: {said}"
        )


def asked(goal: Goal, much: float, *, aim: bool = False) -> str:
    """A bound as the design spells it."""
    if goal.unit == "bytes":
        return f"<= {much:.0f} B"
    if goal.unit == "times as fast":
        return f"{much:.0f}x oslo"
    against = (goal.aim_against if aim else "") or goal.against or "its own plain encode"
    return f"<= {much:.1f}x {against}"


def verdicts(results: Results, executor: str) -> Iterator[Verdict]:
    """One for each goal, in order."""
    for goal in GOALS:
        yield _verdict(goal, results, executor)


def _verdict(goal: Goal, results: Results, executor: str) -> Verdict:
    who = f"vobj {executor}: {goal.contender}"
    reason = results.missing(ask.SERVER, ask.ENCODE, who)
    measured = results.least(ask.SERVER, goal.question, who)
    if measured is None:
        return Verdict(goal, executor, "", ABSENT, reason or "it was not measured")
    if goal.unit == "bytes":
        return _judged(goal, executor, f"{measured:.0f} B", lambda most, _: measured <= most)

    def other(name: str) -> float | None:
        return results.least(ask.SERVER, goal.against_question or goal.question, name or who)

    against, second = other(goal.against), other(goal.aim_against or goal.against)
    if against is None or second is None:
        return Verdict(goal, executor, "", ABSENT, f"{goal.against} was not measured")
    if goal.unit == "times as fast":
        ratio = against / measured
        return _judged(goal, executor, f"{times(ratio)} oslo", lambda least, _: ratio >= least)
    figure = f"{times(measured / against)} {goal.against or 'its plain encode'}"
    return _judged(
        goal,
        executor,
        figure,
        lambda most, aim: measured / (second if aim else against) <= most,
    )


def _judged(
    goal: Goal, executor: str, figure: str, within: Callable[[float, bool], bool]
) -> Verdict:
    state = MISSED
    if within(goal.must, False):
        state = AIM if within(goal.aim, True) else MET
    return Verdict(goal, executor, figure, state)


def times(ratio: float) -> str:
    """A ratio with as many digits as it deserves."""
    return (
        f"{ratio:.0f}x" if ratio >= 9.95 else f"{ratio:.1f}x" if ratio >= 0.995 else f"{ratio:.2f}x"
    )
