"""How many requests a conductor works on at once, counted until the work has really ended.

Theory
    A thread cannot be stopped. When a method takes longer than its caller waits, the caller gets
    its answer and the thread goes on; its slot stays taken until it is done, so that slow methods
    cannot pile up behind a limit that no longer counts them.
"""

from __future__ import annotations

import threading


class Slots:
    """A fixed number of slots; any thread may take and give back."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many slots are in use."""
        return self._taken

    def take(self) -> Slot | None:
        """A slot, or None when all are in use."""
        with self._lock:
            if self._taken >= self.total:
                return None
            self._taken += 1
        return Slot(self)

    def give_back(self) -> None:
        """Called once by each slot."""
        with self._lock:
            self._taken -= 1


class Slot:
    """One slot in use: given back by its request, or by the thread that it was handed to."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._lock = threading.Lock()
        self._state = "held"

    def start(self) -> bool:
        """The thread takes the slot over; False when the request has ended before it could."""
        with self._lock:
            if self._state != "held":
                return False
            self._state = "working"
            return True

    def end_work(self) -> None:
        """The thread is done."""
        self._end("working")

    def end_request(self) -> None:
        """The request has ended; a thread that works on it keeps the slot."""
        self._end("held")

    def _end(self, state: str) -> None:
        with self._lock:
            if self._state != state:
                return
            self._state = "ended"
        self._slots.give_back()
