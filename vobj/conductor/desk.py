"""What happens to a request between a transport and the conductor, the same on every transport.

Theory
    A desk takes requests in, up to a number of places; a fixed number of threads works on them. A
    request has a deadline: the one that its caller sends, or the desk's own where that is sooner.
    When it comes before a thread had room, nothing was begun and nothing will be, and the answer
    says so. When it comes later, the caller is told that the method may still finish; the thread
    keeps its place until it has, and the log says when that was.

    A desk that is draining says that it is not ready, so that nobody sends it more; closed, it
    takes nothing in. What is in is finished.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from vobj.conductor.admission import Place, Places
from vobj.conductor.documents import Document, error_document
from vobj.conductor.journal import Asked
from vobj.conductor.mediator import Conductor
from vobj.conductor.metrics import Metrics
from vobj.conductor.status import FAILED, OK, SLOW_ANSWER, status_of
from vobj.conductor.threads import Threads
from vobj.errors import ConductorError, PayloadError, UsageError

LOG = logging.getLogger(__name__)

_T = TypeVar("_T")


class Desk:
    """Takes requests for a conductor.

    timeout: seconds until a request is answered, if only with an error; a caller may ask for less.
    concurrency: requests that are worked on at once, each in a thread. queue: requests that may
    wait for a thread; what comes on top is refused. Any thread may call it.
    """

    def __init__(
        self,
        conductor: Conductor,
        *,
        timeout: float = 60.0,
        concurrency: int = 32,
        queue: int = 128,
    ) -> None:
        """Raises UsageError (`usage/argument`)."""
        seconds("timeout", timeout)
        for name, value, least in (("concurrency", concurrency, 1), ("queue", queue, 0)):
            if type(value) is not int or value < least:
                raise UsageError(
                    f"Expected {name} to be a whole number of at least {least}, got {value!r}",
                    rule="usage/argument",
                )
        self.conductor = conductor
        self.timeout = timeout
        self.places = Places(concurrency + queue)
        self.metrics = Metrics(self.places, conductor.results, conductor.tally)
        self._concurrency = concurrency
        self._threads = Threads(concurrency)

    @property
    def is_ready(self) -> bool:
        """Whether a request would be taken in now."""
        places = self.places
        return not (places.is_draining or places.is_closed) and places.taken < places.total

    def state(self) -> dict[str, object]:
        """How busy it is, as plain data."""
        places = self.places
        return {
            "ready": self.is_ready,
            "draining": places.is_draining,
            "running": places.working,
            "waiting": places.taken - places.working,
            "late": places.late,
            "concurrency": self._concurrency,
        }

    def drain(self) -> None:
        """Be not ready any more."""
        self.places.is_draining = True

    def close(self) -> None:
        """Take in nothing more."""
        self.places.is_draining = self.places.is_closed = True

    def enter(self, asked: Asked) -> Place:
        """A place for a request. Raises ConductorError (`conductor/busy`): nothing has run."""
        place = self.places.enter(partial(self._late_end, asked))
        if place is not None:
            return place
        if self.places.is_closed:
            self.metrics.refused("draining")
            text = "The conductor is stopping: ask another"
        else:
            self.metrics.refused("busy")
            text = f"The conductor has {self.places.total} requests, its limit: ask again later"
        raise ConductorError(text, rule="conductor/busy")

    def submit(self, place: Place, work: Callable[[], _T]) -> Future[_T | None]:
        """Work on a request in a thread; the result is None when its time was over before."""

        def run() -> _T | None:
            if not place.start():
                return None
            try:
                return work()
            finally:
                place.end_work()

        return self._threads.submit(run)

    def wait(self, place: Place, asked: Asked, work: Callable[[], _T]) -> _T:
        """Work on a request and wait for it; for transports that have threads of their own.

        Raises ConductorError (`conductor/busy`, `conductor/slow`), and what `work` raises.
        """
        future = self.submit(place, work)
        try:
            made = future.result(max(asked.left, 0.0))
        except TimeoutError:
            if not future.done():
                raise self.given_up(place, future, asked) from None
            raise
        assert made is not None
        return made

    def given_up(self, place: Place, future: Future[Any], asked: Asked) -> ConductorError:
        """End a request whose time is over; what its caller is told."""
        if place.end_request():
            self._threads.withdraw(future)
            return ConductorError(
                f"No thread was free within {asked.seconds:g} seconds; nothing was begun",
                rule="conductor/busy",
            )
        return ConductorError(
            f"No answer within {asked.seconds:g} seconds; what was asked for may still be done",
            rule="conductor/slow",
        )

    def refusal(self, error: Exception, asked: Asked, status: int = 0) -> Document:
        """The document of an error, noted in `asked`; what the service has to mend is logged."""
        document = error_document(error)
        asked.rule = document["error"]["rule"]
        asked.status = status or status_of(error)
        if asked.status == FAILED:
            about = " ".join(asked.about.values())
            LOG.error("%s failed: %s", asked.operation, about, exc_info=error)
        return document

    def ended(self, asked: Asked) -> None:
        """Log and count a request."""
        asked.status = asked.status or OK
        self.metrics.ended(asked, asked.end())
        if asked.status == SLOW_ANSWER:
            LOG.warning("%s %s outlives its deadline of %g s and keeps its place",
                        asked.operation, " ".join(asked.about.values()), asked.seconds)  # fmt: skip

    def _late_end(self, asked: Asked) -> None:
        self.metrics.level()
        over = time.perf_counter() - asked.started - asked.seconds
        LOG.warning("%s %s ended %.1f s after its deadline",
                    asked.operation, " ".join(asked.about.values()), over)  # fmt: skip

    def seconds(self, sent: object) -> float:
        """Seconds that a request has: its caller's wish, within the desk's own limit.

        sent: a number, or text of one, or None. Raises PayloadError (`conductor/request`).
        """
        if sent is None:
            return self.timeout
        try:
            wished = float(sent) if isinstance(sent, str | int | float) else math.nan
        except ValueError:
            wished = math.nan
        if not wished >= 0:
            raise PayloadError(
                f"Expected a timeout in seconds, got {sent!r:.40}", rule="conductor/request"
            )
        return min(wished, self.timeout)


def seconds(name: str, value: object) -> float:
    """A length of time above 0. Raises UsageError (`usage/argument`)."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf:
        return float(value)
    raise UsageError(f"Expected {name} in seconds above 0, got {value!r}", rule="usage/argument")
