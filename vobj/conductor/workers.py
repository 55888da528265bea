"""Several processes that serve one address and one queue, and the process that looks after them.

Theory
    Workers know nothing of each other: each takes the next connection of one socket, or the next
    message of one queue. Whatever one has to know of another is in a store of its own. The parent
    binds the socket and serves nothing, so it has nothing to lose: it starts a worker again that
    has died, soon at first and later with pauses, and stops all of them when it is stopped.

    On SIGHUP it replaces the workers one after the other: a new one has to be ready before an old
    one is told to stop, so requests are taken at every moment. That is how a conductor gets new
    code of the service, new tokens and new certificates. Workers end by themselves when their
    parent is gone.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

from vobj.conductor.metrics import MULTIPROCESS

LOG = logging.getLogger(__name__)

_TICK = 0.1
_YOUNG_SECONDS = 5.0
_LONGEST_PAUSE = 30.0
_MARGIN = 5.0

# Called in the worker with the arguments that were given and a function that says "I am ready".
Target = Callable[..., int]


class Workers:
    """Runs `number` processes of `target(*args, started)`, which has to be a module's function.

    grace: seconds that a worker has from SIGTERM to its end, then it is killed.
    """

    def __init__(self, target: Target, args: tuple[Any, ...], number: int, grace: float) -> None:
        self._target = target
        self._args = args
        self._number = number
        self._grace = grace
        self._context = multiprocessing.get_context("spawn")
        self._running: list[_Worker] = []
        self._is_stopping = False
        self._is_renewing = False
        self._failures = 0

    def run(self, started: Callable[[], None]) -> int:
        """Until SIGTERM or SIGINT; the exit status: 0 when every worker ended as it should.

        started: called when the first generation is ready. A worker that ends before that ends the
        whole with its status.
        """
        self._obey_signals()
        self._running = [self._start() for _ in range(self._number)]
        for worker in self._running:
            if not worker.wait_until_ready() and not self._is_stopping:
                LOG.error("A worker did not start")
                self._stop()
                return worker.status or 1
        started()
        while not self._is_stopping:
            time.sleep(_TICK)
            self._mend()
            if self._is_renewing:
                self._is_renewing = False
                self._renew()
        return self._stop()

    def _obey_signals(self) -> None:
        def stop(_number: int, _frame: Any) -> None:
            self._is_stopping = True

        def renew(_number: int, _frame: Any) -> None:
            self._is_renewing = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        signal.signal(signal.SIGHUP, renew)

    def _start(self) -> _Worker:
        return _Worker(self._context, self._target, self._args)

    def _mend(self) -> None:
        """Start anew what has died."""
        for index, worker in enumerate(self._running):
            if worker.is_alive:
                continue
            if time.monotonic() < worker.ended_at + self._pause():
                continue
            LOG.error("Worker %d ended with status %s: starting another", worker.pid, worker.status)
            self._failures = self._failures + 1 if worker.was_young else 1
            self._running[index] = self._start()

    def _pause(self) -> float:
        return min(_LONGEST_PAUSE, 0.1 * 2.0 ** min(self._failures, 10) - 0.1)

    def _renew(self) -> None:
        LOG.info("Replacing %d workers", self._number)
        for index, old in enumerate(list(self._running)):
            new = self._start()
            if self._is_stopping or not new.wait_until_ready():
                LOG.error("The new worker did not start: the old ones go on")
                new.stop(self._grace + _MARGIN)
                return
            self._running[index] = new
            old.stop(self._grace + _MARGIN)
        LOG.info("Replaced %d workers", self._number)

    def _stop(self) -> int:
        for worker in self._running:
            worker.terminate()
        until = time.monotonic() + self._grace + _MARGIN
        for worker in self._running:
            worker.join(max(0.0, until - time.monotonic()))
        # One that was told to stop before it could listen to that has left nothing undone.
        unasked = (worker.status for worker in self._running if worker.status != -signal.SIGTERM)
        return max((abs(status or 0) for status in unasked), default=0)


class _Worker:
    """One process."""

    def __init__(self, context: Any, target: Target, args: tuple[Any, ...]) -> None:
        self._told, told = context.Pipe(duplex=False)
        self._process: BaseProcess = context.Process(target=_work, args=(target, args, told))
        self._began = time.monotonic()
        self._ended_at: float | None = None
        self._process.start()
        told.close()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid or 0

    @property
    def status(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self._process.exitcode

    @property
    def is_alive(self) -> bool:
        """Whether it runs; when it does not any more, its numbers are settled."""
        if self._process.is_alive():
            return True
        if self._ended_at is None:
            self._settle()
        return False

    @property
    def ended_at(self) -> float:
        """When its end was seen."""
        return self._ended_at or 0.0

    @property
    def was_young(self) -> bool:
        """Whether it ended soon after its start."""
        return self.ended_at - self._began < _YOUNG_SECONDS

    def wait_until_ready(self) -> bool:
        """Until it takes requests; False when it ends before."""
        try:
            return bool(self._told.recv())
        except (EOFError, OSError):
            self._process.join(_MARGIN)
            return False

    def terminate(self) -> None:
        """Tell it to stop."""
        if self._process.is_alive():
            self._process.terminate()

    def join(self, seconds: float) -> None:
        """Wait for its end, and end it when that takes longer."""
        self._process.join(seconds)
        if self._process.is_alive():
            LOG.error("Worker %d did not stop in time and is killed", self.pid)
            self._process.kill()
            self._process.join()
        self._settle()

    def stop(self, seconds: float) -> None:
        """Tell it to stop, and wait."""
        self.terminate()
        self.join(seconds)

    def _settle(self) -> None:
        if self._ended_at is None:
            self._ended_at = time.monotonic()
            if os.environ.get(MULTIPROCESS):
                mark_process_dead(self.pid)  # type: ignore[no-untyped-call]


def _work(target: Target, args: tuple[Any, ...], told: Connection) -> None:
    """What a worker runs."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, which the parent obeys
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def started() -> None:
        told.send(True)
        told.close()

    status = target(*args, started)
    # A thread that does not end would keep the interpreter from ending.
    logging.shutdown()
    os._exit(status)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
