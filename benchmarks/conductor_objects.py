"""What the conductor is measured with: one object as a vobj class, and as an oslo class with the
compatibility code that services write by hand."""

from __future__ import annotations

from typing import Any

from oslo_utils import versionutils
from oslo_versionedobjects import base, fields

import vobj
from vobj import Added, Mapped, Renamed

NICS = 3
VOBJ_OLD = {"LoadServer": "1.0", "LoadNic": "1.0"}
OSLO_OLD = {"PlainServer": "1.0", "PlainNic": "1.0"}


@vobj.register
class LoadNic(vobj.VersionedObject):
    """A part."""

    VERSION = "1.1"

    mac: str = vobj.field(key=True)
    address: str | None
    mtu: int = vobj.field(Added(since="1.1", backfill=1500))


@vobj.register
class LoadServer(vobj.VersionedObject):
    """Plain data alone dates it, as it does nearly every object of a real service."""

    VERSION = "1.3"

    uuid: vobj.UUID = vobj.field(key=True)
    name: str
    project: str
    image: str
    host: str | None
    zone: str
    vcpus: int
    memory_mb: int = vobj.field(Renamed("ram", since="1.1"))
    disk_gb: int
    hypervisor: str = vobj.field(Mapped({"vz": "parallels"}, since="1.2"))
    locked: bool
    hidden: bool = vobj.field(Added(since="1.3", backfill=False))
    nics: list[LoadNic]


@base.VersionedObjectRegistry.register
class PlainNic(base.VersionedObject):
    """The same part for oslo."""

    VERSION = "1.1"
    fields = {
        "mac": fields.StringField(),
        "address": fields.StringField(nullable=True),
        "mtu": fields.IntegerField(),
    }

    def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
        """As services write it."""
        super().obj_make_compatible(primitive, target_version)
        if versionutils.convert_version_to_tuple(target_version) < (1, 1):
            primitive.pop("mtu", None)


@base.VersionedObjectRegistry.register
class PlainServer(base.VersionedObject):
    """The same object for oslo."""

    VERSION = "1.3"
    fields = {
        "uuid": fields.UUIDField(),
        "name": fields.StringField(),
        "project": fields.StringField(),
        "image": fields.StringField(),
        "host": fields.StringField(nullable=True),
        "zone": fields.StringField(),
        "vcpus": fields.IntegerField(),
        "memory_mb": fields.IntegerField(),
        "disk_gb": fields.IntegerField(),
        "hypervisor": fields.StringField(),
        "locked": fields.BooleanField(),
        "hidden": fields.BooleanField(),
        "nics": fields.ListOfObjectsField("PlainNic"),
    }

    def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
        """As services write it."""
        super().obj_make_compatible(primitive, target_version)
        target = versionutils.convert_version_to_tuple(target_version)
        if target < (1, 3):
            primitive.pop("hidden", None)
        if target < (1, 2) and primitive.get("hypervisor") == "vz":
            primitive["hypervisor"] = "parallels"
        if target < (1, 1) and "memory_mb" in primitive:
            primitive["ram"] = primitive.pop("memory_mb")


def _values(number: int) -> dict[str, Any]:
    return {
        "uuid": f"3f2c9d1e-7b40-4f6a-9a3c-{number:012x}", "name": f"web-{number}",
        "project": "7a0b6c9e31f24bd4a9d2f07c11aa20f3", "image": "ubuntu-26.04",
        "host": "compute-17", "zone": "az-2", "vcpus": 8, "memory_mb": 16384, "disk_gb": 80,
        "hypervisor": "vz", "locked": False, "hidden": False,
    }  # fmt: skip


def _nic(number: int) -> dict[str, Any]:
    return {"mac": f"52:54:00:9a:3e:{number:02x}", "address": f"10.0.0.{number}", "mtu": 9000}


def load_server(number: int) -> LoadServer:
    """One of many."""
    return LoadServer(nics=[LoadNic(**_nic(one)) for one in range(NICS)], **_values(number))


def plain_server(number: int) -> PlainServer:
    """One of many, for oslo."""
    return PlainServer(nics=[PlainNic(**_nic(one)) for one in range(NICS)], **_values(number))
