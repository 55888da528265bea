"""The conductors of a run: `vobj conductor`, as it is, on a socket and on the broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vobj.errors import UsageError
from vobj.fleettest.copies import EXCHANGE
from vobj.fleettest.guard import Guard
from vobj.fleettest.node import CONDUCTORS

CONCURRENCY, QUEUE, SECONDS = 4, 4, 4.0
_GRACE = 20.0


@dataclass(frozen=True)
class Around:
    """What conductors share. environment: names the store."""

    place: Path
    url: str
    config: str
    fleet: str
    environment: Mapping[str, str]
    guard: Guard


@dataclass(frozen=True)
class Serving:
    """What a conductor serves, and who runs it.

    python: the interpreter. options: of `vobj conductor`, that say what it serves and to whom.
    environment: its variables.
    """

    python: str
    options: tuple[str, ...]
    environment: Mapping[str, str]


def ours(around: Around) -> Serving:
    """The service that is made up for the test."""
    return Serving(
        sys.executable,
        ("--import", "vobj.fleettest.service:prepare", "--rpc-topic", CONDUCTORS,
         "--fleet", around.fleet, "--remember", f"sqlite:{around.place / 'remembered.sqlite'}"),
        {**os.environ, **around.environment},
    )  # fmt: skip


class Service:
    """One conductor, which may be ended and started again. Any thread may do that."""

    def __init__(self, name: str, around: Around, serving: Serving) -> None:
        self.name = name
        self.socket = f"unix:{around.place / name}.sock"
        self._around = around
        self._serving = serving
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it takes requests. Raises UsageError (`usage/argument`)."""
        with self._lock:
            self._start()

    def kill(self, pause: threading.Event, seconds: float) -> None:
        """End it as a crash does, and start it again after some time."""
        with self._lock:
            self._end(signal.SIGKILL)
            pause.wait(seconds)
            self._start()

    def restart(self) -> None:
        """Stop it as it should be stopped, and start it again."""
        with self._lock:
            self._end(signal.SIGTERM)
            self._start()

    def stand_still(self, pause: threading.Event, seconds: float) -> None:
        """Let it stand still for some time."""
        with self._lock:
            assert self._process is not None
            os.killpg(self._process.pid, signal.SIGSTOP)
            pause.wait(seconds)
            os.killpg(self._process.pid, signal.SIGCONT)

    def _end(self, number: int) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._around.guard.ended(self._process.pid)

    def _start(self) -> None:
        around, serving = self._around, self._serving
        log = around.place / f"{self.name}.log"
        with log.open("a") as out:
            self._process = subprocess.Popen(
                [serving.python, "-m", "vobj", "conductor", *serving.options,
                 "--listen", self.socket, "--rpc-url", around.url, "--rpc-exchange", EXCHANGE,
                 "--rpc-config", around.config, "--concurrency", str(CONCURRENCY),
                 "--queue", str(QUEUE), "--timeout", str(SECONDS), "--log-level", "warning"],
                env=dict(serving.environment), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=out, text=True,
            )  # fmt: skip
        around.guard.started(self._process.pid)
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise UsageError(
                f"A conductor did not start:\n{log.read_text()[-2000:]}", rule="usage/argument"
            )
