"""Declared values: what they are on the wire, and which values of a payload they mean."""

from __future__ import annotations

from typing import Any

import pytest

import vobj
from vobj import ABSENT, Added, Converted, Mapped, NotNull, Refused, RefusedError, Removed
from vobj.codec import executor as chosen
from vobj.history import WireType, comparable, means, on_wire

TEXT, WHOLE = WireType("String"), WireType("Integer")
SETS = WireType("Set", element=TEXT)
LISTS = WireType("List", element=TEXT)


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        ({"b", "a"}, SETS, ["a", "b"]),
        (frozenset({2, 1}), WireType("Set", element=WHOLE), [1, 2]),
        (["b", "a"], SETS, ["a", "b"]),
        (("b", "a"), LISTS, ["b", "a"]),
        ({"x": {"b", "a"}}, WireType("Dict", element=SETS), {"x": ["a", "b"]}),
        ([{"b", "a"}], WireType("List", element=SETS), [["a", "b"]]),
        ("ba", SETS, "ba"),
        (None, SETS, None),
        (ABSENT, SETS, ABSENT),
    ],
)
def test_a_declared_value_on_the_wire(value: object, kind: WireType, written: object) -> None:
    """Sets are sorted lists, tuples are lists, and scalars stay as they are."""
    assert on_wire(value, kind) == written


@pytest.mark.parametrize(
    ("declared", "kind", "value", "meant"),
    [
        ({"a", "b"}, SETS, ["b", "a"], True),
        (["b", "a"], SETS, ("a", "b"), True),
        ([], SETS, (), True),
        ([], SETS, [], True),
        ([], SETS, ["a"], False),
        (["a"], SETS, "a", False),
        (["b", "a"], LISTS, ["b", "a"], True),
        (["b", "a"], LISTS, ("b", "a"), True),
        (["b", "a"], LISTS, ["a", "b"], False),
        ([1], WireType("Set", element=WHOLE), [True], False),
        ([1], WireType("List", element=WHOLE), [True], False),
        ({"x": ["b", "a"]}, WireType("Dict", element=SETS), {"x": ["a", "b"]}, True),
        ({"x": ["b", "a"]}, WireType("Dict", element=LISTS), {"x": ["a", "b"]}, False),
        ({"x": []}, WireType("Dict", element=SETS), {}, False),
        ([["b", "a"]], WireType("Set", element=LISTS), [("b", "a")], True),
        ([{"k": 1}], WireType("Set", element=WireType("Dict")), [{"k": 1}], True),
        ([{"k": 1}], WireType("Set", element=WireType("Dict")), [{"k": True}], False),
        ([{"b", "a"}], WireType("Set", element=SETS), [["a", "b"]], True),
    ],
)
def test_what_a_declared_value_means(
    declared: object, kind: WireType, value: object, meant: bool
) -> None:
    """Sets have no order, lists have one, and True is not 1 in either."""
    assert means(value, comparable(declared, kind)) is meant


@vobj.register
class BoxOfSets(vobj.VersionedObject):
    VERSION = "1.1"
    refused: set[str] = vobj.field(Refused([[], {"x", "y"}], since="1.1"))
    mapped: set[str] = vobj.field(Mapped({frozenset({"n", "m"}): ("old",)}, since="1.1"))
    added: set[str] = vobj.field(Added(since="1.1", backfill={"b", "a"}))
    filled: set[str] = vobj.field(NotNull(since="1.1", fill={"d", "c"}))
    counted: set[str] = vobj.field(
        Converted(since="1.1", was=list[str], down=lambda held: [*held, "!"], up=lambda held: held)
    )
    gone: set[str] = vobj.field(Removed(since="1.1", restore={"f", "e"}))


@pytest.mark.parametrize("executor", sorted({"python", chosen}))
@pytest.mark.parametrize("wire", ["primitive", "json", "msgpack", "packed"])
def test_sets_in_every_change(wire: str, executor: str) -> None:
    """Whether an object or its payload is sent back, a set means what its elements are."""
    codec = vobj.Codec(wire=wire, executor=executor)
    trees = vobj.Codec(wire="primitive")
    for held in (set(), {"y", "x"}):
        box = BoxOfSets(refused=held)
        for refuse in (
            lambda box=box: codec.encode(box, to="1.0"),
            lambda box=box: codec.backport(codec.encode(box), to="1.0"),
        ):
            with pytest.raises(RefusedError, match="cannot express"):
                refuse()
    box = BoxOfSets(refused={"z"}, mapped={"m", "n"}, added={"q"}, filled={"z"}, counted={"i"})
    older = codec.encode(box, to="1.0")
    assert codec.backport(codec.encode(box), to="1.0") == older
    data: dict[str, Any] = _data(trees, codec, older)
    assert {name: list(value) for name, value in data.items()} == {
        "refused": ["z"],
        "mapped": ["old"],
        "filled": ["z"],
        "counted": ["i", "!"],
        "gone": ["e", "f"],
    }
    newer = codec.decode(older)
    assert newer.mapped == {"m", "n"}
    assert newer.added == {"a", "b"}


def _data(trees: vobj.Codec, codec: vobj.Codec, payload: object) -> dict[str, Any]:
    tree: dict[str, Any] = trees.backport(payload, to="1.0", source=codec.wire)
    found: dict[str, Any] = tree["versioned_object.data"]
    return found
