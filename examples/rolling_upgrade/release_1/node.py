"""A node of the first release: no vobj, no database.

Run it with `python ../../nodes/line_node.py node.py`.
"""

from collections.abc import Mapping
from typing import Any

from objects import Nic, Server, Volume
from oslo_versionedobjects.base import VersionedObject
from reader import Operation, Reader


class Clerk(Reader):
    """An older node whose objects are stored somewhere else."""

    def operations(self) -> dict[str, Operation]:
        """Operation by name, for a line node."""
        return {**super().operations(), "get": self.get, "save": self.save}

    def get(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Hold the server that is stored under `uuid`."""
        self.held = Server.get({}, request["uuid"])
        return self.told(self.held)

    def save(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out `edits` on the held server, and save it."""
        self.change(request["edits"])
        self.held.save()
        return self.told(self.held)


def racked_here() -> Server:
    """A server as this release builds it."""
    return Server(
        uuid="6b3f1a52-8c9e-4a77-b0d4-5e2f61c7a903",
        name="build-3",
        ram=2048,
        speed=0.1,
        status="halted",
        quota=4,
        nics=[Nic(mac="52:54:00:0b:11:d3", address="10.0.0.33")],
        volumes=[Volume(uuid="0f5c8b7d-2a16-4e9b-8d3c-7a9e14f6c258", size_gb=20)],
    )


OPERATIONS = Clerk(
    release="inventory, release 1",
    base=VersionedObject,
    manifest={one.obj_name(): one.VERSION for one in (Nic, Server, Volume)},
    offered=racked_here,
).operations()
