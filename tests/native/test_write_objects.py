"""Whole objects and payloads: written, backported and upgraded byte for byte as by Python."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oslo_versionedobjects import base, fields

from benchmarks.datasets import DATED, PLAIN, SETS
from tests.differential import os_vif_objects
from tests.differential.class_trees import ClassSpec, build
from tests.differential.compare import own_registry
from tests.differential.field_types import LEAVES, sample
from tests.differential.test_foreign_classes import PHASES, Project
from tests.differential.tree_strategies import objects, trees
from tests.native.write_agreement import WIRES, Writings
from vobj.testkit.classes import object_of, registered
from vobj.testkit.stories import manifest
from vobj.testkit.strategies import Family, families, payloads, versions

SMALL = [name for name in SETS if "10000" not in name]
CASES = settings(suppress_health_check=list(HealthCheck), phases=PHASES)
ON_WIRES = pytest.mark.parametrize("wire", WIRES)


@ON_WIRES
@pytest.mark.parametrize("name", SMALL)
def test_the_data_sets_are_written(wire: str, name: str) -> None:
    """Every object that speed is measured on takes the short way."""
    one = SETS[name]
    for root, obj in ((one.base, one.plain), (base.VersionedObject, one.own)):
        writings = Writings(wire, root)
        writings.encode(obj)
        assert writings.done == Counter({"encode": 1})


@ON_WIRES
def test_the_measured_object_goes_to_an_older_peer_and_comes_back(wire: str) -> None:
    """Nothing of the work that is measured is left to Python."""
    writings = Writings(wire)
    obj = DATED.build()
    older = writings.encode(obj, DATED.oldest)
    assert writings.backport(writings.encode(obj), DATED.oldest) == older
    writings.upgrade(older)
    assert not [work for work in writings.done if "," in work], writings.summary()


@ON_WIRES
@pytest.mark.filterwarnings("ignore:Using class:PendingDeprecationWarning")
def test_every_class_of_os_vif_is_written(wire: str) -> None:
    """Whole objects and partial ones of a tree that nobody changed."""
    writings = Writings(wire, os_vif_objects.ROOT)
    for name in os_vif_objects.all_classes():
        for at, share in enumerate((1.0, 0.7, 0.2)):
            writings.encode(os_vif_objects.made(name, random.Random(f"{name}/{at}"), share))
    assert writings.done["encode"] >= 90, writings.summary()


@ON_WIRES
@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.filterwarnings("ignore:.* is an invalid UUID:FutureWarning")
def test_no_field_type_is_left_to_python(wire: str, leaf: str) -> None:
    """A field whose type has code of its own is asked by name, and the object is still written."""
    dice = random.Random(leaf)
    field = LEAVES[leaf](nullable=True)
    with own_registry():
        cls = base.VersionedObjectRegistry.register(
            type("OneField", (base.VersionedObject,), {"fields": {"value": field}})
        )
        writings = Writings(wire)
        for _ in range(20):
            writings.encode(cls(value=sample(field, dice, lambda _name, _owner: None)))
        writings.encode(cls(value=None))
    assert set(writings.done) == {"encode"}, writings.summary()


@ON_WIRES
def test_generated_foreign_classes_are_written_as_by_python(
    wire: str, record_property: Callable[[str, object], None]
) -> None:
    """Trees of classes with every field type, namespaces of their own, hooks and lists."""
    done: Counter[str] = Counter()

    @settings(CASES)
    @given(st.data(), trees(), st.sampled_from((base.VersionedObject, Project)))
    def compare(
        data: st.DataObject, tree: tuple[ClassSpec, ...], root: type[base.VersionedObject]
    ) -> None:
        with own_registry():
            classes = build(tree, root)
            writings = Writings(wire, root)
            for _ in range(2):
                obj = data.draw(objects(tree, classes, tree[-1].name)).make(classes)
                writings.encode(obj)
            done.update(writings.done)

    compare()
    record_property("note", f"native {wire}, generated foreign classes: {dict(done)}")
    assert done["encode"] > 150


@ON_WIRES
@pytest.mark.parametrize("policy", [None, "keep", "oldest"])
def test_generated_own_classes_go_through_all_versions_as_by_python(
    wire: str, policy: str | None, record_property: Callable[[str, object], None]
) -> None:
    """Objects and payloads, whole and partial, to and from every version, with every change."""
    done: Counter[str] = Counter()

    @settings(CASES)
    @given(st.data(), families(max_versions=4))
    def compare(data: st.DataObject, family: Family) -> None:
        with registered(family) as classes:
            writings = Writings(wire, policy=policy)
            at = data.draw(versions(family))
            to: Any = manifest(at)
            if policy is not None:
                to = {name: to[name] for name in data.draw(st.sets(st.sampled_from(sorted(to))))}
            obj = object_of(classes, data.draw(payloads(family)))
            newest, older = writings.encode(obj), writings.encode(obj, to)
            if newest is not None:
                assert writings.backport(newest, to) == older
            if older is not None:
                writings.upgrade(older)
                writings.backport(older, family.top.name and to)
            old = writings.slow._wire.encode(data.draw(payloads(family, at)))
            writings.upgrade(old)
            writings.backport(old, manifest(data.draw(versions(family, at_most=at))))
            done.update(writings.done)

    compare()
    record_property("note", f"native {wire}, generated own classes, {policy}: {dict(done)}")
    assert done["encode"] > 60
    assert done["encode for a peer"] > 20
    assert done["backport"] > 20
    assert done["upgrade"] > 20


@ON_WIRES
def test_a_class_that_changes_is_noticed(wire: str) -> None:
    """A method patched after the first use is called; taken away again, the short way is back."""
    obj = PLAIN.build()
    writings = Writings(wire)
    whole = writings.encode(obj)
    cls: Any = type(obj)
    cls.obj_what_changed = lambda self: {"name"}
    try:
        changed = writings.fast.encode(obj)
        assert changed == writings.slow.encode(obj) != whole
    finally:
        del cls.obj_what_changed
    assert writings.encode(obj) == whole


def _hide_a_change(cls: type[Any]) -> Callable[[], None]:
    cls.obj_what_changed = lambda self: {"name"}
    return partial(delattr, cls, "obj_what_changed")


def _shout(cls: type[Any]) -> Callable[[], None]:
    kind = type(cls.fields["name"]._type)
    there = vars(kind).get("to_primitive")
    kind.to_primitive = staticmethod(lambda obj, attr, value: value.upper())
    if there is None:
        return partial(delattr, kind, "to_primitive")
    return partial(setattr, kind, "to_primitive", there)


def _take_a_field(cls: type[Any]) -> Callable[[], None]:
    held = dict(cls.fields)
    cls.fields["name"] = fields.IntegerField()
    return partial(cls.fields.update, held)


@ON_WIRES
@pytest.mark.parametrize("lowered", [False, True])
@pytest.mark.parametrize("change", [_hide_a_change, _shout, _take_a_field])
@pytest.mark.parametrize("inner", ["flavor", "host"])
def test_a_class_inside_that_changes_is_noticed(
    wire: str, lowered: bool, change: Callable[[type[Any]], Callable[[], None]], inner: str
) -> None:
    """When it was looked at with all others of the payload as well."""
    obj: Any = DATED.build()
    obj.obj_reset_changes(recursive=True)
    to = DATED.oldest if lowered else None
    writings = Writings(wire)
    (whole,) = {writings.encode(obj, to) for _ in range(5)}
    undo = change(type(getattr(obj, inner)))
    try:
        writings.encode(obj, to)
        assert writings.fast.encode(obj, to) == writings.slow.encode(obj, to)
    finally:
        undo()
    assert [writings.encode(obj, to) for _ in range(5)] == [whole] * 5
    assert writings.done["encode for a peer" if lowered else "encode"] >= 10


@ON_WIRES
def test_an_instance_that_hides_a_method_is_asked(wire: str) -> None:
    """What an instance carries in front of its class counts, as it does for oslo."""
    obj: Any = PLAIN.build()
    obj.obj_what_changed = lambda: {"uuid"}
    writings = Writings(wire)
    writings.encode(obj)
    assert writings.done == Counter({"encode, declined": 1})


@ON_WIRES
def test_an_object_that_holds_itself_ends(wire: str) -> None:
    """A cycle is left to Python, whose recursion limit ends it."""
    obj: Any = DATED.build()
    flavor = obj.flavor
    flavor._obj_name = [flavor._obj_name]
    flavor._obj_name.append(flavor._obj_name)
    fast: Any = Writings(wire).fast
    assert fast._native.encode(obj) is NotImplemented


class Asking(fields.String):  # type: ignore[misc]
    """Writes another object while a value of its owner is written."""

    inside: Any = None

    @classmethod
    def to_primitive(cls, obj: Any, attr: str, value: Any) -> Any:
        """How long the other one is."""
        return str(len(cls.inside())) * 3


@ON_WIRES
def test_a_call_inside_a_call_writes_to_memory_of_its_own(wire: str) -> None:
    """Also when the outer one has written by then, and when it grows afterwards."""
    with own_registry():
        held = {"a": fields.StringField(), "b": fields.Field(Asking()), "c": fields.StringField()}
        cls = base.VersionedObjectRegistry.register(
            type("Outer", (base.VersionedObject,), {"fields": held})
        )
        writings = Writings(wire)
        inner = PLAIN.build()
        for size in (1, 900, 5_000, 40_000):
            obj = cls(a="a" * size, b="b", c="c" * size)
            for codec in (writings.fast, writings.slow):
                Asking.inside = partial(codec.encode, inner)
                codec.encode(obj)
            Asking.inside = partial(writings.fast.encode, inner)
            writings.encode(obj)
        assert set(writings.done) == {"encode"}, writings.summary()


@ON_WIRES
def test_many_classes_in_one_payload(wire: str) -> None:
    """More than there is room for at hand, each of them several times."""
    with own_registry():
        parts = [
            base.VersionedObjectRegistry.register(
                type(f"Part{number}", (base.VersionedObject,), {"fields": {
                    "n": fields.IntegerField()}})
            )
            for number in range(40)
        ]  # fmt: skip
        held = {f"p{number}": fields.ListOfObjectsField(one.__name__)
                for number, one in enumerate(parts)}  # fmt: skip
        whole = base.VersionedObjectRegistry.register(
            type("Whole", (base.VersionedObject,), {"fields": {**held, "z": held["p3"]}})
        )
        made = {name: [parts[at](n=one) for one in range(3)] for at, name in enumerate(held)}
        writings = Writings(wire)
        writings.encode(whole(z=[parts[3](n=9)], **made))
        assert set(writings.done) == {"encode"}, writings.summary()
