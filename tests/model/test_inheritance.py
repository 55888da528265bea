"""Dates belong to the class body that wrote them."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from vobj import Added, ChildVersions, Converted, Inherits, NoChange, Refused, Removed, Renamed


class Parent(vobj.VersionedObject):
    VERSION = "1.3"
    uuid: vobj.UUID = vobj.field(key=True)
    host: str = vobj.field(Added(since="1.1"), Renamed("node", since="1.2"))
    quota: int = vobj.field(Removed(since="1.3", restore=0))


def names(cls: type[Any], version: str) -> set[str]:
    return set(vobj.history_of(cls).schema(version).fields)


def test_an_undated_subclass_of_dated_fields_fails() -> None:
    """A dated inherited field needs its own dates, and the message names both ways to give them."""
    with pytest.raises(
        vobj.DeclarationError,
        match=r"Child\.host: Parent dated it.*Inherits\(.*'1\.3'.*changes = \{'host': \[\.\.\.\]\}",
    ) as caught:

        @vobj.register
        class Child(Parent):
            pass

    assert caught.value.rule == "declare/inherited"


def test_undated_fields_are_inherited_with_their_key() -> None:
    """What the parent never changed, and which field is the key, needs no word in the subclass."""

    class Plain(vobj.VersionedObject):
        uuid: vobj.UUID = vobj.field(key=True)

    @vobj.register
    class Child(Plain):
        VERSION = "1.1"
        name: str = vobj.field(Added(since="1.1"))

    assert vobj.history_of(Child).key == "uuid"
    assert (names(Child, "1.0"), names(Child, "1.1")) == ({"uuid"}, {"uuid", "name"})


def test_inherits_translates_the_dates() -> None:
    """With Inherits a parent's change acts since the first own version that stands on it."""

    @vobj.register
    class Child(Parent):
        VERSION = "1.2"
        history = [Inherits({"1.0": "1.1", "1.1": "1.2", "1.2": "1.3"})]

    assert names(Child, "1.0") == {"uuid", "node", "quota"}
    assert names(Child, "1.1") == {"uuid", "host", "quota"}
    assert names(Child, "1.2") == {"uuid", "host"}
    assert vobj.history_of(Child).parent == "Parent"


def test_what_was_gone_before_the_subclass_never_was() -> None:
    """A field that the parent removed before the subclass began is in none of its versions."""

    @vobj.register
    class Child(Parent):
        VERSION = "1.0"
        history = [Inherits({"1.0": "1.3"})]

    assert names(Child, "1.0") == {"uuid", "host"}


def test_a_subclass_dates_inherited_fields_itself() -> None:
    """changes = {...} in the subclass replaces the parent's dates, an empty list included."""

    @vobj.register
    class Child(Parent):
        VERSION = "1.1"
        changes = {"host": [], "quota": [Removed(since="1.1", restore=5)]}

    assert names(Child, "1.0") == {"uuid", "host", "quota"}
    assert names(Child, "1.1") == {"uuid", "host"}
    made = Child(uuid="8d1c1b1e-0000-4000-8000-000000000001").obj_to_primitive("1.0")
    assert made["versioned_object.data"]["quota"] == 5


def test_a_subclass_removes_an_inherited_field() -> None:
    """A field that only the subclass removed leaves its `fields`, and stays with the parent."""

    @vobj.register
    class Plain(vobj.VersionedObject):
        name: str
        size: int

    @vobj.register
    class Child(Plain):
        VERSION = "1.1"
        changes = {"size": [Removed(since="1.1", restore=1)]}

    @vobj.register
    class Grandchild(Child):
        VERSION = "1.0"
        history = [Inherits({"1.0": "1.1"})]

    @base.VersionedObjectRegistry.register
    class Plainly(Plain):
        VERSION = "1.1"
        changes = {"size": [Removed(since="1.1", restore=1)]}

    assert set(Plain.fields) == {"name", "size"}
    assert names(Plainly, "1.0") == {"name", "size"}
    for cls in (Child, Grandchild, Plainly):
        assert set(cls.fields) == {"name"}
        assert not hasattr(cls(name="x"), "size")
    assert names(Grandchild, "1.0") == {"name"}


def test_an_annotation_declares_an_inherited_field_anew() -> None:
    """A body that writes the field again speaks for all its versions."""

    @vobj.register
    class Child(Parent):
        VERSION = "1.0"
        host: int
        history = [Inherits({"1.0": "1.3"})]

    assert str(vobj.history_of(Child).schema("1.0").fields["host"]) == "Integer"


def test_inherits_names_a_further_parent() -> None:
    """of= chooses the parent that the versions stand on."""

    class Middle(Parent):
        VERSION = "1.1"
        history = [Inherits({"1.0": "1.2", "1.1": "1.3"})]

    @vobj.register
    class Child(Middle):
        VERSION = "1.1"
        history = [Inherits({"1.0": "1.1", "1.1": "1.3"}, of="Parent")]

    assert names(Child, "1.0") == {"uuid", "node", "quota"}
    assert names(Child, "1.1") == {"uuid", "host"}


def test_group_facts_are_translated() -> None:
    """Refusals and converters of a group follow the parent's dates into the subclass."""

    class Guarded(vobj.VersionedObject):
        VERSION = "1.2"
        a: int
        b: str
        history = [
            Refused(since="1.1", present=True, fields=("a",)),
            Converted(
                since="1.2",
                fields=("b",),
                was={"b": int},
                up=lambda data, ctx: {"b": str(data["b"])},
                down=lambda data, ctx: {"b": int(data["b"])},
            ),
        ]

    @vobj.register
    class Child(Guarded):
        VERSION = "1.1"
        history = [Inherits({"1.0": "1.1", "1.1": "1.2"})]

    assert vobj.history_of(Child).schema("1.0").fields["b"].kind == "Integer"
    assert Child(a=1, b="2").obj_to_primitive("1.0")["versioned_object.data"] == {"a": 1, "b": 2}

    with pytest.raises(vobj.DeclarationError, match=r"Bare: Guarded dated it"):

        @vobj.register
        class Bare(Guarded):
            VERSION = "1.0"
            changes = {"b": []}


def test_child_versions_are_translated() -> None:
    """A table of child versions is read at the parent versions that Inherits names."""

    class Holder(vobj.VersionedObject):
        VERSION = "1.2"
        item: Item = vobj.field(ChildVersions({"1.0": "1.0", "1.2": "1.4"}))  # type: ignore[name-defined]  # noqa: F821
        history = [NoChange("1.1"), NoChange("1.2")]

    @vobj.register
    class Child(Holder):
        VERSION = "1.1"
        history = [Inherits({"1.0": "1.1", "1.1": "1.2"})]

    declared = vobj.history_of(Child).fields[0]
    assert declared.child_versions() == {"1.0": "1.0", "1.1": "1.4"}


def stops_early() -> None:
    @vobj.register
    class Child(Parent):
        history = [Inherits({"1.0": "1.1"})]


def unknown_parent() -> None:
    @vobj.register
    class Child(Parent):
        history = [Inherits({"1.0": "1.3"}, of="Grandparent")]


def no_dated_parent() -> None:
    class Plain(vobj.VersionedObject):
        fields = {"a": fields.IntegerField()}

    @vobj.register
    class Child(Plain):
        history = [Inherits({"1.0": "1.0"})]


@pytest.mark.parametrize(
    ("declare", "text"),
    [
        (stops_early, r"Child\.host: Inherits stops at Parent 1\.1, but Parent changed at 1\.2"),
        (unknown_parent, "no parent is called Grandparent"),
        (no_dated_parent, "no parent has dated fields"),
    ],
)
def test_mistakes_of_inherits(declare: Any, text: str) -> None:
    """A table that does not reach the parent, or a parent that is not one, fails registration."""
    with pytest.raises(vobj.DeclarationError, match=text) as caught:
        declare()
    assert caught.value.rule == "declare/inherited"
    assert caught.value.object_name == "Child"
