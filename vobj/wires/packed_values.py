"""The short forms of the packed wire: text to an integer or a few bytes, and exactly back.

Theory
    A short form is made from the text of a primitive, never from a value, so what comes out is what
    a wire of text would have carried. Every form has one text and every text at most one form:
    reading is trusted to be exact, and writing asks it, so that text from which the form does not
    give the same text back stays text.

    What `ipaddress` prints for an IPv6 address has changed between releases of Python, so the
    canonical text is made here.
"""

from __future__ import annotations

import datetime
import enum
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

Short = int | bytes


class PackedForm(enum.IntEnum):
    """How the text of a kind of value is written; NATURAL is as it is."""

    NATURAL = 0
    INSTANT = 1
    UUID = 2
    ADDRESS = 3
    NETWORK = 4
    MAC = 5


_FORMS: Mapping[str, PackedForm] = {
    "DateTime": PackedForm.INSTANT,
    "UUID": PackedForm.UUID,
    "MACAddress": PackedForm.MAC,
    "IPAddress": PackedForm.ADDRESS,
    "IPV4Address": PackedForm.ADDRESS,
    "IPV6Address": PackedForm.ADDRESS,
    "IPV4AndV6Address": PackedForm.ADDRESS,
    "IPNetwork": PackedForm.NETWORK,
    "IPV4Network": PackedForm.NETWORK,
    "IPV6Network": PackedForm.NETWORK,
}


def packed_form(kind: str) -> PackedForm:
    """The form of a kind of wire type; containers and objects are NATURAL here."""
    return _FORMS.get(kind, PackedForm.NATURAL)


class ShortForm(NamedTuple):
    """shorten: the short form of a text, or None. restore: the text of a short form, or None."""

    shorten: Callable[[str], Short | None]
    restore: Callable[[Short], str | None]


_EPOCH = datetime.datetime(1970, 1, 1)
_FIRST = (datetime.datetime.min - _EPOCH) // datetime.timedelta(seconds=1)
_LAST = (datetime.datetime.max - _EPOCH) // datetime.timedelta(seconds=1)
_DAY = 86_400


def _instant(text: str) -> int | None:
    if len(text) != 20:
        return None
    try:
        when = datetime.datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    # Only what is read back as the same text has a short form; that is asked of integers below.
    if when.tzinfo is not None:
        return None
    since = when - _EPOCH
    seconds = since.days * _DAY + since.seconds
    return seconds if _instant_text(seconds) == text else None


def _instant_text(short: Short) -> str | None:
    if not isinstance(short, int) or not _FIRST <= short <= _LAST:
        return None
    return f"{(_EPOCH + datetime.timedelta(seconds=short)).isoformat()}Z"


_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MAC = re.compile("[0-9a-f]{2}(?::[0-9a-f]{2}){5}")


def _uuid(text: str) -> bytes | None:
    return bytes.fromhex(text.replace("-", "")) if _UUID.fullmatch(text) else None


def _uuid_text(short: Short) -> str | None:
    if not isinstance(short, bytes) or len(short) != 16:
        return None
    digits = short.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _mac(text: str) -> bytes | None:
    return bytes.fromhex(text.replace(":", "")) if _MAC.fullmatch(text) else None


def _mac_text(short: Short) -> str | None:
    return short.hex(":") if isinstance(short, bytes) and len(short) == 6 else None


_BYTE = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_QUAD = re.compile(rf"{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}")
_PREFIX = re.compile("0|[1-9][0-9]{0,2}")
_GROUP = re.compile("0|[1-9a-f][0-9a-f]{0,3}")
_LONGEST = 39  # of the text of an IPv6 address


def _quad(text: str) -> bytes | None:
    found = _QUAD.fullmatch(text)
    return None if found is None else bytes(map(int, found.groups()))


def _quad_text(raw: bytes) -> str:
    return "{}.{}.{}.{}".format(*raw)


def _groups(text: str) -> bytes | None:
    """The 16 bytes of the canonical text of an IPv6 address."""
    if len(text) > _LONGEST:
        return None
    head, gap, tail = text.partition("::")
    left = head.split(":") if head else []
    right = tail.split(":") if tail else []
    missing = 8 - len(left) - len(right)
    if missing < 0 or (missing and not gap) or not all(map(_GROUP.fullmatch, left + right)):
        return None
    raw = b"".join(int(one, 16).to_bytes(2, "big") for one in [*left, *["0"] * missing, *right])
    return raw if _groups_text(raw) == text else None


def _groups_text(raw: bytes) -> str:
    groups = [f"{raw[at] << 8 | raw[at + 1]:x}" for at in range(0, 16, 2)]
    best, length, at = 0, 1, 0
    while at < 8:
        end = at
        while end < 8 and groups[end] == "0":
            end += 1
        if end - at > length:
            best, length = at, end - at
        at = max(end, at + 1)
    if length == 1:
        return ":".join(groups)
    return f"{':'.join(groups[:best])}::{':'.join(groups[best + length :])}"


def _address(text: str) -> Short | None:
    raw = _quad(text)
    return _groups(text) if raw is None else int.from_bytes(raw, "big")


def _address_text(short: Short) -> str | None:
    if isinstance(short, int):
        return _quad_text(short.to_bytes(4, "big")) if 0 <= short < 1 << 32 else None
    return _groups_text(short) if len(short) == 16 else None


def _network(text: str) -> bytes | None:
    address, _, prefix = text.partition("/")
    if not _PREFIX.fullmatch(prefix):
        return None
    length = int(prefix)
    raw = _quad(address) if length <= 32 else None
    if raw is None and length <= 128:
        raw = _groups(address)
    return None if raw is None else raw + bytes([length])


def _network_text(short: Short) -> str | None:
    if isinstance(short, int):
        return None
    if len(short) == 5 and short[4] <= 32:
        return f"{_quad_text(short[:4])}/{short[4]}"
    if len(short) == 17 and short[16] <= 128:
        return f"{_groups_text(short[:16])}/{short[16]}"
    return None


SHORT_FORMS: Mapping[PackedForm, ShortForm] = {
    PackedForm.INSTANT: ShortForm(_instant, _instant_text),
    PackedForm.UUID: ShortForm(_uuid, _uuid_text),
    PackedForm.MAC: ShortForm(_mac, _mac_text),
    PackedForm.ADDRESS: ShortForm(_address, _address_text),
    PackedForm.NETWORK: ShortForm(_network, _network_text),
}
