"""A conductor behind an RPC server, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import oslo_messaging as messaging
from oslo_config import cfg

from tests.conductor import fleet_now
from vobj.conductor import Conductor
from vobj.conductor.endpoint import ConductorEndpoint


@contextmanager
def transport_of(url: str) -> Iterator[Any]:
    """A transport, and its end."""
    # oslo.messaging reads some of its options from the process-wide configuration.
    cfg.CONF([], default_config_files=[])
    made = messaging.get_rpc_transport(cfg.CONF, url=url)
    yield made
    made.cleanup()


@contextmanager
def serving(transport: Any, topic: str, **endpoint: Any) -> Iterator[None]:
    """The conductor of today's service, listening at a topic."""
    conductor = Conductor(fleet_now.Fleet, expected=[fleet_now.NotFound])
    server = messaging.get_rpc_server(
        transport,
        messaging.Target(exchange=topic, topic=topic, server="conductor"),
        [ConductorEndpoint(conductor, **endpoint)],
    )
    server.start()
    try:
        yield
    finally:
        server.stop()
        server.wait()


def client_of(transport: Any, topic: str, **settings: Any) -> Any:
    """A plain RPC client."""
    target = messaging.Target(exchange=topic, topic=topic)
    return messaging.get_rpc_client(transport, target, **{"timeout": 10, **settings})
