"""The tables of a fleet's record, and the time of the database.

Theory
    Names come from peers: they are text beside a key, never the key, because databases differ in
    which texts they take to be equal. Keys are hexadecimal digits and times.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Now(FunctionElement[int]):
    """The time of the database in microseconds, when the statement runs."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(Now, "sqlite")
def _now_in_sqlite(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)"


@compiles(Now, "postgresql")
def _now_in_postgresql(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"


@compiles(Now, "mysql")
@compiles(Now, "mariadb")
def _now_in_mariadb(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"


_HEX = sa.String(32)
_NAME = sa.String(200)
_LONG = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")

METADATA = sa.MetaData()


def _table(name: str, *columns: sa.Column[Any]) -> Any:
    exact = {"charset": "utf8mb4", "collate": "utf8mb4_bin"}
    options: dict[str, Any] = {
        f"{one}_{key}": text for one in ("mysql", "mariadb") for key, text in exact.items()
    }
    return sa.Table(f"vobj_fleet_{name}", METADATA, *columns, **options)


MANIFEST = _table(
    "manifest",
    sa.Column("fingerprint", _HEX, primary_key=True),
    sa.Column("versions", _LONG, nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False),
)
SERVICE = _table(
    "service",
    sa.Column("instance", _HEX, primary_key=True),
    sa.Column("service", _NAME, nullable=False),
    sa.Column("host", _NAME, nullable=False),
    sa.Column("release_name", _NAME, nullable=False),
    sa.Column("fingerprint", _HEX, nullable=False),
    sa.Column("wires", sa.String(500), nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("renewed", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("beat", sa.BigInteger, nullable=False),
)
BACKPORT = _table(
    "backport",
    sa.Column("id", _HEX, primary_key=True),
    sa.Column("service", _NAME, nullable=False),
    sa.Column("host", _NAME, nullable=False),
    sa.Column("object_name", _NAME, nullable=False),
    sa.Column("source", _HEX, nullable=False),
    sa.Column("target", _HEX, nullable=False),
    sa.Column("first", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
)
SAMPLE = _table(
    "sample",
    sa.Column("slot", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("counts", _LONG, nullable=False),
)
