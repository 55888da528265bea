"""Bytes replaced by others, at chosen places or anywhere."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence

Splice = tuple[int, int, bytes]
"""Where it starts, where it ends, and what stands there then."""

MAX_BYTES = 4096
"""How long an input may be."""


def spliced(data: bytes, splices: Sequence[Splice]) -> bytes:
    """Bytes with some of them replaced; of splices that overlap the first in the list counts."""
    kept: list[Splice] = []
    for one in splices:
        if all(one[1] <= other[0] or other[1] <= one[0] for other in kept):
            kept.append(one)
    for start, end, changed in sorted(kept, reverse=True):
        data = data[:start] + changed + data[end:]
    return data


def blind(data: bytes, dice: random.Random) -> bytes:
    """Bytes changed, put in or taken out anywhere."""
    made = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 8])):
        at = dice.randrange(len(made) + 1)
        act = dice.randrange(4)
        if act == 0 and at < len(made):
            made[at] ^= 1 << dice.randrange(8)
        elif act == 1:
            made[at:at] = dice.randbytes(dice.choice([1, 2, 4, 8]))
        elif act == 2:
            del made[at : at + dice.choice([1, 2, 4, 16])]
        elif at + 4 <= len(made):
            struct.pack_into(">I", made, at, dice.choice([0, 1, 2**31, 2**32 - 1]))
    return bytes(made)
