"""The closed set of changes: frozen data, compared by content."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import get_args

import pytest

from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    ClassFact,
    Converted,
    ConverterContext,
    FieldChange,
    Inherits,
    Loss,
    Mapped,
    NoChange,
    Noted,
    NotNull,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)

Change = FieldChange | ClassFact


def up(value: int) -> int:
    return value * 1000


def down(value: int) -> int:
    return value // 1000


def every_change() -> list[Change]:
    """One of each, made anew."""
    return [
        Added(since="1.1", backfill=0),
        Removed(since="1.1", restore=0),
        Renamed("ram", since="1.1"),
        Mapped({"vz": "parallels"}, since="1.1", was=("parallels",)),
        Refused({"igb"}, since="1.1", reason="no igb there"),
        Nullable(since="1.1", none_as=0),
        NotNull(since="1.1", fill=0),
        Converted(since="1.1", was=float, up=up, down=down),
        ChildVersions({"1.0": "1.0"}),
        Admitted({"Disk"}, since="1.1"),
        Noted("older nodes ignore it", since="1.1"),
        NoChange("1.1", "a new method"),
        OldestSupported("1.1"),
        Inherits({"1.0": "1.0"}, of="Base"),
    ]


PAIRS = list(zip(every_change(), every_change(), strict=True))


def test_the_examples_are_the_closed_set() -> None:
    """These tests see every change there is."""
    assert {type(one) for one in every_change()} == {*get_args(FieldChange), *get_args(ClassFact)}


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda one: type(one).__name__)
def test_changes_compare_by_content(one: Change, other: Change) -> None:
    """Two that say the same are equal and have one hash; two that do not are not equal."""
    assert one == other
    assert hash(one) == hash(other)
    assert [change for change in every_change() if change == one] == [other]


@pytest.mark.parametrize("change", every_change(), ids=lambda one: type(one).__name__)
def test_changes_are_frozen(change: Change) -> None:
    """No attribute of a change can be set."""
    for field in dataclasses.fields(change):
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign"):
            setattr(change, field.name, None)


TABLES: list[Mapped | ChildVersions | Inherits] = [
    Mapped({"a": "b"}, since="1.1"),
    ChildVersions({"1.0": "1.0"}),
    Inherits({}),
]


@pytest.mark.parametrize("change", TABLES)
def test_tables_are_frozen_copies(change: Mapped | ChildVersions | Inherits) -> None:
    """A table is a copy that cannot be changed."""
    with pytest.raises(TypeError, match="does not support item assignment"):
        change.table["c"] = "d"  # type: ignore[index]


def test_a_table_does_not_follow_its_dict() -> None:
    """What happens to the dict later is nothing to the change."""
    table = {"a": "b"}
    changes: list[Mapped | ChildVersions | Inherits]
    changes = [Mapped(table, since="1.1"), ChildVersions(table), Inherits(table)]
    table.clear()
    assert [dict(one.table) for one in changes] == [{"a": "b"}] * 3


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"b", "a"}, ("a", "b")),
        (["b", "a", "b"], ("a", "b", "b")),
        ((), ()),
        ([3, 1.5, 2], (1.5, 2, 3)),
        ([None, "a"], (None, "a")),
        ([[2], [1]], ([1], [2])),
        ([{"a": 1}, {"a": 0}], ({"a": 1}, {"a": 0})),
    ],
)
def test_refused_values_have_one_order(given: list[object], kept: tuple[object, ...]) -> None:
    """Values that can be sorted are; others stay in the order in which they were written."""
    assert Refused(given, since="1.1").values == kept


def test_groups_and_classes_are_tuples() -> None:
    """Lists and sets of names become tuples; those of Admitted are sorted."""
    assert Refused(since="1.1", fields=["b", "a"]).fields == ("b", "a")  # type: ignore[arg-type]
    group = Converted(since="1.1", was={}, up=up, down=down, fields=["b", "a"])  # type: ignore[arg-type]
    assert group.fields == ("b", "a")
    assert Admitted({"Disk", "Cdrom"}, since="1.1").classes == ("Cdrom", "Disk")


def test_refusals_of_one_set_are_equal() -> None:
    """The order in which refused values are written says nothing."""
    assert Refused(["b", "a"], since="1.1") == Refused(("a", "b"), since="1.1")
    assert Refused(["a"], since="1.1") != Refused(["a"], since="1.2")


@pytest.mark.parametrize("value", [ABSENT, *Loss], ids=repr)
def test_markers_are_single(value: object) -> None:
    """Copies and other processes' markers are the marker itself, and it reads as its name."""
    assert copy.deepcopy(value) is value
    assert pickle.loads(pickle.dumps(value)) is value
    assert repr(value) in ("ABSENT", "LOSSLESS", "LOSSY", "MAY_FAIL")


def test_absent_is_not_none() -> None:
    """A field that is not set is not a field that is None, and ABSENT hides no other value."""
    assert Added(since="1.1").backfill is ABSENT
    assert Added(since="1.1") != Added(since="1.1", backfill=None)
    assert ABSENT not in (None, False, 0, "", "ABSENT")


def test_a_converter_context_knows_as_little_as_it_is_given() -> None:
    """Everything but the object's name and the target is optional."""
    context = ConverterContext(object_name="Server", target="1.1")
    assert (context.manifest, context.context, context.obj) == (None, None, None)


def test_one_bare_name_is_one_value() -> None:
    """A text in the place of a set is a set of one, not of its letters."""
    assert Refused("igb", since="1.3").values == ("igb",)
    assert Admitted("Disk", since="1.3").classes == ("Disk",)
