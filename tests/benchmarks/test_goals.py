"""A goal is met, missed or not available, and says so in one line."""

from __future__ import annotations

import pytest

from benchmarks import questions as ask
from benchmarks.contenders import MSGSPEC_ARRAY, MSGSPEC_MAP, OSLO
from benchmarks.goals import GOALS, verdicts
from benchmarks.results import Figure, Results
from benchmarks.timing import loops_for, timed

ON_OSLO, PACKED = "vobj native: oslo class, msgpack", "vobj native: vobj class, packed"


def results(*figures: tuple[str, str, float]) -> Results:
    """The figures of a run on the object of 32 fields."""
    found = [Figure(ask.SERVER, question, who, values=(held,)) for question, who, held in figures]
    return Results(tuple(found), "full", {})


def sentence(row: int, found: Results) -> str:
    """What is said of the first goal of a row, with the native executor."""
    at = next(index for index, goal in enumerate(GOALS) if goal.row == row)
    return list(verdicts(found, "native"))[at].sentence


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (310e-6 / 31, "31x oslo; must 100x oslo: missed"),
        (310e-6 / 120, "120x oslo; must 100x oslo: met"),
        (310e-6 / 200, "200x oslo; aim 150x oslo: met"),
    ],
)
def test_a_ratio_to_oslo(seconds: float, said: str) -> None:
    """Times as fast: more is better."""
    found = results((ask.ENCODE, OSLO, 310e-6), (ask.ENCODE, ON_OSLO, seconds))
    assert sentence(1, found) == f"encode an unmodified oslo object to oslo-msgpack: {said}"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (2.0e-6, "2.0x msgspec, map; must <= 1.2x msgspec, map: missed"),
        (1.1e-6, "1.1x msgspec, map; must <= 1.2x msgspec, map: met"),
        (0.8e-6, "0.80x msgspec, map; must <= 1.2x msgspec, map: met"),
        (0.7e-6, "0.70x msgspec, map; aim <= 1.0x msgspec, array: met"),
    ],
)
def test_a_share_of_the_time_of_a_peer(seconds: float, said: str) -> None:
    """Less is better, and what is aimed for may have another peer."""
    peers = ((ask.ENCODE, MSGSPEC_MAP, 1e-6), (ask.ENCODE, MSGSPEC_ARRAY, 0.75e-6))
    found = results(*peers, (ask.ENCODE, PACKED, seconds))
    assert sentence(3, found) == f"encode packed: {said}"


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (601, "601 B; must <= 600 B: missed"),
        (600, "600 B; must <= 600 B: met"),
        (540, "540 B; aim <= 540 B: met"),
    ],
)
def test_bytes(size: float, said: str) -> None:
    """A bound of its own, with no peer."""
    assert sentence(8, results((ask.SIZE, PACKED, size))) == f"size on the wire, packed: {said}"


def test_what_is_not_there_is_said() -> None:
    """A contender that could not take part has a verdict with the reason."""
    missing = Figure(ask.SERVER, ask.ENCODE, PACKED, missing="there is no packed wire")
    found = Results((missing,), "full", {})
    assert sentence(3, found) == (
        "encode packed: not available (there is no packed wire); must <= 1.2x msgspec, map"
    )


def test_loops_fill_the_time() -> None:
    """Work that does much more is run fewer times in the same time, but at least once."""
    little, much = loops_for(lambda: None, 0.002), loops_for(lambda: sum(range(100_000)), 0.002)
    assert little > much >= 1
    assert timed(lambda: None, 10) > 0
