"""The overrides that real services write are honoured, on oslo classes and on vobj's alike.

Each class is modelled after what projects do. It is declared twice: below oslo's base class, where
vobj is compared with oslo for the same object, and below `vobj.VersionedObject`, which is compared
with its twin of oslo's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from tests.differential.compare import (
    WIRES,
    Comparison,
    Outcome,
    To,
    by_meaning,
    described,
    disagreement,
    own_registry,
)
from tests.differential.service_classes import (
    Make,
    Root,
    address,
    aggregate,
    flavor,
    instance,
    node,
    payload_class,
    prefixed,
    quality_specs,
    subnet,
)
from vobj.codec import Codec

ROOTS = {"oslo": base.VersionedObject, "vobj": vobj.VersionedObject}
roots = pytest.mark.parametrize("root", ROOTS.values(), ids=ROOTS)


def check(
    declare: Callable[[Root], Make], peers: Collection[To] = ("1.0", {"Other": "1.0"})
) -> None:
    """Both declarations of a class encode and decode as oslo's does.

    declare: declares the class below a base and gives what makes an object. peers: what oslo's
    declaration is backported for.
    """
    with own_registry():
        make = declare(base.VersionedObject)
        comparison = Comparison(base.VersionedObject)
        comparison.current(make())
        for to in peers:
            comparison.case(make(), to)
        payload = make().obj_to_primitive()
        read = Outcome.of(lambda: described(base.VersionedObject.obj_from_primitive(payload)))
    with own_registry():
        make = declare(vobj.VersionedObject)
        assert isinstance(make(), vobj.VersionedObject)
        for wire, (dump, load) in WIRES.items():
            codec = Codec(wire)
            expected = by_meaning(load(dump(payload)), base.VersionedObject)
            assert by_meaning(load(codec.encode(make())), base.VersionedObject) == expected
            got = Outcome.of(lambda: described(codec.decode(dump(payload))))  # noqa: B023
            assert disagreement(read, got) is None


def both(declare: Callable[[Root], Make]) -> list[base.VersionedObject]:
    """One object of each declaration, each encoded for msgpack and decoded again."""
    found = []
    for root in ROOTS.values():
        with own_registry():
            obj = declare(root)()
            found.append(Codec().decode(Codec().encode(obj)))
    return found


def test_obj_what_changed() -> None:
    """A value changed in place is in `changes`, because the override says so."""
    check(flavor)
    with own_registry():
        payload = Codec("primitive").encode(flavor(vobj.VersionedObject)())
    assert payload["versioned_object.changes"] == ["extra_specs"]


def test_obj_from_primitive() -> None:
    """A class's own reader reads its objects, and its trackers are as it leaves them."""
    for read in both(flavor):
        assert read.from_peer
        assert read.obj_what_changed() == {"extra_specs"}
        assert read._before == {}


def test_obj_reset_changes_and_obj_clone() -> None:
    """Trackers are reset and copied where the class does it, and encoding respects the outcome."""
    for read in both(flavor):
        read.obj_reset_changes()
        clone = read.obj_clone()
        assert clone.obj_what_changed() == set()
        clone.extra_specs["io"] = "fast"
        assert clone.obj_what_changed() == {"extra_specs"}
        assert read.obj_what_changed() == set()


def test_obj_get_changes() -> None:
    """`changes` come from obj_what_changed, never from the keys of obj_get_changes."""
    check(quality_specs)
    for read in both(quality_specs):
        assert read.obj_get_changes() == {
            "id": 7,
            "specs": {"iops": "500"},
            "__removed_specs": [],
        }


def test_setattr_and_contains() -> None:
    """Decoding goes through a class's `__setattr__`; extra fields count as set where it says so."""
    for read in both(quality_specs):
        assert "label" in read
        with pytest.raises(exception.ObjectActionError, match="set"):
            read.id = "seven"
    for root in ROOTS.values():
        with own_registry():
            payload = quality_specs(root)().obj_to_primitive()
            payload["versioned_object.data"]["id"] = "seven"
            expected = Outcome.of(lambda: base.VersionedObject.obj_from_primitive(payload))  # noqa: B023
            assert isinstance(expected.error, (exception.ObjectActionError, ValueError))
            with pytest.raises(vobj.RemoteError, match="payload/value"):
                Codec("primitive").decode(payload)


def test_obj_extra_fields() -> None:
    """Extra fields are attributes of what was read, and never travel."""
    for read in both(quality_specs):
        assert read.label == "specs-7"
        payload = read.obj_to_primitive()
        assert set(payload["versioned_object.data"]) == {"id", "specs"}


def test_obj_load_attr() -> None:
    """Encoding, decoding and backporting load nothing; a reader of the object does."""
    check(instance)
    for read in both(instance):
        assert read.loaded == []
        assert read.tags == ["from", "database"]
        assert read.loaded == ["tags"]


def test_init() -> None:
    """`cls()` runs on decode with all its side effects, before the payload's values are set."""
    check(subnet)
    for read in both(subnet):
        assert read.routes == []
        assert read.synthetic == ["False"]


def test_class_whose_constructor_needs_arguments() -> None:
    """It is encoded, for a peer too; reading one is a RemoteError where oslo raises TypeError."""
    check(payload_class)
    for root in ROOTS.values():
        with own_registry():
            make = payload_class(root)
            data = Codec().encode(make(), to={"ServerPayload": "1.0"})
            assert data == Codec().encode(make())
            with pytest.raises(vobj.RemoteError, match="source"):
                Codec().decode(data)


def test_eq_and_hash() -> None:
    """Objects that a class calls equal travel each with its own data, and keep their hash."""
    check(address)
    for read in both(address):
        assert [one.note for one in read.fixed] == ["a", "b"]
        assert read.fixed[0] == read.fixed[1]
        assert next(iter(read.pool)) in read.pool


@roots
def test_key_prefix_and_namespace(root: Root) -> None:
    """Envelopes speak the words of the codec's base; those of another project are not read."""
    with own_registry():
        obj = prefixed(root)()
        comparison = Comparison(_base_of(obj, "nova"))
        comparison.current(obj)
        comparison.case(obj, {"KeypairList": "1.0", "Keypair": "1.0"})
        with pytest.raises(vobj.RemoteError, match="payload/envelope"):
            Codec("primitive").decode(obj.obj_to_primitive())
        foreign = {**obj.obj_to_primitive(), "nova_object.namespace": "cinder"}
        with pytest.raises(exception.UnsupportedObjectError, match="cinder"):
            type(obj).obj_from_primitive(foreign)
        with pytest.raises(vobj.UnknownClassError, match="payload/namespace"):
            Codec("primitive", base=type(obj)).decode(foreign)


def _base_of(obj: base.VersionedObject, namespace: str) -> Root:
    """The class furthest up that has the namespace."""
    owners = [one for one in type(obj).__mro__ if "OBJ_PROJECT_NAMESPACE" in vars(one)]
    found = next(one for one in owners if vars(one)["OBJ_PROJECT_NAMESPACE"] == namespace)
    assert issubclass(found, base.VersionedObject)
    return found


@roots
def test_registry_of_a_project(root: Root) -> None:
    """Classes are looked up where the base of the codec looks them up."""
    shelf: dict[str, Root] = {}

    class Networking(root):  # type: ignore[misc, valid-type]
        @classmethod
        def obj_class_from_name(cls, objname: str, objver: str) -> Root:
            if objname not in shelf:
                raise exception.UnsupportedObjectError(objtype=objname)
            if not objver.startswith("1."):
                raise exception.IncompatibleObjectVersion(
                    objname=objname, objver=objver, supported=shelf[objname].VERSION
                )
            return shelf[objname]

    @base.VersionedObjectRegistry.register_if(False)
    class Router(Networking):
        fields = {"name": fields.StringField()}

    shelf["Router"] = Router
    comparison = Comparison(Networking)
    comparison.current(Router(name="r1"))
    comparison.case(Router(name="r1"), {"Router": "1.0"})
    assert "Router" not in base.VersionedObjectRegistry.obj_classes()
    data = Codec(base=Networking).encode(Router(name="r1"))
    assert type(Codec(base=Networking).decode(data)) is Router
    with pytest.raises(vobj.UnknownClassError, match="payload/class"):
        Codec().decode(data)


def test_fields_that_a_metaclass_adds() -> None:
    """What counts is `fields` at registration, not in the class body."""
    check(aggregate)
    for read in both(aggregate):
        assert read.description == "added by the metaclass"


def test_slot_names() -> None:
    """What code puts into a slot, takes out of it or marks as changed is what is sent."""
    check(node)
    for read in both(node):
        assert isinstance(read._changed_fields, set)
        assert read._changed_fields == {"driver_info"}
        assert not read.obj_attr_is_set("uuid")
        assert read.owner is None
        assert read._obj_driver_info == {"user": "root"}


@roots
def test_serializer_of_oslo(root: Root) -> None:
    """oslo's RPC serializer reads what vobj writes, and writes what vobj reads."""
    with own_registry():
        obj = node(root)()
        serializer = base.VersionedObjectSerializer()
        codec = Codec("primitive")
        sent = serializer.serialize_entity(None, obj)
        assert by_meaning(codec.encode(obj), root) == by_meaning(sent, root)
        read = serializer.deserialize_entity(None, codec.encode(obj))
        assert described(read) == described(codec.decode(sent))
