"""The process that ends what a bench has started, when the bench itself cannot.

Theory
    A bench that is killed cannot clean up, and a broker does not notice. So before anything else a
    small process of a session of its own is started, which is told what to end and what to remove.
    It does that as soon as the pipe from the bench is closed, for whatever reason that is; so it is
    also how a bench that comes to its end cleans up.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_SECONDS = 20.0


class Guard:
    """Ends process groups and removes a directory; made before anything else is started."""

    def __init__(self, place: Path, *, keep: bool) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-E", __file__, "" if keep else str(place)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def started(self, group: int) -> None:
        """A process group that is to be ended."""
        self._tell("started", group)

    def ended(self, group: int) -> None:
        """A process group that has ended."""
        self._tell("ended", group)

    def close(self) -> None:
        """End everything, and wait until it has ended."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(_SECONDS)

    def _tell(self, what: str, group: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([what, group]) + "\n")
        self._process.stdin.flush()


def _watch(place: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        told: list[Any] = json.loads(line)
        (groups.add if told[0] == "started" else groups.discard)(told[1])
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    if place:
        # What was killed may still be writing.
        until = time.monotonic() + _SECONDS / 2
        while Path(place).exists() and time.monotonic() < until:
            shutil.rmtree(place, ignore_errors=True)
            time.sleep(0.1)


if __name__ == "__main__":
    _watch(sys.argv[1])
