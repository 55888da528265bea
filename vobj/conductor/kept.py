"""Results that are the same for everyone, kept by what they were made from.

Theory
    Where no callable has a part in a backport, its result depends on the payload and the target
    alone. In a fleet one object is often asked for by many peers of one old release, so the result
    is kept under the digest of the payload and the fingerprint of the manifest. With it is kept
    what else every such request does: what the put-back has to remember, and what is counted.

    The memory is bounded by bytes, and forgetting costs only time.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import msgpack

from vobj.conductor.observed import Lowered
from vobj.conductor.remembered import Place
from vobj.errors import UsageError

_COST = 400  # what an entry takes besides its bytes, roughly

ENVELOPE = "primitive"  # the form of a payload that is a dict; kept as msgpack

Key = tuple[bytes, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """The payload that was made, what the put-back remembers of it, what was counted.

    object_name, source, target: of the top object, for the log.
    """

    payload: bytes
    noted: tuple[tuple[Place, bytes], ...]
    lowered: tuple[tuple[Lowered, int], ...]
    object_name: str
    source: str
    target: str

    def made(self, form: str) -> Any:
        """The payload in the form that it was asked for in."""
        return unpacked(self.payload) if form == ENVELOPE else self.payload

    @property
    def cost(self) -> int:
        """Bytes that keeping it takes."""
        noted = sum(len(payload) + _COST for _, payload in self.noted)
        return len(self.payload) + noted + _COST * (1 + len(self.lowered))


class Results:
    """The results used last, within a number of bytes; any thread may use it.

    max_bytes: of all results together; 0 keeps nothing.
    """

    def __init__(self, max_bytes: int = 32 * 1024 * 1024) -> None:
        """Raises UsageError (`usage/argument`)."""
        if type(max_bytes) is not int or max_bytes < 0:
            raise UsageError(
                f"Expected max_bytes to be a whole number of at least 0, got {max_bytes!r}",
                rule="usage/argument",
            )
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def is_on(self) -> bool:
        """Whether anything is kept at all."""
        return self._max_bytes > 0

    @staticmethod
    def key(payload: bytes, fingerprint: str, *, form: str) -> Key:
        """Where the result for a payload is kept. form: what the bytes are of."""
        return hashlib.blake2b(payload, digest_size=20, person=form.encode()).digest(), fingerprint

    def find(self, key: Key) -> Kept | None:
        """What is kept under a key; it counts as used."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self.hits += 1
                self._kept.move_to_end(key)
            return found

    def missed(self) -> None:
        """Nothing was kept, and the work is done."""
        with self._lock:
            self.misses += 1

    def keep(self, key: Key, made: Kept) -> None:
        """Keep a result; those used longest ago make room for it."""
        if made.cost > self._max_bytes // 8:
            return  # one large result is not worth many small ones
        with self._lock:
            before = self._kept.pop(key, None)
            if before is not None:
                self.size -= before.cost
            self._kept[key] = made
            self.size += made.cost
            while self.size > self._max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self.size -= dropped.cost


def unpacked(data: bytes) -> Any:
    """An envelope out of the bytes that it is kept as."""
    return msgpack.unpackb(data, strict_map_key=False)
