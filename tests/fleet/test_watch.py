"""Who is live, whatever the clock of the database does."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.fleet.conftest import Clock
from vobj.fleet.watch import Sighting, Watch

SECOND = 1_000_000
LEASE = 60 * SECOND


@dataclass
class Record:
    """A record with a clock of its own, and whoever watches it."""

    clock: Clock
    now: int = 10**15
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.watch: Watch[str] = Watch(self.clock)

    def renew(self, *names: str) -> None:
        for name in names:
            self.rows[name] = (self.now, self.rows.get(name, (0, 0))[1] + 1)

    def passes(self, seconds: float) -> None:
        self.clock.now += seconds
        self.now += round(seconds * SECOND)

    def jumps(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)

    def live(self, watch: Watch[str] | None = None) -> set[str]:
        sightings = [Sighting(key, at, at + LEASE, beat) for key, (at, beat) in self.rows.items()]
        return (watch or self.watch).live(sightings, self.now)

    def watched(self, seconds: int, *renewing: str) -> set[str]:
        """What is live after so many seconds, of which each fifth is read and renewed."""
        for _ in range(0, seconds, 5):
            self.passes(5)
            self.renew(*renewing)
            found = self.live()
        return found


@pytest.fixture
def record(clock: Clock) -> Record:
    made = Record(clock)
    made.renew("a", "b")
    assert made.live() == {"a", "b"}
    return made


def test_a_lease_runs_out(record: Record) -> None:
    """Who does not renew is live until the lease ends, and not longer."""
    assert record.watched(55, "a") == {"a", "b"}
    assert record.watched(10, "a") == {"a"}


def test_who_comes_back_is_live(record: Record) -> None:
    assert record.watched(65, "a") == {"a"}
    assert record.watched(5, "a", "b") == {"a", "b"}


def test_the_clock_is_set_forward(record: Record) -> None:
    """All leases look run out; whoever was live has one more lease to renew."""
    record.jumps(3600)
    assert record.live() == {"a", "b"}
    assert record.watched(55, "a") == {"a", "b"}
    assert record.watched(10, "a") == {"a"}


def test_the_clock_is_set_forward_after_a_renewal(record: Record) -> None:
    """A renewal that was written between the last reading and the jump counts as well."""
    record.passes(5)
    record.renew("a", "b")
    record.jumps(3600)
    assert record.live() == {"a", "b"}


def test_the_clock_is_set_back(record: Record) -> None:
    """Leases from the future hold for one lease, not for all the time that was set back."""
    record.jumps(-3600)
    assert record.live() == {"a", "b"}
    assert record.watched(55, "a") == {"a", "b"}
    assert record.watched(10, "a") == {"a"}


def test_the_record_was_away(record: Record) -> None:
    """Nobody could renew: when it is back, nobody is dropped for that."""
    record.passes(600)
    record.renew("a")
    assert record.live() == {"a", "b"}
    assert record.watched(55, "a") == {"a", "b"}
    assert record.watched(10, "a") == {"a"}


def test_who_was_silent_before_stays_silent(record: Record) -> None:
    """A jump gives nobody a lease who had none."""
    assert record.watched(65, "a") == {"a"}
    record.jumps(3600)
    assert record.live() == {"a"}


def test_a_new_watch_goes_by_the_leases(record: Record, clock: Clock) -> None:
    """A process that has just started believes the clock of the database."""
    record.passes(61)
    assert record.live(Watch(clock)) == set()
    record.renew("a")
    record.jumps(-3600)
    assert record.live(Watch(clock)) == {"a", "b"}


def test_small_differences_are_no_jump(record: Record) -> None:
    """Clocks drift and readings take time: a second more or less changes nothing."""
    assert record.watched(55, "a") == {"a", "b"}
    record.jumps(1)
    assert record.watched(5, "a") == {"a"}
