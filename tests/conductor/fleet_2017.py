"""An old release of the service: oslo.versionedobjects alone, one or two versions behind."""

from __future__ import annotations

from typing import Any

from oslo_versionedobjects import base, fields


class Fleet(base.VersionedObject):
    """The base of this service's objects."""

    OBJ_PROJECT_NAMESPACE = "fleet"
    OBJ_SERIAL_NAMESPACE = "fleet_object"


@base.VersionedObjectRegistry.register
class FleetBunk(Fleet):
    VERSION = "1.0"
    fields = {"number": fields.IntegerField(), "guest": fields.StringField(nullable=True)}


@base.VersionedObjectRegistry.register
class FleetBoat(Fleet):
    VERSION = "1.0"
    fields = {
        "uuid": fields.UUIDField(),
        "name": fields.StringField(),
        "pace": fields.IntegerField(),
        "engine": fields.StringField(),
        "bunks": fields.ListOfObjectsField("FleetBunk"),
    }

    @classmethod
    @base.remotable
    def get(cls, context: Any, uuid: str) -> FleetBoat:
        raise NotImplementedError("needs the database")

    @classmethod
    @base.remotable
    def list_all(cls, context: Any, *, limit: int = 100) -> dict[str, list[FleetBoat]]:
        raise NotImplementedError("needs the database")

    @base.remotable
    def save(self) -> None:
        raise NotImplementedError("needs the database")

    @base.remotable
    def create(self) -> None:
        raise NotImplementedError("needs the database")

    @base.remotable
    def rename(self, name: str) -> str:
        raise NotImplementedError("needs the database")

    @base.remotable
    def meet(self, other: FleetBoat, *, more: dict[str, Any] | None = None) -> dict[str, Any]:
        raise NotImplementedError("needs the database")

    @base.remotable
    def refit(self, engine: str) -> None:
        raise NotImplementedError("needs the database")

    @base.remotable
    def nap(self, seconds: float) -> str:
        raise NotImplementedError("needs the database")

    @base.remotable
    def sink(self) -> None:
        raise NotImplementedError("needs the database")

    @base.remotable
    def look_for(self, uuid: str) -> None:
        raise NotImplementedError("needs the database")

    @base.remotable
    def who(self) -> dict[str, Any]:
        raise NotImplementedError("needs the database")

    @base.remotable
    def gone(self) -> None:
        raise NotImplementedError("today's release has no such method")
