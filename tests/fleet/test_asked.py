"""Backports that were asked for: counted per caller, kept once, and bounded."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.fleet.conftest import Clock, MakeFleet, until
from vobj.errors import FleetError
from vobj.fleet import Fleet
from vobj.fleet.asked import Backports
from vobj.fleet.ledger import Asked


class Caller(NamedTuple):
    service: str
    host: str


class Backport(NamedTuple):
    """What a conductor tells its observers."""

    caller: Caller
    object_name: str
    source: str
    target: str


class Rows:
    """A record that may be away."""

    def __init__(self) -> None:
        self.kept: dict[str, Asked] = {}
        self.written = 0
        self.away = False

    def __call__(self, rows: object) -> None:
        if self.away:
            raise FleetError("It is away", rule="fleet/away")
        assert isinstance(rows, list)
        self.written += len(rows)
        self.kept.update({one.id: one for one in rows})

    def counts(self) -> dict[tuple[str, str, str], int]:
        return {
            (one.service, one.object_name, one.target): one.number for one in self.kept.values()
        }


@pytest.fixture
def rows() -> Rows:
    return Rows()


OLD = Backport(Caller("compute", "n1"), "YardDock", "1.4", "1.2")


def test_what_conductors_tell_is_in_the_record(fleet: Fleet, make_fleet: MakeFleet) -> None:
    """Batches of several conductors add up, per caller, object and version."""
    other = make_fleet()
    fleet.backports.backported({OLD: 3, OLD._replace(target="1.1"): 1})
    fleet.backports.backported({OLD: 2})
    other.backports.backported({OLD: 10, OLD._replace(caller=Caller("", "")): 1})
    found = {
        (one["service"], one["host"], one["from"], one["to"]): one["count"]
        for one in fleet.status()["backports"]
    }
    assert found == {
        ("compute", "n1", "1.4", "1.2"): 15,
        ("compute", "n1", "1.4", "1.1"): 1,
        ("", "", "1.4", "1.2"): 1,
    }


def test_writing_twice_changes_nothing(rows: Rows) -> None:
    """Totals are written whole, under one id, so a batch that arrives again is the same row."""
    asked = Backports(rows)
    asked.backported({OLD: 3})
    (first,) = rows.kept.values()
    rows([first])
    asked.backported({OLD: 2})
    assert list(rows.kept) == [first.id]
    assert rows.counts() == {("compute", "YardDock", "1.2"): 5}
    assert asked.flush()
    assert rows.written == 3


def test_a_record_that_is_away_delays(rows: Rows) -> None:
    """Nothing is lost and nobody gets an error; what was counted meanwhile is written later."""
    asked = Backports(rows, seconds=3600)
    rows.away = True
    asked.backported({OLD: 3})
    asked.backported({OLD: 4})
    assert rows.kept == {}
    rows.away = False
    asked.close()
    assert rows.counts() == {("compute", "YardDock", "1.2"): 7}


def test_it_is_tried_again_by_itself(rows: Rows) -> None:
    """After a failure nobody has to ask for another backport for this one to be written."""
    asked = Backports(rows, seconds=0.01)
    rows.away = True
    asked.backported({OLD: 3})
    rows.away = False
    until(lambda: rows.counts() == {("compute", "YardDock", "1.2"): 3})
    asked.close()


def test_callers_that_are_invented(rows: Rows) -> None:
    """Beyond a number of kinds, callers lose their name; what was asked for is still counted."""
    asked = Backports(rows, most=10)
    for number in range(1000):
        asked.backported({OLD._replace(caller=Caller(f"c{number}", "h")): 1})
    counts = rows.counts()
    assert len(counts) == 11
    assert counts["", "YardDock", "1.2"] == 990


def test_names_are_held_to_a_length_and_to_printable_text(rows: Rows) -> None:
    asked = Backports(rows)
    asked.note((" a\x00b\n", "h" * 999), "\ud800" * 500, "1.4", "9" * 99)
    asked.flush()
    (one,) = rows.kept.values()
    assert one.service == "a\\x00b\\n"
    assert {len(one.host), len(one.object_name)} == {200}
    assert one.object_name.isprintable()
    assert len(one.target) == 30


def test_the_age_is_that_of_the_latest(rows: Rows, clock: Clock) -> None:
    """When it happened is told as an age, so that the clock of the database dates it."""
    asked = Backports(rows, clock=clock)
    asked.note(*OLD)
    clock.now += 5
    asked.note(*OLD)
    clock.now += 2
    asked.flush()
    (one,) = rows.kept.values()
    assert (one.age, one.number) == (2_000_000, 2)
