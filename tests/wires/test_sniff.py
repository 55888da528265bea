"""Telling wires apart by the first byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests.wires.trees import WIRES, json_trees
from vobj.errors import LimitError, PayloadError, UsageError
from vobj.wires import Limits, Wire, open_payload, pick, sniff


@pytest.mark.parametrize("name", sorted(WIRES))
@given(tree=json_trees)
def test_a_payload_tells_its_wire(name: str, tree: dict[str, Any]) -> None:
    """The payload of any tree is opened without being told its wire."""
    payload = WIRES[name].encode(tree)
    assert sniff(payload) == name
    assert open_payload(payload, WIRES) == (name, tree)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b' \r\n\t{"a": 1}', "json"),
        (b"[]", "json"),
        ("{}", "json"),
        (b"\xef\xbb\xbf{}", "json"),
        (bytearray(b"{}"), "json"),
        (memoryview(b"{}"), "json"),
        (b"\x80", "msgpack"),
        (b"\x9f", "msgpack"),
        (b"\xde\x00\x00", "msgpack"),
        (b"\xdd\x00\x00\x00\x00", "msgpack"),
        (memoryview(b"\x80"), "msgpack"),
        (b"\xc1\x01", "packed"),
        (b"\xc1\xff", "packed"),
        ({}, "primitive"),
    ],
)
def test_first_bytes(data: object, name: str) -> None:
    """Blanks and a byte order mark are passed over; what follows decides."""
    assert sniff(data) == name


@pytest.mark.parametrize("data", [b"", b"  ", b"\xc0", b"hello", b"\x00{", b"7", 9, None, [1]])
def test_what_is_of_no_wire_is_malformed(data: object) -> None:
    """Data of no wire is a remote error that shows how it starts."""
    with pytest.raises(PayloadError, match=r"Expected a payload.*\[payload/malformed\]"):
        open_payload(data, WIRES)


def test_the_limits_hold() -> None:
    """Opening a payload keeps to the limits that are given."""
    with pytest.raises(LimitError, match="payload/size"):
        open_payload(b'{"a": 1}', WIRES, Limits(max_bytes=7))


def test_an_unknown_wire_is_a_local_error() -> None:
    """Asking for a wire that is not there names those that are."""
    with pytest.raises(
        UsageError, match=r"out of json, msgpack, primitive, got 'xml'.*wire/unknown"
    ):
        pick(WIRES, "xml")
    with pytest.raises(UsageError, match=r"got \['json'\].*wire/unknown"):
        pick(WIRES, ["json"])
    some: dict[str, Wire] = {"json": WIRES["json"]}
    with pytest.raises(UsageError, match=r"out of json, got 'msgpack'.*wire/unknown"):
        open_payload(b"\x80", some)
    assert pick(WIRES, "json") is WIRES["json"]


def test_the_wires_have_their_names() -> None:
    """The three wires stand under the names that they give themselves, and cannot be replaced."""
    assert {name: wire.name for name, wire in WIRES.items()} == {
        name: name for name in ("primitive", "json", "msgpack")
    }
    with pytest.raises(TypeError, match="does not support item assignment"):
        WIRES["json"] = WIRES["msgpack"]  # type: ignore[index]
