"""A RabbitMQ of the bench's own: its ports, its node name, its directories, its port mapper.

Theory
    The program of the distribution's package is run, without the wrapper that changes the user.
    Nothing is read from or written to the places of a broker of the machine: the name, the cookie,
    the data and the log are in the directory of the bench, the ports are free ones, and the Erlang
    port mapper is one of its own, since one that Erlang starts by itself would stay.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from vobj.errors import UsageError
from vobj.fleettest.guard import Guard

_PROGRAMS = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/local/sbin/rabbitmq-server")
_START_SECONDS = 90.0
_TICK = 0.05


def free_port() -> int:
    """A TCP port of the loopback that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def program() -> str:
    """Where RabbitMQ is. Raises UsageError (`usage/argument`)."""
    for path in _PROGRAMS:
        if Path(path).exists():
            return path
    found = shutil.which("rabbitmq-server")
    if found is None or shutil.which("epmd") is None:
        raise UsageError(
            "vobj fleet-test starts a RabbitMQ of its own, and there is no rabbitmq-server here:"
            " install the package of that name (Debian, Ubuntu: apt install rabbitmq-server)",
            rule="usage/argument",
        )
    return found


class Broker:
    """A broker; `url` is for oslo.messaging. It keeps its port over a restart."""

    def __init__(self, place: Path, guard: Guard) -> None:
        """Raises UsageError (`usage/argument`) when RabbitMQ is not installed."""
        self._program = program()
        self._place = place
        self._guard = guard
        self._mapper_port = free_port()
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._mapper: subprocess.Popen[bytes] | None = None
        place.mkdir()
        (place / "plugins").write_text("[].\n")
        (place / "rabbit.conf").write_text("log.console = false\n")

    def start(self) -> None:
        """Start it and wait until it answers. Raises UsageError (`usage/argument`)."""
        if self._mapper is None:
            self._mapper = self._run(["epmd", "-port", str(self._mapper_port)], "epmd.log")
        self._process = self._run([self._program], "broker.log")
        until = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise UsageError(
                    f"RabbitMQ did not start:\n{(self._place / 'broker.log').read_text()[-2000:]}",
                    rule="usage/argument",
                )
            time.sleep(_TICK)

    def kill(self) -> None:
        """End it as a crash does: its files stay, messages in memory are lost."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._guard.ended(self._process.pid)

    def _run(self, command: list[str], log: str) -> subprocess.Popen[bytes]:
        with (self._place / log).open("ab") as out:
            made = subprocess.Popen(
                command, env=self._environment(), cwd=self._place, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        self._guard.started(made.pid)
        return made

    def _environment(self) -> Mapping[str, str]:
        place = self._place
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("RABBITMQ_", "ERL_"))}  # fmt: skip
        return {
            **kept,
            "HOME": str(place),
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"vobj-fleet-test-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(place / "data"),
            "RABBITMQ_LOG_BASE": str(place / "log"),
            "RABBITMQ_PID_FILE": str(place / "pid"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(place / "rabbit"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(place / "advanced"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "plugins"),
        }

    def _answers(self) -> bool:
        """Whether it speaks AMQP; the port alone is open a little earlier."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as one:
                one.settimeout(2)
                one.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(one.recv(1))
        except OSError:
            return False
