"""The msgpack wire: bytes as oslo.serialization's msgpackutils gives and takes them.

Theory
    msgpack says in a header how much follows, and its reader believes it; extension types are read
    by handlers that call the reader again. So the headers of a payload are followed first, without
    making a value: lengths against the bytes that are there, depth, count, keys and extension
    types.

    Of the extension types that msgpackutils registers this wire reads all but the endless counter
    (type 2), whose values never end and no field holds: one inside a set would fill the memory.
    Extensions inside extensions cost the reader a large piece of the C stack each, hence a small
    fixed bound on them (`MAX_EXTENSIONS_NESTED`), whatever the limits. Dict keys are text.

    Following headers in Python costs more than reading the values does in C. So a payload that is
    not longer than the number of values that are allowed is first read by msgpack alone, which
    stops at the first extension type or long array, and the result is held to the limits. Whatever
    stops that way is read the careful way, and the result is the same.
"""

from __future__ import annotations

import contextlib
import enum
from typing import Any

import msgpack

from vobj.errors import LimitError, PayloadError
from vobj.wires.limits import DEFAULT_LIMITS, Limits, check_tree, over_count, over_depth, over_size
from vobj.wires.wire import TextCodec, malformed, read, write

MAX_EXTENSIONS_NESTED = 4

# A reader makes room for an array before it has read one element of it, and does so at every depth.
_SHORT_ARRAY = 4_096

_UUID = 0
# datetime, IP address, set, frozenset, XML-RPC datetime, date: each is msgpack itself, inside.
_MADE_OF_MSGPACK = frozenset({1, 3, 4, 5, 6, 7})

# The number of bytes of a value whose first byte says it, else 0.
_SIZES = {
    **dict.fromkeys((*range(0x80), *range(0xE0, 0x100), 0xC0, 0xC2, 0xC3), 1),
    **{0xA0 + length: 1 + length for length in range(32)},
    **dict.fromkeys((0xCC, 0xD0), 2),
    **dict.fromkeys((0xCD, 0xD1), 3),
    **dict.fromkeys((0xCA, 0xCE, 0xD2), 5),
    **dict.fromkeys((0xCB, 0xCF, 0xD3), 9),
}
_WHOLE = bytes(_SIZES.get(head, 0) for head in range(256))


class _Kind(enum.Enum):
    TEXT = enum.auto()
    BINARY = enum.auto()
    ARRAY = enum.auto()
    MAP = enum.auto()
    EXTENSION = enum.auto()


# The other first bytes: what they start, how many bytes of length follow, or the length itself.
_HEADERS: dict[int, tuple[_Kind, int, int]] = {
    **{0x80 + length: (_Kind.MAP, 0, length) for length in range(16)},
    **{0x90 + length: (_Kind.ARRAY, 0, length) for length in range(16)},
    **{0xC4 + power: (_Kind.BINARY, 1 << power, 0) for power in range(3)},
    **{0xC7 + power: (_Kind.EXTENSION, 1 << power, 0) for power in range(3)},
    **{0xD4 + power: (_Kind.EXTENSION, 0, 1 << power) for power in range(5)},
    **{0xD9 + power: (_Kind.TEXT, 1 << power, 0) for power in range(3)},
    **{0xDB + power: (_Kind.ARRAY, 1 << power, 0) for power in (1, 2)},
    **{0xDD + power: (_Kind.MAP, 1 << power, 0) for power in (1, 2)},
}


class MsgpackWire:
    """Payloads are bytes."""

    name = "msgpack"

    def __init__(self, text: TextCodec[bytes]) -> None:
        self._text = text

    def encode(self, tree: dict[str, Any]) -> bytes:
        """The bytes of a tree.

        Raises UsageError (`usage/argument`) with the path of the value that msgpack cannot hold.
        """
        return write(self.name, self._text.dumps, tree)

    def decode(self, data: object, limits: Limits = DEFAULT_LIMITS) -> object:
        """The tree of bytes.

        Raises PayloadError (`payload/malformed`) and LimitError (`payload/size`, `payload/depth`,
        `payload/count`).
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise PayloadError(
                f"Expected msgpack as bytes, got {type(data).__name__}", rule="payload/malformed"
            )
        if (data.nbytes if isinstance(data, memoryview) else len(data)) > limits.max_bytes:
            raise over_size(limits)
        raw = bytes(data)
        if len(raw) <= limits.max_values:
            with contextlib.suppress(ValueError):
                return _plain(raw, limits)
        _Headers(raw, limits).follow(0, len(raw), depth=0, nested=0)
        return read(self.name, self._text.loads, raw, limits)


def _plain(raw: bytes, limits: Limits) -> object:
    """The tree of bytes without extension types and long arrays; ValueError for all others."""
    tree: object = msgpack.unpackb(
        raw, ext_hook=_stop, max_ext_len=0, max_array_len=_SHORT_ARRAY, raw=False
    )
    check_tree(tree, limits)
    return tree


def _stop(code: int, data: bytes) -> object:
    raise ValueError(f"extension type {code} of {len(data)} bytes")


class _Headers:
    """One pass over the headers of a payload; it makes no value."""

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self._raw = raw
        self._limits = limits
        self._values = 0
        self._in_sets = 0

    def follow(self, position: int, end: int, *, depth: int, nested: int) -> None:
        """Follow the one value at `position`, which may use the bytes up to `end`.

        depth: the containers around it. nested: the extensions around it. What is left before `end`
        is for the reader to refuse.
        """
        raw = self._raw
        self._count(1)
        around: list[tuple[int, bool]] = []  # of each open container: the items left, is it a map
        left, in_map = 1, False  # keys and values of a map are items alike
        while True:
            while not left:
                if not around:
                    return
                left, in_map = around.pop()
            if position >= end:
                raise self._cut(position)
            head = raw[position]
            is_key = in_map and not left & 1 and not nested
            left -= 1
            size = _WHOLE[head]
            if size:
                if is_key and not 0xA0 <= head < 0xC0:
                    raise self._no_text(position)
                position += size
                continue
            kind, length, after = self._header(position, end)
            if is_key and kind is not _Kind.TEXT:
                raise self._no_text(position)
            if kind is _Kind.ARRAY or kind is _Kind.MAP:
                around.append((left, in_map))
                if depth + len(around) > self._limits.max_depth:
                    raise over_depth(self._limits)
                self._count(length)
                in_map = kind is _Kind.MAP
                left = 2 * length if in_map else length
                position = after
                continue
            position = after + length
            if kind is _Kind.EXTENSION:
                position += 1
                if position > end:
                    raise self._cut(position)
                self._extension(after, position, depth=depth + len(around), nested=nested)

    def _header(self, position: int, end: int) -> tuple[_Kind, int, int]:
        """What starts at `position`, its length, and where the header ends."""
        found = _HEADERS.get(self._raw[position])
        if found is None:
            raise malformed("msgpack", f"byte {position} starts nothing")
        kind, width, length = found
        after = position + 1 + width
        if after > end:
            raise self._cut(position)
        if width:
            length = int.from_bytes(self._raw[position + 1 : after], "big")
        return kind, length, after

    def _extension(self, position: int, end: int, *, depth: int, nested: int) -> None:
        """Follow an extension whose type stands at `position`."""
        code = self._raw[position]
        if code != _UUID and code not in _MADE_OF_MSGPACK:
            raise malformed("msgpack", f"extension type {code} at byte {position} is not read")
        if nested:
            self._in_sets += 1
            if self._in_sets > self._limits.max_set_objects:
                raise LimitError(
                    f"The sets of the payload have more than {self._limits.max_set_objects} "
                    "values of extension types",
                    rule="payload/count",
                )
        if nested >= MAX_EXTENSIONS_NESTED:
            raise LimitError(
                f"Extension types are nested more than {MAX_EXTENSIONS_NESTED} deep",
                rule="payload/depth",
            )
        if code != _UUID:
            self.follow(position + 1, end, depth=depth, nested=nested + 1)

    def _count(self, more: int) -> None:
        self._values += more
        if self._values > self._limits.max_values:
            raise over_count(self._limits)

    def _cut(self, position: int) -> PayloadError:
        return malformed("msgpack", f"it ends inside the value at byte {position}")

    def _no_text(self, position: int) -> PayloadError:
        return malformed("msgpack", f"the dict key at byte {position} is no text")
