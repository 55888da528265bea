"""The inventory's objects in its first release, as some of the fleet still runs it.

They are plain oslo.versionedobjects: this release was written before vobj came into the house.
"""

from typing import Any

from oslo_versionedobjects import base, fields


class NoDatabaseError(Exception):
    """A remotable method ran in a process that has no conductor to run it."""


@base.VersionedObjectRegistry.register
class Nic(base.VersionedObject):
    """A network card of a server."""

    VERSION = "1.0"

    fields = {
        "mac": fields.MACAddressField(),
        "address": fields.IPAddressField(nullable=True),
    }


@base.VersionedObjectRegistry.register
class Volume(base.VersionedObject):
    """A disk that is attached to a server."""

    VERSION = "1.0"

    fields = {
        "uuid": fields.UUIDField(),
        "size_gb": fields.IntegerField(),
    }


@base.VersionedObjectRegistry.register
class Server(base.VersionedObject):
    """A machine of the inventory; `ram` is in MB, `speed` of the uplink in Gbit/s.

    The methods run where the database is; this node has none.
    """

    VERSION = "1.1"

    fields = {
        "uuid": fields.UUIDField(),
        "name": fields.StringField(),
        "ram": fields.IntegerField(),
        "speed": fields.FloatField(),
        "status": fields.EnumField(["active", "halted", "error"]),
        "quota": fields.IntegerField(),
        "nics": fields.ListOfObjectsField("Nic"),
        "volumes": fields.ListOfObjectsField("Volume"),
    }

    @base.remotable_classmethod
    def get(cls, _context: Any, uuid: str) -> "Server":  # noqa: N805 - oslo's class method
        """The stored server."""
        raise NoDatabaseError(f"Server {uuid} is in a database that this node does not have")

    @base.remotable
    def save(self) -> None:
        """Store what changed."""
        raise NoDatabaseError(f"Server {self.uuid} is in a database that this node does not have")
