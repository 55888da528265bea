"""A value that is read at most once per interval, and stays when it cannot be read."""

from __future__ import annotations

import logging
import threading

import pytest

from tests.fleet.conftest import Clock, until
from vobj.errors import FleetError
from vobj.fleet.follow import Follow


class Source:
    """Gives the number of times it was read, or fails."""

    def __init__(self) -> None:
        self.read = 0
        self.away = False
        self.failed = threading.Event()
        self.reader: threading.Thread | None = None

    def __call__(self) -> int:
        self.reader = threading.current_thread()
        if self.away:
            self.failed.set()
            raise FleetError("It is away", rule="fleet/away")
        self.read += 1
        return self.read


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def follow(source: Source, clock: Clock) -> Follow[int]:
    return Follow(source, interval=5, name="The number", clock=clock)


def test_it_is_read_once_per_interval(follow: Follow[int], source: Source, clock: Clock) -> None:
    """Any number of calls costs one reading, until the value is old."""
    assert [follow() for _ in range(100)] == [1] * 100
    clock.now += 4.9
    assert (follow(), follow.age) == (1, pytest.approx(4.9))
    clock.now += 0.2
    assert [follow(), follow()] == [2, 2]
    assert (source.read, follow.trouble) == (2, None)


def test_the_first_reading_must_succeed(follow: Follow[int], source: Source) -> None:
    """Without any value the caller gets the error, and may ask again."""
    source.away = True
    with pytest.raises(FleetError, match="It is away") as caught:
        follow()
    assert caught.value.rule == "fleet/away"
    assert follow.age is None
    source.away = False
    assert follow() == 1


def test_the_last_value_stays_and_says_so(
    follow: Follow[int], source: Source, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be read leaves the value; it is told once, and again when it is over."""
    follow()
    source.away = True
    clock.now += 6
    with caplog.at_level(logging.INFO):
        assert [follow() for _ in range(50)] == [1] * 50
        clock.now += 2
        assert follow.trouble is not None
        assert (follow.trouble.error.rule, follow.trouble.seconds) == ("fleet/away", 2)
        source.away = False
        clock.now += 6
        until(lambda: follow() == 2)
    assert follow.trouble is None
    assert [one.message for one in caplog.records] == [
        "The number stays as it was last read: It is away [fleet/away]",
        "The number is read again",
    ]


def test_nobody_waits_for_what_is_away(follow: Follow[int], source: Source, clock: Clock) -> None:
    """After the first failure the tries are made beside the callers."""
    follow()
    source.away = True
    clock.now += 6
    follow()
    source.failed.clear()
    clock.now += 6
    assert follow() == 1
    assert source.failed.wait(10)
    assert source.reader is not threading.current_thread()


def test_one_reads_for_all(clock: Clock) -> None:
    """While one reads anew, the others go on with what there is."""
    reading, go_on = threading.Event(), threading.Event()
    values = iter([1, 2])

    def slow() -> int:
        value = next(values)
        if value == 2:
            reading.set()
            assert go_on.wait(10)
        return value

    follow = Follow(slow, interval=5, name="The number", clock=clock)
    follow()
    clock.now += 6
    answers: list[int] = []
    first = threading.Thread(target=lambda: answers.append(follow()))
    first.start()
    assert reading.wait(10)
    assert [follow() for _ in range(3)] == [1, 1, 1]
    go_on.set()
    first.join()
    assert answers == [2]
