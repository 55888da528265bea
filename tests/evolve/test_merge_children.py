"""An older caller's edit of objects inside fields: single, in lists, in dicts."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.evolve.fleet import (
    FLEET,
    data,
    nic,
    nics,
    note,
    old_nic,
    old_nics,
    old_note,
    server,
    texts,
    told,
)
from vobj.errors import (
    MergeConflict,
    MergeError,
    PayloadError,
    VobjError,
)
from vobj.testkit.bare import node


def put_back(name: str, current: Any, edited: Any, *base: Any, **how: Any) -> Any:
    """What becomes of one field of a Server 1.3 that a caller at 1.0 edited."""
    given = [server("1.3", **{name: current}), server("1.0", **{name: edited}),
             *(server("1.3", **{name: one}) for one in base)]  # fmt: skip
    before = copy.deepcopy(given)
    made = FLEET.merge(*given, **how)
    assert given == before
    return data(made)[name]


def conflict(name: str, *given: Any, kind: type[VobjError] = MergeConflict) -> VobjError:
    """The error of such a put-back."""
    with pytest.raises(kind, match=r"\[\S+/\S+\]$") as caught:
        put_back(name, *given)
    return caught.value


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        ("abc", ["a:a", "b:b", "c:c"]),
        ("ac", ["a:a", "c:c"]),
        ("", []),
        ("cab", ["c:c", "a:a", "b:b"]),
        ("axbc", ["a:a", "x:-", "b:b", "c:c"]),
        ("cxa", ["c:c", "x:-", "a:a"]),
    ],
)
def test_keyed_elements_keep_what_the_caller_cannot_see(edited: str, expected: list[str]) -> None:
    """Deleted, inserted, moved: hidden data stays on its own element."""
    made = put_back("nics", nics(*"abc"), old_nics(*edited))
    assert texts(made) == expected


def test_an_element_is_edited_in_its_place() -> None:
    """An edit inside an element is put into it; the others are the very same."""
    current = nics("a", "b")
    made = put_back("nics", current, [old_nic("b", mac="x"), old_nic("a")])
    assert made == [
        nic("b", mac="x", speed=98) | {"versioned_object.changes": ["mac"]},
        nic("a", speed=97),
    ]
    same = FLEET.merge(server("1.3", nics=current), server("1.0", nics=old_nics("a", "b")))
    assert same == server("1.3", nics=current)


@pytest.mark.parametrize(
    "given",
    [
        (nics("a"), old_nics("a", "a")),
        (nics("a", "b", "a"), old_nics("a")),
        (nics("a", "a"), old_nics("a"), nics("a")),
    ],
)
def test_two_elements_with_one_key(given: Any) -> None:
    """Nobody could say which is meant."""
    error = conflict("nics", *given, kind=MergeError)
    assert error.rule == "merge/duplicate-key"
    assert error.path[0] == "nics"
    assert isinstance(error.path[1], int)


@pytest.mark.parametrize(
    ("base", "current", "edited", "expected"),
    [
        ("ab", "abc", "ab", ["a:a", "b:b", "c:c"]),
        ("ab", "abc", "axb", ["a:a", "x:-", "b:b", "c:c"]),
        ("ab", "cab", "b", ["c:c", "b:b"]),
        ("abc", "acxb", "cb", ["c:c", "x:x", "b:b"]),
        ("abc", "ac", "bca", ["c:c", "a:a"]),
        ("abc", "cab", "abc", ["c:c", "a:a", "b:b"]),
        ("ab", "abx", "abx", ["a:a", "b:b", "x:x"]),
        ("ab", "b", "b", ["b:b"]),
        ("ab", "b", "a", []),
    ],
)
def test_lists_that_both_changed(base: str, current: str, edited: str, expected: list[str]) -> None:
    """What either side inserted is there, what either deleted is not; the caller's order counts."""
    made = put_back("nics", nics(*current), old_nics(*edited), nics(*base))
    assert texts(made) == expected


def test_one_deleted_what_the_other_edited() -> None:
    """It is a conflict either way round, and the policy decides for the element alone."""
    base, changed = nics("a", "b"), [nic("a", mac="x"), nics("b")[0]]
    gone_there = (nics("b"), [old_nic("a", mac="y"), old_nic("b")], base)
    error = conflict("nics", *gone_there)
    assert told(error) == ("merge/conflict", "$.nics[0]")
    assert texts(put_back("nics", *gone_there, on_conflict="current")) == ["b:b"]
    back = put_back("nics", *gone_there, on_conflict="edited")
    assert sorted(texts(back)) == ["a:-", "b:b"]
    gone_here = (changed, old_nics("b"), base)
    assert told(conflict("nics", *gone_here)) == ("merge/conflict", "$.nics[0]")
    assert len(put_back("nics", *gone_here, on_conflict="current")) == 2
    assert texts(put_back("nics", *gone_here, on_conflict="edited")) == ["b:b"]


def test_both_edited_one_element() -> None:
    """Different fields of an element merge, the same field is a conflict with its place."""
    base = nics("a", "b")
    faster = [nic("a", speed=1), base[1]]
    made = put_back("nics", faster, [old_nic("a", mac="y"), old_nic("b")], base)
    assert data(made[0]) == {"uuid": "a", "mac": "y", "speed": 1}
    error = conflict("nics", [nic("a", mac="x"), base[1]], [old_nic("a", mac="y")], base)
    assert told(error) == ("merge/conflict", "$.nics[0].mac")
    assert error.object_name == "Nic"


def test_both_inserted_one_element() -> None:
    """A twin that looks alike is one; one that does not is a conflict."""
    current = [*nics("a"), nic("x", mac="m", speed=5)]
    assert put_back("nics", current, old_nics("x", "a"), nics("a")) == [current[1], current[0]]
    other = (current, [old_nic("a"), old_nic("x", mac="z")], nics("a"))
    assert told(conflict("nics", *other)) == ("merge/conflict", "$.nics[1]")
    assert put_back("nics", *other, on_conflict="current") == current
    wins = put_back("nics", *other, on_conflict="edited")
    assert [data(one).get("mac") for one in wins] == ["m", "z"]


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        ("abc", ["a:red", "b:green", "c:blue"]),
        ("ac", ["a:red", "c:blue"]),
        ("aXc", ["a:red", "X:green", "c:blue"]),
        ("abXc", ["a:red", "b:green", "X:-", "c:blue"]),
        ("bca", ["b:green", "c:blue", "a:-"]),
    ],
)
def test_elements_without_a_key(edited: str, expected: list[str]) -> None:
    """Equal elements are the same, an edit in place keeps its hidden data, a move is not known."""
    current = [note("a", "red"), note("b", "green"), note("c", "blue")]
    made = put_back("notes", current, [old_note(one) for one in edited])
    assert texts(made) == expected


def test_two_orders_without_keys() -> None:
    """Both sides rearranged what has no key: nothing can be told, so the policy decides."""
    base = [note("a"), note("b"), note("c")]
    given = ([note("c"), note("a")], [old_note("b"), old_note("a")], base)
    assert told(conflict("notes", *given)) == ("merge/conflict", "$.notes")
    assert put_back("notes", *given, on_conflict="current") == given[0]
    assert "b" in {data(one)["text"] for one in put_back("notes", *given, on_conflict="edited")}


def test_the_same_edit_twice_is_no_conflict() -> None:
    """A current list that the caller would see as it wrote it stays."""
    base = [note("a", "red"), note("b", "green")]
    now = [note("b", "green"), note("z", "new")]
    assert put_back("notes", now, [old_note("b"), old_note("z")], base) == now


@pytest.mark.parametrize(
    ("current", "edited", "expected"),
    [
        (None, None, None),
        (nic("a"), old_nic("a"), nic("a")),
        (nic("a"), None, None),
        (None, old_nic("a"), node("Nic", "1.1", {"uuid": "a", "mac": "m"})),
        (nic("a"), old_nic("b"), node("Nic", "1.1", {"uuid": "b", "mac": "m"})),
    ],
)
def test_a_single_object(current: Any, edited: Any, expected: Any) -> None:
    """It is itself as long as its key is; another key, or none before, is another object."""
    assert put_back("boot", current, edited) == expected


def test_a_single_object_that_both_changed() -> None:
    """Unequal changes of the whole are a conflict; equal ones, and changes inside, are not."""
    base = nic("a")
    assert put_back("boot", nic("b"), old_nic("a"), base) == nic("b")
    assert put_back("boot", nic("b", speed=3), old_nic("b"), base) == nic("b", speed=3)
    assert told(conflict("boot", nic("b"), old_nic("c"), base)) == ("merge/conflict", "$.boot")
    assert told(conflict("boot", None, old_nic("c"), base)) == ("merge/conflict", "$.boot")
    assert put_back("boot", nic("b"), None, base, on_conflict="current") == nic("b")
    assert put_back("boot", nic("b"), None, base, on_conflict="edited") is None
    inside = put_back("boot", nic("a", speed=3), old_nic("a", mac="x"), base)
    assert data(inside) == {"uuid": "a", "mac": "x", "speed": 3}


def test_a_field_of_objects_that_is_left_out() -> None:
    """Left out is untouched, or cleared on request; a hidden one cannot be cleared."""
    current = server("1.3", boot=nic("a"), nics=nics("b"))
    edited = server("1.0", nics=old_nics("b"))
    assert FLEET.merge(current, edited) == current
    cleared = FLEET.merge(current, edited, current, absent="clear")
    assert data(cleared) == {"nics": nics("b")}


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        ({"k": old_note("a"), "l": old_note("b")}, ["a:red", "b:green"]),
        ({"k": old_note("x"), "l": old_note("b")}, ["x:red", "b:green"]),
        ({"l": old_note("b")}, ["b:green"]),
        ({"k": old_note("a"), "l": old_note("b"), "m": old_note("z")},
         ["a:red", "b:green", "z:-"]),
        ({}, []),
        ({"k": old_note("b"), "l": old_note("a")}, ["b:red", "a:green"]),
    ],
)  # fmt: skip
def test_a_dict_of_objects(edited: Any, expected: list[str]) -> None:
    """Objects pair by their keys; a key that is missing lost its object."""
    current = {"k": note("a", "red"), "l": note("b", "green")}
    assert texts(list(put_back("disks", current, edited).values())) == expected


def test_a_dict_that_both_changed() -> None:
    """Each key is its own case; a conflict names its key."""
    base = {"k": note("a"), "l": note("b")}
    now = {"k": note("a"), "l": note("c"), "m": note("d")}
    made = put_back("disks", now, {"k": old_note("x"), "l": old_note("b")}, base)
    assert [data(one)["text"] for one in made.values()] == ["x", "c", "d"]
    error = conflict("disks", now, {"k": old_note("a"), "l": old_note("y")}, base)
    assert told(error) == ("merge/conflict", '$.disks["l"].text')
    assert told(conflict("disks", now, {"k": old_note("a")}, base)) == (
        "merge/conflict", '$.disks["l"]',
    )  # fmt: skip
    gone = put_back("disks", now, {"k": old_note("a")}, base, on_conflict="edited")
    assert list(gone) == ["k", "m"]


@pytest.mark.parametrize(
    ("name", "edited", "path"),
    [
        ("nics", 7, "$.nics"),
        ("nics", [7], "$.nics[0]"),
        ("nics", [old_nic("a"), {"versioned_object.name": "Nic"}], "$.nics"),
        ("boot", 7, "$.boot"),
        ("boot", [old_nic("a")], "$.boot"),
        ("disks", [], "$.disks"),
        ("disks", {"k": 7}, '$.disks["k"]'),
        ("disks", old_note("a"), "$.disks"),
    ],
)
def test_an_edit_of_another_shape(name: str, edited: Any, path: str) -> None:
    """What is no object, list or dict of objects is the caller's mistake, told with its place."""
    current = {"nics": nics("a"), "boot": nic("a"), "disks": {"k": note("a")}}[name]
    error = conflict(name, current, edited, kind=PayloadError)
    assert error.rule in ("payload/value", "payload/envelope")
    assert told(error)[1].startswith(path)


def test_a_key_that_nobody_set() -> None:
    """An element whose key is unset pairs by content, a single object by its place."""
    bare = node("Nic", "1.1", {"mac": "m", "speed": 7})
    made = put_back("nics", [bare], [node("Nic", "1.0", {"mac": "m"})])
    assert made == [bare]
    named = put_back("boot", bare, old_nic("a"))
    assert data(named) == {"uuid": "a", "mac": "m", "speed": 7}
