"""The dates of a parent, as `Inherits` translates them for a subclass."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.history.declaring import NUMBER, OBJECT, TEXT, converted, field, history
from vobj.changes import Added, ChildVersions, Inherits, Noted, Renamed
from vobj.errors import DeclarationError
from vobj.history import FieldDeclaration, derive

TABLE = {"1.0": "1.1", "1.1": "1.2", "1.3": "1.4"}


def derived(declared: FieldDeclaration, table: Mapping[str, str]) -> FieldDeclaration:
    """The field of a parent at 1.4, in a class that stands on it by a table."""
    return derive(declared, Inherits(table), history("1.4", declared, name="Base"))


@pytest.mark.parametrize(
    ("date", "own"),
    [("1.1", None), ("1.2", "1.1"), ("1.3", "1.3"), ("1.4", "1.3")],
)
def test_a_date_is_that_of_the_first_version_that_stands_on_it(date: str, own: str | None) -> None:
    """What happened before the class stood on its parent is left out."""
    changes = derived(field("a", TEXT, Renamed("b", since=date)), TABLE).changes
    assert changes == (() if own is None else (Renamed("b", since=own),))


@pytest.mark.parametrize("reverse", [False, True])
def test_the_order_of_the_table_says_nothing(*, reverse: bool) -> None:
    """Own versions count in ascending order: 1.10 is after 1.9."""
    table = {"1.0": "1.0", "1.9": "1.2", "1.10": "1.4"}
    given = dict(reversed(table.items())) if reverse else table
    changes = derived(field("a", TEXT, Added(since="1.1"), Noted("n", since="1.3")), given).changes
    assert changes == (Added(since="1.9"), Noted("n", since="1.10"))


def test_older_types_move_with_their_dates() -> None:
    """What the type was is said for the translated version, or not at all."""
    declared = field(
        "a", NUMBER, converted("1.1"), converted("1.3"), was={"1.1": TEXT, "1.3": TEXT}
    )
    moved = derived(declared, TABLE)
    assert dict(moved.was) == {"1.3": TEXT}
    assert [one.since for one in moved.changes] == ["1.3"]  # type: ignore[union-attr]
    assert (moved.name, moved.type, moved.key) == ("a", NUMBER, False)


@pytest.mark.parametrize(
    ("children", "own"),
    [
        ({"1.0": "1.0"}, {"1.0": "1.0", "1.1": "1.0", "1.3": "1.0"}),
        ({"1.0": "1.0", "1.2": "1.5"}, {"1.0": "1.0", "1.1": "1.5", "1.3": "1.5"}),
        ({"1.2": "1.5", "1.4": "1.6"}, {"1.1": "1.5", "1.3": "1.6"}),
        ({"1.3": "1.9", "1.4": "1.10"}, {"1.3": "1.10"}),
    ],
)
def test_the_children_of_the_parent_are_those_of_the_class(
    children: dict[str, str], own: dict[str, str]
) -> None:
    """Each own version holds the child that the parent version it stands on holds."""
    moved = derived(field("a", OBJECT, ChildVersions(children)), TABLE)
    assert moved.changes == (ChildVersions(own),)


@pytest.mark.parametrize(("table", "shown"), [({"1.0": "1.3"}, "1.3"), ({}, "-")])
def test_a_table_that_stops_too_early(table: dict[str, str], shown: str) -> None:
    """A change that no version of the table reaches is a mistake, with the way out."""
    with pytest.raises(DeclarationError, match=f"stops at Base {shown}, but Base changed") as found:
        derived(field("a", TEXT, Renamed("b", since="1.4")), table)
    assert found.value.rule == "declare/inherited"
    assert (found.value.object_name, found.value.version) == ("Base", "1.4")
    assert "Add the version that stands on it" in found.value.message
