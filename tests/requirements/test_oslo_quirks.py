"""Where oslo does something odd: own classes do the better thing, foreign classes what oslo does.

Every test that speaks of both declares one class twice: with vobj's base and with oslo's. What is
expected of the foreign one is written out, and must also be what oslo's own code gives.
"""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from tests.differential.compare import by_meaning
from tests.requirements.exchange import CODEC, To, data_of, node, refusal, rule_of, sent
from vobj import Added, ChildVersions, NoChange, Removed

Class = type[base.VersionedObject]


def _foreign(cls: Class) -> Class:
    base.VersionedObjectRegistry.register(cls)
    return cls


def _as_oslo(obj: base.VersionedObject, target: str, manifest: dict[str, str] | None) -> Any:
    """What vobj gives for a foreign object, once it is what oslo's own method gives."""
    to: To = target if manifest is None else {**manifest, obj.obj_name(): target}
    given = sent(obj, to)
    expected = obj.obj_to_primitive(target, manifest)
    assert by_meaning(given, base.VersionedObject) == by_meaning(expected, base.VersionedObject)
    return given


@pytest.fixture
def own_leaf() -> Class:
    """An own child with one change."""

    @vobj.register
    class OwnLeaf(vobj.VersionedObject):
        VERSION = "1.1"

        id: int
        late: str = vobj.field(Added(since="1.1"))

    return OwnLeaf


@pytest.fixture
def foreign_leaf() -> Class:
    """A foreign child whose hook drops a field."""

    class ForeignLeaf(base.VersionedObject):
        VERSION = "1.1"
        fields = {"id": fields.IntegerField(), "late": fields.StringField()}

        def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
            super().obj_make_compatible(primitive, target_version)
            if target_version == "1.0":
                primitive.pop("late", None)

    return _foreign(ForeignLeaf)


OLD_LEAF = {"id": 1}
NEW_LEAF = {"id": 1, "late": "l"}


def test_without_a_manifest_a_dropped_child_matters_only_to_oslo(
    own_leaf: Class, foreign_leaf: Class
) -> None:
    """oslo raises for a set object field that its hook would drop; an own class drops it."""

    @vobj.register
    class OwnTop(vobj.VersionedObject):
        VERSION = "1.1"

        leaf: own_leaf = vobj.field(Added(since="1.1"))

    class ForeignTop(base.VersionedObject):
        VERSION = "1.1"
        fields = {"leaf": fields.ObjectField("ForeignLeaf")}

        def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
            super().obj_make_compatible(primitive, target_version)
            primitive.pop("leaf", None)

    _foreign(ForeignTop)
    assert sent(OwnTop(leaf=own_leaf(**NEW_LEAF)), "1.0") == node("OwnTop", "1.0", {})
    top = ForeignTop(leaf=foreign_leaf(**NEW_LEAF))
    with pytest.raises(exception.ObjectActionError, match="No rule for leaf"):
        top.obj_to_primitive("1.0")
    refusal(top, "1.0", exception.ObjectActionError, "No rule for leaf")


def test_a_bumped_class_without_a_rule_for_its_child(own_leaf: Class, foreign_leaf: Class) -> None:
    """Asked for an older version alone, own and foreign classes both raise, each in its words."""

    @vobj.register
    class OwnBumped(vobj.VersionedObject):
        VERSION = "1.1"
        history = [NoChange("1.1")]

        leaf: own_leaf

    class ForeignBumped(base.VersionedObject):
        VERSION = "1.1"
        fields = {"leaf": fields.ObjectField("ForeignLeaf")}

    _foreign(ForeignBumped)
    error = refusal(OwnBumped(leaf=own_leaf(**NEW_LEAF)), "1.0", vobj.ManifestError, "OwnLeaf")
    assert rule_of(error) == ("manifest/child-unnamed", "$.leaf")
    assert isinstance(error, exception.ObjectActionError)
    refusal(
        ForeignBumped(leaf=foreign_leaf(**NEW_LEAF)), "1.0",
        exception.ObjectActionError, "No rule for leaf",
    )  # fmt: skip


def test_a_list_object_without_a_manifest(own_leaf: Class, foreign_leaf: Class) -> None:
    """oslo backports elements to 1.0; an own list says which version, or does not guess."""

    @vobj.register
    class OwnLeafList(base.ObjectListBase, vobj.VersionedObject):
        VERSION = "1.1"
        history = [NoChange("1.1")]

        objects: list[own_leaf]

    @vobj.register
    class OwnDatedList(base.ObjectListBase, vobj.VersionedObject):
        VERSION = "1.1"

        objects: list[own_leaf] = vobj.field(ChildVersions({"1.0": "1.0", "1.1": "1.1"}))

    class ForeignLeafList(base.ObjectListBase, base.VersionedObject):
        VERSION = "1.1"
        fields = {"objects": fields.ListOfObjectsField("ForeignLeaf")}

    _foreign(ForeignLeafList)
    own = OwnLeafList(objects=[own_leaf(**NEW_LEAF)])
    error = refusal(own, "1.0", vobj.ManifestError, "OwnLeaf")
    assert rule_of(error) == ("manifest/child-unnamed", "$.objects[0]")
    dated = sent(OwnDatedList(objects=[own_leaf(**NEW_LEAF)]), "1.0")
    assert data_of(dated, "objects") == [node("OwnLeaf", "1.0", OLD_LEAF)]
    given = _as_oslo(ForeignLeafList(objects=[foreign_leaf(**NEW_LEAF)]), "1.0", None)
    assert data_of(given, "objects", 0)["versioned_object.version"] == "1.0"
    assert data_of(given, "objects", 0)["versioned_object.data"] == OLD_LEAF


def test_a_manifest_that_lacks_the_child(own_leaf: Class, foreign_leaf: Class) -> None:
    """oslo leaves a child untouched, and list elements at 1.0; an own class raises."""

    @vobj.register
    class OwnLacking(vobj.VersionedObject):
        VERSION = "1.0"

        leaf: own_leaf

    class ForeignLacking(base.VersionedObject):
        VERSION = "1.0"
        fields = {"leaf": fields.ObjectField("ForeignLeaf")}

    class ForeignLackingList(base.ObjectListBase, base.VersionedObject):
        VERSION = "1.0"
        fields = {"objects": fields.ListOfObjectsField("ForeignLeaf")}

    _foreign(ForeignLacking)
    _foreign(ForeignLackingList)
    error = refusal(
        OwnLacking(leaf=own_leaf(**NEW_LEAF)), {"OwnLacking": "1.0"}, vobj.ManifestError, "OwnLeaf"
    )
    assert rule_of(error) == ("manifest/child-unnamed", "$.leaf")
    lone = _as_oslo(ForeignLacking(leaf=foreign_leaf(**NEW_LEAF)), "1.0", {"Other": "1.0"})
    assert data_of(lone, "leaf")["versioned_object.version"] == "1.1"
    assert data_of(lone, "leaf", "late") == "l"
    leaves = ForeignLackingList(objects=[foreign_leaf(**NEW_LEAF)])
    listed = _as_oslo(leaves, "1.0", {"Other": "1.0"})
    assert data_of(listed, "objects", 0)["versioned_object.version"] == "1.0"
    assert data_of(listed, "objects", 0)["versioned_object.data"] == OLD_LEAF


def test_a_manifest_that_names_a_newer_child(own_leaf: Class, foreign_leaf: Class) -> None:
    """oslo stamps a version that does not exist here; an own child keeps the one it has."""

    @vobj.register
    class OwnAhead(vobj.VersionedObject):
        VERSION = "1.0"

        leaf: own_leaf

    class ForeignAhead(base.VersionedObject):
        VERSION = "1.0"
        fields = {"leaf": fields.ObjectField("ForeignLeaf")}

    _foreign(ForeignAhead)
    own = sent(OwnAhead(leaf=own_leaf(**NEW_LEAF)), {"OwnAhead": "1.0", "OwnLeaf": "1.7"})
    assert data_of(own, "leaf") == node("OwnLeaf", "1.1", NEW_LEAF)
    given = _as_oslo(ForeignAhead(leaf=foreign_leaf(**NEW_LEAF)), "1.0", {"ForeignLeaf": "1.7"})
    assert data_of(given, "leaf")["versioned_object.version"] == "1.7"
    assert data_of(given, "leaf", "late") == "l"


def test_a_manifest_is_followed_at_the_same_version(own_leaf: Class, foreign_leaf: Class) -> None:
    """A parent at its own version still has its children backported, own and foreign alike."""

    @vobj.register
    class OwnSame(vobj.VersionedObject):
        VERSION = "1.0"

        leaf: own_leaf

    class ForeignSame(base.VersionedObject):
        VERSION = "1.0"
        fields = {"leaf": fields.ObjectField("ForeignLeaf")}

    _foreign(ForeignSame)
    own = sent(OwnSame(leaf=own_leaf(**NEW_LEAF)), {"OwnSame": "1.0", "OwnLeaf": "1.0"})
    assert data_of(own, "leaf") == node("OwnLeaf", "1.0", OLD_LEAF)
    given = _as_oslo(ForeignSame(leaf=foreign_leaf(**NEW_LEAF)), "1.0", {"ForeignLeaf": "1.0"})
    assert data_of(given, "leaf")["versioned_object.data"] == OLD_LEAF


def test_a_polymorphic_child_is_looked_up_under_another_name(
    own_leaf: Class, foreign_leaf: Class
) -> None:
    """oslo asks the manifest for the declared class, an own holder for the concrete one."""

    @vobj.register
    class OwnSubLeaf(own_leaf):
        VERSION = "1.1"
        changes = {"late": [Added(since="1.1")]}

    @vobj.register
    class OwnAny(vobj.VersionedObject):
        VERSION = "1.0"

        leaf: vobj.Polymorphic[own_leaf]

    class ForeignSubLeaf(foreign_leaf):
        VERSION = "1.1"

    class ForeignAny(base.VersionedObject):
        VERSION = "1.0"
        fields = {"leaf": fields.ObjectField("ForeignLeaf", subclasses=True)}

    _foreign(ForeignSubLeaf)
    _foreign(ForeignAny)
    own = OwnAny(leaf=OwnSubLeaf(**NEW_LEAF))
    peer = {"OwnAny": "1.0", "OwnLeaf": "1.1", "OwnSubLeaf": "1.0"}
    assert data_of(sent(own, peer), "leaf") == node("OwnSubLeaf", "1.0", OLD_LEAF)
    foreign = ForeignAny(leaf=ForeignSubLeaf(**NEW_LEAF))
    given = _as_oslo(foreign, "1.0", {"ForeignLeaf": "1.0", "ForeignSubLeaf": "1.1"})
    assert data_of(given, "leaf")["versioned_object.version"] == "1.0"


def test_a_dict_of_children(own_leaf: Class, foreign_leaf: Class) -> None:
    """oslo never reaches objects in dicts; own holders backport them like any other."""

    @vobj.register
    class OwnDict(vobj.VersionedObject):
        VERSION = "1.0"

        leaves: dict[str, own_leaf]

    class ForeignDict(base.VersionedObject):
        VERSION = "1.0"
        fields = {"leaves": fields.Field(fields.Dict(fields.Object("ForeignLeaf")))}

    _foreign(ForeignDict)
    own = OwnDict(leaves={"a": own_leaf(**NEW_LEAF)})
    payload = sent(own, {"OwnDict": "1.0", "OwnLeaf": "1.0"})
    assert data_of(payload, "leaves", "a") == node("OwnLeaf", "1.0", OLD_LEAF)
    foreign = ForeignDict(leaves={"a": foreign_leaf(**NEW_LEAF)})
    given = _as_oslo(foreign, "1.0", {"ForeignLeaf": "1.0"})
    assert data_of(given, "leaves", "a")["versioned_object.version"] == "1.1"


def test_the_names_of_dropped_fields_in_nested_changes(
    own_leaf: Class, foreign_leaf: Class
) -> None:
    """oslo filters `changes` at the top alone; own objects name what is there, at every depth."""

    @vobj.register
    class OwnOuter(vobj.VersionedObject):
        VERSION = "1.0"

        leaf: own_leaf

    class ForeignOuter(base.VersionedObject):
        VERSION = "1.0"
        fields = {"leaf": fields.ObjectField("ForeignLeaf")}

    _foreign(ForeignOuter)
    own = sent(OwnOuter(leaf=own_leaf(**NEW_LEAF)), {"OwnOuter": "1.0", "OwnLeaf": "1.0"})
    assert data_of(own, "leaf")["versioned_object.changes"] == ["id"]
    given = _as_oslo(ForeignOuter(leaf=foreign_leaf(**NEW_LEAF)), "1.0", {"ForeignLeaf": "1.0"})
    assert set(data_of(given, "leaf")["versioned_object.changes"]) == {"id", "late"}


def test_unknown_keys_are_ignored_on_decode_and_kept_where_nothing_is_built(
    own_leaf: Class, foreign_leaf: Class
) -> None:
    """A reader skips names it does not know; an own payload that only passes by keeps them."""
    for cls in (own_leaf, foreign_leaf):
        name = cls.obj_name()
        read = CODEC.decode(node(name, "1.1", {"id": 1, "unheard": "of"}))
        assert read.obj_what_changed() == {"id"}
        assert not hasattr(read, "unheard")
    stranger = node("OwnLeaf", "1.1", {"id": 1, "unheard": "of"}, unchanged=["unheard"])
    assert data_of(CODEC.backport(stranger, to="1.0")) == {"id": 1, "unheard": "of"}


def test_what_came_at_an_older_version_and_is_asked_for_at_the_newest(
    own_leaf: Class, foreign_leaf: Class
) -> None:
    """A foreign object is stuck at the version it came with; an own one has its class's."""
    own = CODEC.decode(node("OwnLeaf", "1.0", OLD_LEAF))
    own.late = "l"
    assert own.obj_to_primitive("1.1") == CODEC.encode(own) == node("OwnLeaf", "1.1", NEW_LEAF)
    foreign = CODEC.decode(node("ForeignLeaf", "1.0", OLD_LEAF))
    foreign.late = "l"
    assert foreign.obj_to_primitive()["versioned_object.version"] == "1.0"
    assert CODEC.encode(foreign)["versioned_object.version"] == "1.0"
    with pytest.raises(exception.InvalidTargetVersion, match=r"1\.1"):
        foreign.obj_to_primitive("1.1")


def test_a_third_number_that_is_not_known_is_cut(own_leaf: Class, foreign_leaf: Class) -> None:
    """A payload at X.Y.Z is read by the class of X.Y, as oslo's serializer does."""
    for cls in (own_leaf, foreign_leaf):
        read = CODEC.decode(node(cls.obj_name(), "1.1.5", NEW_LEAF))
        assert (read.id, read.late) == (1, "l")


def test_a_table_of_child_versions_with_a_gap(own_leaf: Class, foreign_leaf: Class) -> None:
    """oslo fails on a dict with a gap; ChildVersions takes the entry below."""

    @vobj.register
    class OwnGap(base.ObjectListBase, vobj.VersionedObject):
        VERSION = "1.4"
        history = [NoChange("1.1"), NoChange("1.2"), NoChange("1.3")]

        objects: list[own_leaf] = vobj.field(ChildVersions({"1.0": "1.0", "1.4": "1.1"}))

    class ForeignGap(base.ObjectListBase, base.VersionedObject):
        VERSION = "1.4"
        fields = {"objects": fields.ListOfObjectsField("ForeignLeaf")}
        child_versions = {"1.0": "1.0", "1.4": "1.1"}

    _foreign(ForeignGap)
    own = sent(OwnGap(objects=[own_leaf(**NEW_LEAF)]), "1.2")
    assert data_of(own, "objects") == [node("OwnLeaf", "1.0", OLD_LEAF)]
    refusal(ForeignGap(objects=[foreign_leaf(**NEW_LEAF)]), "1.2", TypeError, "not subscriptable")


def test_a_field_that_was_removed_is_no_attribute() -> None:
    """What only older versions have is in their payloads, and nowhere in today's class."""

    @vobj.register
    class OwnPast(vobj.VersionedObject):
        VERSION = "1.1"

        id: int
        past: str = vobj.field(Removed(since="1.1", restore="p"))

    assert list(OwnPast.fields) == ["id"]
    assert data_of(sent(OwnPast(id=1), "1.0")) == {"id": 1, "past": "p"}
    assert not hasattr(CODEC.decode(node("OwnPast", "1.0", {"id": 1, "past": "q"})), "past")
