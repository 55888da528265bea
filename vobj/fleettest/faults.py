"""Making faults happen, each in a thread of its own, and noting when they did."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from vobj.fleettest.broker import Broker
from vobj.fleettest.conductors import Service
from vobj.fleettest.copies import AWAY, send_copies
from vobj.fleettest.proxy import Proxy
from vobj.fleettest.schedule import Schedule

_COPY_SECONDS = 1.5
_TRIES = 5


class Faults:
    """What can be done to a broker and to conductors.

    happened: how often each kind did. copied: calls with a message that was sent twice.
    """

    def __init__(
        self, broker: Broker, proxy: Proxy, conductors: list[Service], schedule: Schedule
    ) -> None:
        self.happened: Counter[str] = Counter()
        self.copied: set[str] = set()
        self.copies = 0
        self._broker = broker
        self._proxy = proxy
        self._conductors = conductors
        self._schedule = schedule
        self._over = threading.Event()
        self._broker_lock = threading.Lock()
        self._pool = ThreadPoolExecutor(4)
        self._running: list[tuple[str, Future[None]]] = []

    def begin(self, kind: str) -> None:
        """Let one fault happen; returns at once."""
        conductor = self._conductors[self._schedule.pick(len(self._conductors))]
        seconds = self._schedule.seconds(0.2, 1.0)
        work: Callable[[], Any] = {
            "conductor-kill": lambda: conductor.kill(self._over, seconds),
            "conductor-restart": conductor.restart,
            "slow-conductor": lambda: conductor.stand_still(self._over, 6 * seconds),
            "broker-kill": lambda: self._kill_broker(seconds),
            "cut": self._proxy.cut,
            "delay": lambda: self._proxy.hold(3 * seconds),
            "duplicate": lambda: self._copy(5 * seconds),
        }[kind]
        self._running.append((kind, self._pool.submit(work)))

    def settle(self) -> None:
        """Note what has happened. Raises what went wrong with making it happen."""
        still = []
        for kind, future in self._running:
            if future.done():
                future.result()
                self.happened[kind] += 1
            else:
                still.append((kind, future))
        self._running = still

    @property
    def is_quiet(self) -> bool:
        """Whether none is under way."""
        return not self._running

    def close(self) -> None:
        """Let what is under way come to its end."""
        self._over.set()
        self._pool.shutdown()

    def _kill_broker(self, seconds: float) -> None:
        with self._broker_lock:
            self._proxy.shut()
            self._broker.kill()
            self._over.wait(seconds)
            self._broker.start()
            self._proxy.open()

    def _copy(self, late: float) -> None:
        """Copies need a broker that stays: try again when it went away."""
        draw = self._schedule.copier()
        for _ in range(_TRIES):
            with self._broker_lock:
                try:
                    sent, calls = send_copies(
                        self._broker.port, seconds=_COPY_SECONDS, late=late, draw=draw
                    )
                except AWAY:
                    sent, calls = 0, set()
            self.copies += sent
            self.copied |= calls
            if sent or self._over.is_set():
                return
            time.sleep(1)
