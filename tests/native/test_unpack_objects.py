"""Whole objects from packed payloads: data sets, drawn classes, versions, what is set, changes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_versionedobjects import base, fields

import vobj
from benchmarks.datasets import DATED, PLAIN, SETS
from tests.differential import os_vif_objects
from tests.differential.class_trees import ClassSpec, build
from tests.differential.compare import own_registry
from tests.differential.test_foreign_classes import Project
from tests.differential.tree_strategies import objects, trees
from tests.native.test_decode_objects import CASES, SMALL
from tests.native.unpack_agreement import Unpackings, outline, packed_object, packed_tree, payload
from vobj import Added, Codec, Converted, Mapped, NotNull, Removed, Renamed
from vobj.testkit.classes import registered
from vobj.testkit.strategies import families, payloads, versions


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("form", ["plain", "own"])
def test_the_data_sets_are_read(name: str, form: str) -> None:
    """Every object that speed is measured on takes the short way, unmodified or own."""
    one = SETS[name]
    obj = one.plain if form == "plain" else one.own
    root = one.base if form == "plain" else base.VersionedObject
    Unpackings(root).taken(packed_object(obj, root))


@pytest.mark.filterwarnings("ignore:Using class:PendingDeprecationWarning")
def test_every_class_of_os_vif_is_read() -> None:
    """Whole objects, partial ones and lists, in a namespace of their own."""
    root = os_vif_objects.ROOT
    readings = Unpackings(root)
    for name in os_vif_objects.all_classes():
        for at, share in enumerate((1.0, 0.7, 0.2)):
            obj = os_vif_objects.made(name, random.Random(f"{name}/{at}"), share)
            readings.agree(packed_object(obj, root))
    assert readings.read >= 90


def test_what_is_set_and_changed_is_told_by_bits() -> None:
    """All changed, none, some, some set, and changes of what is not set."""
    readings = Unpackings()
    for family in (PLAIN, DATED):
        server = family.build()
        server.obj_reset_changes(recursive=True)
        assert readings.taken(packed_object(server)).obj_what_changed() == set()
        server.name = "other"
        server.volume.size_gb = 7
        del server._obj_power, server._obj_labels, server.host._obj_zone
        made = readings.taken(packed_object(server))
        assert made.obj_what_changed() == {"name", "volume"}
        assert not made.obj_attr_is_set("labels")
        readings.taken(packed_object(family.server()))
    whole = outline(packed_object(DATED.volume(size_gb=1, device="a")))
    for changed in (None, True, b"\x01", b"\x0e", b"\x0f", b"\x08"):
        readings.taken(payload([*whole[:2], changed, *whole[3:]]))


def test_a_codec_reads_with_it() -> None:
    """`Codec("packed")` gives what its Python executor gives, context and stamp included."""
    native, python = Codec("packed", executor="native"), Codec("packed", executor="python")
    data = python.encode(DATED.build())
    context = object()
    made = native.decode(data, context=context)
    assert made == python.decode(data)
    assert made._context is context
    assert made.flavor._context is context
    assert (made.obj_received_version, made.host.obj_received_version) == ("1.4", "1.0")
    assert native.encode(made) == data
    assert native.decode(bytearray(data)) == made


@pytest.mark.parametrize("minor", range(5))
def test_an_own_object_arrives_upgraded_from_each_version(minor: int) -> None:
    """The names, values and changes of the old version become those of the newest."""
    codec = Codec("packed", executor="python")
    data = codec.encode(DATED.build(), to={**DATED.oldest, "DatedServer": f"1.{minor}"})
    made = Unpackings().taken(data)
    assert (made.VERSION, made.obj_received_version) == ("1.4", f"1.{minor}")
    assert (made.memory_mb, made.hypervisor) == (65536, "parallels")
    assert made.obj_what_changed() & {"memory_mb", "ram"} == {"memory_mb"}


def _node(name: str, version: str, data: Any, changes: Any = ()) -> dict[str, Any]:
    key = "versioned_object"
    made = {
        f"{key}.name": name,
        f"{key}.namespace": "versionedobjects",
        f"{key}.version": version,
        f"{key}.data": data,
    }
    return made | ({f"{key}.changes": list(changes)} if changes else {})


def _steps() -> type[Any]:
    @vobj.register
    class Step(vobj.VersionedObject):
        VERSION = "1.4"
        name: str = vobj.field(Renamed("label", since="1.1"), Renamed("title", since="1.3"))
        state: str = vobj.field(Mapped({"new": "old"}, since="1.2"))
        tags: list[str] = vobj.field(Added(since="1.2", backfill=["none"]))
        size: int = vobj.field(NotNull(since="1.3", fill=7))
        gone: str = vobj.field(Added(since="1.1"), Removed(since="1.4", restore=""))
        born: vobj.UUID = vobj.field(Added(since="1.1"), Removed(since="1.4", restore=""))
        raw: dict[str, int] | None

    return Step


STEPS = [
    ("1.0", {"label": "a", "state": "old", "size": None, "raw": {"k": 1}}, ["label", "size"]),
    ("1.0", {"label": "a"}, ["label", "state"]),
    ("1.0", {}, []),
    ("1.0.7", {"label": "a", "size": 3}, ["label", "size", "state", "raw"]),
    ("1.1", {"title": "a", "state": "x", "gone": "g", "size": 3}, ["gone", "title"]),
    ("1.1", {"born": "00010203-0405-0607-0809-0a0b0c0d0e0f", "title": "a"}, ["born"]),
    ("1.2", {"title": "a", "state": "new", "tags": ["t"]}, ["title", "tags"]),
    ("1.3", {"name": "a", "gone": "g", "raw": None}, ["gone", "size"]),
    ("1.4", {"name": "a", "tags": []}, ["state", "name"]),
]  # fmt: skip


@pytest.mark.parametrize(("version", "data", "changes"), STEPS)
def test_each_step_of_an_upgrade_is_taken(version: str, data: Any, changes: Any) -> None:
    """Renames, maps, fills, backfills and drops, on whole payloads and partial ones."""
    with own_registry():
        _steps()
        Unpackings().taken(packed_tree(_node("Step", version, data, changes)))


def test_children_of_other_versions_and_kinds_are_read_by_their_own_rules() -> None:
    """Own in foreign in own; elements of one list at five versions; defaults are copied."""
    with own_registry():
        step = _steps()
        shelf = type(
            "Shelf",
            (base.VersionedObject,),
            {"VERSION": "1.3", "fields": {"steps": fields.ListOfObjectsField("Step")}},
        )
        base.VersionedObjectRegistry.register(shelf)
        body = {
            "VERSION": "1.0",
            "fields": {
                "shelf": fields.ObjectField("Shelf", nullable=True),
                "by_name": fields.Field(fields.Dict(fields.Object("Step"))),
            },
        }
        vobj.register(type("Room", (vobj.VersionedObject,), body))
        steps = [_node("Step", f"1.{minor}", {"state": "old"}) for minor in range(5)] * 2
        tree = {"shelf": _node("Shelf", "1.3", {"steps": steps}), "by_name": {"one": steps[0]}}
        made = Unpackings().taken(packed_tree(_node("Room", "1.0", tree)))
        assert type(made.shelf) is shelf
        assert [type(one) for one in made.shelf.steps] == [step] * 10
        assert [one.obj_received_version for one in made.shelf.steps[:5]] == [
            f"1.{minor}" for minor in range(5)
        ]
        made.shelf.steps[0].tags.append("more")
        assert made.by_name["one"].tags == made.shelf.steps[5].tags == ["none"]
        Unpackings().taken(packed_tree(_node("Room", "1.0", {"shelf": None, "by_name": {}})))


def test_converters_run_in_the_python_executor() -> None:
    """A class with a converter on the way is declined there, and read at its newest version."""
    with own_registry():
        body = {
            "VERSION": "1.1",
            "fields": {"rate": fields.IntegerField()},
            "changes": {"rate": [Converted(since="1.1", was=float, up=int, down=float)]},
        }
        vobj.register(type("Speed", (vobj.VersionedObject,), body))
        readings = Unpackings()
        assert readings.agree(packed_tree(_node("Speed", "1.0", {"rate": 1.5}))) is NotImplemented
        assert readings.taken(packed_tree(_node("Speed", "1.1", {"rate": 15}))).rate == 15


def test_generated_foreign_classes_are_read_as_by_python(
    record_property: Callable[[str, object], None],
) -> None:
    """Trees of classes with every field type, namespaces of their own, and lists."""
    total = Unpackings()

    @settings(CASES)
    @given(st.data(), trees(), st.sampled_from((base.VersionedObject, Project)))
    def compare(data: st.DataObject, tree: tuple[ClassSpec, ...], root: type[Any]) -> None:
        with own_registry():
            classes = build(tree, root)
            readings = Unpackings(root)
            for _ in range(3):
                obj = data.draw(objects(tree, classes, tree[-1].name)).make(classes)
                readings.agree(packed_object(obj, root))
            total.read += readings.read
            total.declined += readings.declined

    compare()
    told = f"{total.read} objects of generated foreign classes, {total.declined} declined"
    record_property("note", f"native unpacking: {told}")
    assert total.read > 2 * total.declined
    assert total.read > 150


def test_generated_own_classes_are_read_at_every_version(
    record_property: Callable[[str, object], None],
) -> None:
    """Payloads of all versions, as the old releases would have sent them, partial ones too."""
    total = Unpackings()

    @settings(CASES)
    @given(st.data(), families(max_versions=4))
    def compare(data: st.DataObject, family: Any) -> None:
        with registered(family):
            readings = Unpackings()
            at = data.draw(versions(family))
            for tree in (data.draw(payloads(family)), data.draw(payloads(family, at))):
                readings.agree(packed_tree(tree))
            total.read += readings.read
            total.declined += readings.declined

    compare()
    told = f"{total.read} objects of generated own classes, {total.declined} declined"
    record_property("note", f"native unpacking: {told}")
    assert total.read > 100
