"""Plain peers as processes, told from a test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PEER = Path(__file__).with_name("plain_peer.py")
SECONDS = 60


class Peer:
    """A peer that runs until it is told to end; what it prints is read as JSON."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def line(self) -> Any:
        """What it prints next."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the peer ended"
        return json.loads(line)


@contextmanager
def peer(what: str, url: str, topic: str) -> Iterator[Peer]:
    """A peer of one of the lasting kinds, once it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(PEER), what, url, topic],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield Peer(process)
    finally:
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0


def done(what: str, url: str, topic: str) -> str:
    """What a peer printed that does one thing and ends."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", str(PEER), what, url, topic],
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
