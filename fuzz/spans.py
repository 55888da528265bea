"""Where the values of a msgpack payload stand, however damaged it is.

Theory
    A mutation wants to cut whole values out and put others in, and to lie in headers on purpose. So
    a payload is scanned once for its values: their bytes, their headers, and the container that
    each stands in. The scan ends quietly where the bytes make no sense any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

_FIXED = {
    **dict.fromkeys((0xCC, 0xD0), 2),
    **dict.fromkeys((0xCD, 0xD1), 3),
    **dict.fromkeys((0xCA, 0xCE, 0xD2), 5),
    **dict.fromkeys((0xCB, 0xCF, 0xD3), 9),
}
# First byte: bytes of length after it, and what the length counts.
_SIZED = {
    **{0xC4 + power: (1 << power, "binary") for power in range(3)},
    **{0xC7 + power: (1 << power, "extension") for power in range(3)},
    **{0xD9 + power: (1 << power, "text") for power in range(3)},
    **{0xDB + power: (1 << power, "array") for power in (1, 2)},
    **{0xDD + power: (1 << power, "map") for power in (1, 2)},
}
_DEPTH = 80
_SPANS = 3000


@dataclass(frozen=True, slots=True)
class Span:
    """One value. start, end: its bytes. body: where its header ends. count: items or length.

    holder: the index of the container around it, -1 at the top. is_key: it is the key of a map.
    """

    start: int
    body: int
    end: int
    kind: str
    count: int
    holder: int
    is_key: bool


@lru_cache(maxsize=8192)
def spans(data: bytes, start: int = 0) -> tuple[Span, ...]:
    """The values of a payload from `start` on, containers before what is in them."""
    found: list[Span] = []
    _scan(data, start, found, -1, 0, is_key=False)
    return tuple(found)


def _scan(data: bytes, at: int, found: list[Span], holder: int, depth: int, *, is_key: bool) -> int:
    """Scan the value at `at`; returns where it ends, -1 where there is none."""
    head = _header(data, at)
    if head is None or depth > _DEPTH or len(found) >= _SPANS:
        return -1
    body, kind, count = head
    index = len(found)
    end = body + (count if kind in ("binary", "text", "extension") else 0)
    found.append(Span(at, body, min(end, len(data)), kind, count, holder, is_key))
    if kind in ("array", "map"):
        for item in range(count * 2 if kind == "map" else count):
            key = kind == "map" and item % 2 == 0
            end = _scan(data, end, found, index, depth + 1, is_key=key)
            if end < 0:
                found[index] = Span(at, body, len(data), kind, count, holder, is_key)
                return -1
        found[index] = Span(at, body, end, kind, count, holder, is_key)
    return end if end <= len(data) else -1


def _header(data: bytes, at: int) -> tuple[int, str, int] | None:
    """Where the header ends, what it starts and its count."""
    if at >= len(data):
        return None
    head = data[at]
    if head < 0x80 or head >= 0xE0 or head in (0xC0, 0xC2, 0xC3):
        return at + 1, "scalar", 0
    if head < 0xC0:
        kind = "map" if head < 0x90 else "array" if head < 0xA0 else "text"
        return at + 1, kind, head & (0x1F if kind == "text" else 0x0F)
    if head in _FIXED:
        return at + _FIXED[head], "scalar", 0
    if 0xD4 <= head <= 0xD8:
        return at + 2, "extension", 1 << (head - 0xD4)
    if head not in _SIZED:
        return None
    width, kind = _SIZED[head]
    after = at + 1 + width + (kind == "extension")
    if after > len(data):
        return None
    return after, kind, int.from_bytes(data[at + 1 : at + 1 + width], "big")


def header(kind: str, count: int, width: int = -1) -> bytes:
    """The header of a text, binary, array or map. width: bytes of length; -1 for the fewest."""
    fix, most, forms = _HEADERS[kind]
    if width < 0:
        if count <= most:
            return bytes([fix | count])
        width = next((one for one in forms if count < 1 << 8 * one), 4)
    if width == 0 and count <= most:
        return bytes([fix | count])
    if width not in forms or count >= 1 << 8 * width:
        width = 4
    return bytes([forms[width]]) + (count & 0xFFFFFFFF).to_bytes(width, "big")


_HEADERS: dict[str, tuple[int, int, dict[int, int]]] = {
    "text": (0xA0, 31, {1: 0xD9, 2: 0xDA, 4: 0xDB}),
    "binary": (0, -1, {1: 0xC4, 2: 0xC5, 4: 0xC6}),
    "array": (0x90, 15, {2: 0xDC, 4: 0xDD}),
    "map": (0x80, 15, {2: 0xDE, 4: 0xDF}),
}
