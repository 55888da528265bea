"""Who asks for which backports, told to observers in batches and outside of the requests.

Theory
    A fleet that wants to drop an old version has to know who still asks for it. So every object
    that leaves below the version it has is counted under its caller, its name and the two versions.
    Counting is one addition under a lock; a thread hands what was counted to the observers once in
    a while, so that one that writes to a database delays nobody. An observer that raises is
    logged and loses that batch, for no request may fail because of it.

    Callers name themselves. Their names are held to a length and to printable text, and between two
    batches to a number of different counts; what comes on top is counted for a caller without a
    name, so that inventing callers fills no memory.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

LOG = logging.getLogger(__name__)

_LONGEST_NAME = 64
_MOST_COUNTS = 10_000


class Caller(NamedTuple):
    """Who asks: the name of its service and of its host, each empty when it did not say."""

    service: str = ""
    host: str = ""

    @classmethod
    def of(cls, service: object, host: object) -> Caller:
        """A caller as it names itself; what is no text counts as not said."""
        return cls(_name(service), _name(host))

    @classmethod
    def told(cls, given: object) -> Caller:
        """From `{"service": ..., "host": ...}`; anything else is a caller without a name."""
        if isinstance(given, Mapping):
            return cls.of(given.get("service"), given.get("host"))
        return NOBODY


NOBODY = Caller()


def _name(text: object) -> str:
    if not isinstance(text, str):
        return ""
    cut = text[:_LONGEST_NAME]
    return cut if cut.isprintable() and " " not in cut else ascii(cut)[1:-1].replace(" ", "_")


class Lowered(NamedTuple):
    """An object that leaves below the version it has: its name and the two versions, as X.Y."""

    object_name: str
    source: str
    target: str


class Backport(NamedTuple):
    """One kind of backport of one caller."""

    caller: Caller
    object_name: str
    source: str
    target: str


class Observer(Protocol):
    """Is told what was backported; called by one thread at a time."""

    def backported(self, counts: Mapping[Backport, int]) -> None:
        """How many objects of each kind left since the last call."""
        ...


class Tally:
    """Counts backports, and tells observers.

    seconds: between two batches; nothing runs while nothing is counted.
    """

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._observers: list[Observer] = []
        self._counts: dict[tuple[Caller, Lowered], int] = {}
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._waiting: threading.Timer | None = None

    def tell(self, observer: Observer) -> None:
        """Tell an observer from now on."""
        self._observers.append(observer)

    def add(self, caller: Caller, lowered: Iterable[tuple[Lowered, int]]) -> None:
        """Count objects that leave for a caller."""
        if not self._observers:
            return
        with self._lock:
            for one, number in lowered:
                key = (caller, one)
                known = self._counts.get(key)
                if known is None and len(self._counts) >= _MOST_COUNTS:
                    key = (NOBODY, one)
                    known = self._counts.get(key)
                self._counts[key] = number if known is None else known + number
            if self._waiting is None and self._counts:
                self._waiting = threading.Timer(self._seconds, self.flush)
                self._waiting.daemon = True
                self._waiting.start()

    def flush(self) -> None:
        """Tell the observers now what was counted."""
        with self._telling:
            with self._lock:
                counted, self._counts = self._counts, {}
                waiting, self._waiting = self._waiting, None
            if waiting is not None:
                waiting.cancel()
            if not counted:
                return
            counts = Counter(
                {Backport(caller, *one): number for (caller, one), number in counted.items()}
            )
            for observer in self._observers:
                try:
                    observer.backported(counts)
                except Exception:
                    LOG.exception("An observer of backports failed; it loses one batch")
