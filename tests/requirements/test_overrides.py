"""What projects override on their objects: each is called, by own classes as by foreign ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from tests.requirements.exchange import CODEC, node, received, sent
from vobj import Added, Codec, Removed, Renamed


class LoadedTooMuch(Exception):
    """Somebody triggered a lazy load."""


@pytest.mark.parametrize("target", ["1.1", "1.0"])
def test_sending_and_comparing_never_load_unset_fields(target: str) -> None:
    """A lazy field stays unset on encode, in every version, and in `==` and repr."""

    @vobj.register
    class LazyThing(vobj.VersionedObject):
        VERSION = "1.1"

        name: str
        lazy: str
        later: str = vobj.field(Added(since="1.1"))

        def obj_load_attr(self, attrname: str) -> None:
            raise LoadedTooMuch(attrname)

    thing = LazyThing(name="n")
    assert sent(thing, target) == node("LazyThing", target, {"name": "n"})
    assert thing == LazyThing(name="n")
    assert repr(thing) == "LazyThing(name='n')"
    CODEC.explain(thing, to="1.0")
    with pytest.raises(LoadedTooMuch, match="lazy"):
        _ = thing.lazy


def test_what_a_constructor_does_happens_on_decode() -> None:
    """Reading makes an object with `cls()`, so defaults that a project sets there are there."""

    @vobj.register
    class DefaultedThing(vobj.VersionedObject):
        VERSION = "1.1"

        name: str
        kind: str = vobj.field(default="plain")
        later: str = vobj.field(Added(since="1.1", backfill="b"))

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.obj_set_defaults("kind")

    read = received(node("DefaultedThing", "1.0", {"name": "n"}))
    assert (read.name, read.kind, read.later) == ("n", "plain", "b")
    assert read.obj_what_changed() == {"name"}
    assert received(node("DefaultedThing", "1.0", {"kind": "other"})).kind == "other"


def test_a_class_that_needs_arguments_is_sent_and_not_read() -> None:
    """A notification payload is encoded, in any version; reading one is the payload's failure."""

    @vobj.register
    class EventPayload(vobj.VersionedObject):
        VERSION = "1.1"

        event: str
        phase: str = vobj.field(Added(since="1.1"))

        def __init__(self, event: str) -> None:
            super().__init__(event=event)

    payload = sent(EventPayload("create"), "1.0")
    assert payload == node("EventPayload", "1.0", {"event": "create"})
    with pytest.raises(vobj.PayloadError, match="EventPayload cannot be read"):
        received(payload)
    assert CODEC.upgrade(payload) == node("EventPayload", "1.1", {"event": "create"})


def test_equality_hash_and_membership_of_a_class_are_kept() -> None:
    """`__eq__`, `__hash__` and `__contains__` of a project stay in front of vobj's."""

    @vobj.register
    class KeyedThing(vobj.VersionedObject):
        VERSION = "1.0"

        id: int
        note: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, KeyedThing) and self.id == other.id

        def __hash__(self) -> int:
            return hash(self.id)

        def __contains__(self, name: str) -> bool:
            return name == "everything" or self.obj_attr_is_set(name)

    one = received(CODEC.encode(KeyedThing(id=1, note="a")))
    assert one == KeyedThing(id=1, note="b")
    assert len({one, KeyedThing(id=1)}) == 1
    assert "everything" in one


def test_setting_goes_through_the_classes_own_setattr() -> None:
    """A value that is read is set as any other, so errors are those the class makes of them."""

    @vobj.register
    class GuardedSpecs(vobj.VersionedObject):
        VERSION = "1.0"

        consumer: str

        def __setattr__(self, name: str, value: Any) -> None:
            if name == "consumer" and value not in ("back-end", "front-end"):
                raise ValueError(f"{value} is no consumer")
            super().__setattr__(name, value)

    assert received(node("GuardedSpecs", "1.0", {"consumer": "back-end"})).consumer == "back-end"
    with pytest.raises(vobj.PayloadError, match="nobody is no consumer") as found:
        received(node("GuardedSpecs", "1.0", {"consumer": "nobody"}))
    assert found.value.path == ("consumer",)


def test_extra_fields_are_attributes_and_never_sent() -> None:
    """`obj_extra_fields` are no part of a payload, nor of a history."""

    @vobj.register
    class NamedInstance(vobj.VersionedObject):
        VERSION = "1.0"

        id: int
        obj_extra_fields: ClassVar[list[str]] = ["name"]

        @property
        def name(self) -> str:
            return f"instance-{self.id}"

    assert sent(NamedInstance(id=3), "1.0") == node("NamedInstance", "1.0", {"id": 3})
    assert NamedInstance(id=3).name == "instance-3"
    assert not NamedInstance.supports("name", "1.0")


class NullToEmpty(fields.FieldType):
    """A dict on the wire as text, whose None is an empty dict."""

    @staticmethod
    def coerce(obj: Any, attr: str, value: Any) -> dict[str, Any]:
        """Takes a dict, or its text."""
        return dict(value)

    @staticmethod
    def to_primitive(obj: Any, attr: str, value: Any) -> str:
        """Its pairs as text."""
        return ",".join(f"{key}={one}" for key, one in value.items())

    @staticmethod
    def from_primitive(obj: Any, attr: str, value: Any) -> dict[str, str]:
        """The pairs of a text."""
        return dict(pair.split("=") for pair in value.split(",") if pair)


class NullToEmptyField(fields.AutoTypedField):
    """Nulls are `{}`."""

    AUTO_TYPE = NullToEmpty()

    def _null(self, obj: Any, attr: str) -> dict[str, Any]:
        return {}


def test_a_field_types_own_codec_coercion_and_null_are_used() -> None:
    """`to_primitive`, `from_primitive`, `coerce` and `_null` of a project's type are called."""

    @vobj.register
    class FlexibleThing(vobj.VersionedObject):
        VERSION = "1.1"

        properties: dict[str, str] = vobj.field(Renamed("props", since="1.1"),
                                                type=NullToEmptyField())  # fmt: skip

    assert FlexibleThing(properties=None).properties == {}
    thing = FlexibleThing(properties={"a": "1", "b": "2"})
    assert sent(thing, "1.1") == node("FlexibleThing", "1.1", {"properties": "a=1,b=2"})
    assert sent(thing, "1.0") == node("FlexibleThing", "1.0", {"props": "a=1,b=2"})
    assert received(node("FlexibleThing", "1.0", {"props": "a=1"})).properties == {"a": "1"}


def test_what_is_read_is_coerced() -> None:
    """A payload's value goes through the field's `coerce`, as any value that is set."""

    @vobj.register
    class CoercedThing(vobj.VersionedObject):
        VERSION = "1.0"

        count: int
        names: set[str]

    read = received(node("CoercedThing", "1.0", {"count": "7", "names": ["b", "a", "b"]}))
    assert (read.count, read.names) == (7, {"a", "b"})
    with pytest.raises(vobj.PayloadError, match="count") as found:
        received(node("CoercedThing", "1.0", {"count": "many"}))
    assert found.value.rule == "payload/value"


class CinderObject(base.VersionedObject):
    """A base with names of its own on the wire, whose list mixin pins the prefix again."""

    OBJ_SERIAL_NAMESPACE = "cinder_object"
    OBJ_PROJECT_NAMESPACE = "cinder"


def test_prefix_and_namespace_are_those_of_the_base() -> None:
    """A codec of a base writes and reads its keys, and takes no other project's payload."""

    @vobj.register
    class CinderVolumeType(CinderObject):
        VERSION = "1.1"
        fields = {"name": fields.StringField(), "is_public": fields.BooleanField()}
        changes = {"is_public": [Added(since="1.1", backfill=True)]}

    names = {"prefix": "cinder_object", "namespace": "cinder"}
    payload = sent(CinderVolumeType(name="t", is_public=False), "1.0", root=CinderObject)
    assert payload == node("CinderVolumeType", "1.0", {"name": "t"}, **names)
    codec = Codec("primitive", base=CinderObject)
    assert codec.decode(payload).is_public is True
    with pytest.raises(vobj.RemoteError, match="namespace"):
        codec.decode({**payload, "cinder_object.namespace": "nova"})


class _NeutronRegistry(base.VersionedObjectRegistry):
    """A registry that is not the process-wide one."""

    classes: ClassVar[dict[str, list[type[base.VersionedObject]]]] = {}

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return object.__new__(cls)

    def _register_class(self, cls: Any) -> None:
        base._make_class_properties(cls)
        self.classes.setdefault(cls.obj_name(), []).insert(0, cls)


class NeutronObject(vobj.VersionedObject):
    """Its subclasses are found in the project's own registry."""

    @classmethod
    def obj_class_from_name(cls, objname: str, objver: str) -> Any:
        """The registered class of a name, whatever the minor version."""
        if objname not in _NeutronRegistry.classes:
            raise exception.UnsupportedObjectError(objtype=objname)
        return _NeutronRegistry.classes[objname][0]


@pytest.fixture
def _neutron() -> Iterator[None]:
    yield
    _NeutronRegistry.classes.clear()


@pytest.mark.usefixtures("_neutron")
def test_a_projects_own_registry_is_asked() -> None:
    """Every look-up goes through `obj_class_from_name` of the base."""

    @vobj.register(registry=_NeutronRegistry)
    class NeutronTrunk(NeutronObject):
        VERSION = "1.1"

        name: str
        vlan: int = vobj.field(Added(since="1.1"))

    assert "NeutronTrunk" not in base.VersionedObjectRegistry.obj_classes()
    codec = Codec("primitive", base=NeutronObject)
    newest = codec.encode(NeutronTrunk(name="t", vlan=3))
    assert codec.backport(newest, to="1.0") == node("NeutronTrunk", "1.0", {"name": "t"})
    assert codec.decode(newest) == NeutronTrunk(name="t", vlan=3)
    with pytest.raises(vobj.UnknownClassError, match="NeutronTrunk"):
        CODEC.decode(newest)


def test_hooks_and_changes_on_one_class_are_a_mistake() -> None:
    """Two answers to one question are one too many: adoption is class by class."""
    with pytest.raises(vobj.DeclarationError, match="obj_make_compatible") as found:

        @vobj.register
        class BothWays(vobj.VersionedObject):
            VERSION = "1.1"

            gone: str = vobj.field(Removed(since="1.1"))

            def obj_make_compatible(self, primitive: Mapping[str, Any], target: str) -> None:
                """Never called."""

    assert found.value.rule == "declare/hook"
