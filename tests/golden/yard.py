"""Classes and objects of the golden payloads.

What stands here is never changed, since the payloads of every release were written from it; what a
later release wants to add, it adds.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, Literal

from oslo_versionedobjects import base, fields

import vobj
from vobj import Added, Codec, Mapped, Renamed

_AT = datetime.datetime(2026, 3, 14, 15, 9, 26, tzinfo=datetime.UTC)


@vobj.register
class YardDisk(vobj.VersionedObject):
    VERSION = "1.1"

    uuid: vobj.UUID = vobj.field(key=True)
    size_gb: int = vobj.field(Renamed("size", since="1.1"))


@base.VersionedObjectRegistry.register
class YardRack(base.VersionedObject):
    VERSION = "1.0"
    fields = {"row": fields.IntegerField(), "uuid": fields.UUIDField()}


@vobj.register
class YardEmpty(vobj.VersionedObject):
    VERSION = "1.0"


class CountedUUID(fields.UUID):
    """Takes and gives a number where one expects a UUID."""

    def coerce(self, obj: Any, attr: str, value: Any) -> Any:
        return int(value)

    def to_primitive(self, obj: Any, attr: str, value: Any) -> Any:
        return value

    def from_primitive(self, obj: Any, attr: str, value: Any) -> Any:
        return value


CountedUUID.__name__ = "UUID"


@vobj.register
class YardServer(vobj.VersionedObject):
    VERSION = "1.2"

    uuid: vobj.UUID = vobj.field(key=True)
    name: str
    power: Literal["on", "off"] = vobj.field(
        Mapped({"off": "down"}, since="1.1", was=Literal["on", "down"])
    )
    load: float
    locked: bool
    memory: int
    booted_at: datetime.datetime | None
    mac: vobj.MACAddress
    address: vobj.IPAddress
    other_address: vobj.IPAddress
    mapped_address: vobj.IPAddress
    network: vobj.IPNetwork
    other_network: vobj.IPNetwork
    disks: list[YardDisk]
    by_name: dict[str, YardDisk]
    empty: YardEmpty | None
    labels: dict[str, str]
    groups: set[str]
    beats: list[datetime.datetime]
    spare: int = vobj.field(Added(since="1.2", backfill=0))


@vobj.register
class YardOdd(vobj.VersionedObject):
    VERSION = "1.0.3"
    fields = {
        "number": fields.Field(CountedUUID()),
        "raw": fields.Field(fields.FieldType(), nullable=True),
        "rack": fields.ObjectField("YardRack"),
    }


class Depot(vobj.VersionedObject):
    """The base class of another project."""

    OBJ_SERIAL_NAMESPACE = "depot_object"
    OBJ_PROJECT_NAMESPACE = "depot"


@vobj.register
class YardCrate(Depot):
    VERSION = "1.0"

    weight: int
    inside: list[YardCrate]


def disk(last: int) -> YardDisk:
    return YardDisk(uuid=f"00010203-0405-0607-0809-0a0b0c0d0e{last:02x}", size_gb=10**last)


def server() -> YardServer:
    return YardServer(
        uuid="c3f8d5b1-94e7-4a20-8d6b-5f1a7c9e3b42",
        name="größe-日本",
        power="off",
        load=0.1,
        locked=False,
        memory=2**40,
        booted_at=_AT,
        mac="52:54:00:7c:55:01",
        address="192.0.2.17",
        other_address="2001:db8::1",
        mapped_address="::ffff:192.0.2.17",
        network="192.0.2.17/24",
        other_network="2001:db8::/32",
        disks=[disk(1), disk(2)],
        by_name={"b": disk(3), "a": disk(4)},
        empty=YardEmpty(),
        labels={"z": "", "a": "x" * 40},
        groups={"b", "a", "c"},
        beats=[_AT, _AT.replace(year=1900), _AT.replace(microsecond=5)],
        spare=-1,
    )


def partly() -> YardServer:
    made = YardServer(name="part", booted_at=None, disks=[], by_name={}, empty=None, spare=300)
    made.obj_reset_changes(["name", "disks"])
    return made


def untouched() -> YardServer:
    made = server()
    made.obj_reset_changes()
    return made


def odd() -> YardOdd:
    rack = YardRack(row=3, uuid="00010203-0405-0607-0809-0a0b0c0d0e0f")
    rack.obj_reset_changes(["uuid"])
    return YardOdd(number=7, raw={"deep": [1, None, True, 1.5, b"\x00", "text"]}, rack=rack)


def crate() -> YardCrate:
    return YardCrate(
        weight=9, inside=[YardCrate(weight=4, inside=[]), YardCrate(weight=5, inside=[])]
    )


OLDEST = {"YardServer": "1.0", "YardDisk": "1.0", "YardEmpty": "1.0"}
PACKED = Codec("packed")
DEPOT = Codec("packed", base=Depot)

CASES: Mapping[str, tuple[Codec, Callable[[], base.VersionedObject], Mapping[str, str] | None]] = {
    "server": (PACKED, server, None),
    "server-oldest": (PACKED, server, OLDEST),
    "untouched": (PACKED, untouched, None),
    "partly": (PACKED, partly, None),
    "empty": (PACKED, YardEmpty, None),
    "odd": (PACKED, odd, None),
    "rack": (PACKED, lambda: odd().rack, None),
    "crate": (DEPOT, crate, None),
}
"""The codec, the object and the versions that it is sent at, by the name of its files."""
