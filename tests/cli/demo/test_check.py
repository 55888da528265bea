"""The arithmetic of the demo: each comparison has a case that must be found."""

from __future__ import annotations

from typing import Any

import pytest

from vobj.cli.demo.check import (
    ABSENT,
    differences,
    edited,
    touched,
    under,
    unseen,
    value_at,
    values,
    within,
)


def node(version: str, **data: Any) -> dict[str, Any]:
    return {
        "versioned_object.name": "Server",
        "versioned_object.version": version,
        "versioned_object.data": data,
        "versioned_object.changes": ["ignored", version],
    }


def described(objects: list[str], **fields: Any) -> dict[str, Any]:
    return {
        "objects": [{"path": path, "object": "X", "version": "1.0"} for path in objects],
        "fields": [{"path": f"$.{path}", "value": value} for path, value in fields.items()],
    }


def test_hidden_paths_are_found() -> None:
    """What a reader has nothing of is named once, at its top."""
    newest = described(["$", "$.child", "$.child.inner"], a=1, b=2)
    newest["fields"] += [{"path": "$.child.x", "value": 1}, {"path": "$.child.inner.y", "value": 1}]
    seen = described(["$"], a=5, old_b=2)
    assert unseen(newest, seen, {"$.old_b": "$.b"}) == ["$.child"]
    assert unseen(newest, seen, {}) == ["$.b", "$.child"]
    assert unseen(newest, newest, {}) == []


def test_values_stand_under_their_newest_path() -> None:
    """Older spellings are translated."""
    assert values(described([], a=1, b=2), {"$.a": "$.z"}) == {"$.z": 1, "$.b": 2}


@pytest.mark.parametrize(
    ("path", "top", "inside"),
    [
        ("$.a.b", "$.a", True),
        ("$.a[0]", "$.a", True),
        ("$.a", "$.a", True),
        ("$.ab", "$.a", False),
        ("$.a", "$.a.b", False),
        ('$.a["k"]', "$.a.k", True),
        ("$.a", "$", True),
    ],
)
def test_within(path: str, top: str, *, inside: bool) -> None:
    """A path is within itself and everything above it; both spellings of a key are one."""
    assert within(path, top) is inside


def test_under_has_objects_and_fields() -> None:
    """Everything at a path or below it, with its version or its value."""
    told = described(["$", "$.a[0]"], a=1, ab=2)
    assert under(told, "$.a") == [("$.a[0]", "1.0"), ("$.a", 1)]


def test_edits_are_carried_out_on_a_copy() -> None:
    """Assign, append and remove, in order, at any depth; the payload stays as it was."""
    payload = node("1.0", tags={"k": 1}, subs=[node("1.0", x=1), node("1.0", x=2)])
    made = edited(
        payload,
        [
            {"path": "$.subs[0]", "remove": True},
            {"path": "$.subs[0].x", "value": 9},
            {"path": "$.subs", "append": node("1.0", x=3)},
            {"path": '$.tags["n"]', "value": 2},
        ],
    )
    assert [value_at(made, f"$.subs[{index}].x") for index in range(3)] == [9, 3, ABSENT]
    assert value_at(made, '$.tags["n"]') == 2
    assert value_at(payload, '$.tags["n"]') == ABSENT
    assert value_at(payload, "$.subs[0].x") == 1


@pytest.mark.parametrize(
    ("other", "path"),
    [
        (node("1.1", a=1, subs=[node("1.0", x=1)]), "$.versioned_object.version"),
        (node("1.0", a=True, subs=[node("1.0", x=1)]), "$.a"),
        (node("1.0", a=1.0, subs=[node("1.0", x=1)]), "$.a"),
        (node("1.0", a=1, b=None, subs=[node("1.0", x=1)]), "$.b"),
        (node("1.0", subs=[node("1.0", x=1)]), "$.a"),
        (node("1.0", a=1, subs=[node("1.0", x=2)]), "$.subs[0].x"),
        (node("1.0", a=1, subs=[]), "$.subs"),
    ],
)
def test_differences_are_found(other: dict[str, Any], path: str) -> None:
    """Every difference in name, version, data or type is found at its path."""
    assert [one[0] for one in differences(node("1.0", a=1, subs=[node("1.0", x=1)]), other)] == [
        path
    ]


def test_equal_payloads_do_not_differ() -> None:
    """`changes` are no data."""
    one, other = node("1.0", a=1), node("1.0", a=1)
    other["versioned_object.changes"] = []
    assert list(differences(one, other)) == []


def test_a_removal_touches_the_list() -> None:
    """Taking an element out moves the others, so the whole list counts as touched."""
    assert touched({"path": "$.a.b[0]", "remove": True}) == "$.a.b"
    assert touched({"path": "$.a.b[0]", "value": 1}) == "$.a.b[0]"
