"""The inventory's objects in its first release, as some of the fleet still runs it."""

from typing import Literal

import vobj
from vobj import Added


@vobj.register
class Nic(vobj.VersionedObject):
    """A network card of a server."""

    VERSION = "1.0"

    mac: vobj.MACAddress = vobj.field(key=True)
    address: vobj.IPAddress | None


@vobj.register
class Volume(vobj.VersionedObject):
    """A disk that is attached to a server."""

    VERSION = "1.0"

    uuid: vobj.UUID = vobj.field(key=True)
    size_gb: int


@vobj.register
class Server(vobj.VersionedObject):
    """A machine of the inventory; `ram` is in MB, `speed` of the uplink in Gbit/s."""

    VERSION = "1.1"

    uuid: vobj.UUID = vobj.field(key=True)
    name: str
    ram: int
    speed: float
    status: Literal["active", "halted", "error"]
    quota: int = vobj.field(Added(since="1.1", backfill=0))
    nics: list[Nic]
    volumes: list[Volume]
