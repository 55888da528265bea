"""Classes that have every field type, and every kind of change: one set of oslo's, one of ours."""

from __future__ import annotations

import datetime
from typing import Any, Literal

from oslo_versionedobjects import base, fields

import vobj
from tests.differential.field_types import LEAVES
from vobj import (
    Added,
    ChildVersions,
    Converted,
    Mapped,
    NoChange,
    NotNull,
    Nullable,
    Refused,
    Removed,
    Renamed,
)

_NAMES = list(LEAVES)
_SHARES = {"Texts": _NAMES[:14], "Times": _NAMES[14:30], "Others": _NAMES[30:]}
"""Which leaf fields stand together. Few at once, so that payloads stay short."""

MADE: list[type[base.VersionedObject]] = []
"""Every class of this module, and its children before it."""


def _leaves(share: str) -> dict[str, fields.Field[Any]]:
    return {
        f"{name}{'_n' if nullable else ''}": LEAVES[name](nullable=nullable)
        for name in _SHARES[share]
        for nullable in (False, True)
    }


def _make(name: str, version: str, declared: dict[str, Any], **more: Any) -> None:
    plain = {"VERSION": version, "fields": declared}
    foreign = type(f"Foreign{name}", (base.VersionedObject,), plain)
    MADE.append(base.VersionedObjectRegistry.register(foreign))
    own = type(f"Own{name}", (vobj.VersionedObject,), {**plain, **more, "fields": dict(declared)})
    MADE.append(vobj.register(own))


def _children(prefix: str, leaf: str) -> dict[str, fields.Field[Any]]:
    child = f"{prefix}{leaf}"
    return {
        "id": fields.IntegerField(),
        "one": fields.ObjectField(child, nullable=True),
        "any": fields.ObjectField(child, subclasses=True, nullable=True),
        "many": fields.ListOfObjectsField(child),
        "named": fields.Field(fields.Dict(fields.Object(child))),
        "lists": fields.Field(fields.Dict(fields.List(fields.Object(child), nullable=True))),
    }


for _share in _SHARES:
    _make(_share, "1.1", _leaves(_share), history=[NoChange("1.1")])


@vobj.register
class OwnPart(vobj.VersionedObject):
    """Changes that move values, and none that has to run code."""

    VERSION = "1.4"

    key: vobj.UUID = vobj.field(key=True)
    size_gb: int = vobj.field(Renamed("size", since="1.1"))
    kind: Literal["disk", "tape", "flash"] = vobj.field(
        Mapped({"flash": "ssd"}, since="1.2", was=Literal["disk", "tape", "ssd"])
    )
    mode: str = vobj.field(Refused({"raw"}, since="1.2"))
    tags: set[str] = vobj.field(Added(since="1.3", backfill=["new"]))
    when: datetime.datetime | None = vobj.field(
        Nullable(since="1.3", none_as="2000-01-01T00:00:00Z")
    )
    note: str = vobj.field(NotNull(since="1.4", fill="none"))
    bytes_used: int = vobj.field(Removed(since="1.2", restore=0))
    spare: Any = vobj.field(Added(since="1.4"), type=fields.Field(fields.FieldType()))


@vobj.register
class OwnSpecialPart(OwnPart):
    """Stands in for its parent."""

    VERSION = "1.1"
    history = [vobj.Inherits({"1.0": "1.3", "1.1": "1.4"})]

    address: vobj.IPAddress | None = vobj.field(Added(since="1.1", backfill=None))


@vobj.register
class OwnConverted(vobj.VersionedObject):
    """Changes that run code, which no executor on bytes does."""

    VERSION = "1.1"

    speed: int = vobj.field(
        Converted(since="1.1", was=float, up=lambda v: int(v * 1000), down=lambda v: v / 1000)
    )
    name: str


@vobj.register
class OwnHolder(vobj.VersionedObject):
    """Children everywhere, dated once."""

    VERSION = "1.2"

    id: int
    part: OwnPart | None
    special: OwnPart = vobj.field(Added(since="1.1"))
    parts: list[OwnPart] = vobj.field(Renamed("pieces", since="1.2"))
    by_name: dict[str, OwnPart]
    converted: OwnConverted | None
    addresses: list[vobj.IPAddress]
    flags: dict[str, bool]


@vobj.register
class OwnDatedHolder(vobj.VersionedObject):
    """Says itself which versions of its child each of its own has."""

    VERSION = "1.1"

    part: OwnPart = vobj.field(ChildVersions({"1.0": "1.2", "1.1": "1.4"}))
    inner: OwnHolder | None


MADE += [OwnPart, OwnSpecialPart, OwnConverted, OwnHolder, OwnDatedHolder]

_TREE = _children("Foreign", "Texts")
MADE.append(
    base.VersionedObjectRegistry.register(
        type("ForeignTree", (base.VersionedObject,), {"VERSION": "1.0", "fields": _TREE})
    )
)
MADE.append(
    vobj.register(
        type(
            "OwnTree",
            (vobj.VersionedObject,),
            {"VERSION": "1.0", "fields": {**_children("Own", "Texts"), "foreign": _TREE["one"]}},
        )
    )
)
