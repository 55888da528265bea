"""The service of today: its objects in SQLite, for a conductor to run.

The database is the file that FLEET_DB names. Methods that sleep, fail or return odd
values are there for the tests of the conductor.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oslo_versionedobjects import base as oslo

import vobj
from vobj import Added, Refused, Renamed

SCHEMA = """
CREATE TABLE boats (uuid TEXT PRIMARY KEY, name TEXT, speed INTEGER, engine TEXT, owner TEXT);
CREATE TABLE bunks (boat TEXT, number INTEGER, guest TEXT, notes TEXT, PRIMARY KEY (boat, number));
"""


class NotFound(Exception):
    """There is no such boat."""


class Fleet(vobj.VersionedObject):
    """The base of this service's objects."""

    OBJ_PROJECT_NAMESPACE = "fleet"
    OBJ_SERIAL_NAMESPACE = "fleet_object"


@contextlib.contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """One transaction."""
    connection = sqlite3.connect(os.environ["FLEET_DB"], timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            yield connection
    finally:
        connection.close()


@vobj.register
class FleetBunk(Fleet):
    """A part of a boat; `notes` is hidden from 1.0."""

    VERSION = "1.1"

    number: int = vobj.field(key=True)
    guest: str | None
    notes: str | None = vobj.field(Added(since="1.1", backfill=None))


@vobj.register
class FleetBoat(Fleet):
    """`speed` was `pace` before 1.1; `owner` is hidden from 1.1 and below."""

    VERSION = "1.2"

    uuid: vobj.UUID = vobj.field(key=True)
    name: str
    speed: int = vobj.field(Renamed("pace", since="1.1"))
    engine: str = vobj.field(Refused({"fusion"}, since="1.2"))
    owner: str = vobj.field(Added(since="1.2", backfill="nobody"))
    bunks: list[FleetBunk] = vobj.field(vobj.ChildVersions({"1.0": "1.0", "1.2": "1.1"}))

    @classmethod
    @oslo.remotable
    def get(cls, context: Any, uuid: str) -> FleetBoat:
        """The stored boat. Raises NotFound."""
        with database() as db:
            row = db.execute("SELECT * FROM boats WHERE uuid = ?", [uuid]).fetchone()
            if row is None:
                raise NotFound(f"There is no boat {uuid}")
            rows = db.execute(
                "SELECT number, guest, notes FROM bunks WHERE boat = ? ORDER BY number", [uuid]
            ).fetchall()
        bunks = [FleetBunk(context, **dict(one)) for one in rows]
        for bunk in bunks:
            bunk.obj_reset_changes()
        boat = cls(context, bunks=bunks, **dict(row))
        boat.obj_reset_changes()
        return boat

    @classmethod
    @oslo.remotable
    def list_all(cls, context: Any, *, limit: int = 100) -> dict[str, list[FleetBoat]]:
        """All boats, inside a structure."""
        with database() as db:
            rows = db.execute("SELECT uuid FROM boats ORDER BY uuid LIMIT ?", [limit]).fetchall()
        return {"boats": [cls.get(context, row["uuid"]) for row in rows]}

    @classmethod
    def obj_load_current(cls, context: Any, received: FleetBoat) -> FleetBoat | None:
        """What is stored of a boat that an older peer sends."""
        try:
            return cls.get(context, received.uuid)
        except NotFound:
            return None

    @oslo.remotable
    def save(self) -> None:
        """Write what changed, in one transaction."""
        changes = self.obj_get_changes()
        with database() as db:
            for name in changes.keys() - {"bunks"}:
                db.execute(
                    f"UPDATE boats SET {name} = ? WHERE uuid = ?", [changes[name], self.uuid]
                )
            db.execute("DELETE FROM bunks WHERE boat = ?", [self.uuid])
            for bunk in self.bunks:
                row = [self.uuid, bunk.number, bunk.guest, bunk.notes]
                db.execute("INSERT INTO bunks VALUES (?, ?, ?, ?)", row)
                bunk.obj_reset_changes()
        self.obj_reset_changes()

    @oslo.remotable
    def create(self) -> None:
        """Write a new boat."""
        values = [self.uuid, self.name, self.speed, self.engine, self.owner]
        with database() as db:
            db.execute("INSERT INTO boats VALUES (?, ?, ?, ?, ?)", values)
        self.obj_reset_changes()

    @oslo.remotable
    def rename(self, name: str) -> str:
        """Change the name and do not save it."""
        before, self.name = self.name, name
        return before

    @oslo.remotable
    def meet(self, other: FleetBoat, *, more: dict[str, Any] | None = None) -> dict[str, Any]:
        """Answer with what was given: objects in a structure."""
        return {"other": other, "versions": [other.VERSION], "more": more, "me": self}

    @oslo.remotable
    def refit(self, engine: str) -> None:
        """Give the boat an engine and save it."""
        self.engine = engine
        self.save()

    @oslo.remotable
    def nap(self, seconds: float) -> str:
        """Sleep, then write: what a caller that gave up must know about."""
        with contextlib.suppress(KeyError):
            Path(os.environ["FLEET_NAPS"]).write_text("asleep")
        time.sleep(seconds)
        self.name = "rested"
        self.save()
        return "rested"

    @oslo.remotable
    def sink(self) -> None:
        """Fail as programs do."""
        raise ZeroDivisionError("secret of the house")

    @oslo.remotable
    def look_for(self, uuid: str) -> None:
        """Fail as services do."""
        raise NotFound(f"There is no boat {uuid}")

    @oslo.remotable
    def strange(self) -> object:
        """Give what no wire can hold."""
        return object()

    @oslo.remotable
    def who(self) -> dict[str, Any]:
        """The context that the method sees."""
        return {"context": self._context, "received": self.obj_received_version}

    def scuttle(self) -> None:
        """Not marked, so not for peers."""
        raise AssertionError("never called")

    def _secret(self) -> None:
        raise AssertionError("never called")

    @property
    def tempting(self) -> str:
        """A property is no method."""
        raise AssertionError("never read")


@vobj.register
class StrangerBoat(vobj.VersionedObject):
    """Registered, and outside the base."""

    VERSION = "1.0"

    uuid: vobj.UUID

    @oslo.remotable
    def save(self) -> None:
        """Not offered by a conductor of Fleet."""
        raise AssertionError("never called")


def prepare() -> vobj.conductor.Conductor:
    """Make the database and give the conductor that serves it."""
    from vobj.conductor import Conductor

    make()
    return Conductor(Fleet, limits=vobj.Limits(max_bytes=200_000), expected=[NotFound])


def make() -> None:
    """Make the tables, once."""
    if not Path(os.environ["FLEET_DB"]).exists():
        with database() as db:
            db.executescript(SCHEMA)


def store(uuid: str, **values: Any) -> None:
    """Put a boat with two bunks into the database."""
    row = {"name": "Anna", "speed": 10, "engine": "sail", "owner": "Eva", **values}
    with database() as db:
        db.execute(
            "INSERT OR REPLACE INTO boats VALUES (?, ?, ?, ?, ?)",
            [uuid, *(row[one] for one in ("name", "speed", "engine", "owner"))],
        )
        db.execute("DELETE FROM bunks WHERE boat = ?", [uuid])
        for number, guest, notes in ((1, "Kim", "snores"), (2, None, "window")):
            db.execute("INSERT INTO bunks VALUES (?, ?, ?, ?)", [uuid, number, guest, notes])


def stored(uuid: str) -> dict[str, Any]:
    """What the database says of a boat."""
    with database() as db:
        row = db.execute("SELECT * FROM boats WHERE uuid = ?", [uuid]).fetchone()
        bunks = db.execute(
            "SELECT number, guest, notes FROM bunks WHERE boat = ? ORDER BY number", [uuid]
        ).fetchall()
    return {**dict(row), "bunks": [tuple(one) for one in bunks]}
