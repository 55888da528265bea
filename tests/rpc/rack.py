"""The newer release: what `tests/services/plain_peer.py` knows as RackServer 1.1 and RackDisk
1.0."""

from __future__ import annotations

from typing import Any

import oslo_messaging as messaging

import vobj
from vobj import Added, Removed, Renamed


@vobj.register
class RackDisk(vobj.VersionedObject):
    VERSION = "1.1"

    name: str
    size_gb: int = vobj.field(Added(since="1.1", backfill=0))


@vobj.register
class RackServer(vobj.VersionedObject):
    VERSION = "1.3"

    uuid: vobj.UUID = vobj.field(key=True)
    memory_mb: int = vobj.field(Renamed("ram", since="1.2"))
    disks: list[RackDisk]
    tag: str = vobj.field(Added(since="1.1"), Removed(since="1.2", restore=""))
    zone: str = vobj.field(Added(since="1.3", backfill="z0"))


OLDER = {"RackServer": "1.1", "RackDisk": "1.0"}


def rack_server() -> RackServer:
    """A server whose every field is set."""
    return RackServer(
        uuid="6a0a1d4c-26a5-4c0b-8f0c-8ed6f0b0c001",
        memory_mb=512,
        disks=[RackDisk(name="a", size_gb=7)],
        zone="z1",
    )


class Endpoint:
    """What the newer release answers."""

    target = messaging.Target(version="1.0")

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def grow(self, ctxt: Any, server: RackServer, by: int) -> dict[str, list[RackServer]]:
        """The server that was sent, with more memory, inside a structure."""
        self.seen.append(server)
        server.memory_mb += by
        return {"grown": [server]}

    def make(self, ctxt: Any) -> RackServer:
        """A server that the caller sent nothing of."""
        return rack_server()

    def note(self, ctxt: Any, **things: Any) -> None:
        """Remember what came."""
        self.seen.append(things)
