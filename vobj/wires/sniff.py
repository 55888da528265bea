"""Which wire a payload is of, told from its first byte, and opening one without being told.

Theory
    A payload is a container, so JSON starts with a bracket after blanks, and msgpack with the
    header of a map or an array, and packed with a byte that msgpack never uses; no byte is two of
    these. What starts otherwise is no payload of any wire.
"""

from __future__ import annotations

from collections.abc import Mapping

from vobj.errors import PayloadError, UsageError
from vobj.wires.limits import DEFAULT_LIMITS, Limits
from vobj.wires.packed import MAGIC
from vobj.wires.wire import Wire

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLANKS = b" \t\r\n"
_JSON = frozenset(b"{[")
_MSGPACK = frozenset((*range(0x80, 0xA0), 0xDC, 0xDD, 0xDE, 0xDF))


def sniff(data: object) -> str:
    """The name of the wire that `data` is of: `primitive` for a dict, else one of bytes or text.

    Raises PayloadError (`payload/malformed`) for what is of none. The rest of the data is not read.
    """
    match data:
        case dict():
            return "primitive"
        case str():
            return "json"
        case bytes() | bytearray() | memoryview():
            first = bytes(data).removeprefix(_BYTE_ORDER_MARK).lstrip(_BLANKS)[:1]
            if first and first[0] in _JSON:
                return "json"
            if first and first[0] in _MSGPACK:
                return "msgpack"
            if first and first[0] == MAGIC:
                return "packed"
            start = bytes(data[:8]).hex(" ") or "nothing"
            raise PayloadError(
                f"Expected a payload in JSON, msgpack or packed, got what starts with {start}",
                rule="payload/malformed",
            )
    raise PayloadError(
        f"Expected a payload as bytes, text or dict, got {type(data).__name__}",
        rule="payload/malformed",
    )


def pick(wires: Mapping[str, Wire], name: object) -> Wire:
    """The wire of a name. Raises UsageError (`wire/unknown`)."""
    wire = wires.get(name) if isinstance(name, str) else None
    if wire is None:
        raise UsageError(
            f"Expected a wire out of {', '.join(sorted(wires))}, got {name!r}", rule="wire/unknown"
        )
    return wire


def open_payload(
    data: object, wires: Mapping[str, Wire], limits: Limits = DEFAULT_LIMITS
) -> tuple[str, object]:
    """The name of the wire that `data` is of, and its tree.

    Raises PayloadError (`payload/malformed`), LimitError, and UsageError (`wire/unknown`) when the
    wire is not among `wires`.
    """
    name = sniff(data)
    return name, pick(wires, name).decode(data, limits)
