"""What was handed out, in one SQLite file that several workers have in common.

Theory
    The workers of one conductor answer one caller in turn, so what one of them handed out another
    has to know. The file is a cache: it is written without waiting for the disk, it may be deleted
    while nobody runs, and when it cannot be read or written the put-back goes by `changes` alone,
    as after any forgetting. So no failure of it fails a request; the first of each minute is
    logged.

    It is held to a number of bytes by the pages it uses; the places used longest ago go first.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from vobj.conductor.remembered import Place
from vobj.errors import UsageError

LOG = logging.getLogger(__name__)

_T = TypeVar("_T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS handed_out (
    name TEXT, key TEXT, version TEXT, payload BLOB, at REAL,
    PRIMARY KEY (name, key, version, payload)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS handed_out_at ON handed_out (at);
"""
_HERE = "name = ? AND key = ? AND version = ?"
_NOTE = "INSERT OR REPLACE INTO handed_out VALUES (?, ?, ?, ?, ?)"
_FORGET = f"""
DELETE FROM handed_out WHERE {_HERE} AND payload NOT IN (
    SELECT payload FROM handed_out WHERE {_HERE} ORDER BY at DESC LIMIT ?)
"""
_RECALL = f"SELECT payload FROM handed_out WHERE {_HERE} ORDER BY at DESC"
_OLDEST = """
DELETE FROM handed_out WHERE at <= (
    SELECT at FROM handed_out ORDER BY at LIMIT 1 OFFSET (
        SELECT count(*) / 8 FROM handed_out))
"""
_BUSY_SECONDS = 2.0
_PARTS = 16
_TELL_SECONDS = 60.0


class InSqlite:
    """The memory of several processes on one machine.

    path: of the file; it is made. max_bytes: of the file (64 MiB). per_place: payloads at one place
    (4). Any thread and any process may use it.
    """

    def __init__(
        self, path: Path | str, *, max_bytes: int = 64 * 1024 * 1024, per_place: int = 4
    ) -> None:
        """Raises UsageError (`usage/argument`) when the file cannot be made or is of another
        program."""
        self._path = str(path)
        self._max_bytes = max_bytes
        self._per_place = per_place
        self._since = 0
        self._told = 0.0
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(
                self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise UsageError(
                f"Cannot remember in {self._path}: {error}", rule="usage/argument"
            ) from error

    def note(self, place: Place, payload: bytes) -> None:
        """Keep a payload; the oldest of its place, and of the file, make room."""
        self._safely(lambda: self._note(place, payload), None)

    def recall(self, place: Place) -> list[bytes]:
        """The payloads of a place, the newest first."""
        nothing: list[bytes] = []
        return self._safely(
            lambda: [payload for (payload,) in self._db.execute(_RECALL, place)], nothing
        )

    def close(self) -> None:
        """Close the file; the memory is not used after that."""
        with self._lock:
            self._db.close()

    def _note(self, place: Place, payload: bytes) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute(_NOTE, (*place, payload, time.time()))
            self._db.execute(_FORGET, (*place, *place, self._per_place))
            self._since += len(payload)
            if self._since > self._max_bytes // _PARTS:
                self._since = 0
                while self._used() > self._max_bytes and self._db.execute(_OLDEST).rowcount > 0:
                    pass
        finally:
            self._db.execute("COMMIT")

    def _used(self) -> int:
        size, pages, free = (
            int(self._db.execute(f"PRAGMA {one}").fetchone()[0])
            for one in ("page_size", "page_count", "freelist_count")
        )
        return size * (pages - free)

    def _safely(self, work: Callable[[], _T], otherwise: _T) -> _T:
        with self._lock:
            try:
                return work()
            except sqlite3.Error as error:
                now = time.monotonic()
                if now - self._told > _TELL_SECONDS or not self._told:
                    self._told = now
                    LOG.warning("%s is not usable: %s. Put-backs go by changes", self._path, error)
                return otherwise
