"""Objects to and from envelopes, copied and asked for changes, in C as in Python."""

from __future__ import annotations

import contextlib
import copy
import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from tests.differential.compare import own_registry
from vobj import native

pytestmark = pytest.mark.skipif(not native.active, reason=str(native.reason))
HERE = Path(__file__).parent


def answers(executor: str) -> list[Any]:
    """What `tree_life.py` tells with an executor."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / "tree_life.py")],
        env={
            **os.environ,
            "VOBJ_EXECUTOR": executor,
            "PYTHONPATH": str(HERE.parents[1]),
            "PYTHONHASHSEED": "0",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["executor"] == (executor == "native")
    return list(found["answers"])


def test_executors_agree() -> None:
    """On own classes both give the same objects, envelopes, errors, rules and paths."""
    ours, theirs = answers("native"), answers("python")
    assert len(ours) > 2000
    assert [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]] == []


@pytest.fixture
def accelerated() -> Iterator[None]:
    """What a test registers is forgotten; oslo's base is accelerated meanwhile."""
    with own_registry():
        vobj.accelerate(base.VersionedObject)
        yield
        vobj.accelerate(base.VersionedObject).undo()


def registered(name: str, declared: dict[str, Any], **body: Any) -> Any:
    """A registered and accelerated class."""
    cls = type(name, (base.VersionedObject,), {"fields": declared, **body})
    base.VersionedObjectRegistry.register(cls)
    vobj.accelerate(base.VersionedObject)
    return cls


@pytest.mark.usefixtures("accelerated")
def test_cycles() -> None:
    """An object inside itself is copied as it is; what oslo would never end, ends as with it."""
    cls = registered("Ring", {"next": fields.ObjectField("Ring"), "size": fields.IntegerField()})
    one = cls(size=1)
    one.next = cls(size=2, next=one)
    made = one.obj_clone()
    assert made.next.next is made
    assert (made is not one, made.next is not one.next) == (True, True)
    for call in (
        one.obj_to_primitive,
        one.obj_what_changed,
        lambda: one.obj_reset_changes(recursive=True),
    ):
        with pytest.raises(RecursionError, match="maximum recursion depth"):
            call()


@pytest.mark.usefixtures("accelerated")
def test_deep_payload() -> None:
    """So does a payload that is nested without end."""
    registered("Ring", {"next": fields.ObjectField("Ring"), "size": fields.IntegerField()})
    node: dict[str, Any] = {}
    for _ in range(50_000):
        node = {
            "versioned_object.name": "Ring",
            "versioned_object.namespace": "versionedobjects",
            "versioned_object.version": "1.0",
            "versioned_object.data": {"next": node} if node else {},
        }
    with pytest.raises(RecursionError, match="maximum recursion depth"):
        base.VersionedObject.obj_from_primitive(node)


class Meddling(fields.String):
    """A type that changes the object while one of its values is written."""

    def to_primitive(self, obj: Any, attr: str, value: Any) -> Any:
        if value == "grow":
            obj.several.append("grown")
        if value == "shrink":
            obj.several.clear()
        if value == "forget" and obj.obj_attr_is_set("after"):
            del obj.after
        return value


@pytest.mark.usefixtures("accelerated")
@pytest.mark.parametrize("what", ["grow", "shrink", "forget"])
def test_changed_while_it_is_written(what: str) -> None:
    """Lists are walked as Python walks them, and fields that are gone by then are left out."""
    declared = {
        "several": fields.Field(fields.List(Meddling())),
        "after": fields.StringField(),
    }
    cls = registered("Meddled", declared)

    def made() -> Any:
        return cls(several=[what, "b", "c"], after="x")

    fast = made().obj_to_primitive()
    vobj.accelerate(base.VersionedObject).undo()
    plain = made().obj_to_primitive()
    for node in (fast, plain):
        node["versioned_object.changes"] = set(node["versioned_object.changes"])
    assert fast == plain


@pytest.mark.usefixtures("accelerated")
def test_dict_changed_while_it_is_written() -> None:
    """A dict that grows under the walk is an error, as in Python."""

    class Growing(fields.String):
        def to_primitive(self, obj: Any, attr: str, value: Any) -> Any:
            obj.held[f"{value}+"] = "x"
            return attr

    cls = registered("Grown", {"held": fields.Field(fields.Dict(Growing()))})
    with pytest.raises(RuntimeError, match="changed size during iteration"):
        cls(held={"a": "b"}).obj_to_primitive()


@pytest.mark.usefixtures("accelerated")
def test_methods_of_an_instance() -> None:
    """What an object carries itself is called instead of what its class has."""
    leaf = registered("Leaf", {"size": fields.IntegerField()})
    tree = registered("Tree", {"leaf": fields.ObjectField("Leaf"), "name": fields.StringField()})
    one = tree(leaf=leaf(size=1), name="a")
    one.obj_reset_changes(recursive=True)
    one.leaf.obj_what_changed = lambda: {"size"}
    assert one.obj_what_changed() == {"leaf"}
    assert one.obj_to_primitive()["versioned_object.changes"] == ["leaf"]
    one.obj_attr_is_set = lambda name: name == "name"
    assert one.obj_to_primitive()["versioned_object.data"] == {"name": "a"}
    one.leaf.obj_to_primitive = lambda: "written"
    del one.obj_attr_is_set
    assert one.obj_to_primitive()["versioned_object.data"]["leaf"] == "written"


@pytest.mark.usefixtures("accelerated")
def test_attributes_of_other_kinds() -> None:
    """A field that the class computes is read, where it is set; `__getattr__` is asked."""
    cls = registered("Computed", {"size": fields.IntegerField(), "name": fields.StringField()})
    cls.size = property(lambda self: self._obj_size * 2, vars(cls)["size"].__set__)
    one = cls(size=4)
    assert one.obj_to_primitive()["versioned_object.data"] == {"size": 8}

    def anything(self: Any, name: str) -> Any:
        if name == "_obj_name":
            return "anything"
        raise AttributeError(name)

    cls.__getattr__ = anything
    assert one.obj_attr_is_set("name")
    assert one.obj_to_primitive()["versioned_object.data"] == {"size": 8, "name": "anything"}
    assert one.obj_clone()._obj_name == "anything"


@pytest.mark.usefixtures("accelerated")
def test_patched_method() -> None:
    """A method that is patched on a class is called from the next moment on, and then no more."""
    leaf = registered("Leaf", {"size": fields.IntegerField()})
    tree = registered("Tree", {"leaf": fields.ObjectField("Leaf")})
    one = tree(leaf=leaf(size=1))
    one.obj_reset_changes(recursive=True)
    assert one.obj_what_changed() == set()
    leaf.obj_what_changed = lambda self: {"size"}
    assert one.obj_what_changed() == {"leaf"}
    del leaf.obj_what_changed
    assert one.obj_what_changed() == set()


@pytest.mark.usefixtures("accelerated")
def test_no_leak() -> None:
    """Making, writing, reading, copying and failing keeps no memory."""
    leaf = registered("Leaf", {"size": fields.IntegerField(), "marks": fields.SetOfIntegersField()})
    tree = registered(
        "Tree",
        {
            "leaf": fields.ObjectField("Leaf"),
            "leaves": fields.ListOfObjectsField("Leaf"),
            "when": fields.DateTimeField(),
        },
    )

    def round_trip() -> None:
        one = tree(leaf=leaf(size=1), leaves=[leaf(marks={1})], when="2026-03-01T12:30:15Z")
        node = one.obj_to_primitive()
        read = base.VersionedObject.obj_from_primitive(node)
        copied = copy.deepcopy(read)
        copied.obj_what_changed()
        copied.obj_reset_changes(recursive=True)
        node["versioned_object.data"]["when"] = "never"
        with contextlib.suppress(ValueError):
            base.VersionedObject.obj_from_primitive(node)

    for _ in range(200):
        round_trip()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(8_000):
        round_trip()
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000
