"""Classes with the overrides that real services write, each declared below a base that is given.

Each function declares its class below `root` and gives what makes an object of it. Classes that
keep a log show which of their methods were called.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from oslo_versionedobjects import base, exception, fields

Root = type[base.VersionedObject]
Make = Callable[[], base.VersionedObject]

register = base.VersionedObjectRegistry.register
TEXTS = fields.DictOfStringsField


def flavor(root: Root) -> Make:
    """Mutable dicts are compared with copies of theirs; the reader keeps what was dirty."""

    @register
    class Flavor(root):  # type: ignore[misc, valid-type]
        fields = {"name": fields.StringField(), "extra_specs": TEXTS()}

        def __init__(self, *args: Any, **values: Any) -> None:
            super().__init__(*args, **values)
            self._before: dict[str, str] = {}

        @classmethod
        def _obj_from_primitive(cls, context: Any, objver: str, primitive: Any) -> Any:
            self = super()._obj_from_primitive(context, objver, primitive)
            changed = self.obj_what_changed()
            self._before = {} if "extra_specs" in changed else dict(self.extra_specs)
            self.from_peer = True
            return self

        def obj_what_changed(self) -> set[str]:
            found = super().obj_what_changed()
            if "extra_specs" in self and self.extra_specs != self._before:
                found.add("extra_specs")
            return found

        def obj_reset_changes(self, *arguments: Any, **options: Any) -> None:
            super().obj_reset_changes(*arguments, **options)
            self._before = dict(self.extra_specs)

        def obj_clone(self) -> Any:
            clone = copy.deepcopy(self)
            clone._before = dict(self._before)
            return clone

    def make() -> base.VersionedObject:
        made: base.VersionedObject = Flavor(name="m1", extra_specs={"cpu": "dedicated"})
        made.obj_reset_changes()
        made.extra_specs["mem"] = "large"
        return made

    return make


def quality_specs(root: Root) -> Make:
    """`obj_get_changes` gives a delta with a key that is no field; unchanged specs do not count."""

    @register
    class QualitySpecs(root):  # type: ignore[misc, valid-type]
        fields = {"id": fields.IntegerField(), "specs": TEXTS(nullable=True)}
        obj_extra_fields = ["label"]

        def __init__(self, *args: Any, **values: Any) -> None:
            self._kept: dict[str, str] = {}
            super().__init__(*args, **values)

        @property
        def label(self) -> str:
            return f"specs-{self.id}"

        def __setattr__(self, name: str, value: Any) -> None:
            try:
                super().__setattr__(name, value)
            except ValueError as error:
                raise exception.ObjectActionError(action="set", reason=str(error)) from error

        def __contains__(self, name: object) -> bool:
            return name in self.obj_extra_fields or super().__contains__(name)

        def obj_what_changed(self) -> set[str]:
            found = super().obj_what_changed()
            if self.obj_attr_is_set("specs") and self.specs == self._kept:
                found.discard("specs")
            return found

        def obj_get_changes(self) -> dict[str, Any]:
            found = {"id": self.id} if "id" in self.obj_what_changed() else {}
            removed = sorted(set(self._kept) - set(self.specs or {}))
            return {**found, "specs": dict(self.specs or {}), "__removed_specs": removed}

    def make() -> base.VersionedObject:
        made: base.VersionedObject = QualitySpecs(id=7, specs={"iops": "500"})
        made._kept = {"iops": "500", "burst": "no"}
        return made

    return make


def instance(root: Root) -> Make:
    """Unset fields are read from a database when somebody asks for them."""

    @register
    class Instance(root):  # type: ignore[misc, valid-type]
        fields = {"host": fields.StringField(), "tags": fields.ListOfStringsField()}
        loaded = []  # without an annotation, since those are fields of vobj's classes

        def obj_load_attr(self, attrname: str) -> None:
            self.loaded.append(attrname)
            self.tags = ["from", "database"]

    def make() -> base.VersionedObject:
        return Instance(host="h1")

    return make


def subnet(root: Root) -> Make:
    """The constructor sets every default, also when an object is read."""

    @register
    class Subnet(root):  # type: ignore[misc, valid-type]
        fields = {
            "cidr": fields.IPNetworkField(),
            "shared": fields.BooleanField(default=False),
            "routes": fields.ListOfStringsField(default=[]),
        }

        def __init__(self, *args: Any, **values: Any) -> None:
            super().__init__(*args, **values)
            self.obj_set_defaults()
            self.synthetic = [str(self.obj_attr_is_set("cidr"))]

    def make() -> base.VersionedObject:
        made: base.VersionedObject = Subnet(cidr="10.0.0.0/8")
        del made._obj_routes
        return made

    return make


def payload_class(root: Root) -> Make:
    """A notification payload: made from a source, never read back."""

    @register
    class ServerPayload(root):  # type: ignore[misc, valid-type]
        VERSION = "1.0"
        fields = {"state": fields.StringField(), "ips": fields.SetOfStringsField()}

        def __init__(self, source: Any) -> None:
            super().__init__()
            self.state, self.ips = source

    def make() -> base.VersionedObject:
        return ServerPayload(("active", {"10.0.0.2", "10.0.0.1"}))

    return make


def address(root: Root) -> Make:
    """Equal by one field, hashed by it, and held in a set of its kind."""

    @register
    class Address(root):  # type: ignore[misc, valid-type]
        fields = {"ip": fields.IPAddressField(), "note": fields.StringField()}

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Address) and self.ip == other.ip

        def __hash__(self) -> int:
            return hash(self.ip)

    @register
    class Port(root):  # type: ignore[misc, valid-type]
        fields = {
            "fixed": fields.ListOfObjectsField("Address"),
            "pool": fields.Field(fields.Set(fields.Object("Address"))),
        }

    def make() -> base.VersionedObject:
        one, other = Address(ip="10.0.0.1", note="a"), Address(ip="10.0.0.1", note="b")
        return Port(fixed=[one, other], pool={Address(ip="fe80::1", note="c")})

    return make


def prefixed(root: Root) -> Make:
    """A project's base with its own words in the envelope, and a list that pins them anew."""

    class ProjectObject(root):  # type: ignore[misc, valid-type]
        OBJ_SERIAL_NAMESPACE = "nova_object"
        OBJ_PROJECT_NAMESPACE = "nova"

    @register
    class Keypair(ProjectObject):
        fields = {"name": fields.StringField()}

    class ProjectList(base.ObjectListBase):
        @classmethod
        def _obj_primitive_key(cls, field: str) -> str:
            return f"nova_object.{field}"

    @register
    class KeypairList(ProjectList, ProjectObject):
        fields = {"objects": fields.ListOfObjectsField("Keypair")}

    def make() -> base.VersionedObject:
        return KeypairList(objects=[Keypair(name="a"), Keypair(name="b")])

    return make


def aggregate(root: Root) -> Make:
    """Fields that a metaclass adds, after the class body and before registration."""

    class Standard(type):
        def __new__(mcs, name: str, bases: Any, body: dict[str, Any]) -> Any:
            cls = super().__new__(mcs, name, bases, body)
            if bases:
                cls.fields = {**cls.fields, "description": fields.StringField(nullable=True)}
            return cls

    mixed = Standard("Mixed", (), {"fields": {}})

    @register
    class Aggregate(root, mixed):  # type: ignore[misc, valid-type]
        fields = {"name": fields.StringField()}

    def make() -> base.VersionedObject:
        return Aggregate(name="a", description="added by the metaclass")

    return make


def node(root: Root) -> Make:
    """Slots are set and deleted by name, and `_changed_fields` is added to by hand."""

    @register
    class Node(root):  # type: ignore[misc, valid-type]
        fields = {
            "uuid": fields.UUIDField(),
            "driver_info": TEXTS(),
            "owner": fields.StringField(nullable=True),
        }

    def make() -> base.VersionedObject:
        made: base.VersionedObject = Node(
            uuid="29f2b9b6-6eb4-4b55-8b8f-3f7a4ec7ce44", driver_info={}, owner="x"
        )
        made.obj_reset_changes()
        made.driver_info["user"] = "root"
        made._changed_fields.add("driver_info")
        setattr(made, base._get_attrname("owner"), None)
        delattr(made, "_obj_uuid")
        return made

    return make
