"""Payloads of older versions: what own classes become without a converter; foreign ones stay."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from benchmarks.datasets import DATED, PLAIN
from tests.differential.compare import own_registry
from tests.native.decode_agreement import Readings, packed
from vobj import Added, Converted, Mapped, NotNull, Removed, Renamed

KEY = "versioned_object"


def _node(name: str, version: str, data: Any, changes: Any = ()) -> dict[str, Any]:
    return {
        f"{KEY}.name": name,
        f"{KEY}.namespace": "versionedobjects",
        f"{KEY}.version": version,
        f"{KEY}.data": data,
        f"{KEY}.changes": list(changes),
    }


@pytest.mark.parametrize("minor", range(5))
def test_an_own_object_arrives_upgraded_from_each_version(minor: int) -> None:
    """The names, values and changes of the old version become those of the newest."""
    codec = vobj.Codec("msgpack", executor="python")
    data = codec.encode(DATED.build(), to={**DATED.oldest, "DatedServer": f"1.{minor}"})
    made = Readings().taken(data)
    assert (made.VERSION, made.obj_received_version) == ("1.4", f"1.{minor}")
    assert (made.memory_mb, made.hypervisor) == (65536, "parallels")
    assert made.obj_what_changed() & {"memory_mb", "ram"} == {"memory_mb"}


def test_a_foreign_object_keeps_the_version_of_the_payload() -> None:
    """As in oslo: the older version stands on the object, children included."""
    tree = PLAIN.build().obj_to_primitive(target_version="1.3", version_manifest=PLAIN.oldest)
    made = Readings().taken(packed(tree))
    assert (made.VERSION, type(made).VERSION) == ("1.3", "1.4")
    assert made.flavor.VERSION == "1.0"


def test_a_fix_version_is_read_where_the_class_is_known() -> None:
    """X.Y.Z of an own class is X.Y, and stays the stamp; the look-up says whether it is known."""
    with own_registry():

        @vobj.register
        class Fixed(vobj.VersionedObject):
            VERSION = "1.1.2"
            fields = {"a": fields.IntegerField(nullable=True)}
            changes = {"a": [Added(since="1.1")]}

        readings = Readings()
        for version in ("1.1", "1.1.1", "1.1.2", "1.0.9", "1.1.3", "1.2", "2.0", "one", "1"):
            data = {"a": 1} if "1.1" in version else {}
            made = readings.agree(packed(_node("Fixed", version, data)))
            if made is not NotImplemented:
                assert made.obj_received_version == version
        assert readings.read >= 4
        assert readings.refused >= 3


def _steps() -> type[base.VersionedObject]:
    @vobj.register
    class Step(vobj.VersionedObject):
        VERSION = "1.4"
        name: str = vobj.field(Renamed("label", since="1.1"), Renamed("title", since="1.3"))
        state: str = vobj.field(Mapped({"new": "old"}, since="1.2"))
        tags: list[str] = vobj.field(Added(since="1.2", backfill=["none"]))
        size: int = vobj.field(NotNull(since="1.3", fill=7))
        gone: str = vobj.field(Added(since="1.1"), Removed(since="1.4", restore=""))
        raw: dict[str, int] | None

    return Step


@pytest.mark.parametrize(
    ("version", "data", "changes"),
    [
        ("1.0", {"label": "a", "state": "old", "size": None, "raw": {"k": 1}}, ["label", "size"]),
        ("1.0", {"label": "a"}, ["label", "state"]),
        ("1.0", {}, []),
        ("1.1", {"title": "a", "state": "x", "gone": "g", "size": 3}, ["gone", "title"]),
        ("1.2", {"title": "a", "state": "new", "tags": ["t"]}, ["title", "tags", "tags"]),
        ("1.3", {"name": "a", "gone": "g", "raw": None}, ["gone"]),
        ("1.4", {"name": "a", "gone": "g", "unknown": [{}]}, ["gone", "unknown", "name"]),
    ],
)
def test_each_step_of_an_upgrade_is_taken(version: str, data: Any, changes: Any) -> None:
    """Renames, maps, fills, backfills and drops, on whole payloads and partial ones."""
    with own_registry():
        _steps()
        Readings().taken(packed(_node("Step", version, data, changes)))


@pytest.mark.parametrize(
    "data",
    [
        {"label": "a", "name": "b"},
        {"label": "a", "title": "b"},
        {"label": "a", "tags": ["c"]},
        {"label": "a", "gone": "c"},
        {"label": "a", "unknown": "c"},
    ],
)
def test_names_of_another_version_are_left_to_python(data: Any) -> None:
    """What a name means that the version does not have is settled in one place."""
    with own_registry():
        _steps()
        assert Readings().agree(packed(_node("Step", "1.0", data))) is NotImplemented


def test_a_backfill_is_copied_for_each_object() -> None:
    """Two objects that were brought up share no default."""
    with own_registry():
        _steps()
        readings = Readings()
        one, other = (readings.taken(packed(_node("Step", "1.0", {}))) for _ in range(2))
        one.tags.append("more")
        assert other.tags == ["none"]


def test_converters_run_in_the_python_executor() -> None:
    """A class with a converter on the way is declined there, and read at its newest version."""
    with own_registry():

        @vobj.register
        class Speed(vobj.VersionedObject):
            VERSION = "1.1"
            fields = {"rate": fields.IntegerField()}
            changes = {
                "rate": [Converted(since="1.1", was=float, up=int, down=float)],
            }

        readings = Readings()
        assert readings.agree(packed(_node("Speed", "1.0", {"rate": 1.5}))) is NotImplemented
        assert readings.taken(packed(_node("Speed", "1.1", {"rate": 15}))).rate == 15


def test_own_and_foreign_classes_hold_each_other() -> None:
    """Each child is read at its own version by its own rules, whoever holds it."""
    with own_registry():
        register = base.VersionedObjectRegistry.register
        step = _steps()
        foreign = register(
            type(
                "Shelf",
                (base.VersionedObject,),
                {"VERSION": "1.3", "fields": {"steps": fields.ListOfObjectsField("Step")}},
            )
        )

        held = {
            "shelf": fields.ObjectField("Shelf"),
            "by_name": fields.Field(fields.Dict(fields.Object("Step"))),
        }

        @vobj.register
        class Room(vobj.VersionedObject):
            VERSION = "1.0"
            fields = held

        steps = [_node("Step", f"1.{minor}", {"state": "old"}) for minor in range(5)]
        shelf = _node("Shelf", "1.1", {"steps": steps}, ["steps"])
        made = Readings().taken(
            packed(_node("Room", "1.0", {"shelf": shelf, "by_name": {"first": steps[0]}}))
        )
        assert type(made.shelf) is foreign
        assert made.shelf.VERSION == "1.1"
        assert [type(one) for one in made.shelf.steps] == [step] * 5
        assert [one.obj_received_version for one in made.shelf.steps] == [
            f"1.{minor}" for minor in range(5)
        ]
        assert made.by_name["first"].state == "new"


def test_the_newest_own_class_of_a_major_reads() -> None:
    """With two own classes under one name, payloads of the first are read by the second."""
    with own_registry():
        for minor in range(2):
            held = {name: fields.IntegerField() for name in ("a", "b")[: minor + 1]}
            body = {
                "VERSION": f"1.{minor}",
                "fields": held,
                "changes": {"b": [Added(since="1.1", backfill=5)]} if minor else {},
            }
            vobj.register(type("Two", (vobj.VersionedObject,), body))
        made = Readings().taken(packed(_node("Two", "1.0", {"a": 1}, ["a"])))
        assert (made.VERSION, made.b, made.obj_what_changed()) == ("1.1", 5, {"a"})
