"""One process that serves a conductor: the socket, the signals, the end.

Theory
    The socket is bound before anything else, so that what is printed is true and a second conductor
    on one path is refused. SIGTERM and SIGINT stop it: no new connection is taken, requests in
    flight are finished within the time they have anyway, the socket file is removed. A method that
    is still running after that can only be left behind with the process.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from vobj.conductor.address import Address
from vobj.errors import UsageError

LOG = logging.getLogger(__name__)

_BACKLOG = 512
_KNOCK_SECONDS = 1.0


def listen(address: Address) -> socket.socket:
    """A socket bound to an address; a unix socket is for its owner and group.

    A socket file that nobody listens at any more is replaced. Raises UsageError (`usage/argument`).
    """
    if address.path is None and not address.host:
        raise UsageError(
            f"Expected unix:PATH or HOST:PORT to listen at, got {address}", rule="usage/argument"
        )
    try:
        if address.path is None:
            return socket.create_server(
                (address.host, address.port),
                family=socket.AF_INET6 if ":" in address.host else socket.AF_INET,
                backlog=_BACKLOG,
            )
        return _listen_at(Path(address.path))
    except OSError as error:
        raise UsageError(
            f"Cannot listen at {address}: {error.strerror or error}", rule="usage/argument"
        ) from error


def _listen_at(path: Path) -> socket.socket:
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode) and not _is_answered(path):
        path.unlink()
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o117)
    try:
        made.bind(str(path))
    except OSError:
        made.close()
        raise
    finally:
        os.umask(before)
    made.listen(_BACKLOG)
    return made


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(_KNOCK_SECONDS)
        try:
            knock.connect(str(path))
        except OSError as error:
            return error.errno != errno.ECONNREFUSED
    return True


def told(bound: socket.socket, address: Address) -> str:
    """Where a bound socket listens, as a client is told it; with the port that port 0 became."""
    if address.path is not None:
        return str(address)
    port: int = bound.getsockname()[1]
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{host}:{port}"


def serve(
    app: Starlette, bound: socket.socket, *, grace: float, started: Callable[[], None]
) -> bool:
    """Serve an app of `conductor_app` until SIGTERM or SIGINT; True when nothing was left undone.

    grace: seconds that requests in flight have to end. started: called once requests are taken.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        lifespan="off",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(grace)),
    )
    with _signals_survived():
        _Server(config, started).run(sockets=[bound])
    bound.close()
    left = app.state.slots.taken
    if left:
        LOG.error("Stopped while %d methods were running", left)
    return not left


class _Server(uvicorn.Server):
    """Says when it has started."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_start()


@contextmanager
def _signals_survived() -> Iterator[None]:
    """The server raises a signal it obeyed once more at its end; that one must not end us."""

    def obeyed(_number: int, _frame: Any) -> None:
        LOG.info("Stopped")

    before = {one: signal.signal(one, obeyed) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def remove(address: Address) -> None:
    """Remove the socket file of an address, if it has one."""
    if address.path is not None:
        Path(address.path).unlink(missing_ok=True)
