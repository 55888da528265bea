"""Foreign classes give what oslo gives, and leave the caller's object and payload alone."""

from __future__ import annotations

import collections
import copy
from typing import Any

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from vobj import Added, Renamed, evolve
from vobj.evolve import Scope
from vobj.model import ClassCatalog, live_nodes

Node = dict[str, Any]


class Part(vobj.VersionedObject):
    VERSION = "1.2"
    size: int = vobj.field(Renamed("length", since="1.1"))
    colour: str = vobj.field(Added(since="1.2", backfill="red"))


class Machine(base.VersionedObject):
    VERSION = "1.1"
    fields = {
        "name": fields.StringField(),
        "free": fields.Field(fields.FieldType()),
        "labels": fields.DictOfStringsField(),
        "words": fields.SetOfStringsField(),
        "part": fields.ObjectField("Part", nullable=True),
        "parts": fields.ListOfObjectsField("Part"),
    }

    def obj_make_compatible(self, primitive: Node, target_version: str) -> None:
        super().obj_make_compatible(primitive, target_version)
        primitive["seen"] = (type(self.labels).__name__, self.labels._obj is self)  # type: ignore[attr-defined]
        primitive["free"]["deep"].append("hooked")
        primitive["words"] = list(primitive["words"])
        self.name = "changed by the hook"
        self.labels["new"] = "label"


@pytest.fixture(autouse=True)
def declared() -> None:
    """The classes of this module are registered for each test."""
    for cls in (Part, Machine):
        base.VersionedObjectRegistry.register(cls)


def machine() -> Machine:
    return Machine(
        name="m",
        free={"deep": ["one"]},
        labels={"a": "b"},
        words={"w"},
        part=Part(size=1, colour="blue"),
        parts=[Part(size=2)],
    )


def scope(live: dict[int, object] | None = None) -> Scope:
    return Scope(ClassCatalog(base.VersionedObject), context="ctxt", live=live or {})


def data(node: Node) -> Node:
    found: Node = node["versioned_object.data"]
    return found


def test_a_live_object_is_left_alone() -> None:
    """The hook works on a twin: same classes, own containers; the object stays as it was."""
    subject = machine()
    node = subject.obj_to_primitive()
    before = copy.deepcopy(node)
    manifest = {"Machine": "1.0", "Part": "1.0"}
    made = evolve.backport(node, manifest, scope(live_nodes(subject, node)))
    assert data(made)["seen"] == ("CoercedDict", True)
    assert data(made)["free"] == {"deep": ["one", "hooked"]}
    assert data(data(made)["part"]) == {"length": 1}
    assert subject.obj_to_primitive() == before == node
    assert (subject.name, subject.labels) == ("m", {"a": "b"})
    assert not hasattr(subject, "_obj_version_manifest")


def test_a_payload_is_left_alone() -> None:
    """From bytes the hook works on an object of its own, with the changes of the payload."""
    node = machine().obj_to_primitive()
    before = copy.deepcopy(node)
    made = evolve.backport(node, {"Machine": "1.0", "Part": "1.0"}, scope())
    assert node == before
    assert set(made["versioned_object.changes"]) >= {"free", "labels", "part"}
    assert data(made)["parts"][0]["versioned_object.version"] == "1.0"


def test_changes_of_own_objects_follow_the_renames() -> None:
    """oslo changes the data of an own child of a foreign parent; its changes follow."""
    node = machine().obj_to_primitive()
    made = evolve.backport(node, {"Machine": "1.0", "Part": "1.0"}, scope())
    assert data(made)["part"]["versioned_object.changes"] == ["length"]
    unchanged = machine()
    unchanged.part.obj_reset_changes(["size"])
    made = evolve.backport(unchanged.obj_to_primitive(), {"Machine": "1.0", "Part": "1.0"}, scope())
    assert "versioned_object.changes" not in data(made)["part"]


def test_own_objects_inside_never_leave_newer_than_they_came() -> None:
    """An own child that came at 1.0 is sent at 1.0, though it is read as 1.2 in between."""
    node = machine().obj_to_primitive()
    old = evolve.backport(node, {"Machine": "1.0", "Part": "1.0"}, scope())
    del data(old)["seen"]
    for named in ({"Machine": "1.0", "Part": "1.2"}, {"Machine": "1.0"}):
        again = evolve.backport(old, named, scope())
        assert data(again)["part"]["versioned_object.version"] == "1.0"
        assert data(data(again)["part"]) == {"length": 1}


def test_containers_of_other_classes_keep_them() -> None:
    """A hook sees the container class that the caller put there."""

    @base.VersionedObjectRegistry.register
    class Free(base.VersionedObject):
        VERSION = "1.1"
        fields = {"free": fields.Field(fields.FieldType())}

        def obj_make_compatible(self, primitive: Node, target_version: str) -> None:
            primitive["free"]["x"] += 1

    counted = collections.Counter(x=1)
    subject = Free(free=counted)
    node = subject.obj_to_primitive()
    made = evolve.backport(node, "1.0", scope(live_nodes(subject, node)))
    assert isinstance(data(made)["free"], collections.Counter)
    assert (data(made)["free"]["x"], counted["x"]) == (2, 1)


def test_oslos_errors_pass() -> None:
    """Without a manifest a set object field raises what oslo raises."""
    node = machine().obj_to_primitive()
    with pytest.raises(exception.ObjectActionError, match="No rule for part"):
        evolve.backport(node, "1.0", scope())


def test_nested_classes_outside_the_base_are_refused() -> None:
    """A foreign object is read only if the catalog has every class in it."""

    class Project(base.VersionedObject):
        pass

    @base.VersionedObjectRegistry.register
    class Holder(Project):
        VERSION = "1.1"
        fields = {"parts": fields.ListOfObjectsField("Part")}

        def obj_make_compatible(self, primitive: Node, target_version: str) -> None:
            """A hook."""

    node = Holder(parts=[Part(size=1)]).obj_to_primitive()
    with pytest.raises(vobj.UnknownClassError, match=r"not a Project - at `\$\.parts\[0\]`"):
        evolve.backport(node, "1.0", Scope(ClassCatalog(Project)))
