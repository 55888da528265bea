"""An announced service, and the thread that keeps it announced.

Theory
    A lease is renewed three times while it runs, so that one renewal may fail. A thread does it,
    because a service that is busy is live. When the record is away the thread goes on trying: the
    service works without it, and others keep it in their pins, since they cannot read the record
    either. When the process is killed, nobody withdraws, and the lease runs out.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from vobj.errors import FleetError
from vobj.fleet.announcement import Announcement

LOG = logging.getLogger(__name__)

_SECOND = 1_000_000


class Registry(Protocol):
    """Where services are announced; times are in microseconds."""

    def announce(self, one: Announcement, lease: int) -> None:
        """Keep an announcement and its lease."""
        ...

    def renew(self, instance: str, lease: int) -> bool:
        """Give an instance a new lease; False when it is not known any more."""
        ...

    def withdraw(self, instance: str) -> None:
        """Forget an instance."""
        ...


class Lease:
    """A service that is announced.

    Used as a context manager it is renewed by a thread and withdrawn at the end; otherwise whoever
    holds it calls `renew` often enough.
    """

    def __init__(
        self,
        registry: Registry,
        announced: Announcement,
        seconds: float,
        tend: Callable[[], None] = lambda: None,
    ) -> None:
        """tend: called after each renewal by the thread."""
        self.announced = announced
        self.seconds = seconds
        self._registry = registry
        self._tend = tend
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def renew(self) -> None:
        """Make the lease run anew, announcing again what the record has lost.

        Raises FleetError (`fleet/away`).
        """
        length = round(self.seconds * _SECOND)
        if not self._registry.renew(self.announced.instance, length):
            self._registry.announce(self.announced, length)

    def withdraw(self) -> None:
        """Say that the service ends: it holds the pin no longer.

        Raises FleetError (`fleet/away`); the lease then runs out by itself.
        """
        self._registry.withdraw(self.announced.instance)

    def start(self) -> None:
        """Renew in a thread from now on."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._keep, name="vobj-lease", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()
        try:
            self.withdraw()
        except FleetError as error:
            LOG.warning("%s could not withdraw: %s", self.announced.service, error)

    def _keep(self) -> None:
        away = False
        while not self._stop.wait(self.seconds / 3):
            try:
                self.renew()
                self._tend()
            except FleetError as error:
                if not away:
                    LOG.warning("%s could not renew: %s", self.announced.service, error)
                away = True
                continue
            if away:
                LOG.warning("%s is renewed again", self.announced.service)
            away = False
