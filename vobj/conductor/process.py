"""One serving process made out of settings: what a worker is, and the only process without workers.

Theory
    The app and the RPC server of one process share a desk, so that its limits are for both. Where
    there is the record of a fleet, the conductor tells it which backports were asked for, and the
    app shows it at `/`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from starlette.routing import BaseRoute

from vobj.conductor.checks import REDIS, SQLITE, grace_of, tokens_of
from vobj.conductor.desk import Desk
from vobj.conductor.http import ConductorApp
from vobj.conductor.mediator import Conductor
from vobj.conductor.protocol import Patience
from vobj.conductor.remembered import InMemory, Remembered
from vobj.conductor.rpc_server import RpcServer, Topic
from vobj.conductor.serve import Ending, Tls, serve_http, serve_rpc
from vobj.conductor.settings import Settings


def remembered_of(settings: Settings) -> Remembered:
    """Where it is kept what callers were sent. Raises UsageError."""
    where = settings["remember"] or ""
    if where.startswith(SQLITE):
        from vobj.conductor.remembered_sqlite import InSqlite

        path = Path(where.removeprefix(SQLITE))
        return InSqlite(path, max_bytes=settings["remember_bytes"])
    if where.startswith(REDIS):
        from vobj.conductor.remembered_redis import InRedis

        return InRedis(where)
    return InMemory(max_bytes=settings["remember_bytes"])


def run(
    settings: Settings,
    conductor: Conductor,
    bound: socket.socket | None,
    started: Callable[[], None],
) -> bool:
    """Serve until SIGTERM or SIGINT; True when nothing was left undone.

    bound: the socket for HTTP, if there is to be any. started: called once requests are taken.
    Raises UsageError.
    """
    conductor.remember_in(remembered_of(settings))
    desk = Desk(
        conductor,
        timeout=settings["timeout"],
        concurrency=settings["concurrency"],
        queue=settings["queue"],
    )
    with ExitStack() as stack:
        routes = _watched(settings["fleet"], conductor, stack)
        rpc = None if settings["rpc_url"] is None else RpcServer(desk, _topic(settings))
        ending = Ending(settings["drain_delay"], grace_of(settings))
        if bound is None:
            assert rpc is not None
            return serve_rpc(desk, rpc, ending=ending, started=started)
        app = ConductorApp(
            desk, read_timeout=settings["read_timeout"], tokens=tokens_of(settings), routes=routes
        )
        return serve_http(
            app, bound, patience=_patience(settings), ending=ending, tls=_tls(settings), rpc=rpc,
            started=started,
        )  # fmt: skip


def _patience(settings: Settings) -> Patience:
    return Patience(settings["head_timeout"], settings["write_timeout"], settings["connections"])


def _watched(url: str | None, conductor: Conductor, stack: ExitStack) -> Sequence[BaseRoute]:
    """Tell a fleet what is backported, until the end; the routes of its page."""
    if url is None:
        return ()
    from vobj.fleet import Fleet
    from vobj.fleet.registry import registry_routes
    from vobj.fleet.web import routes

    fleet = stack.enter_context(Fleet(None if url == "default" else url))
    conductor.tally.tell(fleet.backports)
    return [*routes(fleet), *registry_routes(fleet)]


def _tls(settings: Settings) -> Tls | None:
    if settings["tls_cert"] is None:
        return None
    return Tls(settings["tls_cert"], settings["tls_key"], settings["tls_client_ca"])


def _topic(settings: Settings) -> Topic:
    config = () if settings["rpc_config"] is None else (settings["rpc_config"],)
    server = f"{socket.gethostname()}-{os.getpid()}"
    return Topic(
        settings["rpc_url"], settings["rpc_topic"], settings["rpc_exchange"], server, config
    )
