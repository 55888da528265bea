"""The object that everything is measured on: 32 fields, three of them nested objects.

Each class exists twice, with the same fields, the same data and the same history: once as a plain
oslo.versionedobjects class whose compatibility code is written by hand, and once as a vobj class
that dates its fields. So a benchmark can compare an unmodified class, a vobj class and oslo itself.
What libraries without versions need for the same history stands at the end.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Literal

from oslo_versionedobjects import base, fields

import vobj
from benchmarks.datasets.history import SchemaEdits
from vobj import Added, Mapped, Renamed

PlainBase = base.VersionedObject
NEWEST = {"Server": "1.4", "Flavor": "1.1", "Host": "1.0", "Volume": "1.0"}
OLDEST = dict.fromkeys(NEWEST, "1.0")


@base.VersionedObjectRegistry.register
class PlainFlavor(PlainBase):
    VERSION = NEWEST["Flavor"]
    fields = {
        "name": fields.StringField(),
        "vcpus": fields.IntegerField(),
        "memory_mb": fields.IntegerField(),
        "public": fields.BooleanField(),
        "extra_specs": fields.DictOfStringsField(),
    }

    def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
        super().obj_make_compatible(primitive, target_version)
        if target_version == "1.0":
            primitive.pop("extra_specs", None)


@base.VersionedObjectRegistry.register
class PlainHost(PlainBase):
    VERSION = NEWEST["Host"]
    fields = {
        "name": fields.StringField(),
        "address": fields.IPAddressField(),
        "zone": fields.StringField(nullable=True),
        "up": fields.BooleanField(),
    }


@base.VersionedObjectRegistry.register
class PlainVolume(PlainBase):
    VERSION = NEWEST["Volume"]
    fields = {
        "uuid": fields.UUIDField(),
        "size_gb": fields.IntegerField(),
        "device": fields.StringField(nullable=True),
        "attached_at": fields.DateTimeField(nullable=True),
    }


@base.VersionedObjectRegistry.register
class PlainServer(PlainBase):
    VERSION = NEWEST["Server"]
    fields = {
        "id": fields.IntegerField(),
        "uuid": fields.UUIDField(),
        "project_id": fields.StringField(),
        "user_id": fields.StringField(),
        "name": fields.StringField(),
        "description": fields.StringField(nullable=True),
        "memory_mb": fields.IntegerField(),
        "vcpus": fields.IntegerField(),
        "root_gb": fields.IntegerField(),
        "ephemeral_gb": fields.IntegerField(),
        "load": fields.FloatField(),
        "weight": fields.FloatField(),
        "locked": fields.BooleanField(),
        "disable_terminate": fields.BooleanField(),
        "hidden": fields.BooleanField(),
        "hypervisor": fields.EnumField(valid_values=["kvm", "xen", "parallels"]),
        "state": fields.StringField(nullable=True),
        "task": fields.StringField(nullable=True),
        "power": fields.IntegerField(nullable=True),
        "launched_at": fields.DateTimeField(nullable=True),
        "deleted_at": fields.DateTimeField(nullable=True),
        "address": fields.IPAddressField(),
        "mac": fields.MACAddressField(),
        "key_name": fields.StringField(nullable=True),
        "root_device": fields.StringField(nullable=True),
        "progress": fields.IntegerField(),
        "labels": fields.DictOfStringsField(),
        "groups": fields.ListOfStringsField(),
        "ports": fields.ListOfIntegersField(),
        "flavor": fields.ObjectField("PlainFlavor"),
        "host": fields.ObjectField("PlainHost"),
        "volume": fields.ObjectField("PlainVolume"),
    }

    def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
        super().obj_make_compatible(primitive, target_version)
        minor = int(target_version.split(".")[1])
        if minor < 4:
            primitive.pop("hidden", None)
        if minor < 3 and primitive.get("hypervisor") == "parallels":
            primitive["hypervisor"] = "vz"
        if minor < 2:
            primitive.pop("labels", None)
        if minor < 1 and "memory_mb" in primitive:
            primitive["ram"] = primitive.pop("memory_mb")


@vobj.register
class DatedFlavor(vobj.VersionedObject):
    VERSION = NEWEST["Flavor"]
    name: str
    vcpus: int
    memory_mb: int
    public: bool
    extra_specs: dict[str, str] = vobj.field(Added(since="1.1"))


@vobj.register
class DatedHost(vobj.VersionedObject):
    VERSION = NEWEST["Host"]
    name: str
    address: vobj.IPAddress
    zone: str | None
    up: bool


@vobj.register
class DatedVolume(vobj.VersionedObject):
    VERSION = NEWEST["Volume"]
    uuid: vobj.UUID = vobj.field(key=True)
    size_gb: int
    device: str | None
    attached_at: datetime.datetime | None


@vobj.register
class DatedServer(vobj.VersionedObject):
    VERSION = NEWEST["Server"]
    id: int
    uuid: vobj.UUID = vobj.field(key=True)
    project_id: str
    user_id: str
    name: str
    description: str | None
    memory_mb: int = vobj.field(Renamed("ram", since="1.1"))
    vcpus: int
    root_gb: int
    ephemeral_gb: int
    load: float
    weight: float
    locked: bool
    disable_terminate: bool
    hidden: bool = vobj.field(Added(since="1.4"))
    hypervisor: Literal["kvm", "xen", "parallels"] = vobj.field(
        Mapped({"parallels": "vz"}, since="1.3", was=Literal["kvm", "xen", "vz"])
    )
    state: str | None
    task: str | None
    power: int | None
    launched_at: datetime.datetime | None
    deleted_at: datetime.datetime | None
    address: vobj.IPAddress
    mac: vobj.MACAddress
    key_name: str | None
    root_device: str | None
    progress: int
    labels: dict[str, str] = vobj.field(Added(since="1.2"))
    groups: list[str]
    ports: list[int]
    flavor: DatedFlavor
    host: DatedHost
    volume: DatedVolume


@dataclass(frozen=True)
class Family:
    """One of the two sets of classes. prefix: what their registry names start with."""

    prefix: str
    server: type[base.VersionedObject]
    flavor: type[base.VersionedObject]
    host: type[base.VersionedObject]
    volume: type[base.VersionedObject]

    @property
    def oldest(self) -> dict[str, str]:
        """The manifest of the oldest peer."""
        return {self.prefix + name: version for name, version in OLDEST.items()}

    def build(self) -> base.VersionedObject:
        """A new object with every field set and changed; equal data in both families."""
        return self.server(
            **_SCALARS,
            flavor=self.flavor(
                name="m1.large", vcpus=4, memory_mb=8192, public=True, extra_specs={"hw": "numa"}
            ),
            host=self.host(name="node-17", address="192.0.2.17", zone="west", up=True),
            volume=self.volume(
                uuid="c3f8d5b1-94e7-4a20-8d6b-5f1a7c9e3b42",
                size_gb=2000,
                device="/dev/vdb",
                attached_at=_AT,
            ),
        )


_AT = datetime.datetime(2026, 3, 14, 15, 9, 26, tzinfo=datetime.UTC)
_SCALARS: dict[str, Any] = {
    "id": 271828,
    "uuid": "9e4b7c05-1a6d-4d82-b3f9-6c2e8a0d5f17",
    "project_id": "6f70656e737461636b20697320612077",
    "user_id": "686f6c652063697479206f6620636f64",
    "name": "db-1",
    "description": None,
    "memory_mb": 65536,
    "vcpus": 16,
    "root_gb": 80,
    "ephemeral_gb": 0,
    "load": 0.75,
    "weight": 12.5,
    "locked": False,
    "disable_terminate": True,
    "hidden": False,
    "hypervisor": "parallels",
    "state": "active",
    "task": None,
    "power": 1,
    "launched_at": _AT,
    "deleted_at": None,
    "address": "192.0.2.42",
    "mac": "52:54:00:7c:55:01",
    "key_name": "operator",
    "root_device": "/dev/vda",
    "progress": 100,
    "labels": {"rack": "r7", "owner": "shop"},
    "groups": ["default", "db"],
    "ports": [5432, 9187],
}

PLAIN = Family("Plain", PlainServer, PlainFlavor, PlainHost, PlainVolume)
DATED = Family("Dated", DatedServer, DatedFlavor, DatedHost, DatedVolume)


def older_by_hand(server: dict[str, Any]) -> dict[str, Any]:
    """The 1.0 of a server's plain data, in place: what a team without versions writes itself."""
    server.pop("hidden", None)
    server.pop("labels", None)
    if server.get("hypervisor") == "parallels":
        server["hypervisor"] = "vz"
    if "memory_mb" in server:
        server["ram"] = server.pop("memory_mb")
    server["flavor"].pop("extra_specs", None)
    return server


SCHEMA_EDITS = SchemaEdits(
    dropped={"Server": frozenset({"hidden", "labels"}), "Flavor": frozenset({"extra_specs"})},
    renamed={"Server": {"memory_mb": "ram"}},
    choices={"Server": {"hypervisor": ("kvm", "xen", "vz")}},
)
