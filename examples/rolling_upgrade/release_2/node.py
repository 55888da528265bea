"""A node of today's release, with the database that INVENTORY_DB names.

Run it with `python ../../nodes/line_node.py node.py`.
"""

from collections.abc import Mapping
from typing import Any

import store
from keeper import Keeper, Operation
from object_tree import apply_edits, describe
from objects import Nic, Server, Volume

import vobj


class Owner(Keeper):
    """A node that also stores its servers."""

    def operations(self) -> dict[str, Operation]:
        """Operation by name, for a line node."""
        return {
            **super().operations(),
            "store": self.store,
            "stored": self.stored,
            "edit_stored": self.edit_stored,
        }

    def store(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Store the kept `object`: its `uuid`."""
        store.prepare()
        server = self.codec.decode(self.kept[request["object"]], context={})
        server.save()
        return {"uuid": server.uuid}

    def stored(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The server that is stored under `uuid`."""
        server = Server.get({}, request["uuid"])
        return {**describe(server), "payload": self.codec.encode(server)}

    def edit_stored(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out `edits` on the server that is stored under `uuid`."""
        server = Server.get({}, request["uuid"])
        apply_edits(server, request["edits"], self.codec.decode)
        server.save()
        return self.stored(request)


def web() -> Server:
    """A server with two cards and two disks."""
    return Server(
        uuid="3f2c9d1e-7b40-4f6a-9a3c-1d8e5b7f2a60",
        name="web-1",
        memory_mb=4096,
        status="active",
        uplink_mbit=1234,
        labels={"rack": "r12", "owner": "shop"},
        nics=[
            Nic(mac="52:54:00:9a:3e:01", address="10.0.0.11", mtu=9000, vlan=12),
            Nic(mac="52:54:00:9a:3e:02", address=None, mtu=1500, vlan=None),
        ],
        volumes=[
            Volume(uuid="a1d6e8f0-52c3-4b7e-9f14-8c0b3a6d7e21", size_gb=40, encrypted=True),
            Volume(uuid="b7e9c2a4-61d8-4f35-a0c6-2d9f4e8b1c73", size_gb=500, encrypted=False),
        ],
    )


def database() -> Server:
    """A server with three cards, each with hidden settings of its own."""
    return Server(
        uuid="9e4b7c05-1a6d-4d82-b3f9-6c2e8a0d5f17",
        name="db-1",
        memory_mb=65536,
        status="stopped",
        uplink_mbit=10_000,
        labels={"rack": "r7"},
        nics=[
            Nic(mac="52:54:00:7c:55:01", address="10.0.0.21", mtu=1501, vlan=21),
            Nic(mac="52:54:00:7c:55:02", address="10.0.0.22", mtu=1502, vlan=22),
            Nic(mac="52:54:00:7c:55:03", address="10.0.0.23", mtu=1503, vlan=23),
        ],
        volumes=[Volume(uuid="c3f8d5b1-94e7-4a20-8d6b-5f1a7c9e3b42", size_gb=2000, encrypted=True)],
    )


OPERATIONS = Owner(
    release="inventory, release 2",
    codec=vobj.Codec(wire="primitive"),
    samples={"web-1": web, "db-1": database},
).operations()
