"""The inventory's objects today. Each field says what it went through since the first release."""

from typing import Literal

import vobj
from vobj import Added, Converted, Mapped, Removed, Renamed


@vobj.register
class Nic(vobj.VersionedObject):
    """A network card of a server."""

    VERSION = "1.2"

    mac: vobj.MACAddress = vobj.field(key=True)
    address: vobj.IPAddress | None
    mtu: int = vobj.field(Added(since="1.1", backfill=1500))
    vlan: int | None = vobj.field(Added(since="1.2", backfill=None))


@vobj.register
class Volume(vobj.VersionedObject):
    """A disk that is attached to a server."""

    VERSION = "1.1"

    uuid: vobj.UUID = vobj.field(key=True)
    size_gb: int
    encrypted: bool = vobj.field(Added(since="1.1", backfill=False))


@vobj.register
class Server(vobj.VersionedObject):
    """A machine of the inventory."""

    VERSION = "1.6"

    uuid: vobj.UUID = vobj.field(key=True)
    name: str
    memory_mb: int = vobj.field(Renamed("ram", since="1.2"))
    quota: int = vobj.field(Added(since="1.1", backfill=0), Removed(since="1.3", restore=0))
    status: Literal["active", "stopped", "error"] = vobj.field(
        Mapped({"stopped": "halted"}, since="1.4", was=Literal["active", "halted", "error"])
    )
    uplink_mbit: int = vobj.field(
        Renamed("speed", since="1.5"),
        Converted(
            since="1.5",
            was=float,
            up=lambda gbit: round(gbit * 1000),
            down=lambda mbit: mbit / 1000,
        ),
    )
    labels: dict[str, str] = vobj.field(Added(since="1.6", backfill={}))
    nics: list[Nic]
    volumes: list[Volume]
