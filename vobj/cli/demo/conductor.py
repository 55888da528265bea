"""The conductor as a process of the demo: `vobj conductor`, as an operator starts it."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from vobj.cli.demo.example import Served, SetupError
from vobj.cli.failure import NOT_STARTED

_LISTENS = "vobj conductor listens at "
_LONGEST_PATH = 100  # a unix socket's path is shorter than 104 bytes everywhere
_GRACE_SECONDS = 10
_DEATH_SECONDS = 1.0
_TAIL = 8
_REQUEST = re.compile(r" (backport|action|class-action) status=(\d+) rule=(\S+)")


class Request(NamedTuple):
    """One request; status: of HTTP, or None without an answer; rule: "" when it was answered."""

    operation: str
    status: int | None
    rule: str


class ConductorFailed(Exception):
    """The conductor did not start, ended or does not answer.

    `.stderr` holds the end of its log, `.report` the error of the node that asked it, if one did.
    """

    def __init__(self, text: str, stderr: str, report: dict[str, Any] | None = None) -> None:
        super().__init__(text)
        self.stderr = stderr
        self.report = report


def command_of(python: Path, served: Served, place: Path) -> list[str]:
    """The command line of a conductor that listens in the directory `place`, or on loopback."""
    path = place / "conductor.sock"
    listen = f"unix:{path}" if len(os.fsencode(path)) <= _LONGEST_PATH else "127.0.0.1:0"
    base = [] if served.base is None else ["--base", served.base]
    return [str(python), "-m", "vobj", "conductor",
            "--import", served.imported, *base, "--listen", listen]  # fmt: skip


class ConductorProcess:
    """A conductor that runs. Use it in a `with`; leaving it ends the process, whatever happened.

    log: the file that gets its log. seconds: how long it may take to start. Raises SetupError when
    the command says that it cannot start as things are, and ConductorFailed when it ends otherwise.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        home: Path,
        log: Path,
        seconds: float = 60,
    ) -> None:
        self.command = list(command)
        self._log = log
        with log.open("w") as stderr:
            self._process = subprocess.Popen(
                command,
                env=dict(env),
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        try:
            self.address = self._started(seconds)
        except BaseException:
            self.__exit__()
            raise

    def _started(self, seconds: float) -> str:
        """Where it listens, once it does."""
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ)
            if not waiting.select(seconds):
                raise ConductorFailed(f"The conductor does not start in {seconds:g} s", self.tail())
        line = self._process.stdout.readline().rstrip("\n")
        if line.startswith(_LISTENS):
            return line.removeprefix(_LISTENS)
        if line:
            raise ConductorFailed(f"The conductor says {line[:80]!r}", self.tail())
        if self._process.wait(_GRACE_SECONDS) == NOT_STARTED:
            raise SetupError(f"The conductor cannot start.\n{self.tail()}".rstrip())
        raise ConductorFailed(f"{self.ended()} before it listened", self.tail())

    def requests(self) -> list[Request]:
        """What it was asked so far, by its own log."""
        found = _REQUEST.finditer(self._log.read_text(errors="replace"))
        return [Request(one[1], int(one[2]), one[3].strip("-")) for one in found]

    def complaints(self) -> list[str]:
        """The lines of its log that tell of an error of its own."""
        return [line for line in self._log.read_text(errors="replace").splitlines()
                if " ERROR " in line]  # fmt: skip

    def tail(self) -> str:
        """The end of its log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-_TAIL:])

    def ended(self) -> str:
        """How it ended, in words; empty while it runs."""
        end = time.monotonic() + _DEATH_SECONDS
        while (status := self._process.poll()) is None and time.monotonic() < end:
            time.sleep(0.02)
        if status is None:
            return ""
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return f"The conductor ended {how}"

    def failed(self, report: dict[str, Any]) -> ConductorFailed:
        """The error for a request that it did not answer. report: the error of who asked."""
        return ConductorFailed(self.ended() or "The conductor does not answer", self.tail(), report)

    def stop(self) -> int | None:
        """Ask it to end; its exit status, or None when it has not ended in time."""
        self._process.terminate()
        try:
            return self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None and self.stop() is None:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdout.close()
