"""What is measured: each data set once as an oslo object and once as its vobj twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from oslo_versionedobjects.base import VersionedObject

from benchmarks.datasets import fleet, growth, os_vif
from benchmarks.datasets.history import SchemaEdits
from benchmarks.datasets.own import own_twin
from benchmarks.datasets.server import DATED, PLAIN, SCHEMA_EDITS, older_by_hand
from benchmarks.shapes import Shape, shape_of, value

__all__ = ["DATED", "PLAIN", "SETS", "DataSet", "Old", "named"]

Made = Callable[[], VersionedObject]


@dataclass(frozen=True)
class Old:
    """How each contender is told of the oldest version. None: it is not (os-vif's twin)."""

    plain: Mapping[str, str]
    own: Mapping[str, str] | None = None
    by_hand: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    edits: SchemaEdits | None = None


@dataclass(frozen=True)
class DataSet:
    """One object in all its forms, made when first asked for.

    title: as the page names it. base: what codecs of the oslo class are made for.
    """

    name: str
    title: str
    make_plain: Made
    make_own: Made | None = None
    base: type[VersionedObject] = VersionedObject
    old: Old | None = None

    @cached_property
    def plain(self) -> VersionedObject:
        """The object of unmodified oslo classes."""
        return self.make_plain()

    @cached_property
    def own(self) -> VersionedObject:
        """The same data in classes of vobj."""
        return self.make_own() if self.make_own else own_twin(self.plain)

    @cached_property
    def shape(self) -> Shape:
        """For the classes of other libraries."""
        return shape_of(self.plain)

    @cached_property
    def values(self) -> dict[str, Any]:
        """The data itself, with times as times."""
        found: dict[str, Any] = value(self.plain)
        return found


def _fleet(length: int) -> DataSet:
    return DataSet(
        f"list {length}",
        f"list of {length:,}",
        partial(fleet.plain, length),
        partial(fleet.dated, length),
        old=Old(fleet.PLAIN_OLDEST, fleet.DATED_OLDEST, fleet.older_by_hand, fleet.SCHEMA_EDITS),
    )


_SERVER = DataSet(
    "server",
    "32 fields",
    PLAIN.build,
    DATED.build,
    old=Old(PLAIN.oldest, DATED.oldest, older_by_hand, SCHEMA_EDITS),
)
_OS_VIF = DataSet("os-vif", "os-vif port", os_vif.port, base=os_vif.ROOT, old=Old(os_vif.OLDEST))
_GROWN = (
    DataSet("wide dict", "dict of 1,000", growth.wide_dict),
    DataSet("large strings", "1 MiB of text", growth.large_strings),
    DataSet("non-ASCII", "non-ASCII text", growth.non_ascii),
)
_BY_FIELDS = tuple(
    DataSet(f"fields {count}", f"{count} fields", partial(growth.of_fields, count))
    for count in (1, 8, 32, 128)
)
_BY_DEPTH = tuple(
    DataSet(f"depth {depth}", f"depth {depth}", partial(growth.of_depth, depth))
    for depth in (1, 2, 4, 8, 16)
)
_LISTS = tuple(_fleet(length) for length in (1, 100, 10_000))

SETS: Mapping[str, DataSet] = {
    one.name: one for one in (_SERVER, _OS_VIF, *_LISTS, *_GROWN, *_BY_FIELDS, *_BY_DEPTH)
}


def named(name: str) -> DataSet:
    """A new copy of a data set, so that nothing of an earlier one stays in memory."""
    return replace(SETS[name])
