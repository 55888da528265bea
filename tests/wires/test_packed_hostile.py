"""Every malformed form of the packed wire, limits, and bytes of all kinds: RemoteErrors only."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from tests.wires.trees import attempt, count, damaged, depth
from vobj.errors import LimitError, NewerVersionError, PayloadError, RemoteError, UnknownClassError
from vobj.wires import Limits, PackedWire

WIRE = PackedWire(BOOK)
UUID = "00010203-0405-0607-0809-0a0b0c0d0e0f"
LEAF_A = [defined(LEAF), b"\1", None, "x"]
FINGERPRINT = bytes.fromhex(LEAF.fingerprint)


def tree_with(number: int, value: Any) -> list[Any]:
    """A packed `Tree` of which one field is set."""
    return [defined(TREE), (1 << number).to_bytes(2, "little"), None, value]


def scalar(kind: str, value: Any) -> list[Any]:
    """A packed `Scalars` of which one field is set."""
    number = sorted(SCALARS.fields).index(f"f_{kind}")
    return [defined(SCALARS), (1 << number).to_bytes(2, "little"), None, value]


LEAF_AT, LEAVES = sorted(TREE.fields).index("leaf"), sorted(TREE.fields).index("leaves")

MALFORMED: dict[str, tuple[Any, str]] = {
    "a root that is nil": (None, "its root is NoneType"),
    "a root that is a number": (7, "its root is int"),
    "a wrapped root": ([LEAF_A], "an object of 1 parts"),
    "an empty root": ([], "an object of 0 parts"),
    "no changes": ([defined(LEAF), True], "an object of 2 parts"),
    "no definition": ([0, True, None, "x", 1], "there is no definition 0"),
    "a negative number": ([-1, True, None, "x", 1], "there is no definition -1"),
    "a truth value for a number": ([True, True, None, "x", 1], "starts with a definition"),
    "text for a definition": (["Leaf", True, None, "x", 1], "starts with a definition"),
    "a short definition": ([["Leaf", "1.0"], True, None, "x", 1], "starts with a definition"),
    "a long definition": ([[*defined(LEAF), "n", 1], True, None, "x", 1], "starts with a defi"),
    "a version that is a number": ([["Leaf", 1.0, FINGERPRINT], True, None, "x", 1], "made of"),
    "a name that is bytes": ([[b"Leaf", "1.0", FINGERPRINT], True, None, "x", 1], "made of name"),
    "a fingerprint in hex": ([["Leaf", "1.0", FINGERPRINT.hex()], True, None, "x", 1], "made of"),
    "a long fingerprint": ([["Leaf", "1.0", FINGERPRINT * 2], True, None, "x", 1], "of 16 bytes"),
    "the namespace that is around": (
        [defined(LEAF, "versionedobjects"), True, None, "x", 1], "one that differs"),
    "a namespace that is nil": ([[*defined(LEAF), None], True, None, "x", 1], "one that differs"),
    "a definition twice": (tree_with(LEAVES, [LEAF_A, LEAF_A]), "Leaf 1.0 is defined twice"),
    "a definition inside itself": (
        tree_with(LEAF_AT, tree_with(LEAF_AT, None)), "Tree 1.2 is defined twice"),
    "too few values": ([defined(LEAF), True, None, "x"], "1 values where 2 fields of Leaf are set"),
    "too many values": ([defined(LEAF), b"\1", None, "x", 1], "2 values where 1 fields"),
    "presence false": ([defined(LEAF), False, None], "presence of bool"),
    "presence nil": ([defined(LEAF), None, None], "presence of NoneType"),
    "presence as a number": ([defined(LEAF), 1, None, "x"], "presence of int"),
    "presence of all in bits": ([defined(LEAF), b"\3", None, "x", 1], "all fields, which is true"),
    "presence of none of none": ([defined(EMPTY), b"", None], "of all fields, which is true"),
    "a short presence": ([defined(LEAF), b"", None], "presence bitmap of 0 bytes for 2 fields"),
    "a long presence": ([defined(LEAF), b"\1\0", None, "x"], "of 2 bytes for 2 fields"),
    "presence of more fields": ([defined(LEAF), b"\4", None, "x"], "of more than 2 fields"),
    "changes false": ([defined(LEAF), b"\1", False, "x"], "changes of bool"),
    "changes true of nothing": ([defined(LEAF), b"\0", True], "where no field is set"),
    "changes of nothing in bits": ([defined(LEAF), b"\1", b"\0", "x"], "of no field, which is nil"),
    "changes of the set in bits": ([defined(LEAF), b"\1", b"\1", "x"], "set fields, which is true"),
    "changes of more fields": ([defined(LEAF), b"\1", b"\5", "x"], "of more than 2 fields"),
    "long changes": ([defined(LEAF), b"\1", b"\2\0", "x"], "changes bitmap of 2 bytes"),
    "a number wrapped for an object": (tree_with(LEAF_AT, [7]), "int is wrapped"),
    "nil wrapped for an object": (tree_with(LEAF_AT, [None]), "NoneType is wrapped"),
    "two for an object": (tree_with(LEAF_AT, [defined(LEAF), True]), "an object of 2 parts"),
    "text with a short form": (scalar("UUID", UUID), "UUID that has a short form"),
    "a short form too long": (scalar("UUID", bytes(17)), "no short form of UUID"),
    "a number for a UUID": (scalar("UUID", 7), "no short form of UUID"),
    "an address out of range": (scalar("IPAddress", 2**32), "no short form of IPAddress"),
    "a date out of range": (scalar("DateTime", 2**40), "no short form of DateTime"),
    "bytes for a date": (scalar("DateTime", b"\0"), "no short form of DateTime"),
    "a bare truth value": (scalar("UUID", True), "bool where UUID stands"),
    "a bare float": (scalar("DateTime", 0.5), "float where DateTime stands"),
    "a bare map": (scalar("MACAddress", {}), "dict where MACAddress stands"),
    "two wrapped": (scalar("UUID", [1, 2]), "list where UUID stands"),
    "none wrapped": (scalar("UUID", []), "list where UUID stands"),
    "text wrapped": (scalar("UUID", ["x"]), "list where UUID stands"),
    "nil wrapped": (scalar("UUID", [None]), "list where UUID stands"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_values(name: str) -> None:
    """Each way of writing an object that the wire does not use is refused."""
    value, why = MALFORMED[name]
    with pytest.raises(PayloadError, match=rf"Expected packed, got what is not: .*{why}") as caught:
        WIRE.decode(payload(value))
    assert caught.value.rule == "payload/malformed"


LEAF_BYTES = payload(LEAF_A)
BODY = LEAF_BYTES[2:]

UNREADABLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "it starts with nothing"),
    "another wire": (b"\x80", "it starts with 80"),
    "the magic byte alone": (b"\xc1", "incomplete input|it ends inside"),
    "no value": (b"\xc1\x01", "incomplete input|it ends inside"),
    "a cut value": (LEAF_BYTES[:-1], "incomplete input|it ends inside"),
    "a trailing byte": (LEAF_BYTES + b"\xc0", "extra data"),
    "a long array header": (b"\xc1\x01\xdc\x00\x04" + BODY[1:], "shortest form"),
    "a long text header": (LEAF_BYTES.replace(b"\xa4Leaf", b"\xd9\x04Leaf"), "shortest form"),
    "a long number": (payload(tree_with(LEAF_AT, None))[:-1] + b"\xcc\x01", "shortest form"),
    "a short float": (payload(tree_with(LEAF_AT, None))[:-1] + b"\xca\0\0\0\0", "shortest form"),
    "a long binary header": (
        LEAF_BYTES.replace(b"\xc4\x01\x01", b"\xc5\x00\x01\x01"), "shortest form"),
    "a key twice": (b"\xc1\x01\x82\xa1a\x01\xa1a\x01", "shortest form"),
    "a key that is a number": (b"\xc1\x01\x81\x01\x01", "is no text"),
    "a key that is binary": (b"\xc1\x01\x81\xc4\x01a\x01", "text"),
    "text that is no UTF-8": (b"\xc1\x01\x81\xa1a\xa1\xff", "UnicodeDecodeError"),
    "an extension type": (b"\xc1\x01\x81\xa1a\xd4\x01\x00", "type that is not used"),
    "an empty extension type": (b"\xc1\x01\x81\xa1a\xc7\x00\x05", "type that is not used"),
    "a cut header": (b"\xc1\x01\x81\xd9", "it ends inside the header"),
    "a timestamp": (b"\xc1\x01\x81\xa1a\xd6\xff\0\0\0\0", "type that is not used"),
    "the magic byte inside": (b"\xc1\x01\x81\xa1a\xc1", "type that is not used"),
    "an array that claims much": (b"\xc1\x01\xdd\x00\x0f\x00\x00\x01", "it ends inside"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_bytes(name: str) -> None:
    """Bytes that are no msgpack, or not its shortest form."""
    data, why = UNREADABLE[name]
    with pytest.raises(PayloadError, match=rf"(?s)({why})") as caught:
        WIRE.decode(data)
    assert caught.value.rule == "payload/malformed"


@pytest.mark.parametrize("data", [None, "text", 7, [1], {}])
def test_what_is_no_bytes(data: object) -> None:
    """Said with the type that it is."""
    with pytest.raises(PayloadError, match=f"Expected packed bytes, got {type(data).__name__}"):
        WIRE.decode(data)


@pytest.mark.parametrize("number", [0, 2, 255])
def test_another_format(number: int) -> None:
    """A format of another release is told apart from what is broken."""
    with pytest.raises(PayloadError, match=rf"format 1, got format {number}.*\[packed/format\]"):
        WIRE.decode(bytes([0xC1, number]) + BODY)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_any_bytes_are_read(kind: Any) -> None:
    """As on the other wires."""
    assert WIRE.decode(kind(LEAF_BYTES)) == node(LEAF, {"a": "x"})


def test_errors_name_the_place() -> None:
    """A field, an element and a key, from the top object down."""
    value = tree_with(sorted(TREE.fields).index("shelves"), {"k": [None, [7]]})
    with pytest.raises(PayloadError, match=r'at `\$.shelves\["k"\]\[1\]`'):
        WIRE.decode(payload(value))


def test_names_that_are_not_known_here() -> None:
    """What the schemas say of them passes; a newer version comes with the manifest of the top."""
    unknown = [["Nobody", "1.0", bytes(8)], True, None]
    with pytest.raises(UnknownClassError, match=r"Nobody is unknown - at `\$.leaf`"):
        WIRE.decode(payload(tree_with(LEAF_AT, unknown)))
    newer = [["Leaf", "1.1", bytes(8)], True, None]
    with pytest.raises(NewerVersionError, match="Leaf 1.1 is newer") as caught:
        WIRE.decode(payload(tree_with(LEAF_AT, newer)))
    assert caught.value.manifest == {"Tree": "1.2"}
    with pytest.raises(UnknownClassError, match="payload/namespace"):
        WIRE.decode(payload([defined(LEAF, "elsewhere"), b"\1", None, "x"]))


@given(nodes(), st.sampled_from(["depth", "values"]), st.integers(-1, 0))
def test_limits_are_those_of_the_tree(tree: dict[str, Any], which: str, over: int) -> None:
    """A payload may have exactly what its tree has, as on every other wire."""
    data = WIRE.encode(tree)
    read = WIRE.decode(data)
    reached = {"depth": depth(read), "values": count(read)}[which]
    limits = Limits(**{f"max_{which}": max(1, reached + over)})
    if over and reached > 1:
        with pytest.raises(LimitError, match=f"payload/{'depth' if which == 'depth' else 'count'}"):
            WIRE.decode(data, limits)
    else:
        assert WIRE.decode(data, limits) == read


def test_an_object_inside_another_is_counted_once() -> None:
    """Single, in a list and in a dict."""
    tree = node(
        TREE,
        {"leaf": node(LEAF, {"a": "x"}, "a"), "leaves": [node(LEAF, {})] * 3,
         "shelves": {"k": [node(EMPTY, {})]}},
        "leaf", "name",
    )  # fmt: skip
    data = WIRE.encode(tree)
    assert WIRE.decode(data, Limits(max_values=count(tree))) == tree
    with pytest.raises(LimitError, match="payload/count"):
        WIRE.decode(data, Limits(max_values=count(tree) - 1))


def test_the_longest_payload() -> None:
    """With the two first bytes."""
    assert WIRE.decode(LEAF_BYTES, Limits(max_bytes=len(LEAF_BYTES)))
    with pytest.raises(LimitError, match="payload/size"):
        WIRE.decode(LEAF_BYTES, Limits(max_bytes=len(LEAF_BYTES) - 1))


def test_the_number_of_schemas() -> None:
    """Each is looked up, so they are counted apart."""
    data = payload(tree_with(LEAVES, [LEAF_A, [defined(EMPTY), True, None]]))
    assert WIRE.decode(data, Limits(max_schemas=3))
    with pytest.raises(LimitError, match=r"more than 2 schemas.*payload/count"):
        WIRE.decode(data, Limits(max_schemas=2))


def test_few_bytes_do_not_stand_for_many_values() -> None:
    """Four bytes an object: the count is over the limit before the envelopes are made."""
    empties = [[defined(EMPTY), True, None], *[[1, True, None]] * 250_000]
    data = payload(tree_with(LEAVES, empties))
    assert len(data) < 1_100_000
    with pytest.raises(LimitError, match=r"1000000 values.*payload/count"):
        WIRE.decode(data)


def test_nesting_without_end() -> None:
    """Deep arrays, maps and objects end at the depth, whatever the reader could take."""
    for head in (b"\x91", b"\x81\xa1a"):
        body = head * 400 + b"\xc0"
        nested = b"\xc1\x01\x81\xa1a" + body
        for limits in (Limits(), Limits(max_values=100)):
            with pytest.raises(LimitError, match="payload/depth|payload/count"):
                WIRE.decode(nested, limits)
        with pytest.raises(RemoteError, match="payload/depth|payload/malformed"):
            WIRE.decode(b"\xc1\x01\x81\xa1a" + head * 100_000 + b"\xc0", Limits(max_depth=10**6))


@pytest.mark.parametrize(
    ("objects", "limits", "over"),
    [
        (31, Limits(), False),
        (32, Limits(), True),
        (60, Limits(max_depth=10_000), False),
        (450, Limits(max_depth=10_000), True),
    ],
)
def test_objects_inside_each_other(objects: int, limits: Limits, over: bool) -> None:
    """Each is two containers deep; far beyond the default the stack of the reader ends."""
    inner: Any = None
    for _ in range(objects):
        inner = [0, b"\x02\x00", None, inner]
    found = attempt(WIRE, payload([defined(TREE), b"\x02\x00", None, inner]), limits)
    assert isinstance(found, LimitError) == over


def test_a_long_payload_is_scanned_first() -> None:
    """A payload that could hold too many values reads the same as a short one."""
    leaves = [LEAF_A, *[[1, b"\2", None, 5]] * 5_000]
    data = payload(tree_with(LEAVES, leaves))
    assert len(inside(data)[3]) == 5_001
    read: Any = WIRE.decode(data)
    assert len(read["versioned_object.data"]["leaves"]) == 5_001
    everything = {f"k{one}": one for one in (
        True, None, 1.5, -1, 200, 70_000, 2**40, -200, -70_000, -(2**40), "é", "x" * 40,
        "x" * 300, "x" * 70_000, b"x", b"x" * 300, b"x" * 70_000,
    )}  # fmt: skip
    everything |= {"list": [1] * 20, "map": {str(one): [one] for one in range(20)}}
    wide = {"m": {str(one): None for one in range(70_000)}, "a": [None] * 70_000, "e": everything}
    limits = Limits(max_values=len(payload(wide)) - 3)
    assert WIRE.decode(payload(wide), limits) == wide
    with pytest.raises(LimitError, match="payload/count"):
        WIRE.decode(payload(wide), Limits(max_values=60_000))
    for at in range(2, 40):
        with pytest.raises(PayloadError, match="it ends inside|payload/malformed"):
            WIRE.decode(payload(wide)[:-at], Limits(max_values=150_000))


HOSTILE = st.one_of(
    damaged(nodes().map(WIRE.encode)),
    st.binary(max_size=40).map(lambda one: b"\xc1\x01" + one),
    st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(-2, 9), st.binary(max_size=3),
            st.text(max_size=2),
            st.sampled_from([defined(TREE), defined(LEAF), defined(EMPTY), UUID, 2**33]),
        ),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=10,
    ).map(payload),
)  # fmt: skip


@given(HOSTILE)
def test_any_bytes_give_a_tree_or_a_remote_error(data: bytes) -> None:
    """And what is read is written as the same bytes, so there is no second form of it."""
    for limits in (Limits(), Limits(max_values=8)):
        found = attempt(WIRE, data, limits)
        if not isinstance(found, RemoteError):
            assert isinstance(found, dict)
            assert _rewritten(found, data)


def _rewritten(tree: dict[str, Any], data: bytes) -> bool:
    """Whether a tree is the bytes again; a map that could be an array is the writer's choice."""
    again = WIRE.encode(tree)
    return again == data or _has_map(msgpack.unpackb(data[2:], strict_map_key=False))


def _has_map(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_map, value))
    return isinstance(value, dict) and "versioned_object.name" in value
