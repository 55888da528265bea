"""Put-back of objects that are hidden, refused, converted, renamed, foreign or of many classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evolve.fleet import (
    FLEET,
    NIC,
    NIC_TYPE,
    NOTE,
    NOTE_TYPE,
    data,
    keyed,
    listed,
    nic,
    nics,
    note,
    old_nic,
    old_nics,
    old_note,
    server,
    texts,
    told,
    world,
)
from tests.evolve.foreign import foreign
from tests.history.declaring import TEXT, converted, field, history, nullable
from vobj.changes import Admitted, ChildVersions, Mapped, Refused, Removed, Renamed
from vobj.errors import (
    PayloadError,
    UnrepresentableEdit,
)
from vobj.evolve import Node
from vobj.testkit.bare import node

HIDING = world(
    history("1.1", field("nics", listed(NIC_TYPE), Admitted({"Ghost"}, since="1.1")),
            field("boot", nullable(NIC_TYPE)), name="Server"),
    history("1.0", field("uuid", TEXT, key=True), name="Nic"),
    history("1.0", field("uuid", TEXT, key=True), name="Ghost"),
)  # fmt: skip


def plain(uuid: str) -> Node:
    """An element that every version has."""
    return node("Nic", "1.0", {"uuid": uuid})


def ghost(uuid: str) -> Node:
    """An element that older versions do not get."""
    return node("Ghost", "1.0", {"uuid": uuid})


@pytest.mark.parametrize(
    ("current", "edited", "expected"),
    [
        ("Gab", "ab", "Gab"),
        ("aGb", "ba", "baG"),
        ("aGb", "b", "Gb"),
        ("aGHb", "axb", "aGHxb"),
        ("GaH", "", "GH"),
        ("GaH", "xa", "GxaH"),
        ("aG", "ax", "aGx"),
    ],
)
def test_hidden_elements_stay_behind_their_neighbour(
    current: str, edited: str, expected: str
) -> None:
    """An element that the caller cannot see follows the nearest visible one that is left of it."""
    now = [ghost(one) if one.isupper() else plain(one) for one in current]
    made = HIDING.merge(server("1.1", nics=now), server("1.0", nics=[plain(one) for one in edited]))
    assert "".join(data(one)["uuid"] for one in data(made)["nics"]) == expected


def test_an_element_that_the_caller_may_not_have() -> None:
    """An inserted element of a class that is hidden from the caller cannot be held."""
    current, edited = server("1.1", nics=[plain("a")]), server("1.0", nics=[plain("a"), ghost("g")])
    with pytest.raises(UnrepresentableEdit, match="cannot hold the object") as caught:
        HIDING.merge(current, edited)
    assert told(caught.value) == ("merge/unrepresentable", "$.nics[1]")
    assert HIDING.merge(current, edited, unrepresentable="discard") == current


def test_an_unset_list_that_is_set() -> None:
    """Where there is no list yet, what the caller wrote is the list."""
    made = HIDING.merge(server("1.1"), server("1.0", nics=[plain("a")]))
    assert data(made) == {"nics": [plain("a")]}
    ghosts = server("1.0", nics=[ghost("g")])
    assert HIDING.merge(server("1.1"), ghosts, unrepresentable="discard") == server("1.1")


LOSSY = history(
    "1.1",
    field("kind", TEXT, Mapped({"n": "o", "m": "o"}, since="1.1")),
    field("bad", TEXT, Refused({"x"}, since="1.1")),
    name="Nic",
)
DATES = ChildVersions({"1.0": "1.0", "1.1": "1.1"})
RACK = history(
    "1.1",
    field("nics", listed(NIC_TYPE), DATES, Refused([[]], since="1.1")),
    field("boot", nullable(NIC_TYPE), DATES),
    name="Rack",
)
RACKS = world(RACK, LOSSY)


def rack(version: str, **fields: Any) -> Node:
    """A Rack's payload."""
    return node("Rack", version, fields)


def lossy(version: str, kind: str, **more: str) -> Node:
    """A Nic of the Rack's."""
    return node("Nic", version, {"kind": kind, **more})


def test_an_object_that_the_newer_version_cannot_hold() -> None:
    """A new object whose value has no newer form is an error, or is left out."""
    current = rack("1.1", nics=[lossy("1.1", "a")], boot=None)
    whole = rack("1.0", boot=lossy("1.0", "n"))
    element = rack("1.0", nics=[lossy("1.0", "a"), lossy("1.0", "n")])
    for edited, path in ((whole, "$.boot"), (element, "$.nics[1]")):
        with pytest.raises(UnrepresentableEdit, match="cannot hold the object") as caught:
            RACKS.merge(current, edited)
        assert told(caught.value) == ("merge/unrepresentable", path)
        assert RACKS.merge(current, edited, unrepresentable="discard") == current


def test_an_element_that_is_refused_to_the_caller() -> None:
    """What could not be sent any more is paired as it stands, and the rest is edited."""
    current = rack("1.1", nics=[lossy("1.1", "a", bad="x"), lossy("1.1", "m")])
    edited = rack("1.0", nics=[lossy("1.0", "a", bad="x"), lossy("1.0", "z")])
    made = RACKS.merge(current, edited)
    assert [data(one)["kind"] for one in data(made)["nics"]] == ["a", "z"]


def test_a_refused_object_may_be_taken_away() -> None:
    """A caller that was sent no such object can still say that there shall be none."""
    current = rack("1.1", nics=[lossy("1.1", "a")], boot=lossy("1.1", "a", bad="x"))
    made = RACKS.merge(current, rack("1.0", nics=[lossy("1.0", "a")], boot=None))
    assert data(made) == {"nics": [lossy("1.1", "a")], "boot": None}


def test_a_list_that_would_be_refused() -> None:
    """A field of objects that reads as refused after the edit cannot be put back."""
    current = rack("1.1", nics=[lossy("1.1", "a")])
    with pytest.raises(UnrepresentableEdit, match="would be refused to it") as caught:
        RACKS.merge(current, rack("1.0", nics=[]))
    assert told(caught.value) == ("merge/unrepresentable", "$.nics")
    assert RACKS.merge(current, rack("1.0", nics=[]), unrepresentable="discard") == current


def first(value: list[Node]) -> Node:
    return value[0]


def alone(value: Node) -> list[Node]:
    return [value]


GRID = listed(listed(NOTE_TYPE))
WHOLE = world(
    history(
        "1.1",
        field("grid", GRID, ChildVersions({"1.0": "1.0", "1.1": "1.1"})),
        field("many", listed(NOTE_TYPE), converted("1.1", up=alone, down=first),
              ChildVersions({"1.0": "1.0", "1.1": "1.1"}), was={"1.1": NOTE_TYPE}),
        field("gone", NOTE_TYPE, Removed(since="1.1")),
    ),
    NOTE,
)  # fmt: skip


def test_what_is_no_list_of_objects_is_put_back_whole() -> None:
    """Lists of lists, and objects under a converter, are one value: edited or not."""
    current = server("1.1", grid=[[note("a")]], many=[note("b"), note("c")])
    untouched = server("1.0", grid=[[old_note("a")]], many=old_note("b"))
    assert WHOLE.merge(current, untouched) == current
    made = WHOLE.merge(current, server("1.0", grid=[[old_note("x")], []], many=old_note("y")))
    assert data(made) == {
        "grid": [[node("Note", "1.1", {"text": "x"})], []],
        "many": [node("Note", "1.1", {"text": "y"})],
    }
    with pytest.raises(PayloadError, match="Expected an envelope") as caught:
        WHOLE.merge(current, server("1.0", grid=[[7]]))
    assert told(caught.value) == ("payload/envelope", "$.grid[0][0]")


def test_whole_objects_that_are_refused() -> None:
    """A value that could not be sent is no fault of a caller who left it alone."""
    made = history("1.1", field("grid", listed(listed(NIC_TYPE)), DATES), field("a"), name="Rack")
    codec = world(made, LOSSY)
    current = rack("1.1", grid=[[lossy("1.1", "k", bad="x")]], a="x")
    assert data(codec.merge(current, rack("1.0", a="y")))["a"] == "y"
    with pytest.raises(UnrepresentableEdit, match="is refused") as caught:
        codec.merge(rack("1.1", grid=[], a="x"), rack("1.0", grid=[[lossy("1.0", "k", bad="x")]]))
    assert told(caught.value) == ("merge/unrepresentable", "$.grid")


RENAMED = world(
    history("1.1", field("cards", listed(NIC_TYPE), Renamed("nics", since="1.1"), DATES)), NIC
)


def test_objects_in_a_renamed_field() -> None:
    """The caller's name is the older one, the error's path has the newer."""
    current = server("1.1", cards=nics("a", "b"))
    made = RENAMED.merge(current, server("1.0", nics=old_nics("b")))
    assert texts(data(made)["cards"]) == ["b:b"]
    with pytest.raises(PayloadError, match="Expected an envelope") as caught:
        RENAMED.merge(current, server("1.0", nics=[7]))
    assert told(caught.value) == ("payload/envelope", "$.cards[0]")


MIXED = world(
    history("1.0", field("nics", listed(NIC_TYPE)), field("any", nullable(NIC_TYPE))), NIC,
    NOTE,
)  # fmt: skip


def test_lists_of_several_classes() -> None:
    """Keyed elements pair by key, the others by content, and never across classes."""
    current = [nic("a", speed=1), note("x", "red"), nic("b", speed=2), note("y", "blue")]
    edited = [old_nic("b"), old_note("x"), old_note("z"), old_nic("a")]
    made = MIXED.merge(server("1.0", nics=current), server("1.0", nics=edited))
    assert [one["versioned_object.name"] for one in data(made)["nics"]] == [
        "Nic", "Note", "Note", "Nic",
    ]  # fmt: skip
    speeds = [data(one).get("speed") for one in data(made)["nics"]]
    assert speeds == [2, None, None, 1]
    assert data(data(made)["nics"][1]) == {"text": "x", "colour": "red"}


def test_an_object_of_another_class() -> None:
    """Another concrete class in a field is another object."""
    made = MIXED.merge(server("1.0", any=nic("a")), server("1.0", any=old_note("n")))
    assert data(made)["any"] == node("Note", "1.1", {"text": "n"})


def hook(found: dict[str, Any], target: tuple[int, ...]) -> None:
    """`colour` is new in 1.1."""
    if target < (1, 1):
        found.pop("colour", None)
        for one in found.get("inner", []):
            data(one).pop("colour", None)
            one["versioned_object.version"] = "1.0"


BOARD_TYPES = {"title": TEXT, "inner": listed(NOTE_TYPE), "pins": keyed(NOTE_TYPE)}
BOARD = foreign("Board", "1.1", BOARD_TYPES, hook)
BOARDS = world(NOTE, foreign=[BOARD])


def test_objects_inside_a_foreign_one() -> None:
    """The objects that a hand-written hook hands on are merged each by itself."""
    current = node("Board", "1.1", {"title": "t", "inner": [note("a", "red"), note("b", "blue")]})
    edited = node("Board", "1.0", {"title": "t", "inner": [old_note("b")]})
    made = BOARDS.merge(current, edited)
    assert texts(data(made)["inner"]) == ["b:blue"]
    renamed = BOARDS.merge(current, node("Board", "1.0", {"title": "u"}))
    assert data(renamed) == {"title": "u", "inner": [note("a", "red"), note("b", "blue")]}


def test_a_base_from_before_an_upgrade() -> None:
    """A base that was kept at older stamps is raised to those of the current tree."""
    base = server("1.0", nics=old_nics("a", "b"))
    current = server("1.3", nics=nics("a", "b"), secret="none")
    made = FLEET.merge(current, server("1.0", nics=old_nics("b")), base, on_conflict="edited")
    assert texts(data(made)["nics"]) == ["b:b"]


def test_a_payload_of_unknown_classes_inside() -> None:
    """What stands in a field that nobody declared is carried, whatever it claims to be."""
    odd = node("Nowhere", "9.9", {"versioned_object.name": 3})
    current = server("1.3", nics=nics("a"), odd=odd)
    made = FLEET.merge(current, server("1.0", nics=[], odd=odd, more=odd))
    assert data(made) == {"nics": [], "odd": odd}
