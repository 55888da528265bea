"""Classes with code of their own, and classes that change between two payloads."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from benchmarks.datasets import DATED, PLAIN
from tests.accelerate.describing import kept_by
from tests.differential.compare import own_registry
from tests.native.decode_agreement import CONTEXT, Readings, packed, written

BOTH = pytest.mark.parametrize(
    "root", [base.VersionedObject, vobj.VersionedObject], ids=["foreign", "own"]
)


def _registered(name: str, root: type[Any], body: dict[str, Any]) -> type[Any]:
    return base.VersionedObjectRegistry.register(type(name, (root,), body))


def _two() -> dict[str, Any]:
    return {"a": fields.IntegerField(), "b": fields.ListOfStringsField()}


class Watching(fields.FieldType[Any]):
    """Notes what of its owner is set when a value is read, and when it is taken."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def from_primitive(self, obj: Any, attr: str, value: Any) -> Any:
        self._note("read", obj, attr)
        return value

    def coerce(self, obj: Any, attr: str, value: Any) -> Any:
        if obj is not None:
            self._note("take", obj, attr)
        return value

    def _note(self, what: str, obj: Any, attr: str) -> None:
        there = [name for name in obj.fields if obj.obj_attr_is_set(name)]
        self.seen.append((what, attr, there, list(kept_by(obj)), obj.VERSION, obj._context))


@BOTH
@pytest.mark.parametrize("order", [("a", "w", "b", "l"), ("l", "b", "w", "a"), ("w", "l")])
def test_a_field_type_sees_its_owner_as_with_oslo(root: type[Any], order: tuple[str, ...]) -> None:
    """In the order of the class, whatever that of the payload, with all that was set so far."""
    with own_registry():
        watch = Watching()
        held = {
            "a": fields.IntegerField(),
            "w": fields.Field(watch),
            "b": fields.ListOfStringsField(),
            "l": fields.Field(fields.List(watch)),
        }
        cls = _registered("Seen", root, {"fields": held})
        tree = cls(a=1, w="x", b=["y"], l=["p", "q"]).obj_to_primitive()
        data = tree["versioned_object.data"]
        tree["versioned_object.data"] = {name: data[name] for name in order}
        readings = Readings()
        watch.seen.clear()
        readings.job.decode(packed(tree), CONTEXT)
        mine = list(watch.seen)
        watch.seen.clear()
        readings.codec.decode(packed(tree), context=CONTEXT)
        assert mine
        assert mine == watch.seen
        readings.taken(packed(tree))


@BOTH
def test_a_constructor_runs_once(root: type[Any]) -> None:
    """What an `__init__` sets stays, as far as the payload does not say otherwise."""
    with own_registry():

        def constructor(self: Any, *args: Any, **kwargs: Any) -> None:
            root.__init__(self, *args, **kwargs)
            self.a = 5
            self.note = "made"

        cls = _registered("Made", root, {"fields": _two(), "__init__": constructor})
        made = Readings().taken(written(cls(b=["x"])))
        assert (made.a, made.b, made.note) == (5, ["x"], "made")
        partial = cls(b=["x"])
        del partial._obj_b
        partial._changed_fields = set()
        assert Readings().taken(written(partial)).obj_what_changed() == set()


@BOTH
def test_a_read_only_field_that_the_constructor_set_is_compared(root: type[Any]) -> None:
    """oslo takes an equal value and refuses another."""
    with own_registry():

        def constructor(self: Any, *args: Any, **kwargs: Any) -> None:
            root.__init__(self, *args, **kwargs)
            self.a = 5

        held = {"a": fields.IntegerField(read_only=True)}
        cls = _registered("Fixed", root, {"fields": held, "__init__": constructor})
        readings = Readings()
        readings.taken(written(cls()))
        tree = cls().obj_to_primitive()
        tree["versioned_object.data"]["a"] = 6
        assert readings.agree(packed(tree)) is NotImplemented
        assert readings.refused == 1


@BOTH
def test_a_property_in_the_place_of_a_field_is_set(root: type[Any]) -> None:
    """The setter of the project gets what the field read."""
    with own_registry():
        cls = _registered("Proper", root, {"fields": _two()})
        given: list[Any] = []

        def put(self: Any, value: Any) -> None:
            given.append(value)
            self._obj_a = value + 1

        cls.a = property(lambda self: self._obj_a, put)
        made = Readings().taken(written(cls(a=1, b=[])))
        assert made.a == 3
        assert given == [1, 2, 2]


@pytest.mark.parametrize("name", ["obj_from_primitive", "_obj_from_primitive"])
@BOTH
def test_a_reader_of_the_class_is_not_passed_over(root: type[Any], name: str) -> None:
    """A class that reads itself is left to Python, below it as well."""
    with own_registry():

        def reader(cls: Any, *args: Any) -> Any:
            made = getattr(super(own, cls), name)(*args)
            made.note = "its own"
            return made

        own = _registered("Reads", root, {"fields": _two(), name: classmethod(reader)})
        heir = _registered("Heir", own, {"fields": {}})
        for cls in (own, heir):
            assert Readings().agree(written(cls(a=1, b=[]))) is NotImplemented


def test_a_base_that_reads_in_its_own_way_declines() -> None:
    """Also when only the look-up of classes is its own."""
    with own_registry():

        def look_up(cls: Any, name: str, version: str) -> Any:
            return base.VersionedObject.obj_class_from_name(name, version)

        own = type("Base", (base.VersionedObject,), {"obj_class_from_name": classmethod(look_up)})
        cls = _registered("Below", own, {"fields": _two()})
        assert Readings(own).agree(written(cls(a=1, b=[]))) is NotImplemented
        assert Readings().agree(written(cls(a=1, b=[]))) is NotImplemented


def test_a_patched_class_is_noticed_and_so_is_its_undoing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Methods of the class, of its base and of a field type, put there between two payloads."""
    data = written(PLAIN.build())
    readings = Readings()
    readings.taken(data)
    for owner, name, made in (
        (PLAIN.server, "_obj_from_primitive", classmethod(lambda *_: "patched")),
        (base.VersionedObject, "_obj_from_primitive", classmethod(lambda *_: "patched")),
        (base.VersionedObject, "obj_from_primitive", classmethod(lambda *_: "patched")),
        (PLAIN.flavor, "obj_from_primitive", classmethod(lambda *_: PLAIN.flavor())),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, made)
            readings.agree(data)
            assert readings.job.decode(data) is NotImplemented or owner is PLAIN.flavor
        readings.taken(data)
    with monkeypatch.context() as patch:
        patch.setattr(fields.Integer, "coerce", lambda *given: given[-1] + 1)
        assert readings.taken(data).vcpus == 17
    assert readings.taken(data).vcpus == 16


def test_fields_that_are_added_to_a_class_are_read() -> None:
    """A test or a project may change `fields` after the first payload."""
    with own_registry():
        cls = _registered("Grows", base.VersionedObject, {"fields": {"a": fields.IntegerField()}})
        readings = Readings()
        tree = cls(a=1).obj_to_primitive()
        tree["versioned_object.data"]["b"] = ["x"]
        assert readings.taken(packed(tree)).fields.keys() == {"a"}
        cls.fields["b"] = fields.ListOfStringsField()
        base._make_class_properties(cls)
        assert readings.taken(packed(tree)).b == ["x"]


def test_a_class_that_is_registered_later_is_found() -> None:
    """What was refused before its class was there is read afterwards, by the newest of its name."""
    with own_registry():
        readings = Readings()
        cls = type("Late", (base.VersionedObject,), {"fields": _two()})
        tree = {
            "versioned_object.name": "Late",
            "versioned_object.namespace": "versionedobjects",
            "versioned_object.version": "1.0",
            "versioned_object.data": {"a": 1},
        }
        assert readings.agree(packed(tree)) is NotImplemented
        base.VersionedObjectRegistry.register(cls)
        assert type(readings.taken(packed(tree))) is cls
        again = _registered("Late", base.VersionedObject, {"fields": {"a": fields.StringField()}})
        made = readings.taken(packed(tree))
        assert type(made) is again
        assert made.a == "1"
    with own_registry():
        assert readings.agree(packed(tree)) is NotImplemented


def test_a_class_outside_the_base_is_read_inside_objects_only() -> None:
    """A peer chooses among the classes of the base; a field may declare any."""
    with own_registry():
        root = type("Root", (base.VersionedObject,), {})
        inner = _registered("Inner", base.VersionedObject, {"fields": {}})
        cls = _registered("Outer", root, {"fields": {"one": fields.ObjectField("Inner")}})
        readings = Readings(root)
        readings.taken(written(cls(one=inner())))
        assert readings.agree(written(inner())) is NotImplemented
        assert readings.refused == 1


def test_a_callout_may_decode_and_change_what_is_read() -> None:
    """A field type that reads payloads, changes its owner and its class, in the middle of one."""
    with own_registry():
        readings = Readings()
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
        plain = written(cls(a=1, b=["x"], w=0, c=["y"]))
        made = readings.taken(written(cls(a=1, b=["x"], w=1, c=["y"])))
        assert (made.a, made.c, made.obj_attr_is_set("b")) == (99, ["y"], False)


def test_threads_share_a_job() -> None:
    """Several threads read payloads of several classes while a class is patched all the time."""
    payloads = [written(PLAIN.build()), written(DATED.build()), written(PLAIN.flavor(name="x"))]
    readings = Readings()
    expected = [readings.taken(one).obj_to_primitive()["versioned_object.data"] for one in payloads]
    wrong: list[Any] = []
    stop = threading.Event()

    def run() -> None:
        for _ in range(400):
            for one, data in zip(payloads, expected, strict=True):
                made = readings.job.decode(one)
                if made is NotImplemented:
                    continue
                if made.obj_to_primitive()["versioned_object.data"].keys() != data.keys():
                    wrong.append(made)

    def disturb() -> None:
        while not stop.is_set():
            PLAIN.flavor.mark = object()

    threads = [threading.Thread(target=run) for _ in range(4)]
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
