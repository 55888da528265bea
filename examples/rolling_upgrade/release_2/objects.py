"""The inventory's objects today. Each field says what it went through since the first release."""

from collections.abc import Iterable
from typing import Any, Literal

import store
from oslo_versionedobjects.base import remotable, remotable_classmethod

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

    @remotable_classmethod
    def get(cls, context: Any, uuid: str) -> "Server":  # noqa: N805 - oslo's class method
        """The stored server. Raises NotFoundError."""
        row, nics, volumes = store.read(uuid)
        server = cls(
            context,
            **row,
            nics=[Nic(context, **one) for one in nics],
            volumes=[Volume(context, **one) for one in volumes],
        )
        server.obj_reset_changes(recursive=True)
        return server

    @classmethod
    def obj_load_current(cls, context: Any, received: "Server") -> "Server | None":
        """What is stored of a server that an older caller sends: its edits are put back into it."""
        try:
            return cls.get(context, received.uuid)
        except store.NotFoundError:
            return None

    @remotable
    def save(self) -> None:
        """Store the server as it is now."""
        store.write(
            _row(self, store.SERVER),
            [_row(one, store.NIC) for one in self.nics],
            [_row(one, store.VOLUME) for one in self.volumes],
        )
        self.obj_reset_changes(recursive=True)


def _row(obj: vobj.VersionedObject, columns: Iterable[str]) -> dict[str, Any]:
    """The fields that have a column, as plain values."""
    return {name: obj.fields[name].to_primitive(obj, name, getattr(obj, name)) for name in columns}
