"""The short forms of text: exact, both ways, and one for each text."""

from __future__ import annotations

import datetime
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wires.packing import SHORT_KINDS, short_texts
from vobj.wires import PackedForm, packed_form
from vobj.wires.packed_values import SHORT_FORMS

SHORT = [
    (PackedForm.INSTANT, "1970-01-01T00:00:00Z", 0),
    (PackedForm.INSTANT, "2026-03-14T15:09:26Z", 1773500966),
    (PackedForm.INSTANT, "1969-12-31T23:59:59Z", -1),
    (PackedForm.INSTANT, "0001-01-01T00:00:00Z", -62135596800),
    (PackedForm.INSTANT, "9999-12-31T23:59:59Z", 253402300799),
    (PackedForm.UUID, "00010203-0405-0607-0809-0a0b0c0d0e0f", bytes(range(16))),
    (PackedForm.MAC, "52:54:00:7c:55:01", bytes.fromhex("5254007c5501")),
    (PackedForm.ADDRESS, "0.0.0.0", 0),
    (PackedForm.ADDRESS, "192.0.2.17", 0xC0000211),
    (PackedForm.ADDRESS, "255.255.255.255", 0xFFFFFFFF),
    (PackedForm.ADDRESS, "::", bytes(16)),
    (PackedForm.ADDRESS, "::1", bytes(15) + b"\1"),
    (PackedForm.ADDRESS, "2001:db8::a:0:0:1", bytes.fromhex("20010db800000000000a000000000001")),
    (PackedForm.ADDRESS, "1:0:2:3:4:5:6:7", bytes.fromhex("00010000000200030004000500060007")),
    (PackedForm.ADDRESS, "1:0:0:2::", bytes.fromhex("00010000000000020000000000000000")),
    (PackedForm.ADDRESS, "::ffff:102:304", bytes(10) + bytes.fromhex("ffff01020304")),
    (PackedForm.NETWORK, "0.0.0.0/0", bytes(5)),
    (PackedForm.NETWORK, "192.168.7.1/24", bytes([192, 168, 7, 1, 24])),
    (PackedForm.NETWORK, "fe80::1/128", bytes.fromhex("fe80") + bytes(13) + b"\1\x80"),
]  # fmt: skip

TEXT = [
    (PackedForm.INSTANT, "2026-03-14T15:09:26+00:00"),
    (PackedForm.INSTANT, "2026-03-14T15:09:26.5Z"),
    (PackedForm.INSTANT, "2026-03-14 15:09:26Z"),
    (PackedForm.INSTANT, "2026-03-14T15:09:26z"),
    (PackedForm.INSTANT, "2026-02-30T00:00:00Z"),
    (PackedForm.INSTANT, "2026-03-14T24:00:00Z"),
    (PackedForm.INSTANT, "2016-12-31T23:59:60Z"),
    (PackedForm.INSTANT, "0000-01-01T00:00:00Z"),
    (PackedForm.INSTANT, "2026-W11-6T15:09:26Z"),
    (PackedForm.INSTANT, "20260314T150926.123Z"),
    (PackedForm.INSTANT, "2026-03-14T15:09+01Z"),
    (PackedForm.INSTANT, "\uff12026-03-14T15:09:26Z"),
    (PackedForm.UUID, "00010203-0405-0607-0809-0A0B0C0D0E0F"),
    (PackedForm.UUID, "000102030405060708090a0b0c0d0e0f"),
    (PackedForm.UUID, "{00010203-0405-0607-0809-0a0b0c0d0e0f}"),
    (PackedForm.UUID, "00010203-0405-0607-0809-0a0b0c0d0e0f\n"),
    (PackedForm.MAC, "52-54-00-7c-55-01"),
    (PackedForm.MAC, "52:54:00:7C:55:01"),
    (PackedForm.MAC, "52:54:00:7c:55"),
    (PackedForm.ADDRESS, "192.0.2.017"),
    (PackedForm.ADDRESS, "192.0.2.256"),
    (PackedForm.ADDRESS, "192.0.2"),
    (PackedForm.ADDRESS, "::ffff:1.2.3.4"),
    (PackedForm.ADDRESS, "fe80::1%eth0"),
    (PackedForm.ADDRESS, "2001:DB8::1"),
    (PackedForm.ADDRESS, "2001:0db8::1"),
    (PackedForm.ADDRESS, "1:0:0:2:0:0:0:3"),
    (PackedForm.ADDRESS, "1::2:0:0:0:3"),
    (PackedForm.ADDRESS, "1:2:3:4:5:6:7::"),
    (PackedForm.ADDRESS, "1::2::3"),
    (PackedForm.ADDRESS, "10.0.0.0/8"),
    (PackedForm.NETWORK, "10.0.0.0"),
    (PackedForm.NETWORK, "10.0.0.0/33"),
    (PackedForm.NETWORK, "10.0.0.0/08"),
    (PackedForm.NETWORK, "10.0.0.0/255.0.0.0"),
    (PackedForm.NETWORK, "::/129"),
]


@pytest.mark.parametrize(("form", "text", "short"), SHORT)
def test_text_that_has_a_short_form(form: PackedForm, text: str, short: int | bytes) -> None:
    """The bytes of the page, both ways."""
    assert SHORT_FORMS[form].shorten(text) == short
    assert SHORT_FORMS[form].restore(short) == text


@pytest.mark.parametrize(("form", "text"), TEXT)
def test_text_that_has_none(form: PackedForm, text: str) -> None:
    """Text of the same meaning in another spelling stays text, since it must come back as it is."""
    assert SHORT_FORMS[form].shorten(text) is None


@pytest.mark.parametrize(
    ("form", "short"),
    [
        (PackedForm.INSTANT, -62135596801),
        (PackedForm.INSTANT, 253402300800),
        (PackedForm.INSTANT, b"\0\0\0\0"),
        (PackedForm.UUID, bytes(15)),
        (PackedForm.UUID, 7),
        (PackedForm.MAC, bytes(5)),
        (PackedForm.MAC, 7),
        (PackedForm.ADDRESS, -1),
        (PackedForm.ADDRESS, 2**32),
        (PackedForm.ADDRESS, bytes(4)),
        (PackedForm.NETWORK, 7),
        (PackedForm.NETWORK, bytes(4) + b"\x21"),
        (PackedForm.NETWORK, bytes(16) + b"\x81"),
        (PackedForm.NETWORK, bytes(6)),
    ],
)
def test_what_is_no_short_form(form: PackedForm, short: int | bytes) -> None:
    """A length or a number outside the table has no text."""
    assert SHORT_FORMS[form].restore(short) is None


@pytest.mark.parametrize("form", sorted(SHORT_FORMS))
@given(text=short_texts)
def test_every_short_form_is_exact(form: PackedForm, text: str) -> None:
    """Whatever is shortened comes back as it was."""
    short = SHORT_FORMS[form].shorten(text)
    assert short is None or SHORT_FORMS[form].restore(short) == text


@given(st.integers(-62135596800, 253402300799))
def test_every_second_has_a_text(seconds: int) -> None:
    """Seconds count as the calendar of `datetime` does."""
    text = SHORT_FORMS[PackedForm.INSTANT].restore(seconds)
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    assert text is not None
    assert datetime.datetime.fromisoformat(text) == start + datetime.timedelta(seconds=seconds)
    assert SHORT_FORMS[PackedForm.INSTANT].shorten(text) == seconds


@given(
    st.one_of(st.binary(min_size=16, max_size=16), st.ip_addresses(v=6).map(lambda one: one.packed))
)
def test_every_ipv6_address_has_a_text(raw: bytes) -> None:
    """16 bytes are the address that `ipaddress` reads from their text."""
    text = SHORT_FORMS[PackedForm.ADDRESS].restore(raw)
    assert text is not None
    assert ipaddress.IPv6Address(text).packed == raw
    assert SHORT_FORMS[PackedForm.ADDRESS].shorten(text) == raw


@given(st.lists(st.sampled_from([0, 0, 0, 1, 0xAB, 0xFFFF]), min_size=8, max_size=8))
def test_runs_of_zeros_are_shortened_as_rfc_5952_has_it(groups: list[int]) -> None:
    """The first of the longest runs of two or more; `ipaddress` agrees where it prints no quad."""
    raw = b"".join(one.to_bytes(2, "big") for one in groups)
    expected = str(ipaddress.IPv6Address(raw))
    if "." not in expected:
        assert SHORT_FORMS[PackedForm.ADDRESS].restore(raw) == expected


def test_kinds_with_short_forms() -> None:
    """The kinds that the page lists, and no others."""
    assert all(packed_form(kind) for kind in SHORT_KINDS)
    for kind in ("String", "Enum", "Object", "List", "PCIAddress", "uuid", ""):
        assert packed_form(kind) == PackedForm.NATURAL
