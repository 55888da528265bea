"""The processes that are measured: `python -m benchmarks.conductor_servers ROLE ...`.

Each prints a line once it answers, and ends on SIGTERM.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import oslo_messaging as messaging
import uvicorn
from oslo_config import cfg
from oslo_versionedobjects import base

from benchmarks import conductor_objects  # noqa: F401 - declares what is served
from vobj.conductor import Conductor
from vobj.conductor.admission import Places
from vobj.conductor.kept import Results
from vobj.conductor.metrics import Metrics
from vobj.conductor.observed import Tally
from vobj.conductor.protocol import Patience, protocol_class


def kept() -> Conductor:
    """A conductor of the measured objects, which keeps results."""
    return Conductor()


def unkept() -> Conductor:
    """A conductor that does all of the work for every request."""
    return Conductor(cache_bytes=0)


async def echo(_scope: Any, receive: Any, send: Any) -> None:
    """The least that an ASGI app can do with a body."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"content-type", b"application/json"),
               (b"content-length", str(len(body)).encode())]  # fmt: skip
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serve_echo(path: str) -> None:
    """The bare transport: the server that the conductor has, with an app that echoes."""
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(path)
    bound.listen(512)
    metrics = Metrics(Places(1), Results(), Tally())
    protocol = protocol_class(Patience(10.0, 10.0, 1_000), metrics)
    config = uvicorn.Config(
        echo, http=protocol, ws="none", access_log=False, lifespan="off", log_level="error"
    )
    print("ready", flush=True)
    uvicorn.Server(config).run(sockets=[bound])
    Path(path).unlink(missing_ok=True)


class Echo:
    """The bare transport over RPC."""

    def object_backport_versions(
        self,
        ctxt: Any,  # noqa: ARG002 - called by name
        objinst: Any,
        object_versions: Mapping[str, str],  # noqa: ARG002 - called by name
    ) -> Any:
        """What came."""
        return objinst


class NovaStyle:
    """What services have as their conductor's backport."""

    def object_backport_versions(
        self,
        ctxt: Any,  # noqa: ARG002 - called by name
        objinst: Any,
        object_versions: Mapping[str, str],
    ) -> Any:
        """An object, which the serializer has made, as an older primitive."""
        target = object_versions[objinst.obj_name()]
        return objinst.obj_to_primitive(target_version=target, version_manifest=object_versions)


def serve_rpc(url: str, topic: str, endpoint: Any, serializer: Any) -> None:
    """An RPC server of a service."""
    cfg.CONF([], default_config_files=[])
    transport = messaging.get_rpc_transport(cfg.CONF, url=url)
    target = messaging.Target(exchange="vobj-load", topic=topic, server="one")
    server = messaging.get_rpc_server(transport, target, [endpoint], serializer=serializer)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    server.start(override_pool_size=32)
    print("ready", flush=True)
    while not told.wait(0.1):
        pass
    server.stop()
    server.wait()
    transport.cleanup()


def main(role: str, *arguments: str) -> None:
    """Serve in a role."""
    if role == "echo-http":
        serve_echo(*arguments)
    elif role == "echo-rpc":
        serve_rpc(*arguments, Echo(), None)
    else:
        serve_rpc(*arguments, NovaStyle(), base.VersionedObjectSerializer())


if __name__ == "__main__":
    main(*sys.argv[1:])
