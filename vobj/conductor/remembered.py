"""What a conductor has handed out to older callers, so that it can tell what they edited.

Theory
    An older caller sends its object back whole. Compared with what it was sent, the difference is
    its edit; without that, only what it lists as changed is known. So every object that leaves for
    an older caller is kept for a while, as it stood *before* the backport, under its name, its key
    and the version it left in. Several are kept for one place, because callers of one version read
    one object at different times.

    Forgetting is harmless: the put-back then goes by `changes` alone. So a memory may drop anything
    at any time, and need not survive a restart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import NamedTuple, Protocol

from vobj.errors import UsageError

_PLACE = 512  # what keeping one payload costs besides its bytes, roughly


class Place(NamedTuple):
    """Where something handed out is kept: the object's name, its key as text, the caller's X.Y."""

    name: str
    key: str
    version: str


class Remembered(Protocol):
    """A memory of payloads, as bytes; any thread may call it at any time."""

    def note(self, place: Place, payload: bytes) -> None:
        """Keep what was handed out at a place, as the newest there."""
        ...

    def recall(self, place: Place) -> list[bytes]:
        """What was handed out at a place and is still known, the newest first."""
        ...


class InMemory:
    """The memory of one process: the places used last, within a number of bytes.

    max_bytes: of all payloads together (64 MiB). per_place: payloads at one place (4).
    """

    def __init__(self, *, max_bytes: int = 64 * 1024 * 1024, per_place: int = 4) -> None:
        """Raises UsageError (`usage/argument`)."""
        for name, value in (("max_bytes", max_bytes), ("per_place", per_place)):
            if type(value) is not int or value < 1:
                raise UsageError(
                    f"Expected {name} to be a whole number of at least 1, got {value!r}",
                    rule="usage/argument",
                )
        self._max_bytes = max_bytes
        self._per_place = per_place
        self._places: OrderedDict[Place, deque[bytes]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._places)

    @property
    def size(self) -> int:
        """How many bytes are kept, with what keeping them costs."""
        return self._size

    def note(self, place: Place, payload: bytes) -> None:
        """Keep a payload; the places used longest ago make room for it."""
        with self._lock:
            kept = self._places.setdefault(place, deque())
            self._places.move_to_end(place)
            if payload in kept:
                kept.remove(payload)
                self._size -= _cost(payload)
            kept.appendleft(payload)
            self._size += _cost(payload)
            if len(kept) > self._per_place:
                self._size -= _cost(kept.pop())
            while self._size > self._max_bytes:
                _, dropped = self._places.popitem(last=False)
                self._size -= sum(map(_cost, dropped))

    def recall(self, place: Place) -> list[bytes]:
        """The payloads of a place, the newest first; the place counts as used."""
        with self._lock:
            kept = self._places.get(place)
            if kept is None:
                return []
            self._places.move_to_end(place)
            return list(kept)


def _cost(payload: bytes) -> int:
    return len(payload) + _PLACE
