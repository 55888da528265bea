"""Memories that several workers have in common: an SQLite file, and what happens without it."""

from __future__ import annotations

import logging
import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from vobj import UsageError
from vobj.conductor import Place
from vobj.conductor.remembered_redis import InRedis
from vobj.conductor.remembered_sqlite import InSqlite

ANNA, BERTA = Place("Boat", "'anna'", "1.0"), Place("Boat", "'berta'", "1.0")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "handed-out.sqlite"


def test_the_newest_come_first(path: Path) -> None:
    """A few at each place; what comes again is new again."""
    memory = InSqlite(path, per_place=3)
    for text in (b"a", b"b", b"c", b"d", b"b"):
        memory.note(ANNA, text)
    memory.note(BERTA, b"x")
    assert memory.recall(ANNA) == [b"b", b"d", b"c"]
    assert memory.recall(BERTA) == [b"x"]
    assert memory.recall(ANNA._replace(version="1.1")) == []
    memory.close()


def _note_many(path: Path, name: str) -> None:
    memory = InSqlite(path)
    for number in range(200):
        memory.note(Place("Boat", f"{name}{number}", "1.0"), b"x" * 100)
    memory.note(ANNA, name.encode())


def test_processes_share_it(path: Path) -> None:
    """What one notes another recalls; writing at once loses nothing."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_note_many, args=(path, name)) for name in ("a", "b", "c")]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
        assert one.exitcode == 0
    memory = InSqlite(path)
    assert sorted(memory.recall(ANNA)) == [b"a", b"b", b"c"]
    for name in ("a", "b", "c"):
        assert all(memory.recall(Place("Boat", f"{name}{n}", "1.0")) for n in range(200))
    memory.close()


def test_the_file_is_bounded(path: Path) -> None:
    """The places used longest ago make room."""
    memory = InSqlite(path, max_bytes=200_000)
    for number in range(2_000):
        memory.note(Place("Boat", str(number), "1.0"), b"%d" % number * 200)
    assert memory.recall(Place("Boat", "1999", "1.0"))
    assert memory.recall(Place("Boat", "0", "1.0")) == []
    memory.close()
    with sqlite3.connect(path) as db:
        pages, free, size = (db.execute(f"PRAGMA {one}").fetchone()[0]
                             for one in ("page_count", "freelist_count", "page_size"))  # fmt: skip
    db.close()
    assert (pages - free) * size < 300_000


def test_a_file_that_breaks_is_a_forgetting(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing raises; the log tells once."""
    caplog.set_level(logging.WARNING)
    memory = InSqlite(path)
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE handed_out")
    db.close()
    memory.note(ANNA, b"x")
    assert memory.recall(ANNA) == []
    assert caplog.text.count("is not usable") == 1
    memory.close()


def test_a_file_of_something_else(path: Path) -> None:
    """What is no database is not written to."""
    path.write_bytes(b"precious" * 100)
    with pytest.raises(UsageError, match="Cannot remember in"):
        InSqlite(path)
    assert path.read_bytes() == b"precious" * 100


def test_a_redis_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """It is a forgetting, and for a while it is not asked again."""
    memory = InRedis("redis://127.0.0.1:1/0")
    memory.note(ANNA, b"x")
    assert memory.recall(ANNA) == []
    assert caplog.text.count("Redis is not usable") == 1
    memory.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "redis://127.0.0.1:port/0"])
def test_no_url_of_a_redis(url: str) -> None:
    """A mistake is told before anything is served."""
    with pytest.raises(UsageError, match="Not a URL of a Redis"):
        InRedis(url)
