"""Changing payloads of msgpack with knowledge of their values.

Theory
    A mutation is a few splices of bytes at places that do not overlap. Some keep the payload well
    formed (a value for another one, an element less and the count of its container too), so that
    what reads fields is reached; others lie (a length, a header of another type), so that what
    reads headers is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgpack

from fuzz.odd_values import MSGPACK, NUMBERS, TEXTS
from fuzz.spans import Span, header, spans
from fuzz.splices import MAX_BYTES, Splice, blind, spliced


class MsgpackMutator:
    """Changes payloads of msgpack. start: how many bytes stand before it."""

    def __init__(self, donors: Sequence[bytes], start: int = 0) -> None:
        """donors: payloads whose values are put into others."""
        self._donors = donors
        self._start = start

    def __call__(self, data: bytes, dice: random.Random) -> bytes:
        """A changed copy of a payload."""
        found = spans(data, self._start)
        made = data
        if found:
            splices: list[Splice] = []
            for _ in range(1 + (dice.random() < 0.4) + (dice.random() < 0.15)):
                place = Place(data, found, _one_of(found, dice), dice, self._value)
                splices += dice.choice(_ACTS)(place)
            made = spliced(data, splices)
        if not found or dice.random() < 0.06:
            made = blind(made, dice)
        return made[:MAX_BYTES]

    def _value(self, dice: random.Random) -> bytes:
        """The bytes of some value."""
        chance = dice.random()
        if chance < 0.25:
            packed: bytes = msgpack.packb(dice.choice(NUMBERS))
            return packed
        if chance < 0.55:
            return _text(dice)
        donor = dice.choice(self._donors)
        given = spans(donor, self._start)
        if chance < 0.65 or not given:
            return dice.choice(MSGPACK)
        one = given[dice.randrange(len(given))]
        return donor[one.start : one.end]


@dataclass(frozen=True, slots=True)
class Place:
    """One value of a payload. value: gives the bytes of some other one."""

    data: bytes
    found: Sequence[Span]
    one: Span
    dice: random.Random
    value: Callable[[random.Random], bytes]

    @property
    def held(self) -> bytes:
        """The bytes of the value."""
        return self.data[self.one.start : self.one.end]


def _replaced(at: Place) -> list[Splice]:
    """Another value, of any type."""
    new = at.value(at.dice)
    if at.one.is_key and at.dice.random() < 0.9:
        new = _text(at.dice)
    return [(at.one.start, at.one.end, new)]


def _swapped(at: Place) -> list[Splice]:
    """Two values change places."""
    one, other = at.one, at.found[at.dice.randrange(len(at.found))]
    if one.end > other.start and other.end > one.start:
        return []
    return [
        (one.start, one.end, at.data[other.start : other.end]),
        (other.start, other.end, at.held),
    ]


def _removed(at: Place) -> list[Splice]:
    """An element or a pair less; the count says so, most often."""
    return _resized(at, -1)


def _repeated(at: Place) -> list[Splice]:
    """An element or a pair more: the same again, or another one."""
    return _resized(at, 1)


def _resized(at: Place, more: int) -> list[Splice]:
    if at.one.holder < 0:
        return []
    holder = at.found[at.one.holder]
    start, end = _pair(at) if holder.kind == "map" else (at.one.start, at.one.end)
    held = at.data[start:end]
    new = held * (1 + more)
    if more > 0 and at.dice.random() < 0.4:
        new = held + (_text(at.dice) if holder.kind == "map" else b"") + at.value(at.dice)
    splices = [(start, end, new)]
    if at.dice.random() < 0.85:
        count = max(holder.count + more, 0)
        splices.append((holder.start, holder.body, header(holder.kind, count)))
    return splices


def _pair(at: Place) -> tuple[int, int]:
    """Where the key and the value stand that a value of a map is one of."""
    index = next(number for number, one in enumerate(at.found) if one is at.one)
    if at.one.is_key:
        after = (one.end for one in at.found[index + 1 :] if one.holder == at.one.holder)
        return at.one.start, next(after, at.one.end)
    before = (one for one in reversed(at.found[:index]) if one.holder == at.one.holder)
    return next((one.start for one in before if one.is_key), at.one.start), at.one.end


def _lied(at: Place) -> list[Splice]:
    """A header that lies, or is longer than it has to be."""
    one = at.one
    if one.kind not in ("text", "binary", "array", "map"):
        return _widened(at)
    count = one.count
    if at.dice.random() < 0.6:
        lies = (count + 1, count - 1, 0, count * 2, 2**32 - 1, 2**31, 65536)
        count = max(0, at.dice.choice(lies))
    return [(one.start, one.body, header(one.kind, count, at.dice.choice((-1, 0, 1, 2, 4))))]


def _widened(at: Place) -> list[Splice]:
    """A number in a form of more bytes, or the type of a value changed in its first byte."""
    start, first = at.one.start, at.data[at.one.start]
    if first < 0x80 and at.dice.random() < 0.8:
        wide = (b"\xcc", b"\xcd\x00", b"\xce\x00\x00\x00", b"\xd0", b"\xd1\x00")
        return [(start, at.one.end, at.dice.choice(wide) + bytes([first]))]
    return [(start, start + 1, bytes([at.dice.randrange(256)]))]


def _rewritten(at: Place) -> list[Splice]:
    """One byte of the content of a text, binary or number."""
    start, end = at.one.body, at.one.end
    if end <= start:
        flipped = at.data[at.one.start] ^ (1 << at.dice.randrange(8))
        return [(at.one.start, at.one.start + 1, bytes([flipped]))]
    place = at.dice.randrange(start, end)
    return [(place, place + 1, bytes([at.dice.choice(b"0123456789abcfzAZ.:-/ \x00\x7f\x80\xff")]))]


def _wrapped(at: Place) -> list[Splice]:
    """A value inside containers, or what is inside of a container."""
    one = at.one
    if one.kind in ("array", "map") and one.count and at.dice.random() < 0.5:
        return [(one.start, one.body, b"")]
    around = at.dice.choice((b"\x91", b"\x81\xa1a")) * at.dice.choice((1, 1, 1, 2, 10, 40))
    return [(one.start, one.end, around + at.held)]


def _cut(at: Place) -> list[Splice]:
    """The payload ends at a value, or inside it."""
    one = at.one
    end = at.dice.choice((one.start, one.body, max(one.start, one.end - 1)))
    return [(end, len(at.data), b"")]


_ACTS: list[Callable[[Place], list[Splice]]] = [
    *[_replaced] * 9,
    *[_swapped] * 2,
    *[_removed] * 4,
    *[_repeated] * 4,
    *[_rewritten] * 4,
    _lied,
    _widened,
    _wrapped,
    _cut,
]
"""As often as each is done."""


def _one_of(found: Sequence[Span], dice: random.Random) -> Span:
    """A value; keys seldom, since a payload with a key that is none is refused as a whole."""
    index = dice.randrange(len(found))
    if found[index].is_key and index + 1 < len(found) and dice.random() < 0.7:
        return found[index + 1]
    return found[index]


def _text(dice: random.Random) -> bytes:
    raw = dice.choice(TEXTS).encode()
    width = -1 if dice.random() < 0.97 else dice.choice((0, 1, 2, 4))
    return header("text", len(raw), width) + raw
