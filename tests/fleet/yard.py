"""Objects of a small fleet, and what its releases read."""

from __future__ import annotations

import vobj
from vobj import Added, ChildVersions, Refused


@vobj.register
class YardCrane(vobj.VersionedObject):
    VERSION = "1.2"

    name: str = vobj.field(key=True)
    reach: int = vobj.field(Added(since="1.1", backfill=0))
    load: int = vobj.field(Added(since="1.2", backfill=0))


@vobj.register
class YardDock(vobj.VersionedObject):
    VERSION = "1.4"

    name: str = vobj.field(key=True)
    state: str = vobj.field(Refused({"flooded"}, since="1.2"))
    crane: YardCrane = vobj.field(
        Added(since="1.1"), ChildVersions({"1.1": "1.0", "1.3": "1.1", "1.4": "1.2"})
    )
    depth: int = vobj.field(Added(since="1.3", backfill=1))


@vobj.register
class YardPort(vobj.VersionedObject):
    VERSION = "1.2"

    name: str = vobj.field(key=True)
    docks: list[YardDock] = vobj.field(ChildVersions({"1.0": "1.1", "1.1": "1.3", "1.2": "1.4"}))


@vobj.register
class YardSign(vobj.VersionedObject):
    """Has one version, and a child without dates."""

    VERSION = "1.1"
    history = [vobj.NoChange("1.1")]

    text: str
    lamp: YardLamp


@vobj.register
class YardLamp(vobj.VersionedObject):
    VERSION = "1.0"

    watts: int


NEW = vobj.Manifest.of(YardDock)
OLD = vobj.Manifest({"YardDock": "1.2", "YardCrane": "1.0"})


def a_dock(**values: object) -> YardDock:
    """A dock with a crane."""
    given = {"name": "north", "state": "dry", "depth": 7, **values}
    return YardDock(crane=YardCrane(name="c", reach=3, load=9), **given)
