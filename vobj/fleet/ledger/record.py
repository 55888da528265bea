"""What is kept of a fleet: services, backports, samples.

Theory
    A manifest is kept once, under its fingerprint, and never changed. A service refers to it; so do
    the samples, each of which tells how many services read which manifest at a time.

    Every write may be repeated without harm: rows are set to what their owner says, never added to,
    and each row has one owner. Every time is the database's own, so that no clock of a service
    matters.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from vobj.fleet.announcement import Announcement, Group, Service, read_manifest, written
from vobj.fleet.ledger.database import Database
from vobj.fleet.ledger.tables import BACKPORT, MANIFEST, SAMPLE, SERVICE, Now
from vobj.version import Manifest

_CHUNK = 200
_REMEMBERED = 1_000


class Asked(NamedTuple):
    """Backports of one kind that one writer has counted so far.

    id: what it is kept under. age: microseconds since the latest of them.
    """

    id: str
    service: str
    host: str
    object_name: str
    source: str
    target: str
    number: int
    age: int


class Recorded(NamedTuple):
    """Backports of one caller, all writers together. first and last are times of the database."""

    service: str
    host: str
    object_name: str
    source: str
    target: str
    first: int
    last: int
    number: int


class Ledger:
    """The record in one database. Any thread may use it, also after a fork."""

    def __init__(self, url: str) -> None:
        """Raises UsageError (`usage/argument`). Connects with the first call."""
        self._database = Database(url)
        self._manifests: dict[str, Manifest] = {}

    @property
    def place(self) -> str:
        """The URL without its password."""
        return self._database.place

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._database.close()

    # Services

    def announce(self, one: Announcement, lease: int) -> None:
        """Keep an announcement, and its lease for so many microseconds from now."""
        row = {
            "instance": one.instance,
            "service": one.service,
            "host": one.host,
            "release_name": one.release,
            "fingerprint": one.manifest.fingerprint,
            "wires": ",".join(one.wires),
            "since": Now(),
            "renewed": Now(),
            "expires": Now() + lease,
            "beat": 1,
        }
        manifest = {
            "fingerprint": one.manifest.fingerprint,
            "versions": written(one.manifest),
            "used": Now(),
        }

        def write(connection: sa.Connection) -> None:
            connection.execute(
                self._database.put(MANIFEST, manifest, lambda new: [("used", new.used)])
            )
            # Where assignments run one after the other, `since` has to see the old fingerprint.
            same = SERVICE.c.fingerprint == one.manifest.fingerprint
            connection.execute(
                self._database.put(
                    SERVICE,
                    row,
                    lambda new: [
                        ("since", sa.case((same, SERVICE.c.since), else_=new.since)),
                        *((name, new[name]) for name in row if name not in _OWN_RULES),
                        ("beat", SERVICE.c.beat + 1),
                    ],
                )
            )

        self._database.run(write)

    def renew(self, instance: str, lease: int) -> bool:
        """Give an instance a new lease; False when it is not in the record any more."""
        statement = (
            sa.update(SERVICE)
            .where(SERVICE.c.instance == instance)
            .values(renewed=Now(), expires=Now() + lease, beat=SERVICE.c.beat + 1)
        )
        return self._database.run(lambda connection: connection.execute(statement).rowcount > 0)

    def withdraw(self, instance: str) -> None:
        """Take an instance out of the record."""
        self._database.run(
            lambda connection: connection.execute(
                sa.delete(SERVICE).where(SERVICE.c.instance == instance)
            )
        )

    def forget(self, service: str, host: str) -> int:
        """Take out every instance of a service and host whose lease ran out; how many there were.

        A live one is left in, for it would come back by itself.
        """
        statement = sa.delete(SERVICE).where(
            SERVICE.c.service == service, SERVICE.c.host == host, SERVICE.c.expires <= Now()
        )
        return self._database.run(lambda connection: connection.execute(statement).rowcount)

    def groups(self) -> tuple[int, list[Group]]:
        """The time, and what is read by how many; few rows, however large the fleet."""
        mine = SERVICE.c
        is_live = sa.case((mine.expires > Now(), 1), else_=0)
        statement = sa.select(
            mine.fingerprint, mine.wires, sa.func.count(), sa.func.sum(is_live),
            sa.func.max(mine.renewed), sa.func.max(mine.expires), sa.func.sum(mine.beat),
        ).group_by(mine.fingerprint, mine.wires)  # fmt: skip

        def read(connection: sa.Connection) -> tuple[int, list[Group]]:
            rows = connection.execute(statement).all()
            made = [Group(row[0], _wires(row[1]), *(int(one) for one in row[2:])) for row in rows]
            return _time(connection), made

        return self._database.run(read)

    def services(self, most: int) -> tuple[int, list[Service]]:
        """The time, and every instance in the record, at most so many, latest renewals first."""
        statement = (
            sa.select(SERVICE).order_by(SERVICE.c.expires.desc(), SERVICE.c.instance).limit(most)
        )

        def read(connection: sa.Connection) -> tuple[int, list[Service]]:
            rows = connection.execute(statement).all()
            return _time(connection), [_service(row._mapping) for row in rows]

        return self._database.run(read)

    def manifests(self, fingerprints: Iterable[str]) -> dict[str, Manifest]:
        """The manifests of fingerprints, those that are known; each is read once."""
        wanted = dict.fromkeys(fingerprints)
        known = self._manifests
        missing = [one for one in wanted if one not in known]
        for start in range(0, len(missing), _CHUNK):
            statement = sa.select(MANIFEST.c.fingerprint, MANIFEST.c.versions).where(
                MANIFEST.c.fingerprint.in_(missing[start : start + _CHUNK])
            )
            rows = self._rows(statement)
            known = {**known, **{row[0]: read_manifest(row[0], row[1]) for row in rows}}
        if missing:
            # Replaced as a whole, so that no thread sees it half made.
            self._manifests = known if len(known) <= _REMEMBERED else {}
        return {one: known[one] for one in wanted if one in known}

    # Backports

    def add_backports(self, rows: Sequence[Asked]) -> None:
        """Set what a writer has counted; a count never goes down."""
        for start in range(0, len(rows), _CHUNK):
            # One order for all writers, so that two of them never wait for each other.
            chunk = sorted(rows[start : start + _CHUNK])
            self._database.run(functools.partial(self._add, rows=chunk))

    def _add(self, connection: sa.Connection, rows: Sequence[Asked]) -> None:
        now = _time(connection)
        for one in rows:
            at = now - one.age
            row = {**one._asdict(), "first": at, "last": at, "count": one.number}
            del row["age"], row["number"]
            connection.execute(
                self._database.put(
                    BACKPORT,
                    row,
                    lambda new: [
                        ("last", _greater(BACKPORT.c.last, new.last)),
                        ("source", new.source),
                        ("count", _greater(BACKPORT.c["count"], new["count"])),
                    ],
                )
            )

    def backports(self, since: int, most: int, object_name: str | None = None) -> list[Recorded]:
        """What was asked for after a time, latest first; at most so many kinds."""
        mine = BACKPORT.c
        kind = (mine.service, mine.host, mine.object_name, mine.target)
        last, count = sa.func.max(mine.last), sa.func.sum(mine["count"])
        statement = (
            sa.select(
                mine.service, mine.host, mine.object_name, sa.func.max(mine.source), mine.target,
                sa.func.min(mine.first), last, count,
            )
            .where(mine.last >= since)
            .group_by(*kind)
            .order_by(last.desc(), count.desc(), *kind)
            .limit(most)
        )  # fmt: skip
        if object_name is not None:
            statement = statement.where(mine.object_name == object_name)
        rows = self._rows(statement)
        return [Recorded(*row[:5], *(int(one) for one in row[5:])) for row in rows]

    # Samples

    def add_sample(self, slot: int, counts: str) -> None:
        """Set what the fleet consisted of at a time."""
        row = {"slot": slot, "counts": counts}
        self._database.run(
            lambda connection: connection.execute(
                self._database.put(SAMPLE, row, lambda new: [("counts", new["counts"])])
            )
        )

    def last_sample(self) -> tuple[int, str] | None:
        """The latest sample."""
        statement = sa.select(SAMPLE.c.slot, SAMPLE.c["counts"]).order_by(SAMPLE.c.slot.desc())
        row = self._database.run(lambda connection: connection.execute(statement.limit(1)).first())
        return None if row is None else (row[0], row[1])

    def samples(self, since: int, step: int) -> list[tuple[int, str]]:
        """The samples after a time, oldest first, the last one of every `step` microseconds."""
        latest = (
            sa.select(sa.func.max(SAMPLE.c.slot))
            .where(SAMPLE.c.slot >= since)
            .group_by(SAMPLE.c.slot // step)
        )
        slots = [row[0] for row in self._rows(latest)]
        statement = (
            sa.select(SAMPLE.c.slot, SAMPLE.c["counts"])
            .where(SAMPLE.c.slot.in_(slots))
            .order_by(SAMPLE.c.slot)
        )
        rows = self._rows(statement)
        return [(row[0], row[1]) for row in rows]

    def first_sample(self) -> int | None:
        """The time of the oldest sample."""
        slot = self._rows(sa.select(sa.func.min(SAMPLE.c.slot)))[0][0]
        return None if slot is None else int(slot)

    # Upkeep

    def tidy(self, keep: Mapping[str, int]) -> None:
        """Delete what is older than so many microseconds: services, samples, backports, manifests.

        A manifest that a service refers to is as old as the last tidying.
        """

        def write(connection: sa.Connection) -> None:
            now = _time(connection)
            for table, column in (
                (SERVICE, SERVICE.c.expires),
                (SAMPLE, SAMPLE.c.slot),
                (BACKPORT, BACKPORT.c.last),
            ):
                older = column < now - keep[table.name.removeprefix("vobj_fleet_")]
                connection.execute(sa.delete(table).where(older))
            in_use = sa.select(SERVICE.c.fingerprint)
            connection.execute(
                sa.update(MANIFEST).where(MANIFEST.c.fingerprint.in_(in_use)).values(used=now)
            )
            connection.execute(sa.delete(MANIFEST).where(MANIFEST.c.used < now - keep["manifest"]))

        self._database.run(write)

    def _rows(self, statement: Any) -> Sequence[Any]:
        return self._database.run(lambda connection: connection.execute(statement).all())


_OWN_RULES = ("instance", "since", "beat")


def _time(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.select(Now())) or 0)


def _service(row: Any) -> Service:
    same = {name: row[name] for name in row if name not in ("release_name", "wires")}
    return Service(release=row["release_name"], wires=_wires(row["wires"]), **same)


def _greater(one: Any, other: Any) -> Any:
    return sa.case((one > other, one), else_=other)


def _wires(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(",") if one)
