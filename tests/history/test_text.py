"""The words for changes."""

from __future__ import annotations

from typing import Literal, get_args

import pytest
from oslo_versionedobjects import fields

from vobj import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    Converted,
    Inherits,
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
from vobj.changes import ClassFact, FieldChange
from vobj.history.text import describe_change, value_text


def same(value: object) -> object:
    return value


def converted(was: object, **more: bool) -> Converted:
    return Converted(since="1.2", was=was, up=same, down=same, **more)


GROUP = Converted(since="1.2", was={}, up=same, down=same, fields=("a", "b"), io=True)

WORDS: list[tuple[FieldChange | ClassFact, str]] = [
    (Added(since="1.2"), "added; unset in older payloads"),
    (Added(since="1.2", backfill={"a": 1}), 'added; older payloads get {"a": 1}'),
    (Removed(since="1.2"), "removed; unset in older versions"),
    (Removed(since="1.2", restore=None), "removed; older versions get null"),
    (Renamed("ram", since="1.2"), "renamed from ram"),
    (
        Mapped({"vz": "parallels", "new": ABSENT}, since="1.2"),
        'new spelling: "vz" was "parallels", "new" was unset',
    ),
    (Refused({"b", "a"}, since="1.2"), '"a", "b" refused for older versions'),
    (Refused(since="1.2", present=True, reason="no"), "any value refused for older versions: no"),
    (
        Refused(since="1.2", present=True, fields=("a", "b")),
        "a, b: any value refused for older versions",
    ),
    (Nullable(since="1.2", none_as=0), "may be null; older versions get 0 for null"),
    (
        Nullable(since="1.2", none_as="", unset_too=True),
        'may be null; older versions get "" for null or unset',
    ),
    (NotNull(since="1.2", fill=3), "never null; a null of older payloads becomes 3"),
    (converted(float), "converted from float"),
    (converted("Flavor | None"), "converted from Flavor | None"),
    (converted(float | None, peers=True), "converted from float | None, reads other fields"),
    (converted(list[int]), "converted from list[int]"),
    (converted(Literal["a", "b"]), "converted from Literal['a', 'b']"),
    (converted(fields.IntegerField()), "converted from IntegerField"),
    (GROUP, "a, b: converted together, by one converter, may do I/O"),
    (
        ChildVersions({"1.0": "1.0", "1.2": "1.1"}),
        "holds its child at 1.0 since 1.0, 1.1 since 1.2",
    ),
    (Admitted({"B", "A"}, since="1.2"), "elements of A, B are new; older versions do not get them"),
    (Noted("mind", since="1.2"), "a warning for older versions: mind"),
    (NoChange("1.2"), "no change of data"),
    (NoChange("1.2", "a new method"), "no change of data: a new method"),
    (OldestSupported("1.2"), "nothing is sent below 1.2"),
    (
        Inherits({"1.0": "1.0", "1.2": "1.1"}),
        "stands on its parent at 1.0 since 1.0, 1.1 since 1.2",
    ),
    (Inherits({"1.0": "1.0"}, of="Base"), "stands on Base at 1.0 since 1.0"),
]


@pytest.mark.parametrize(("change", "text"), WORDS)
def test_every_change_has_words(change: FieldChange | ClassFact, text: str) -> None:
    """A change reads as one line."""
    assert describe_change(change) == text


def test_no_kind_of_change_is_left_out() -> None:
    """The list above has every member of the closed set."""
    assert {type(change) for change, _ in WORDS} == {*get_args(FieldChange), *get_args(ClassFact)}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (ChildVersions({"1.0": "1.0", "1.2": "1.1"}), "holds version 1.1 of its child"),
        (Inherits({"1.0": "1.0", "1.2": "1.1"}, of="Base"), "stands on 1.1 of Base"),
        (ChildVersions({"1.0": "1.0"}), "holds its child at 1.0 since 1.0"),
        (Inherits({"1.0": "1.0"}), "stands on its parent at 1.0 since 1.0"),
        (Renamed("ram", since="1.2"), "renamed from ram"),
    ],
)
def test_one_version_of_a_table(change: FieldChange | ClassFact, text: str) -> None:
    """Of a table, only the entry of the asked version is told, if it has one."""
    assert describe_change(change, "1.2") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ABSENT, "unset"),
        ("é\x1b[31m", '"\\u00e9\\u001b[31m"'),
        ("x" * 100, '"' + "x" * 27 + "..." + "x" * 27 + '"'),
        (same, "same"),
    ],
)
def test_a_value_is_short_and_printable(value: object, text: str) -> None:
    """A value is JSON in ASCII, cut in the middle; what JSON cannot hold is as Python shows it."""
    shown = value_text(value)
    assert text in shown
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) <= 60
