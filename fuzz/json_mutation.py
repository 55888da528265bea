"""Changing payloads of JSON with knowledge of its tokens."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from fuzz.odd_values import JSON, NUMBERS, TEXTS
from fuzz.splices import MAX_BYTES, Splice, blind, spliced

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[\[\]{},:]')


class JsonMutator:
    """Changes payloads of JSON, by tokens."""

    def __init__(self, donors: Sequence[bytes]) -> None:
        self._donors = donors

    def __call__(self, data: bytes, dice: random.Random) -> bytes:
        """A changed copy of a payload."""
        tokens = list(_TOKEN.finditer(data))
        made = data
        if tokens:
            splices = [self._splice(data, tokens, dice) for _ in range(dice.choice([1, 1, 2, 3]))]
            made = spliced(data, splices)
        if not tokens or dice.random() < 0.15:
            made = blind(made, dice)
        return made[:MAX_BYTES]

    def _splice(
        self, data: bytes, tokens: Sequence[re.Match[bytes]], dice: random.Random
    ) -> Splice:
        start, end = dice.choice(tokens).span()
        chance = dice.random()
        if chance < 0.3:
            return start, end, dice.choice(tokens)[0]
        if chance < 0.45:
            return start, end, b'"' + dice.choice(TEXTS).encode() + b'"'
        if chance < 0.6:
            return start, end, repr(dice.choice(NUMBERS)).encode()
        if chance < 0.8:
            return start, end, dice.choice(JSON)
        if chance < 0.9:
            return start, end, b""
        if chance < 0.95:
            return start, len(data), b""
        given = _TOKEN.findall(dice.choice(self._donors))
        return start, end, dice.choice(given or [b"0"])
