"""Who is live: judged by the clock of the database, and by one's own watch when that clock jumps.

Theory
    A lease says until when, in the time of the database, a service counts as live. The clocks of
    the services are never asked. Two things make leases lie: the database's clock is set, or the
    database was away, so that nobody could renew. Both are seen by whoever watches: between two
    readings the database's clock and one's own monotonic clock move by the same amount, or it was
    set; and readings are never further apart than a lease, or something was missed.

    - After a jump or a gap, whoever was live at the last reading stays live for one more lease.
    - A lease that was renewed in the future is of before the clock was set back: it counts for one
      lease from when it was first seen so, and again with every renewal.

    Both err on the safe side, since one service too many in the pin costs a feature for a while,
    and one too few costs errors. A process that has just started has nothing to compare with and
    goes by the leases alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

_SECOND = 1_000_000
_TOLERANCE = 2 * _SECOND  # clocks drift, and a reading takes its time

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Sighting(Generic[K]):
    """One holder of a lease as it was read; marker changes when it is heard of again.

    renewed and expires are times of the database, in microseconds.
    """

    key: K
    renewed: int
    expires: int
    marker: Hashable

    @property
    def lease(self) -> int:
        """How long the lease lasts, in microseconds."""
        return max(0, self.expires - self.renewed)


@dataclass
class _Seen:
    marker: Hashable
    at: int
    live: bool
    grace: int = 0


class Watch(Generic[K]):
    """Judges readings of one record, one after the other. Any thread may call it.

    clock: a monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[K, _Seen] = {}
        self._last: tuple[int, int] | None = None
        self._lock = threading.Lock()

    def live(self, sightings: Iterable[Sighting[K]], now: int) -> set[K]:
        """The keys of those that are live. now: the database's time of this reading."""
        with self._lock:
            own = round(self._clock() * _SECOND)
            passed = None if self._last is None else own - self._last[1]
            jumped = (
                passed is not None
                and self._last is not None
                and abs(now - self._last[0] - passed) > _TOLERANCE
            )
            self._last = (now, own)
            found = {}
            for one in sightings:
                missed = passed is not None and (jumped or passed > one.lease)
                found[one.key] = self._judged(one, now, own, missed=missed)
            self._seen = found
            return {key for key, seen in found.items() if seen.live}

    def _judged(self, one: Sighting[K], now: int, own: int, *, missed: bool) -> _Seen:
        known = self._seen.get(one.key)
        if known is None or known.marker != one.marker:
            seen = _Seen(one.marker, own, live=False, grace=0 if known is None else known.grace)
        else:
            seen = _Seen(known.marker, known.at, live=False, grace=known.grace)
        if missed and known is not None and known.live:
            seen.grace = own + one.lease
        if one.renewed > now + _TOLERANCE:
            by_lease = own < seen.at + one.lease
        else:
            by_lease = now < one.expires
        seen.live = by_lease or own < seen.grace
        return seen
