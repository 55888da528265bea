"""One database: how to reach it, and how a statement is run there.

Theory
    A statement is run in one short transaction, by whichever thread. Where two transactions stand
    in each other's way, the database gives one of them back, and it is run again: all of them may
    be. What cannot be reached is told as such, without the password.
"""

from __future__ import annotations

import importlib.util
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from vobj.errors import FleetError, UsageError, printable
from vobj.fleet.ledger.tables import METADATA

_TRIES = 5
_SECONDS = 5
_T = TypeVar("_T")

# By the name of a URL: the driver it means when it names none, and the module of that driver.
_DRIVERS = {
    "sqlite": ("pysqlite", "sqlite3"),
    "postgresql": ("psycopg", "psycopg"),
    "mariadb": ("pymysql", "pymysql"),
    "mysql": ("pymysql", "pymysql"),
}
_PACKAGES = {"psycopg": "psycopg[binary]", "pymysql": "PyMySQL"}
_OPTIONS: Mapping[str, dict[str, Any]] = {
    "pysqlite": {"timeout": _SECONDS},
    "psycopg": {
        "connect_timeout": _SECONDS,
        "options": f"-c statement_timeout={_SECONDS}s -c lock_timeout={_SECONDS}s",
    },
    "pymysql": {
        "connect_timeout": _SECONDS,
        "read_timeout": 2 * _SECONDS,
        "write_timeout": 2 * _SECONDS,
        "init_command": f"SET SESSION innodb_lock_wait_timeout = {_SECONDS}",
    },
}


class Database:
    """The database at a URL."""

    def __init__(self, url: str) -> None:
        """Raises UsageError (`usage/argument`). Connects with the first statement."""
        self._engine = _engine(url)
        self._pid = os.getpid()
        self._prepared = False
        self._lock = threading.Lock()

    @property
    def place(self) -> str:
        """The URL without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Close the connections; the next statement opens new ones."""
        self._engine.dispose()

    def put(self, table: sa.Table, row: Mapping[str, Any], rule: Callable[[Any], Any]) -> Any:
        """An insert that, where the key is there already, sets what the rule says instead."""
        match self._engine.dialect.name:
            case "postgresql":
                made: Any = postgresql.insert(table).values(row)
            case "sqlite":
                made = sqlite.insert(table).values(row)
            case _:
                changed: Any = mysql.insert(table).values(row)
                return changed.on_duplicate_key_update(rule(changed.inserted))
        return made.on_conflict_do_update(
            index_elements=list(table.primary_key), set_=dict(rule(made.excluded))
        )

    def run(self, work: Callable[[sa.Connection], _T]) -> _T:
        """The result of one transaction. Raises FleetError (`fleet/away`)."""
        self._survive_fork()
        for tried in range(1, _TRIES + 1):
            try:
                self._prepare()
                with self._engine.begin() as connection:
                    return work(connection)
            except sa.exc.OperationalError as error:
                # Two transactions met, or a connection broke: all of them may be repeated.
                if tried == _TRIES or error.connection_invalidated or not _met(error):
                    raise self._away(error) from error
                time.sleep(0.02 * tried**2)
            except sa.exc.SQLAlchemyError as error:
                raise self._away(error) from error
        raise AssertionError("the last try returns or raises")

    def _away(self, error: sa.exc.SQLAlchemyError) -> FleetError:
        why = getattr(error, "orig", None) or error
        text = printable(" ".join(str(why).split()))
        return FleetError(
            f"The record of the fleet at {self.place} cannot be reached: {text:.300}",
            rule="fleet/away",
        )

    def _prepare(self) -> None:
        """Make the tables that are missing; several processes may do so at once."""
        if self._prepared:
            return
        with self._lock:
            there = set(sa.inspect(self._engine).get_table_names())
            for table in METADATA.sorted_tables:
                if table.name in there:
                    continue
                try:
                    with self._engine.begin() as connection:
                        connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
                except sa.exc.DBAPIError:
                    # Of two that make a table at once, one may be told that it is there.
                    if not sa.inspect(self._engine).has_table(table.name):
                        raise
            self._prepared = True

    def _survive_fork(self) -> None:
        """A connection belongs to the process that opened it."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._lock = threading.Lock()
            self._engine.dispose(close=False)


_MARIADB_MET = (1205, 1213)  # a lock was not given in time, a deadlock


def _met(error: sa.exc.OperationalError) -> bool:
    """Whether two transactions stood in each other's way."""
    why = error.orig
    if getattr(why, "sqlstate", None) in ("40001", "40P01", "55P03"):
        return True
    if isinstance(why, Exception) and why.args and why.args[0] in _MARIADB_MET:
        return True
    return "database is locked" in str(why) or "table is locked" in str(why)


def _engine(url: str) -> sa.Engine:
    try:
        parsed = sa.engine.make_url(url)
    except (sa.exc.ArgumentError, TypeError, ValueError):
        raise UsageError(
            "Expected the URL of a database, such as sqlite:///fleet.sqlite or"
            f" postgresql://user@host/name, got {type(url).__name__}",
            rule="usage/argument",
        ) from None
    name, _, driver = parsed.drivername.partition("+")
    if name not in _DRIVERS:
        raise UsageError(
            f"The record of a fleet is kept in {', '.join(_DRIVERS)}, not in {name:.30}",
            rule="usage/argument",
        )
    default, module = _DRIVERS[name]
    if not driver:
        if importlib.util.find_spec(module) is None:
            raise UsageError(
                f"{name} needs {_PACKAGES[module]}: pip install '{_PACKAGES[module]}'",
                rule="usage/argument",
            )
        driver = default
        parsed = parsed.set(drivername=f"{name}+{driver}")
    if name == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise UsageError(
            "A record in memory is seen by nobody else: give the path of a file",
            rule="usage/argument",
        )
    options = _OPTIONS.get(driver, {})
    try:
        engine = sa.create_engine(
            parsed, connect_args=options, pool_pre_ping=name != "sqlite", pool_size=2
        )
    except (sa.exc.ArgumentError, ImportError) as error:
        raise UsageError(
            f"{parsed.drivername} cannot be used: {error}", rule="usage/argument"
        ) from error
    if name == "sqlite":
        sa.event.listen(engine, "first_connect", _readers_do_not_wait)
    return engine


def _readers_do_not_wait(connection: Any, _record: Any) -> None:
    """Let SQLite read while somebody writes."""
    connection.execute("PRAGMA journal_mode=WAL")
