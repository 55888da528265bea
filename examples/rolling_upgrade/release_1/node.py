"""A node of the first release.

Run it with `python ../../nodes/line_node.py node.py`.
"""

from objects import Nic, Server, Volume
from reader import Reader

import vobj


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


OPERATIONS = Reader(
    release="inventory, release 1",
    base=vobj.VersionedObject,
    manifest=vobj.Manifest.of(Server),
    offered=racked_here,
).operations()
