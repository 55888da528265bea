"""The database of today's release: servers with their cards and disks, in SQLite.

INVENTORY_DB names the file. A server's `labels` are one column of JSON.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS servers (
    uuid TEXT PRIMARY KEY, name TEXT NOT NULL, memory_mb INTEGER NOT NULL, status TEXT NOT NULL,
    uplink_mbit INTEGER NOT NULL, labels TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS nics (
    server TEXT NOT NULL, mac TEXT NOT NULL, address TEXT, mtu INTEGER NOT NULL, vlan INTEGER,
    PRIMARY KEY (server, mac)
);
CREATE TABLE IF NOT EXISTS volumes (
    server TEXT NOT NULL, uuid TEXT NOT NULL, size_gb INTEGER NOT NULL, encrypted INTEGER NOT NULL,
    PRIMARY KEY (server, uuid)
);
"""
SERVER = ("uuid", "name", "memory_mb", "status", "uplink_mbit", "labels")
NIC = ("mac", "address", "mtu", "vlan")
VOLUME = ("uuid", "size_gb", "encrypted")
_PARTS = {"nics": NIC, "volumes": VOLUME}


class NotFoundError(Exception):
    """There is no such server."""


def prepare() -> None:
    """Make the tables that are missing."""
    with _database() as database:
        database.executescript(_SCHEMA)


def read(uuid: str) -> tuple[Row, list[Row], list[Row]]:
    """A server's row, its cards and its disks. Raises NotFoundError."""
    with _database() as database:
        row = database.execute("SELECT * FROM servers WHERE uuid = ?", [uuid]).fetchone()
        if row is None:
            raise NotFoundError(f"There is no server {uuid}")
        nics, volumes = (
            [
                dict(one)
                for one in database.execute(
                    f"SELECT {', '.join(names)} FROM {table} WHERE server = ? ORDER BY rowid",
                    [uuid],
                )
            ]
            for table, names in _PARTS.items()
        )
    return {**dict(row), "labels": json.loads(row["labels"])}, nics, volumes


def write(server: Row, nics: Iterable[Row], volumes: Iterable[Row]) -> None:
    """Store a server with its cards and disks, all or nothing."""
    uuid = server["uuid"]
    with _database() as database:
        _insert(database, "servers", {**server, "labels": json.dumps(server["labels"])})
        for table, rows in (("nics", nics), ("volumes", volumes)):
            database.execute(f"DELETE FROM {table} WHERE server = ?", [uuid])
            for row in rows:
                _insert(database, table, {"server": uuid, **row})


def _insert(database: sqlite3.Connection, table: str, row: Row) -> None:
    holes = ", ".join("?" * len(row))
    database.execute(
        f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({holes})", list(row.values())
    )


@contextlib.contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    """One transaction."""
    connection = sqlite3.connect(os.environ["INVENTORY_DB"], timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            yield connection
    finally:
        connection.close()
