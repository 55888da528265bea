"""Lists of one, a hundred and ten thousand small objects that have a history of their own."""

from __future__ import annotations

from typing import Any

from oslo_versionedobjects import base, fields

import vobj
from benchmarks.datasets.history import SchemaEdits
from vobj import Added, Renamed

NEWEST = "1.2"
PLAIN_OLDEST = {"PlainFleet": "1.0", "PlainNode": "1.0"}
DATED_OLDEST = {"DatedFleet": "1.0", "DatedNode": "1.0"}


@base.VersionedObjectRegistry.register
class PlainNode(base.VersionedObject):
    VERSION = NEWEST
    fields = {
        "id": fields.IntegerField(),
        "name": fields.StringField(),
        "memory_mb": fields.IntegerField(),
        "load": fields.FloatField(),
        "up": fields.BooleanField(),
        "zone": fields.StringField(nullable=True),
    }

    def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
        super().obj_make_compatible(primitive, target_version)
        minor = int(target_version.split(".")[1])
        if minor < 2:
            primitive.pop("zone", None)
        if minor < 1 and "memory_mb" in primitive:
            primitive["ram"] = primitive.pop("memory_mb")


@base.VersionedObjectRegistry.register
class PlainFleet(base.VersionedObject):
    VERSION = "1.0"
    fields = {"nodes": fields.ListOfObjectsField("PlainNode")}


@vobj.register
class DatedNode(vobj.VersionedObject):
    VERSION = NEWEST
    id: int = vobj.field(key=True)
    name: str
    memory_mb: int = vobj.field(Renamed("ram", since="1.1"))
    load: float
    up: bool
    zone: str | None = vobj.field(Added(since="1.2"))


@vobj.register
class DatedFleet(vobj.VersionedObject):
    VERSION = "1.0"
    nodes: list[DatedNode]


def _node(number: int) -> dict[str, Any]:
    return {
        "id": 1000 + number,
        "name": f"node-{number:05}",
        "memory_mb": 16384 + number % 7,
        "load": number % 16 / 16,
        "up": number % 3 > 0,
        "zone": "west" if number % 2 else None,
    }


def plain(length: int) -> PlainFleet:
    """A fleet of plain oslo objects."""
    return PlainFleet(nodes=[PlainNode(**_node(number)) for number in range(length)])


def dated(length: int) -> DatedFleet:
    """The same fleet of vobj objects."""
    return DatedFleet(nodes=[DatedNode(**_node(number)) for number in range(length)])


def older_by_hand(fleet: dict[str, Any]) -> dict[str, Any]:
    """The 1.0 of a fleet's plain data, in place: what a team without versions writes itself."""
    for node in fleet["nodes"]:
        node.pop("zone", None)
        if "memory_mb" in node:
            node["ram"] = node.pop("memory_mb")
    return fleet


SCHEMA_EDITS = SchemaEdits(
    dropped={"Node": frozenset({"zone"})}, renamed={"Node": {"memory_mb": "ram"}}
)
