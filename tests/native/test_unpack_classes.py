"""Packed payloads of classes with code of their own, and of classes that change in between."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from benchmarks.datasets import DATED, PLAIN
from tests.differential.compare import own_registry
from tests.native.decode_agreement import CONTEXT
from tests.native.test_decode_classes import Watching
from tests.native.unpack_agreement import Unpackings, outline, packed_object, packed_tree, payload
from vobj import Added

BOTH = pytest.mark.parametrize(
    "root", [base.VersionedObject, vobj.VersionedObject], ids=["foreign", "own"]
)


def _registered(name: str, root: type[Any], body: dict[str, Any]) -> type[Any]:
    return base.VersionedObjectRegistry.register(type(name, (root,), body))


def _two() -> dict[str, Any]:
    return {"a": fields.IntegerField(), "b": fields.ListOfStringsField()}


@BOTH
def test_a_field_type_sees_its_owner_as_in_python(root: type[Any]) -> None:
    """In the order of the class, not of the payload, with all that was set so far."""
    with own_registry():
        watch = Watching()
        held = {
            "l": fields.Field(fields.List(watch)),
            "b": fields.ListOfStringsField(),
            "w": fields.Field(watch),
            "a": fields.IntegerField(),
        }
        cls = _registered("Seen", root, {"fields": held})
        data = packed_object(cls(a=1, w="x", b=["y"], l=["p", "q"]))
        readings = Unpackings()
        watch.seen.clear()
        readings.job.decode(data, CONTEXT)
        mine = list(watch.seen)
        watch.seen.clear()
        readings.codec.decode(data, context=CONTEXT)
        assert mine
        assert mine == watch.seen
        readings.taken(data)


@BOTH
def test_objects_inside_one_that_is_seen_are_numbered_as_they_stand(root: type[Any]) -> None:
    """Definitions count in the order of the payload, also where fields are set in another."""
    with own_registry():
        leaf = _registered("Leaf", root, {"fields": {"n": fields.IntegerField()}})
        watch = Watching()
        watched = {"w": fields.Field(watch, nullable=True)}
        body = {**watched, "b": fields.ObjectField("Leaf"), "a": fields.IntegerField()}
        twig = _registered("Twig", root, {"fields": body})
        held = {
            "z": fields.ObjectField("Twig"),
            "y": fields.Field(fields.Dict(fields.Object("Leaf"))),
            **watched,
            "k": fields.ListOfObjectsField("Twig"),
            "b": fields.ObjectField("Leaf", nullable=True),
            "u": fields.ListOfUUIDField(),
        }
        cls = _registered("Tree", root, {"fields": held})

        def twigs(number: int) -> Any:
            return twig(w=number, b=leaf(n=number)) if number else twig(w="x")

        uuid = "00010203-0405-0607-0809-0a0b0c0d0e0f"
        whole = cls(
            z=twigs(1), y={"p": leaf(n=2), "q": leaf()}, k=[twigs(3), twigs(0), twigs(4)],
            b=leaf(n=5), u=[uuid], w="w",
        )  # fmt: skip
        readings = Unpackings()
        assert readings.taken(packed_object(whole)).k[2].b.n == 4
        for name in ("b", "k", "z"):
            delattr(whole, f"_obj_{name}")
            readings.taken(packed_object(whole))
        twice = outline(packed_object(cls(k=[twigs(1), twigs(2)])))
        twice[3][1][0] = twice[3][0][0]
        readings.agree(payload(twice))
        assert readings.refused == 1


@BOTH
def test_a_constructor_runs_once(root: type[Any]) -> None:
    """What an `__init__` sets stays, as far as the payload does not say otherwise."""
    with own_registry():

        def constructor(self: Any, *args: Any, **kwargs: Any) -> None:
            root.__init__(self, *args, **kwargs)
            self.a = 5
            self.note = "made"

        cls = _registered("Made", root, {"fields": _two(), "__init__": constructor})
        partial = cls(b=["x"])
        del partial._obj_a
        partial._changed_fields = set()
        made = Unpackings().taken(packed_object(partial))
        assert (made.a, made.b, made.note) == (5, ["x"], "made")
        assert made.obj_what_changed() == set()


@BOTH
def test_a_property_in_the_place_of_a_field_is_set(root: type[Any]) -> None:
    """The setter of the project gets what the field read; objects there are left to Python."""
    with own_registry():
        held = {**_two(), "o": fields.ObjectField("Proper", nullable=True)}
        cls = _registered("Proper", root, {"fields": held})
        data = packed_object(cls(a=1, b=[]))
        inner = packed_object(cls(o=cls(a=1)))
        given: list[Any] = []
        cls.a = property(lambda self: self._obj_a, lambda self, value: given.append(value))
        readings = Unpackings()
        assert not readings.taken(data).obj_attr_is_set("a")
        assert given == [1, 1]
        cls.o = property(lambda self: None, lambda self, value: given.append(value))
        assert readings.agree(inner) is NotImplemented


@BOTH
def test_a_read_only_field_that_the_constructor_set_is_compared(root: type[Any]) -> None:
    """oslo takes an equal value and refuses another."""
    with own_registry():

        def constructor(self: Any, *args: Any, **kwargs: Any) -> None:
            root.__init__(self, *args, **kwargs)
            self.a = 5

        held = {"a": fields.IntegerField(read_only=True)}
        cls = _registered("Fixed", root, {"fields": held, "__init__": constructor})
        readings = Unpackings()
        readings.taken(packed_object(cls()))
        parts = outline(packed_object(cls()))
        assert readings.agree(payload([*parts[:3], 6])) is NotImplemented
        assert readings.refused == 1


@pytest.mark.parametrize("name", ["obj_from_primitive", "_obj_from_primitive"])
@BOTH
def test_a_reader_of_the_class_is_not_passed_over(root: type[Any], name: str) -> None:
    """A class that reads itself is left to Python, below it and inside others as well."""
    with own_registry():

        def reader(cls: Any, *args: Any) -> Any:
            made = getattr(super(own, cls), name)(*args)
            made.note = "its own"
            return made

        own = _registered("Reads", root, {"fields": _two(), name: classmethod(reader)})
        heir = _registered("Heir", own, {"fields": {}})
        outer = _registered("Outer", root, {"fields": {"one": fields.ObjectField("Reads")}})
        for obj in (own(a=1, b=[]), heir(a=1, b=[]), outer(one=own(a=1))):
            assert Unpackings().agree(packed_object(obj)) is NotImplemented


def test_a_class_is_taken_by_name_or_as_a_subclass_where_that_is_declared() -> None:
    """As oslo compares the name of the object with that of the field, and of its parents."""
    with own_registry():
        root = base.VersionedObject
        parent = _registered("Parent", root, {"fields": {}})
        heir = _registered("Heir", parent, {"fields": {}})
        other = _registered("Other", root, {"fields": {}})
        held = {
            "any": fields.ObjectField("Parent", subclasses=True),
            "one": fields.ObjectField("Parent"),
        }
        cls = _registered("Holds", root, {"fields": held})
        readings = Unpackings()
        for some in (parent, heir, other):
            for name in held:
                made = cls()
                setattr(made, f"_obj_{name}", some())
                readings.agree(packed_object(made))
        assert (readings.read, readings.refused) == (3, 3)


def test_a_patched_class_is_noticed_and_so_is_its_undoing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Methods of the class, of its base and of a field type, put there between two payloads."""
    for family in (PLAIN, DATED):
        data = packed_object(family.build())
        readings = Unpackings()
        readings.taken(data)
        for owner, name in (
            (family.server, "_obj_from_primitive"),
            (base.VersionedObject, "obj_from_primitive"),
            (family.flavor, "obj_from_primitive"),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(owner, name, classmethod(lambda *_, cls=family.flavor: cls()))
                readings.agree(data)
            readings.taken(data)
        with monkeypatch.context() as patch:
            patch.setattr(fields.Integer, "coerce", lambda *given: given[-1] + 1)
            assert readings.taken(data).vcpus == 17
        assert readings.taken(data).vcpus == 16


def test_a_class_that_is_registered_later_is_found() -> None:
    """What was refused before its class was there is read afterwards, by the newest of its name."""
    with own_registry():
        readings = Unpackings()
        body = {"VERSION": "1.0", "fields": {"a": fields.IntegerField()}}
        with own_registry():
            data = packed_object(_registered("Late", vobj.VersionedObject, body)(a=1))
        assert readings.agree(data) is NotImplemented
        first = vobj.register(type("Late", (vobj.VersionedObject,), body))
        assert type(readings.taken(data)) is first
        more = {
            "VERSION": "1.1",
            "fields": {**body["fields"], "b": fields.IntegerField()},
            "changes": {"b": [Added(since="1.1", backfill=5)]},
        }
        second = vobj.register(type("Late", (vobj.VersionedObject,), more))
        made = readings.taken(data)
        assert (type(made), made.b) == (second, 5)
    with own_registry():
        assert readings.agree(data) is NotImplemented


def test_another_class_of_the_name_and_fingerprint_is_not_mistaken() -> None:
    """A schema that this process has not is left to Python, and so is a class outside the base."""
    with own_registry():
        body = {"fields": {"a": fields.IntegerField()}}
        data = packed_object(_registered("Changed", vobj.VersionedObject, body)(a=1))
        root = type("Root", (base.VersionedObject,), {})
        _registered("Outer", root, {"fields": {"one": fields.ObjectField("Changed")}})
        assert Unpackings(root).agree(data) is NotImplemented
        outer = base.VersionedObjectRegistry.obj_classes()["Outer"][0]
        inside = packed_object(outer(one=vobj.Codec("packed").decode(data)))
        assert Unpackings(root).agree(inside) is NotImplemented
        Unpackings().taken(inside)
    with own_registry():
        readings = Unpackings()
        body = {"fields": {"a": fields.IntegerField(nullable=True)}}
        _registered("Changed", vobj.VersionedObject, body)
        assert readings.agree(data) is NotImplemented
        assert readings.refused == 1


def test_a_resolver_is_asked_by_the_python_executor() -> None:
    """The payload of a schema that is not known here is read by it, if it knows the schema."""
    with own_registry():
        body: dict[str, Any] = {"VERSION": "1.0", "fields": {"a": fields.IntegerField()}}
        with own_registry():
            old = vobj.register(type("Asked", (vobj.VersionedObject,), body))
            data = packed_object(old(a=1))
            schema = vobj.Codec("packed")._schemas.read("Asked", "1.0")
        more = {**body["fields"], "b": fields.IntegerField(nullable=True)}
        vobj.register(type("Asked", (vobj.VersionedObject,), {"VERSION": "1.0", "fields": more}))
        assert Unpackings().agree(data) is NotImplemented
        codec = vobj.Codec("packed", schemas=lambda *_: schema)
        assert codec.decode(data).a == 1


def test_a_callout_may_decode_and_change_what_is_read() -> None:
    """A field type that reads payloads, changes its owner and its class, in the middle of one."""
    with own_registry():
        readings = Unpackings()
        cls: Any = None

        class Busy(fields.FieldType[Any]):
            def from_primitive(self, obj: Any, attr: str, value: Any) -> Any:
                if value:
                    readings.job.decode(plain)
                    cls.mark = value
                    obj._obj_a = 99
                    del obj._obj_b
                    gc.collect()
                return value

        held = {**_two(), "w": fields.Field(Busy()), "c": fields.ListOfStringsField()}
        cls = _registered("Busy", base.VersionedObject, {"fields": held})
        plain = packed_object(cls(a=1, b=["x"], w=0, c=["y"]))
        made = readings.taken(packed_object(cls(a=1, b=["x"], w=1, c=["y"])))
        assert (made.a, made.c, made.obj_attr_is_set("b")) == (99, ["y"], False)


def test_threads_share_a_job() -> None:
    """Several threads read payloads of several classes while a class is patched all the time."""
    payloads = [packed_object(one) for one in (PLAIN.build(), DATED.build(), PLAIN.flavor())]
    readings = Unpackings()
    expected = [readings.taken(one).obj_to_primitive() for one in payloads]
    wrong: list[Any] = []
    stop = threading.Event()

    def run() -> None:
        for _ in range(300):
            for one, tree in zip(payloads, expected, strict=True):
                made = readings.job.decode(one)
                if made is not NotImplemented and packed_tree(made.obj_to_primitive()) != one:
                    wrong.append((made, tree))

    def disturb() -> None:
        while not stop.is_set():
            PLAIN.flavor.mark = object()

    threads = [threading.Thread(target=run) for _ in range(3)]
    noise = threading.Thread(target=disturb)
    for one in (noise, *threads):
        one.start()
    for one in threads:
        one.join()
    stop.set()
    noise.join()
    del PLAIN.flavor.mark
    assert not wrong
    readings.taken(payloads[0])
