"""How many requests a conductor takes in and works on at once, counted until the work has ended.

Theory
    A conductor has a number of places. Some of them are worked on, the rest wait; what finds no
    place is refused at once, so that an overload makes errors and no growth.

    A thread cannot be stopped. When a method takes longer than its caller waits, the caller gets
    its answer and the thread goes on; its place stays taken until it is done, so that slow methods
    cannot pile up behind a limit that no longer counts them. Such work is called late.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Places:
    """A fixed number of places; any thread may take and give back.

    total: of those in work and those that wait. is_draining: this will end soon, and says so.
    is_closed: nothing new is taken in. lock: for all that is counted, and the states of places.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.is_draining = False
        self.is_closed = False
        self.lock = threading.Lock()
        self._taken = 0
        self._working = 0
        self._late = 0

    @property
    def taken(self) -> int:
        """How many places are in use."""
        return self._taken

    @property
    def working(self) -> int:
        """How many of them are worked on."""
        return self._working

    @property
    def late(self) -> int:
        """How many are worked on though their request has been answered."""
        return self._late

    def enter(self, on_late_end: Callable[[], None] | None = None) -> Place | None:
        """A place, or None when all are in use or the doors are closed.

        on_late_end: called when the work on it ends after its request has.
        """
        with self.lock:
            if self.is_closed or self._taken >= self.total:
                return None
            self._taken += 1
        return Place(self, on_late_end)

    def move(self, *, taken: int = 0, working: int = 0, late: int = 0) -> None:
        """Called by places as they change, which hold the lock."""
        self._taken += taken
        self._working += working
        self._late += late


class Place:
    """One place in use: given back by its request, or by the thread that it was handed to."""

    __slots__ = ("_on_late_end", "_places", "_state")

    def __init__(self, places: Places, on_late_end: Callable[[], None] | None) -> None:
        self._places = places
        self._on_late_end = on_late_end
        self._state = "waiting"

    def start(self) -> bool:
        """The thread takes the place over; False when the request has ended before it could."""
        with self._places.lock:
            if self._state != "waiting":
                return False
            self._state = "working"
            self._places.move(working=1)
            return True

    def end_work(self) -> None:
        """The thread is done."""
        with self._places.lock:
            was, self._state = self._state, "ended"
            if was == "working":
                self._places.move(taken=-1, working=-1)
            elif was == "late":
                self._places.move(taken=-1, working=-1, late=-1)
        if was == "late" and self._on_late_end is not None:
            self._on_late_end()

    def end_request(self) -> bool:
        """The request has ended; True when nothing of it was begun, and nothing will be.

        A thread that works on it keeps the place.
        """
        with self._places.lock:
            was = self._state
            if was == "waiting":
                self._state = "ended"
                self._places.move(taken=-1)
            elif was == "working":
                self._state = "late"
                self._places.move(late=1)
        return was == "waiting"
