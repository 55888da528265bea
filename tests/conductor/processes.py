"""Real processes: a conductor with SQLite behind it, and a node of the old release."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS = 30

ANNA = "0a1a2a3a-0000-4000-8000-000000000001"


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), str(HERE)])
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **more}


@dataclass
class Running:
    """A conductor process: where it listens, and what it has said."""

    process: subprocess.Popen[str]
    address: str
    log: Path
    napping: Path

    def http(self, **settings: Any) -> httpx.Client:
        """A plain HTTP client, which knows nothing of vobj."""
        path = self.address.removeprefix("unix:")
        if path == self.address:
            return httpx.Client(base_url=f"http://{path}", trust_env=False, **settings)
        transport = httpx.HTTPTransport(uds=path)
        return httpx.Client(base_url="http://conductor", transport=transport, **settings)

    def socket(self) -> socket.socket:
        """A connection to write bytes to."""
        if self.address.startswith("unix:"):
            made = socket.socket(socket.AF_UNIX)
            made.settimeout(SECONDS)
            made.connect(self.address.removeprefix("unix:"))
            return made
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=SECONDS)

    def wait_for_nap(self) -> None:
        """Until a method of the service is asleep in the conductor."""
        until(self.napping.exists, "no method fell asleep")
        self.napping.unlink()

    def stop(self) -> int:
        """Ask it to end; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.end()

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Wait until it has ended; the exit status."""
        status = self.process.wait(SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


def until(condition: Callable[[], object], otherwise: str) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.01)


def launch(place: Path, name: str, listen: str, *options: str, database: Path) -> Running:
    log, napping = place / f"{name}.log", place / f"{name}.nap"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "vobj", "conductor", "--import", "fleet_now:prepare",
             "--listen", listen, *options],
            env=environment(FLEET_DB=str(database), FLEET_NAPS=str(napping)),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.stdout.close()
        process.wait(SECONDS)
        pytest.fail(f"The conductor did not start:\n{log.read_text()}")
    address = line.strip().removeprefix("vobj conductor listens at ")
    return Running(process, address, log, napping)


@dataclass
class Node:
    """A node of the old release, with the conductor at `address` as its indirection API."""

    process: subprocess.Popen[str]
    asked: int = 0

    def connect(self, address: str, *, timeout: float = 20.0, mounted_at: str = "") -> None:
        """Use another conductor."""
        where = f"{address!r}, Fleet, mounted_at={mounted_at!r}"
        made = f"HttpConductor({where}, timeout={timeout}, connect_timeout=5)"
        self.run(
            f"from vobj.conductor.http_client import HttpConductor\nFleet.indirection_api = {made}"
        )

    def ask(self, code: str) -> dict[str, Any]:
        """Run Python in the node: `{"answer": ...}` or `{"error": ...}`."""
        self.begin(code)
        return self.end()

    def begin(self, code: str) -> None:
        """Start Python in the node."""
        assert self.process.stdin is not None
        self.asked += 1
        self.process.stdin.write(json.dumps([self.asked, code]) + "\n")
        self.process.stdin.flush()

    def end(self) -> dict[str, Any]:
        """What came of what was started last."""
        assert self.process.stdout is not None
        number = None
        while number != self.asked:
            line = self.process.stdout.readline()
            assert line, "the node ended"
            number, told = json.loads(line)
        answer: dict[str, Any] = told
        return answer

    def run(self, code: str) -> Any:
        """Run Python that must not raise: its answer."""
        told = self.ask(code)
        assert "error" not in told, told["error"]
        return told["answer"]

    def fail(self, code: str) -> dict[str, Any]:
        """Run Python that must raise: what it raised."""
        told = self.ask(code)
        assert "error" in told, told
        error: dict[str, Any] = told["error"]
        return error


@contextmanager
def old_node() -> Iterator[Node]:
    """A process of the old release."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(HERE / "old_node.py")],
        env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Node(process)
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A TCP port of the loopback that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
