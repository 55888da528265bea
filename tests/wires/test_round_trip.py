"""What the wires write and read, against oslo.serialization on the same trees."""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_serialization import jsonutils, msgpackutils

from tests.wires.trees import WIRES, attempt, damaged, json_trees, msgpack_trees
from vobj.errors import PayloadError, RemoteError, UsageError
from vobj.wires import Limits

JSON = WIRES["json"]
MSGPACK = WIRES["msgpack"]
PRIMITIVE = WIRES["primitive"]


@given(json_trees)
def test_json_writes_what_jsonutils_writes(tree: dict[str, Any]) -> None:
    """The bytes of a tree are those of jsonutils, and read back they are the tree."""
    raw = JSON.encode(tree)
    assert raw == jsonutils.dump_as_bytes(tree)
    assert JSON.decode(raw) == JSON.decode(raw.decode()) == tree


@given(msgpack_trees)
def test_json_writes_other_types_as_jsonutils_does(tree: dict[str, Any]) -> None:
    """Datetimes, UUIDs, sets and addresses become the text that jsonutils makes of them."""
    try:
        expected = jsonutils.dump_as_bytes(tree)
    except ValueError:  # binary data that is not UTF-8
        with pytest.raises(UsageError, match=r"(?s)UnicodeDecodeError.*usage/argument"):
            JSON.encode(tree)
    else:
        assert JSON.encode(tree) == expected


@given(msgpack_trees)
def test_msgpack_writes_and_reads_what_msgpackutils_does(tree: dict[str, Any]) -> None:
    """The bytes of a tree are those of msgpackutils, and both read them alike."""
    raw = MSGPACK.encode(tree)
    assert raw == msgpackutils.dumps(tree)
    assert MSGPACK.decode(raw) == msgpackutils.loads(raw)


@given(msgpack_trees)
def test_the_careful_way_reads_what_the_quick_way_reads(tree: dict[str, Any]) -> None:
    """An extension type anywhere in a payload changes nothing in how the rest of it is read."""
    raw = MSGPACK.encode(tree)
    careful = MSGPACK.encode({"tree": tree, "set": {1}})
    assert MSGPACK.decode(careful) == {"tree": MSGPACK.decode(raw), "set": {1}}


@given(msgpack_trees)
def test_encoding_leaves_the_tree_alone(tree: dict[str, Any]) -> None:
    """No wire changes the tree it writes or the payload it reads."""
    before = copy.deepcopy(tree)
    MSGPACK.encode(tree)
    PRIMITIVE.decode(tree)
    assert tree == before
    assert PRIMITIVE.encode(tree) is tree
    assert PRIMITIVE.decode(tree) is tree


@given(st.one_of(st.text(), damaged(json_trees.map(JSON.encode))))
def test_json_reads_any_text_as_jsonutils_does(text: str | bytes) -> None:
    """Text that jsonutils reads gives the same tree; text that it does not is malformed."""
    try:
        expected = jsonutils.loads(text)
    except ValueError:
        with pytest.raises(PayloadError, match=r"payload/malformed"):
            JSON.decode(text)
    else:
        assert repr(JSON.decode(text)) == repr(expected)


@given(st.one_of(st.binary(max_size=200), damaged(msgpack_trees.map(MSGPACK.encode))))
def test_msgpack_reads_any_bytes_as_msgpackutils_does_or_not_at_all(raw: bytes) -> None:
    """Any bytes give a RemoteError, or what msgpackutils gives."""
    tree = attempt(MSGPACK, raw)
    if isinstance(tree, RemoteError):
        assert tree.rule in {"payload/malformed", "payload/depth", "payload/count"}
    else:
        assert repr(tree) == repr(msgpackutils.loads(raw))


@given(json_trees)
def test_plain_msgpack_of_any_writer_is_read(tree: dict[str, Any]) -> None:
    """A peer that writes with a plain msgpack library is understood, also with single floats."""
    packer = msgpack.Packer(use_single_float=True)
    raw = packer.pack({"tree": tree}) if _fits_single(tree) else msgpack.packb({"tree": tree})
    assert MSGPACK.decode(raw) == msgpackutils.loads(raw)


def _fits_single(tree: object) -> bool:
    if isinstance(tree, dict):
        return all(map(_fits_single, tree.values()))
    if isinstance(tree, list):
        return all(map(_fits_single, tree))
    return not isinstance(tree, float) or abs(tree) < 3e38


@pytest.mark.parametrize("length", [0, 15, 16, 31, 32, 255, 256, 4_095, 4_096, 4_097, 65_536])
def test_every_header_length_is_read(length: int) -> None:
    """Text, binary data, lists and dicts of every header form come back, quick way and careful."""
    tree = {
        "text": "x" * length,
        "binary": b"x" * length,
        "list": list(range(length)),
        "dict": {str(number): number for number in range(length)},
        "numbers": [sign * 2**power for power in range(63) for sign in (1, -1)],
        "floats": [0.5, math.inf],
    }
    assert MSGPACK.decode(MSGPACK.encode(tree)) == tree
    assert MSGPACK.decode(MSGPACK.encode(tree), Limits(max_values=200_000)) == tree
    with_set = {**tree, "set": {1}}
    assert MSGPACK.decode(MSGPACK.encode(with_set)) == with_set


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview])
def test_any_kind_of_bytes_is_read(make: type) -> None:
    """A payload may be bytes, a bytearray or a memoryview."""
    assert JSON.decode(make(b'{"a": 1}')) == {"a": 1}
    assert MSGPACK.decode(make(b"\x81\xa1a\x01")) == {"a": 1}


def test_json_keeps_the_liberties_of_jsonutils() -> None:
    """NaN, infinities and lone surrogates are read and written; of equal keys the last counts."""
    tree = JSON.decode(b'{"a": NaN, "b": -Infinity, "c": "\\ud800", "c": "\\udfff", "d": 1e999}')
    assert isinstance(tree, dict)
    assert math.isnan(tree.pop("a"))
    assert tree == {"b": -math.inf, "c": "\udfff", "d": math.inf}
    assert JSON.decode(JSON.encode(tree)) == tree
    assert JSON.decode('["\ud800"]') == ["\ud800"]


def test_msgpack_keeps_the_liberties_of_msgpackutils() -> None:
    """NaN is read; of equal keys the last counts, quick way and careful."""
    raw = b"\x82\xa1a\xcb\x7f\xf8\0\0\0\0\0\0\xa1a\x02"
    assert MSGPACK.decode(raw) == {"a": 2}
    assert MSGPACK.decode(b"\x92" + raw + MSGPACK.encode({"s": {1}})) == [{"a": 2}, {"s": {1}}]
    assert math.isnan(MSGPACK.decode(raw[3:12]))  # type: ignore[arg-type]


def test_what_oslo_of_python_2_wrote_is_read() -> None:
    """Datetimes whose parts stand under binary keys are read, as msgpackutils does."""
    parts = {b"day": 1, b"month": 2, b"year": 2014, b"hour": 3, b"minute": 4, b"second": 5}
    inner = msgpack.packb({**parts, b"microsecond": 6, b"tz": b"UTC"})
    raw = msgpack.packb({"at": msgpack.ExtType(1, inner)})
    assert MSGPACK.decode(raw) == msgpackutils.loads(raw)


def test_an_endless_counter_is_written_but_not_read() -> None:
    """The one value of msgpackutils that is not read back has no end, and is refused by name."""
    raw = MSGPACK.encode({"next": itertools.count(3)})
    with pytest.raises(PayloadError, match=r"extension type 2 at byte \d+ .*payload/malformed"):
        MSGPACK.decode(raw)
