"""A value that lives elsewhere, kept for a short while, and beyond that when it cannot be read.

Theory
    Whoever asks gets what is here. When that is older than the interval, the first to ask reads it
    anew and the others go on with what there is, so the value is never older than the interval and
    one reading. When reading fails, the last value stays, and says so; then nobody waits for the
    next tries either, which a thread makes. Only who asks before there was any value gets the
    error.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from vobj.errors import VobjError

LOG = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Trouble:
    """Why a value could not be read, and for how many seconds."""

    error: VobjError
    seconds: float


@dataclass(frozen=True)
class _Kept(Generic[T]):
    value: T
    at: float


class Follow(Generic[T]):
    """Calls `read` at most once per interval. Any thread may call it, also after a fork.

    read: gives the value, or raises a VobjError. interval: seconds. name: for the log.
    """

    def __init__(
        self,
        read: Callable[[], T],
        *,
        interval: float,
        name: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._interval = interval
        self._name = name
        self._clock = clock
        self._kept: _Kept[T] | None = None
        self._tried = 0.0
        self._failed: tuple[VobjError, float] | None = None
        self._reading = threading.Lock()
        self._pid = os.getpid()

    def __call__(self) -> T:
        """The value. Raises what `read` does as long as there never was one."""
        kept = self._kept
        if kept is not None and self._clock() - kept.at < self._interval:
            return kept.value
        return self._fresh(kept)

    @property
    def trouble(self) -> Trouble | None:
        """Why what is given is not what is there now; None while all is well."""
        failed = self._failed
        return None if failed is None else Trouble(failed[0], self._clock() - failed[1])

    @property
    def age(self) -> float | None:
        """Seconds since the value was read."""
        return None if self._kept is None else self._clock() - self._kept.at

    def _fresh(self, kept: _Kept[T] | None) -> T:
        if self._pid != os.getpid():
            # The thread that held the lock is not in this process.
            self._pid, self._reading = os.getpid(), threading.Lock()
        if kept is None:
            with self._reading:
                return (self._kept or self._renewed()).value
        if self._failed is None:
            if self._reading.acquire(blocking=False):
                try:
                    return self._attempt(kept).value
                finally:
                    self._reading.release()
        elif self._clock() - self._tried >= self._interval:
            self._tried = self._clock()
            threading.Thread(target=self._try_again, args=(kept,), daemon=True).start()
        return kept.value

    def _try_again(self, kept: _Kept[T]) -> None:
        if self._reading.acquire(blocking=False):
            try:
                self._attempt(kept)
            finally:
                self._reading.release()

    def _attempt(self, kept: _Kept[T]) -> _Kept[T]:
        """What is read, or else what is kept."""
        try:
            return self._renewed()
        except VobjError as error:
            if self._failed is None:
                LOG.warning("%s stays as it was last read: %s", self._name, error)
            self._failed = (error, self._clock() if self._failed is None else self._failed[1])
            return kept

    def _renewed(self) -> _Kept[T]:
        self._tried = self._clock()
        made = _Kept(self._read(), self._clock())
        if self._failed is not None:
            LOG.warning("%s is read again", self._name)
        self._kept, self._failed = made, None
        return made
