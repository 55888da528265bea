"""Classes for the commands to show."""

from typing import Literal

from oslo_versionedobjects import base, fields

import vobj
from vobj import (
    Added,
    ChildVersions,
    Converted,
    Mapped,
    NoChange,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)


@vobj.register
class HarbourCrew(vobj.VersionedObject):
    """A child."""

    VERSION = "1.1"

    badge: vobj.UUID = vobj.field(key=True)
    rank: str = vobj.field(Added(since="1.1", backfill="sailor"))


@vobj.register
class HarbourShip(vobj.VersionedObject):
    """Has a change of many kinds."""

    VERSION = "1.6"
    history = [NoChange("1.4", "a new method"), OldestSupported("1.1")]

    imo: str = vobj.field(key=True)
    flag: str | None = vobj.field(Nullable(since="1.5", none_as="unknown"))
    tons: int = vobj.field(Renamed("weight", since="1.2"))
    masts: int = vobj.field(Added(since="1.1", backfill=0), Removed(since="1.3", restore=2))
    state: Literal["moored", "sailing"] = vobj.field(
        Mapped({"moored": "docked"}, since="1.5", was=Literal["docked", "sailing"])
    )
    speed: int = vobj.field(
        Converted(since="1.3", was=float, up=lambda v: round(v * 10), down=lambda v: v / 10)
    )
    cargo: str = vobj.field(Refused({"steam"}, since="1.6"))
    crew: list[HarbourCrew] = vobj.field(ChildVersions({"1.0": "1.0", "1.6": "1.1"}))


@base.VersionedObjectRegistry.register
class HarbourBuoy(base.VersionedObject):
    """A class of oslo's, without a declared history."""

    VERSION = "1.3"
    fields = {"light": fields.IntegerField()}


def ship() -> HarbourShip:
    """One with everything set."""
    return HarbourShip(
        imo="9074729",
        flag=None,
        tons=44000,
        state="moored",
        speed=123,
        cargo="grain",
        crew=[HarbourCrew(badge="b7e9c2a4-61d8-4f35-a0c6-2d9f4e8b1c73", rank="mate")],
    )
