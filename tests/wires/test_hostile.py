"""A corpus of payloads that mean harm. Each gives the RemoteError it deserves, and nothing else."""

from __future__ import annotations

import copy
import datetime
import pickle
import struct
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_serialization import msgpackutils

from tests.wires.trees import WIRES, attempt, damaged, json_trees, msgpack_trees
from vobj.errors import RULES, Key, LimitError, PayloadError, RemoteError, UsageError
from vobj.wires import Limits

JSON = WIRES["json"]
MSGPACK = WIRES["msgpack"]
PRIMITIVE = WIRES["primitive"]

MANY = struct.pack(">I", 2**32 - 1)


def ext(code: int, data: bytes) -> bytes:
    """An extension value inside a dict."""
    return msgpack.packb({"a": msgpack.ExtType(code, data)})


def nested_sets(levels: int) -> bytes:
    """Frozensets inside each other, written without going through values."""
    raw = b"\x90"
    for _ in range(levels):
        raw = b"\xc9" + struct.pack(">I", len(raw)) + b"\x05" + raw
    return b"\x81\xa1a" + raw


def moment(**parts: Any) -> bytes:
    """A datetime extension with some parts replaced; None leaves one out."""
    whole = {"day": 1, "month": 1, "year": 1, "hour": 1, "minute": 1, "second": 1, "microsecond": 1}
    return ext(1, msgpack.packb({k: v for k, v in {**whole, **parts}.items() if v is not None}))


JSON_CORPUS: dict[str, tuple[object, str]] = {
    "nothing": (b"", "payload/malformed"),
    "blanks": (b" \n ", "payload/malformed"),
    "deep lists": (b"[" * 100_000, "payload/depth"),
    "deep dicts": (b'{"a":' * 100_000, "payload/depth"),
    "deep, closed": (b"[" * 65 + b"]" * 65, "payload/depth"),
    "deep after a string": (b'["[\\\\", "\\"", ' + b"[" * 100, "payload/depth"),
    "deep after rubbish": (b"]]]]" + b"[" * 100, "payload/depth"),
    "deep text": ('{"a":' * 100_000, "payload/depth"),
    "cut": (b'{"a": [1, 2', "payload/malformed"),
    "cut in a string": (b'{"a": "b', "payload/malformed"),
    "cut in an escape": (b'{"a": "b\\', "payload/malformed"),
    "two values": (b"{} {}", "payload/malformed"),
    "not UTF-8": (b'{"a": "\xff"}', "payload/malformed"),
    "coded surrogate": (b'{"a": "\xed\xa0\x80"}', "payload/malformed"),
    "overlong": (b'{"a": "\xc0\xaf"}', "payload/malformed"),
    "byte order mark": (b"\xef\xbb\xbf{}", "payload/malformed"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "payload/malformed"),
    "UTF-32": ('{"a": 1}'.encode("utf-32-le"), "payload/malformed"),
    "huge number": (b'{"a": ' + b"1" * 5_000 + b"}", "payload/malformed"),
    "single quotes": (b"{'a': 1}", "payload/malformed"),
    "number key": (b"{1: 2}", "payload/malformed"),
    "comment": (b"{} // x", "payload/malformed"),
    "control character": (b'{"a": "\n"}', "payload/malformed"),
    "zero byte": (b'{"a": 1}\0', "payload/malformed"),
    "quotes": (b'"' * 100_001, "payload/malformed"),
    "msgpack": (b"\x81\xa1a\x01", "payload/malformed"),
    "a dict": ({"a": 1}, "payload/malformed"),
    "None": (None, "payload/malformed"),
    "a number": (7, "payload/malformed"),
}

MSGPACK_CORPUS: dict[str, tuple[object, str]] = {
    "nothing": (b"", "payload/malformed"),
    "unused byte": (b"\xc1", "payload/malformed"),
    "unused byte, careful": (b"\x92" + msgpackutils.dumps({1}) + b"\xc1", "payload/malformed"),
    "list of 2**32": (b"\xdd" + MANY, "payload/count"),
    "dict of 2**32": (b"\xdf" + MANY, "payload/count"),
    "text of 2**32": (b"\x81\xa1a\xdb" + MANY, "payload/malformed"),
    "binary of 2**32": (b"\x81\xa1a\xc6" + MANY, "payload/malformed"),
    "extension of 2**32": (b"\x81\xa1a\xc9" + MANY + b"\x04", "payload/malformed"),
    "extension cut": (b"\x81\xa1a\xd8\x00" + b"0" * 15, "payload/malformed"),
    "extension cut before its type": (b"\x81\xa1a\xd4", "payload/malformed"),
    "header cut": (b"\x81\xa1a\xdd\x00", "payload/malformed"),
    "short list, cut": (b"\x95\x01\x02", "payload/malformed"),
    "long claims inside each other": (
        b"\xdd\x00\x00\x3f\xff" * 60 + b"\xc0" * 999,
        "payload/malformed",
    ),
    "deep lists": (b"\x91" * 100_000 + b"\xc0", "payload/depth"),
    "deep dicts": (b"\x81\xa1a" * 100_000 + b"\xc0", "payload/depth"),
    "deep, whole": (b"\x91" * 65 + b"\xc0", "payload/depth"),
    "number key": (b"\x81\x01\x01", "payload/malformed"),
    "None key": (b"\x81\xc0\x01", "payload/malformed"),
    "dict key": (b"\x81\x80\x01", "payload/malformed"),
    "binary key": (b"\x81\xc4\x01a\x01", "payload/malformed"),
    "empty binary key": (b"\x81\xc4\x00\x01", "payload/malformed"),
    "binary key, careful": (msgpackutils.dumps({"s": {1}, b"a": 1}), "payload/malformed"),
    "number key, careful": (
        b"\x82\xa1s" + msgpackutils.dumps({1}) + b"\x01\x01",
        "payload/malformed",
    ),
    "extension key": (b"\x81\xd4\x00a\x01", "payload/malformed"),
    "two values": (b"\x80\x80", "payload/malformed"),
    "two values, careful": (msgpackutils.dumps({"a": {1}}) + b"\x80", "payload/malformed"),
    "not UTF-8": (b"\x81\xa1a\xa1\xff", "payload/malformed"),
    "coded surrogate": (b"\x81\xa1a\xa3\xed\xa0\x80", "payload/malformed"),
    "JSON": (b'{"a": 1}', "payload/malformed"),
    "timestamp": (msgpack.packb({"a": msgpack.Timestamp(5, 1)}), "payload/malformed"),
    "timestamp of no bytes": (b"\x81\xa1a\xc7\x00\xff", "payload/malformed"),
    "unknown extension": (ext(99, b"x"), "payload/malformed"),
    "unknown extension of no bytes": (ext(99, b""), "payload/malformed"),
    "endless counter": (ext(2, msgpack.packb([0, 1])), "payload/malformed"),
    "set of an endless counter": (ext(4, ext(2, b"\x92\x00\x01")[3:]), "payload/malformed"),
    "sets inside each other": (nested_sets(5), "payload/depth"),
    "enough sets to end a C stack": (nested_sets(200), "payload/depth"),
    "many more": (nested_sets(100_000), "payload/depth"),
    "UUID of the wrong length": (ext(0, b"12"), "payload/malformed"),
    "UUID beyond ASCII": (ext(0, b"\xff" * 32), "payload/malformed"),
    "datetime of nothing": (ext(1, b""), "payload/malformed"),
    "datetime of a list": (ext(1, b"\x90"), "payload/malformed"),
    "datetime of a number": (ext(1, b"\x01"), "payload/malformed"),
    "datetime with a part missing": (moment(year=None), "payload/malformed"),
    "datetime with text": (moment(year="1"), "payload/malformed"),
    "datetime out of range": (moment(year=10**9), "payload/malformed"),
    "datetime of two values": (ext(1, b"\x80\x80"), "payload/malformed"),
    "zone that is a file": (moment(tz="../../../../../etc/passwd"), "payload/malformed"),
    "zone that is absolute": (moment(tz="/etc/passwd"), "payload/malformed"),
    "zone that is a directory": (moment(tz="America"), "payload/malformed"),
    "zone that is unknown": (moment(tz="Nowhere"), "payload/malformed"),
    "zone with a zero byte": (moment(tz="\0"), "payload/malformed"),
    "zone that is long": (moment(tz="a" * 100_000), "payload/malformed"),
    "zone that is a number": (moment(tz=7), "payload/malformed"),
    "zone that is a module": (moment(tz="os/path"), "payload/malformed"),
    "address of rubbish": (ext(3, msgpack.packb("rubbish")), "payload/malformed"),
    "address out of range": (ext(3, b"\xff"), "payload/malformed"),
    "address of lists": (ext(3, b"\x91" * 2_000), "payload/depth"),
    "set of a number": (ext(4, b"\x01"), "payload/malformed"),
    "set of lists": (ext(4, b"\x91\x90"), "payload/malformed"),
    "set of nothing": (ext(4, b""), "payload/malformed"),
    "set with a long claim": (ext(4, b"\xdd" + MANY), "payload/count"),
    "set cut": (ext(4, b"\xdc\x00\x09\x01"), "payload/malformed"),
    "frozenset of sets": (ext(5, b"\x91" + msgpackutils.dumps({1})), "payload/malformed"),
    "XML-RPC datetime of rubbish": (ext(6, b"\xa1x"), "payload/malformed"),
    "date out of range": (
        ext(7, msgpack.packb({"day": 32, "month": 1, "year": 1})),
        "payload/malformed",
    ),
    "text": ("{}", "payload/malformed"),
    "a dict": ({"a": 1}, "payload/malformed"),
    "None": (None, "payload/malformed"),
}


@pytest.mark.parametrize("case", JSON_CORPUS)
def test_hostile_json(case: str) -> None:
    """Hostile JSON gives its own rule."""
    data, rule = JSON_CORPUS[case]
    with pytest.raises(RemoteError, match=rf"\[{rule}\]$") as caught:
        JSON.decode(data)
    assert caught.value.rule == rule
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("case", MSGPACK_CORPUS)
def test_hostile_msgpack(case: str) -> None:
    """Hostile msgpack gives its own rule."""
    data, rule = MSGPACK_CORPUS[case]
    with pytest.raises(RemoteError, match=rf"\[{rule}\]$") as caught:
        MSGPACK.decode(data)
    assert caught.value.rule == rule
    assert len(str(caught.value)) < 400


def test_brackets_in_strings_are_no_depth() -> None:
    """Brackets inside JSON strings nest nothing, however quotes and backslashes stand around."""
    texts = ["[" * 1_000, "\\" * 3 + "[" * 1_000, '"' + "{" * 1_000, '\\"[\\\\"', "]" * 1_000, ""]
    tree = {text: [text, {text: text}] for text in texts}
    assert JSON.decode(JSON.encode(tree), Limits(max_depth=3)) == tree
    with pytest.raises(LimitError, match="payload/depth"):
        JSON.decode(JSON.encode(tree), Limits(max_depth=2))


any_bytes = st.one_of(
    st.binary(max_size=400),
    damaged(json_trees.map(JSON.encode)),  # type: ignore[arg-type]
    damaged(msgpack_trees.map(MSGPACK.encode)),  # type: ignore[arg-type]
)
small = st.builds(
    Limits,
    max_bytes=st.integers(1, 500),
    max_depth=st.integers(1, 5),
    max_values=st.integers(1, 50),
    max_set_objects=st.integers(1, 3),
)


@pytest.mark.parametrize("name", ["json", "msgpack"])
@given(raw=any_bytes, limits=st.one_of(st.just(Limits()), small))
def test_any_bytes_give_a_tree_or_a_remote_error(name: str, raw: bytes, limits: Limits) -> None:
    """Random, cut and flipped bytes give a tree of known types, or a RemoteError with its rule."""
    tree = attempt(WIRES[name], raw, limits)
    if isinstance(tree, RemoteError):
        assert tree.rule in RULES
        assert tree.rule.startswith("payload/")
        assert pickle.loads(pickle.dumps(tree)).rule == tree.rule
    else:
        assert len(raw) <= limits.max_bytes
        assert_known_types(tree)


def assert_known_types(tree: object) -> None:
    """Dicts of text keys, lists, scalars, and the values of the extension types that are read."""
    match tree:
        case dict():
            assert all(type(key) is str for key in tree)
            for value in tree.values():
                assert_known_types(value)
        case list() | set() | frozenset():
            for value in tree:
                assert_known_types(value)
        case None | bool() | int() | float() | str() | bytes():
            pass
        case _:
            known = {"UUID", "datetime", "date", "IPAddress", "DateTime"}
            assert type(tree).__name__ in known


@given(st.one_of(json_trees, msgpack_trees), small)
def test_any_tree_in_memory_passes_or_is_a_remote_error(tree: Any, limits: Limits) -> None:
    """The primitive wire gives the very tree, unchanged, or a RemoteError."""
    before = copy.deepcopy(tree)
    given_back = attempt(PRIMITIVE, tree, limits)
    if isinstance(given_back, RemoteError):
        assert given_back.rule in {"payload/depth", "payload/count"}
    else:
        assert given_back is tree
    assert tree == before


ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("json", object(), "object: ValueError"),
        ("json", {3: 1, (1, 2): 4}, "dict: TypeError"),
        ("json", ENDLESS, "list: ValueError"),
        ("msgpack", object(), "object: ValueError"),
        ("msgpack", 2**64, "int: ValueError"),
        ("msgpack", "\ud800", "str: UnicodeEncodeError"),
        ("msgpack", ENDLESS, "list: ValueError"),
    ],
)
def test_what_a_wire_cannot_hold_is_named(name: str, value: object, why: str) -> None:
    """Encoding what a wire cannot hold is a local error with the path of the value."""
    tree = {"fine": 1, "a": [{"b": datetime.datetime(2026, 1, 1), "c": value}]}
    with pytest.raises(UsageError, match=rf"{name} wire cannot hold this {why}") as caught:
        WIRES[name].encode(tree)
    assert caught.value.rule == "usage/argument"
    assert caught.value.path[:3] == (Key("a"), 0, Key("c"))


def test_errors_keep_their_cause() -> None:
    """The exception of the reader stays at hand for whoever debugs."""
    with pytest.raises(PayloadError, match=r"UUID.*payload/malformed") as caught:
        MSGPACK.decode(ext(0, b"12"))
    assert isinstance(caught.value.__cause__, ValueError)
