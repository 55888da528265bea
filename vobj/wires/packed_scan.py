"""A pass over the headers of msgpack that makes no value, for payloads that could be large.

Theory
    The reader of msgpack makes room for what a header claims, and builds all that is there. So a
    long payload is first walked by its headers: nesting, number of values, and lengths against the
    bytes that are there. It stops at what the packed wire never has, extension types and keys that
    are no text.
"""

from __future__ import annotations

from vobj.wires.limits import Limits, over_count, over_depth
from vobj.wires.packed_layout import wrong

_SHORT_TEXT = range(0xA0, 0xC0)
_TEXT = frozenset((*_SHORT_TEXT, 0xD9, 0xDA, 0xDB))

# The bytes of a value that its first byte tells, or 0.
_WHOLE = bytearray(256)
_WHOLE[:0x80] = b"\1" * 0x80
_WHOLE[0xE0:] = b"\1" * 0x20
for _length in range(32):
    _WHOLE[0xA0 + _length] = 1 + _length
for _head, _size in [
    (0xC0, 1), (0xC2, 1), (0xC3, 1), (0xCA, 5), (0xCB, 9),
    (0xCC, 2), (0xCD, 3), (0xCE, 5), (0xCF, 9), (0xD0, 2), (0xD1, 3), (0xD2, 5), (0xD3, 9),
]:  # fmt: skip
    _WHOLE[_head] = _size

# The bytes of length that follow the first byte of text, binary, arrays and maps.
_BYTES = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_ARRAYS = {0xDC: 2, 0xDD: 4}
_MAPS = {0xDE: 2, 0xDF: 4}


def scan(raw: bytes, start: int, limits: Limits) -> None:
    """Follow the one value at `start`; what stands behind it is for the reader to refuse.

    Raises PayloadError (`payload/malformed`) and LimitError (`payload/depth`, `payload/count`). A
    definition and a wrapped value are values in the bytes that the tree does not have, of which
    there are fewer than of those that it has: so twice the limit is allowed here, and the tree is
    counted later.
    """
    position, end, values = start, len(raw), 1
    around: list[tuple[int, bool]] = []  # of each open container: the items left, is it a map
    left, in_map = 1, False  # keys and values of a map are items alike
    while left or around:
        if not left:
            left, in_map = around.pop()
            continue
        if position >= end:
            raise wrong(f"it ends inside the value at byte {position}")
        head = raw[position]
        if in_map and not left & 1 and head not in _TEXT:
            raise wrong(f"the key at byte {position} is no text")
        left -= 1
        if _WHOLE[head]:
            position += _WHOLE[head]
        elif head in _BYTES:
            position, length = _length_at(raw, position, _BYTES[head])
            position += length
        else:
            around.append((left, in_map))
            if len(around) > limits.max_depth:
                raise over_depth(limits)
            position, length, in_map = _container(raw, position)
            left = 2 * length if in_map else length
            values += length
            if values > 2 * limits.max_values:
                raise over_count(limits)
    if position > end:
        raise wrong("it ends inside a value")


def _container(raw: bytes, position: int) -> tuple[int, int, bool]:
    """Where the items of an array or a map start, their number, and whether it is a map."""
    head = raw[position]
    if 0x80 <= head < 0xA0:
        return position + 1, head & 0x0F, head < 0x90
    width = _ARRAYS.get(head) or _MAPS.get(head)
    if width is None:
        raise wrong(f"byte {position} is of a type that is not used")
    return *_length_at(raw, position, width), head in _MAPS


def _length_at(raw: bytes, position: int, width: int) -> tuple[int, int]:
    after = position + 1 + width
    if after > len(raw):
        raise wrong(f"it ends inside the header at byte {position}")
    return after, int.from_bytes(raw[position + 1 : after], "big")
