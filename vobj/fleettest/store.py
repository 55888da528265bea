"""The database of the services: servers and ports, and which calls took effect, in one SQLite file.

Theory
    A call is written down in the transaction that does what it asks for, so either both are there
    or none. A call that is there already is answered and not done again; that it came again is
    written down as well. Transactions are ordered by the number that each call gets. Every state
    of a port stays to be found by its digests, as what an edit of it began with.
"""

from __future__ import annotations

import functools
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from vobj.fleettest import port_truth
from vobj.fleettest.rows import is_port, sealed
from vobj.fleettest.truth import Row

FILE = "VOBJ_FLEETTEST_STORE"
_BUSY_SECONDS = 20.0
_SCHEMA = """
CREATE TABLE servers (uuid TEXT PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE effects (number INTEGER PRIMARY KEY AUTOINCREMENT, call TEXT NOT NULL,
    uuid TEXT NOT NULL, wanted TEXT NOT NULL);
CREATE INDEX effects_by_call ON effects (call);
CREATE TABLE repeats (call TEXT NOT NULL, attempt TEXT NOT NULL);
CREATE TABLE revisions (name TEXT PRIMARY KEY, row TEXT NOT NULL);
CREATE TABLE amiss (call TEXT NOT NULL, what TEXT NOT NULL);
"""


class Effect(NamedTuple):
    """A call that took effect on a row. wanted: the edit, as its caller said it aside."""

    call: str
    uuid: str
    wanted: Row


class Stored(NamedTuple):
    """What the database says at the end.

    rows: by uuid. effects: in their order. repeats: how many calls came again and were recognised.
    amiss: objects that a method was run on and that were not what they should have been.
    """

    rows: dict[str, Row]
    effects: list[Effect]
    repeats: int
    amiss: list[str]


class Store:
    """The file at `path`. Any thread may use it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._local = threading.local()

    def make(self, rows: Iterable[Row]) -> None:
        """Make the tables, with rows in them."""
        self._db().executescript(_SCHEMA)
        with self._db() as db:
            for one in rows:
                db.execute("INSERT INTO servers VALUES (?, ?)", [one["uuid"], json.dumps(one)])
                _remember(db, one)

    def row(self, uuid: str) -> Row:
        """A server or a port."""
        return _row(self._db(), uuid)

    def revision(self, name: str) -> Row:
        """A port as it was when its digests were these. Raises LookupError."""
        found = self._db().execute("SELECT row FROM revisions WHERE name = ?", [name]).fetchone()
        if found is None:
            raise LookupError(f"There was never a port with the digests {name!r}")
        made: Row = json.loads(found[0])
        return made

    def once(
        self, uuid: str, call: str, attempt: str, wanted: Row, change: Callable[[Row], Row | None]
    ) -> Row:
        """Change a row on behalf of a call, unless that was done; the row after it.

        change: works on the row; what it gives back is written down as amiss.
        """
        db = self._db()
        db.execute("BEGIN IMMEDIATE")
        try:
            row = _row(db, uuid)
            if db.execute("SELECT 1 FROM effects WHERE call = ?", [call]).fetchone():
                db.execute("INSERT INTO repeats VALUES (?, ?)", [call, attempt])
            else:
                amiss = change(row)
                if amiss is not None:
                    db.execute("INSERT INTO amiss VALUES (?, ?)", [call, json.dumps(amiss)])
                row = sealed(row)
                db.execute("UPDATE servers SET row = ? WHERE uuid = ?", [json.dumps(row), uuid])
                _remember(db, row)
                db.execute(
                    "INSERT INTO effects (call, uuid, wanted) VALUES (?, ?, ?)",
                    [call, uuid, json.dumps(wanted)],
                )
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
        return row

    def stored(self) -> Stored:
        """Everything."""
        db = self._db()
        rows = {uuid: json.loads(row) for uuid, row in db.execute("SELECT * FROM servers")}
        effects = [
            Effect(call, uuid, json.loads(wanted))
            for call, uuid, wanted in db.execute(
                "SELECT call, uuid, wanted FROM effects ORDER BY number"
            )
        ]
        (repeats,) = db.execute("SELECT count(*) FROM repeats").fetchone()
        amiss = [f"{call}: {what}" for call, what in db.execute("SELECT * FROM amiss")]
        return Stored(rows, effects, repeats, amiss)

    def _db(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "db", None)
        if found is None:
            found = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            found.execute("PRAGMA journal_mode = WAL")
            # What is killed is processes, not the machine.
            found.execute("PRAGMA synchronous = OFF")
            self._local.db = found
        return found


def _row(db: sqlite3.Connection, uuid: str) -> Row:
    (text,) = db.execute("SELECT row FROM servers WHERE uuid = ?", [uuid]).fetchone()
    made: dict[str, Any] = json.loads(text)
    return made


def _remember(db: sqlite3.Connection, row: Row) -> None:
    if is_port(row):
        name = port_truth.revision(row)
        db.execute("INSERT OR IGNORE INTO revisions VALUES (?, ?)", [name, json.dumps(row)])


@functools.cache
def open_store() -> Store:
    """The store of this process, which its environment names."""
    return Store(str(Path(os.environ[FILE])))
