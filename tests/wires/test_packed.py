"""The packed wire on trees: what it writes, part by part, and that it reads the same."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given

from tests.wires.packing import (
    BOOK,
    EMPTY,
    LEAF,
    SCALARS,
    TREE,
    defined,
    inside,
    node,
    nodes,
    payload,
)
from vobj.errors import UsageError
from vobj.history import Schema, WireType
from vobj.wires import PackedWire
from vobj.wires.packed_layout import layout_of

WIRE = PackedWire(BOOK)
UUID = "00010203-0405-0607-0809-0a0b0c0d0e0f"
LEAF_A = node(LEAF, {"a": "x"})


def as_read(tree: Any) -> Any:
    """A tree in the order in which the wire gives it: changes as the schema has them."""
    if isinstance(tree, list | tuple):
        return [as_read(one) for one in tree]
    if not isinstance(tree, dict):
        return tree
    made = {key: as_read(one) for key, one in tree.items()}
    changes = made.get("versioned_object.changes")
    schema = BOOK.written(
        str(made.get("versioned_object.name")), str(made.get("versioned_object.version"))
    )
    if changes and schema is not None and set(changes) <= set(schema.fields):
        made["versioned_object.changes"] = [one for one in schema.fields if one in changes]
    return made


@given(nodes())
def test_every_tree_is_read_as_it_was(tree: dict[str, Any]) -> None:
    """Whatever fits its schema or not, and whatever stands in a field."""
    data = WIRE.encode(tree)
    read = WIRE.decode(data)
    assert as_read(read) == as_read(tree)
    assert WIRE.encode(read) == data  # type: ignore[arg-type]


@given(nodes())
def test_equal_trees_are_equal_bytes(tree: dict[str, Any]) -> None:
    """The order of keys, fields and changes of an object is not in the bytes."""
    turned = dict(reversed(tree.items()))
    turned["versioned_object.data"] = dict(reversed(tree["versioned_object.data"].items()))
    if inside(WIRE.encode(tree)).__class__ is list:
        assert WIRE.encode(turned) == WIRE.encode(tree)


def test_fields_stand_in_the_order_of_their_names_and_are_read_in_that_of_the_schema() -> None:
    """`z` is declared before `a`."""
    tree = node(LEAF, {"a": None, "z": 7}, "a", "z")
    assert inside(WIRE.encode(tree)) == [defined(LEAF), True, True, None, 7]
    read: Any = WIRE.decode(WIRE.encode(tree))
    assert list(read["versioned_object.data"]) == ["z", "a"]
    assert read["versioned_object.changes"] == ["z", "a"]


@pytest.mark.parametrize(
    ("data", "changes", "presence", "bits"),
    [
        ({"a": "x"}, [], b"\1", None),
        ({"z": 1}, ["z"], b"\2", True),
        ({}, [], b"\0", None),
        ({}, ["a"], b"\0", b"\1"),
        ({"a": "x", "z": 1}, ["z"], True, b"\2"),
        ({"z": 1}, ["a", "z"], b"\2", b"\3"),
        ({"z": 1}, ["a"], b"\2", b"\1"),
    ],
)
def test_presence_and_changes(
    data: dict[str, Any], changes: list[str], presence: object, bits: object
) -> None:
    """True where it can be, else bits in the order of the names."""
    packed = inside(WIRE.encode(node(LEAF, data, *changes)))
    assert packed[1:3] == [presence, bits]
    assert type(packed[1]) is type(presence)
    assert as_read(WIRE.decode(payload(packed))) == as_read(node(LEAF, data, *changes))


def test_bits_of_many_fields() -> None:
    """Field i is bit i % 8 of byte i // 8."""
    names = [f"f{number:02}" for number in range(17)]
    wide = Schema("Wide", "1.0", dict.fromkeys(names, WireType("Integer")))
    wire = PackedWire(type(BOOK)(wide))
    tree = node(wide, {"f00": 1, "f09": 2, "f16": 3}, "f16")
    assert inside(wire.encode(tree))[1:] == [b"\x01\x02\x01", b"\0\0\1", 1, 2, 3]
    assert wire.decode(wire.encode(tree)) == tree


def test_a_schema_without_fields() -> None:
    """Presence is true, since no field of it is missing."""
    assert inside(WIRE.encode(node(EMPTY, {}))) == [defined(EMPTY), True, None]


def test_a_definition_is_written_once() -> None:
    """Numbered where the objects start: the outer one first, then by field name."""
    tree = node(TREE, {"leaves": [LEAF_A, node(EMPTY, {}), LEAF_A], "leaf": node(EMPTY, {})})
    assert inside(WIRE.encode(tree)) == [
        defined(TREE),
        b"\x06\x00",
        None,
        [defined(EMPTY), True, None],
        [[defined(LEAF), b"\1", None, "x"], [1, True, None], [2, b"\1", None, "x"]],
    ]


def test_namespaces() -> None:
    """A namespace is written where it differs from the one around, and tells definitions apart."""
    other = node(LEAF, {"a": "x"}, namespace="other")
    tree = node(TREE, {"leaves": [LEAF_A, other, other, LEAF_A]})
    packed = inside(WIRE.encode(tree))
    assert [one[0] for one in packed[3]] == [defined(LEAF), defined(LEAF, "other"), 2, 1]
    assert WIRE.decode(WIRE.encode(tree)) == tree

    tree = node(TREE, {"leaves": [LEAF_A, other]}, namespace="other")
    packed = inside(WIRE.encode(tree))
    assert packed[0] == defined(TREE, "other")
    assert [one[0] for one in packed[3]] == [defined(LEAF, "versionedobjects"), defined(LEAF)]
    assert WIRE.decode(WIRE.encode(tree)) == tree


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1.7"},
        {"name": "Other"},
        {"changes": ["nobody"]},
        {"changes": [None]},
        {"changes": "a"},
        {"changes": {"a": 1}},
        {"data": {"extra": 1}},
        {"data": []},
        {"namespace": None},
        {"more": 1},
    ],
)
def test_what_does_not_fit_is_a_map(change: dict[str, Any]) -> None:
    """Nothing is lost of an envelope that its schema cannot express, nor of what is inside it."""
    leaf = node(LEAF, {"a": "x"}, **change)
    tree = node(TREE, {"leaf": leaf, "leaves": [LEAF_A]})
    packed = inside(WIRE.encode(tree))
    assert packed[3] == leaf
    assert packed[4] == [[defined(LEAF), b"\1", None, "x"]], "it takes no definition"
    assert WIRE.decode(WIRE.encode(tree)) == tree
    around = node(TREE, {"leaf": LEAF_A}, more=leaf)
    assert inside(WIRE.encode(around)) == around


def test_an_empty_list_of_changes_is_none() -> None:
    """As vobj writes it: `changes` are left out when there are none."""
    assert WIRE.decode(WIRE.encode(node(LEAF, {"a": "x"}, changes=[]))) == LEAF_A


@pytest.mark.parametrize("value", [True, 1, -7, 1.5, b"x" * 16, b"", [1], [], {"a": None}, [None]])
def test_a_value_that_is_not_text_is_wrapped_where_text_is_shortened(value: Any) -> None:
    """So that a number is never taken for a date."""
    for name in SCALARS.fields:
        data = WIRE.encode(node(SCALARS, {name: value}))
        assert inside(data)[3:] == [[value]]
        assert WIRE.decode(data) == node(SCALARS, {name: value})


@pytest.mark.parametrize("value", [None, True, 7, 1.5, "text", b"bin", {"a": [1]}])
def test_any_value_may_stand_where_an_object_does(value: Any) -> None:
    """As it is; but a list is wrapped, since an object is an array."""
    assert inside(WIRE.encode(node(TREE, {"leaf": value})))[3] == value
    assert inside(WIRE.encode(node(TREE, {"leaf": [value]})))[3] == [[value]]
    for tree in (node(TREE, {"leaf": value}), node(TREE, {"leaf": [value]})):
        assert WIRE.decode(WIRE.encode(tree)) == tree


def test_containers_of_short_forms() -> None:
    """Each element in its form, at any depth; and whatever is no container as it is."""
    tree = node(
        TREE,
        {"when": ["2026-03-14T15:09:26Z", None, "soon", 7], "homes": {"a": "192.0.2.1", "b": "::"},
         "marks": [UUID]},
    )  # fmt: skip
    assert inside(WIRE.encode(tree))[3:] == [
        {"a": 0xC0000201, "b": bytes(16)},
        [bytes(range(16))],
        [1773500966, None, "soon", [7]],
    ]
    assert WIRE.decode(WIRE.encode(tree)) == tree
    odd = node(TREE, {"when": {"a": 1}, "homes": [UUID], "marks": UUID, "shelves": 7})
    assert inside(WIRE.encode(odd))[3:] == [[UUID], UUID, 7, {"a": 1}]
    assert WIRE.decode(WIRE.encode(odd)) == odd


class Loud(str):
    __slots__ = ()


def test_subclasses_of_plain_types() -> None:
    """Written as what they are, as on the other wires."""
    tree = node(TREE, {"uuid": Loud(UUID), "name": Loud("n"), "opaque": ("a", ["b"])})
    assert inside(WIRE.encode(tree))[3:] == ["n", ["a", ["b"]], bytes(range(16))]


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("raw", {1, 2}, r'\$\["versioned_object.data"\]\["raw"\]'),
        ("raw", {"a": [{1: 2}]}, r'\["raw"\]\["a"\]\[0\]'),
        ("raw", datetime.datetime(2026, 1, 1), r'\["raw"\]'),
        ("raw", 2**64, r'\["raw"\]'),
        ("name", "\ud800", r'\["name"\]'),
        ("homes", {1: "::"}, r'\["homes"\]'),
        ("uuid", {1}, r'\["uuid"\]'),
    ],
)
def test_what_plain_msgpack_cannot_hold(field: str, value: Any, path: str) -> None:
    """It is the caller's mistake, and the path says where."""
    with pytest.raises(UsageError, match=rf"The packed wire cannot hold.*{path}"):
        WIRE.encode(node(TREE, {field: value}))


def test_a_tree_that_contains_itself() -> None:
    """It has no end to be written."""
    tree = node(TREE, {})
    tree["versioned_object.data"]["leaf"] = tree
    with pytest.raises(UsageError, match="cannot hold"):
        WIRE.encode(tree)


def test_layouts_are_remembered_within_bounds() -> None:
    """By identity, and a schema that was forgotten is laid out anew."""
    first = layout_of(LEAF)
    assert layout_of(LEAF) is first
    for number in range(1100):
        layout_of(Schema("Many", f"1.{number}", {}))
    assert layout_of(LEAF).names == first.names
