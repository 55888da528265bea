"""The form in which a packed payload stands inside plain data."""

from __future__ import annotations

from typing import Any

import pytest

from vobj.errors import LimitError, PayloadError, UsageError
from vobj.rpc import StructureSerializer, VersionedObjectSerializer
from vobj.rpc.text import as_binary, as_text, from_text
from vobj.wires import Limits

PAYLOAD = b"\xc1\x01\xc0"


def test_the_form_is_exact() -> None:
    """One key, and standard base64 with padding."""
    assert as_text(PAYLOAD) == {"vobj.packed": "wQHA"}
    assert as_text(PAYLOAD + b"\xff") == {"vobj.packed": "wQHA/w=="}
    assert from_text(as_text(PAYLOAD)) == from_text(as_binary(PAYLOAD)) == PAYLOAD


@pytest.mark.parametrize(
    "value",
    [None, "wQHA", {}, {"vobj.packed": "wQHA", "more": 1}, {"packed": "wQHA"}, ["vobj.packed"]],
    ids=repr,
)
def test_other_data_is_not_of_the_form(value: Any) -> None:
    """A second key, or another one, makes it plain data."""
    assert from_text(value) is None
    assert VersionedObjectSerializer().deserialize_entity({}, value) == value


@pytest.mark.parametrize(
    "held",
    ["", b"", "wQH", "wQHA!", "wQHA\n", "wQ H A", "ü", "eyJhIjox", b"{}", None, 1, ["wQHA"], {}],
    ids=repr,
)
def test_a_broken_form_is_refused(held: Any) -> None:
    """Nothing but a packed payload is read in this form."""
    with pytest.raises(PayloadError, match="payload/malformed"):
        from_text({"vobj.packed": held})
    with pytest.raises(PayloadError, match=r'at `\$\["a"\]\[1\]`'):
        VersionedObjectSerializer().deserialize_entity({}, {"a": [0, {"vobj.packed": held}]})


def test_a_long_text_is_refused_before_it_is_read() -> None:
    """The limit is that of the payload, not of the text."""
    limits = Limits(max_bytes=300)
    fits = b"\xc1" + bytes(299)
    assert from_text(as_text(fits), limits) == fits
    with pytest.raises(LimitError, match="payload/size"):
        from_text(as_text(fits + bytes(4)), limits)


def test_a_sender_refuses_plain_data_of_the_form() -> None:
    """So that user data is never taken for an object."""
    value = {"a": [{"vobj.packed": "text"}]}
    with pytest.raises(UsageError, match=r'at `\$\["a"\]\[0\]`'):
        VersionedObjectSerializer().serialize_entity({}, value)
    with pytest.raises(UsageError, match=r'at `\$\["a"\]\[0\]`'):
        StructureSerializer().dump_as_bytes(value)
    fine = {"a": [{"vobj.packed": "text", "b": 1}]}
    assert StructureSerializer().load_from_bytes(StructureSerializer().dump_as_bytes(fine)) == fine
