"""Records: own objects that keep the values of their fields in an array, seen from all sides."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from tests.differential.compare import own_registry
from vobj import native

pytestmark = pytest.mark.skipif(not native.active, reason=str(native.reason))

WIRES = pytest.mark.parametrize("wire", ["msgpack", "packed"])


@vobj.register
class Parcel(vobj.VersionedObject):
    """A record that pickle finds again."""

    VERSION = "1.1"
    name: str
    weight: int | None
    tags: list[str]
    inner: Parcel | None = vobj.field(vobj.Added(since="1.1"))


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """What a test registers is forgotten."""
    with own_registry():
        yield


def boxed(declared: dict[str, Any], register: Any = vobj.register, **body: Any) -> Any:
    """A registered class of records with these fields."""
    return register(type("Box", (vobj.VersionedObject,), {"fields": declared, **body}))


def two_fields() -> dict[str, Any]:
    return {"a": fields.IntegerField(), "b": fields.ListOfStringsField()}


def test_a_value_is_where_oslo_has_it() -> None:
    """`_obj_<name>` is read, set, deleted and asked for; the `__dict__` holds everything else."""
    one = boxed(two_fields())(a=1)
    assert one._obj_a == 1
    assert (hasattr(one, "_obj_a"), hasattr(one, "_obj_b")) == (True, False)
    one._obj_a = "unchecked"
    assert one.a == "unchecked"
    del one._obj_a
    assert not one.obj_attr_is_set("a")
    with pytest.raises(AttributeError, match="'Box' object has no attribute '_obj_a'"):
        _ = one._obj_a
    with pytest.raises(AttributeError, match="_obj_a"):
        del one._obj_a
    one.extra = [1]
    assert vars(one) == one.__dict__ == {"extra": [1]}
    one.__dict__ = {"other": 2}
    assert (one.other, hasattr(one, "extra")) == (2, False)
    with pytest.raises(TypeError, match="__dict__ must be set to a dictionary"):
        one.__dict__ = 3


def test_what_changed_is_the_set_that_others_keep() -> None:
    """`_changed_fields` is one set from the first look on, whoever changes it."""
    box = boxed(two_fields())
    one = box(a=1)
    assert one.obj_what_changed() == {"a"}
    kept = one._changed_fields
    assert (kept, one._changed_fields is kept) == ({"a"}, True)
    one.b = ["x"]
    assert kept == {"a", "b"}
    kept.discard("a")
    assert one.obj_what_changed() == {"b"}
    one.obj_reset_changes()
    assert (kept, one.obj_what_changed()) == (set(), set())
    one._changed_fields = {"a", "elsewhere"}
    assert one.obj_what_changed() == {"a"}
    other = box(a=1, b=[])
    other.obj_reset_changes(["a"])
    assert other.obj_what_changed() == {"b"}
    other.obj_reset_changes()
    assert other.obj_what_changed() == set()


@WIRES
def test_changes_on_the_wire(wire: str) -> None:
    """All, none and some changed, as bits and as a set, give the bytes that Python gives."""
    declared = {f"f{number}": fields.IntegerField() for number in range(130)}
    box = boxed(declared)
    fast, slow = vobj.Codec(wire), vobj.Codec(wire, executor="python")
    whole = box(**dict.fromkeys(declared, 1))
    untouched = whole.obj_clone()
    untouched.obj_reset_changes()
    some = untouched.obj_clone()
    some.f0 = some.f63 = some.f64 = some.f129 = 2
    partly = box(f3=1, f127=2)
    unset = some.obj_clone()
    del unset.f64
    for one in (whole, untouched, some, partly, unset):
        data = fast.encode(one)
        assert fast._native is not None
        assert fast._native.encode(one) == data == slow.encode(one)
        again = fast.decode(data)
        assert again.obj_what_changed() == slow.decode(data).obj_what_changed()
        assert fast.encode(again) == data
        one.obj_what_changed()
        assert one._changed_fields is one._changed_fields
        assert fast.encode(one) == data


WAYS: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda one: one.obj_clone(),
    lambda one: pickle.loads(pickle.dumps(one)),
    lambda one: pickle.loads(pickle.dumps(one, 2)),
]


@pytest.mark.parametrize("way", WAYS, ids=["copy", "deepcopy", "clone", "pickle", "pickle 2"])
def test_copies(way: Callable[[Any], Any]) -> None:
    """A copy has the values, the changes, the stamp and whatever else the object carries."""
    one = Parcel(name="a", tags=["x"], inner=Parcel(weight=3))
    one = vobj.Codec().decode(vobj.Codec().encode(one, to="1.0"))
    one.weight = 5
    one.extra = "kept"
    made = way(one)
    assert made == one
    assert made.obj_what_changed() == one.obj_what_changed() == {"name", "tags", "weight"}
    assert made.obj_received_version == "1.0"
    # oslo's own deepcopy, which clones as well, takes fields along and nothing else.
    assert hasattr(made, "extra") == (way not in WAYS[1:3])
    made.name = "b"
    made.tags.append(7)
    assert (one.name, made.tags) == ("a", ["x", "7"])


def test_a_state_of_oslo_is_taken() -> None:
    """What pickle kept of an object when values were in its `__dict__` is read."""
    made = Parcel.__new__(Parcel)
    made.__setstate__(
        {"_changed_fields": {"name"}, "_context": "ctx", "_obj_name": "old", "VERSION": "1.0"}
    )
    assert (made.name, made._context, made.VERSION) == ("old", "ctx", "1.0")
    assert made.obj_what_changed() == {"name"}


@WIRES
def test_no_object_waits_for_the_collector(wire: str) -> None:
    """An object and its containers go as soon as nobody holds them; so do those that are read."""
    codec = vobj.Codec(wire)
    gc.collect()
    gc.disable()
    try:
        one = Parcel(name="a", tags=["x"], inner=Parcel(tags=["y"]))
        data, gone = codec.encode(one), [weakref.ref(one), weakref.ref(one.inner)]
        read = codec.decode(data)
        gone += [weakref.ref(read), weakref.ref(read.inner)]
        tags = read.inner.tags
        del one, read
        assert [ref() for ref in gone] == [None] * 4
        assert tags._obj is None
        tags.append("z")
        assert tags == ["y", "z"]
        with pytest.raises(ValueError, match="A string is required in field"):
            tags.append(object())
    finally:
        gc.enable()


def test_cycles_are_collected() -> None:
    """Through a field, an attribute and the context."""
    for close in ("inner", "extra", "_context"):
        one = Parcel(name="a")
        setattr(one, close, one)
        gone = weakref.ref(one)
        del one
        gc.collect()
        assert gone() is None, close


def test_an_element_type_that_looks_at_the_owner_keeps_it() -> None:
    """A container whose elements are coerced by code of others holds its object, as oslo's does."""

    class Owned(fields.FieldType[Any]):
        def coerce(self, obj: Any, attr: str, value: Any) -> Any:
            return (obj.a, value)

    element = fields.Field(Owned())
    box = boxed({"a": fields.IntegerField(), "c": fields.Field(fields.List(element._type))})
    held = box(a=7, c=[1]).c
    gc.collect()
    held.append(2)
    assert held == [(7, 1), (7, 2)]


@pytest.mark.parametrize(
    "register", [vobj.register, base.VersionedObjectRegistry.register], ids=["vobj", "oslo"]
)
@WIRES
def test_who_registers_does_not_matter(wire: str, register: Any) -> None:
    """A class that oslo's own decorator registered is held and read natively as well."""
    box = boxed(two_fields(), register)
    codec = vobj.Codec(wire)
    data = codec.encode(box(a=1, b=["x"]))
    assert codec._native is not None
    made = codec._native.decode(data, "ctx")
    assert made is not NotImplemented
    assert (made.a, made.b, made._context, vars(made)) == (1, ["x"], "ctx", {})


@WIRES
def test_an_object_made_before_its_class_was_registered(wire: str) -> None:
    """It keeps its values as any object does, and is written the long way."""
    box = type("Early", (vobj.VersionedObject,), {"fields": two_fields()})
    early: Any = box()
    early._obj_a = 5
    vobj.register(box)
    assert (early.a, vars(early)) == (5, {"_obj_a": 5})
    early.b = ["x"]
    assert early.obj_what_changed() == {"b"}
    codec = vobj.Codec(wire)
    assert codec.encode(early) == vobj.Codec(wire, executor="python").encode(early)
    late = codec.decode(codec.encode(early))
    assert (late.a, late.b, vars(late)) == (5, ["x"], {})
    del early.a
    assert not early.obj_attr_is_set("a")


@WIRES
def test_fields_that_change_after_registration(wire: str) -> None:
    """Objects have the room that their class had when they were made; all are read right."""
    box = boxed(two_fields())
    before = box(a=1, b=["x"])
    box.fields = {**two_fields(), "c": fields.StringField()}
    base.VersionedObjectRegistry._registry._obj_classes.pop("Box")
    vobj.register(box)
    after = box(a=2, b=["y"], c="z")
    for one in (before, after):
        data = vobj.Codec(wire).encode(one)
        assert data == vobj.Codec(wire, executor="python").encode(one)
        assert vobj.Codec(wire).decode(data).a == one.a
    before.c = "late"
    assert (before.c, before.obj_what_changed()) == ("late", {"a", "b", "c"})
    assert vobj.Codec(wire).decode(vobj.Codec(wire).encode(before)).c == "late"
    assert copy.deepcopy(before).c == "late"


@WIRES
def test_a_patched_fields_dict_is_noticed(wire: str) -> None:
    """What a test puts into `fields` counts at once, and goes the long way."""
    box = boxed(two_fields())
    one = box(a=1, b=["x"])
    whole = vobj.Codec(wire, executor="python").encode(one)
    codec = vobj.Codec(wire)
    assert codec.encode(one) == whole
    field = box.fields.pop("a")
    try:
        assert codec.encode(one) == vobj.Codec(wire, executor="python").encode(one) != whole
    finally:
        box.fields["a"] = field


def test_a_class_with_its_own_storage() -> None:
    """A property in the place of `_obj_<name>` stays what it is; its objects are no arrays."""
    kept: dict[int, Any] = {}

    def get(self: Any) -> Any:
        if id(self) not in kept:
            raise AttributeError
        return kept[id(self)]

    def put(self: Any, value: Any) -> None:
        kept[id(self)] = value

    box = boxed(two_fields(), _obj_a=property(get, put))
    one = box(a=1, b=["x"])
    assert kept == {id(one): 1}
    for wire in ("msgpack", "packed"):
        made = vobj.Codec(wire).decode(vobj.Codec(wire).encode(one))
        assert (made.a, made.b) == (1, ["x"])


def test_attribute_access_of_a_class_counts() -> None:
    """`__setattr__` and `__getattribute__` of a class see the value, as they do with oslo."""
    seen: list[tuple[str, str]] = []

    def setting(self: Any, name: str, value: Any) -> None:
        seen.append(("set", name))
        object.__setattr__(self, name, value)

    def getting(self: Any, name: str) -> Any:
        if name.startswith("_obj_"):
            seen.append(("get", name))
        return object.__getattribute__(self, name)

    box = boxed(two_fields(), __setattr__=setting, __getattribute__=getting)
    one = box(a=1)
    assert ("set", "_obj_a") in seen
    seen.clear()
    assert one.a == 1
    assert ("get", "_obj_a") in seen


def test_another_class_for_an_object() -> None:
    """`__class__` may be set; the object is read by names then, and is as it was."""
    one, other = boxed(two_fields()), boxed({**two_fields(), "c": fields.StringField()})
    held = one(a=1, b=["x"])
    held.__class__ = other
    held.c = "z"
    assert (held.a, held.c, held.obj_what_changed()) == (1, "z", {"a", "b", "c"})
    made = vobj.Codec().decode(vobj.Codec().encode(held))
    assert (made.a, made.b, made.c) == (1, ["x"], "z")


def test_an_object_is_made_anew() -> None:
    """Calling `__init__` once more forgets what changed, and keeps what is set, as oslo does."""
    one = boxed(two_fields())(a=1, b=["x"])
    one.__init__("ctx", a=2)
    assert (one.a, one.b, one._context, one.obj_what_changed()) == (2, ["x"], "ctx", {"a"})


def test_threads() -> None:
    """Objects of one class, made, changed and sent in several threads, are those of each."""
    codec = vobj.Codec("packed")
    wrong: list[Any] = []

    def work(number: int) -> None:
        for turn in range(300):
            one = Parcel(name=f"{number}-{turn}", weight=number, tags=[str(turn)])
            if turn % 2:
                one.obj_reset_changes()
            made = codec.decode(codec.encode(one))
            if made != one or made.obj_what_changed() != one.obj_what_changed():
                wrong.append(one)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []
