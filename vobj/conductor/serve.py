"""One process that serves a conductor: the signals, and the end.

Theory
    SIGTERM and SIGINT stop it. At first it says that it is not ready, and goes on for as long as
    whoever routes to it needs to notice. Then no connection and no message is taken any more,
    requests in flight are finished within their grace, and the process ends. A method that is still
    running after that can only be left behind with the process.
"""

from __future__ import annotations

import logging
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import uvicorn

from vobj.conductor.desk import Desk
from vobj.conductor.http import ConductorApp
from vobj.conductor.protocol import Patience, protocol_class
from vobj.conductor.rpc_server import RpcServer

LOG = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_TICK = 0.1


@dataclass(frozen=True)
class Tls:
    """Files of PEM: the certificate chain, its key, and whose callers' certificates are signed by,
    when callers have to show one."""

    cert: str
    key: str
    client_ca: str | None = None


@dataclass(frozen=True)
class Ending:
    """Seconds: that a stopping process goes on taking requests, and then has to finish them."""

    delay: float
    grace: float


def serve_http(
    app: ConductorApp,
    bound: socket.socket,
    *,
    patience: Patience,
    ending: Ending,
    tls: Tls | None = None,
    rpc: RpcServer | None = None,
    started: Callable[[], None],
) -> bool:
    """Serve an app, and an RPC server beside it, until SIGTERM or SIGINT.

    started: called once requests are taken. True when nothing was left undone.
    """
    config = uvicorn.Config(
        app,
        http=protocol_class(patience, app.desk.metrics),
        ws="none",
        access_log=False,
        lifespan="off",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(ending.grace)),
        **_tls_options(tls),
    )
    server = _Server(config, app.desk, ending.delay, rpc, started)
    with _signals_survived():
        server.run(sockets=[bound])
    bound.close()
    began = time.monotonic() if server.stop_at is None else server.stop_at
    return _finish(app.desk, rpc, began + ending.grace)


def serve_rpc(desk: Desk, rpc: RpcServer, *, ending: Ending, started: Callable[[], None]) -> bool:
    """Serve RPC alone until SIGTERM or SIGINT; True when nothing was left undone."""
    told = threading.Event()
    before = {one: signal.signal(one, lambda *_: told.set()) for one in _SIGNALS}
    rpc.start()
    started()
    while not told.wait(_TICK):
        pass  # a wait without an end would keep the signal from its handler
    LOG.info("Stopping")
    desk.drain()
    time.sleep(ending.delay)
    for number, handler in before.items():
        signal.signal(number, handler)
    return _finish(desk, rpc, time.monotonic() + ending.grace)


def _finish(desk: Desk, rpc: RpcServer | None, until: float) -> bool:
    """Wait for what is still at work, also for callers that have been answered."""
    if rpc is not None:
        rpc.stop()
        rpc.wait(max(0.0, until - time.monotonic()))
    desk.close()
    while desk.places.taken and time.monotonic() < until:
        time.sleep(_TICK / 10)
    desk.conductor.tally.flush()
    left = desk.places.taken
    if left:
        LOG.error("Stopped while %d methods were running", left)
    else:
        LOG.info("Stopped")
    return not left


def _tls_options(tls: Tls | None) -> dict[str, Any]:
    if tls is None:
        return {}
    options: dict[str, Any] = {"ssl_certfile": tls.cert, "ssl_keyfile": tls.key}
    if tls.client_ca is not None:
        options |= {"ssl_ca_certs": tls.client_ca, "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return options


class _Server(uvicorn.Server):
    """Says when it has started, and drains before it stops."""

    def __init__(
        self,
        config: uvicorn.Config,
        desk: Desk,
        delay: float,
        rpc: RpcServer | None,
        started: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._desk = desk
        self._delay = delay
        self._rpc = rpc
        self._on_start = started
        self.stop_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            if self._rpc is not None:
                self._rpc.start()
            self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.stop_at is None:
            self.stop_at = time.monotonic() + self._delay
            self._desk.drain()
        if self._delay == 0 or self.should_exit:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if self.stop_at is not None and time.monotonic() >= self.stop_at:
            self.should_exit = True
            if self._rpc is not None:
                self._rpc.stop()
        return await super().on_tick(counter)


@contextmanager
def _signals_survived() -> Iterator[None]:
    """The server raises a signal it obeyed once more at its end; that one must not end us."""

    def obeyed(_number: int, _frame: Any) -> None:
        LOG.info("Stopping")

    before = {one: signal.signal(one, obeyed) for one in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
