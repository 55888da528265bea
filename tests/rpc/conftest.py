"""The newer release of a small service, and oslo.messaging over its in-memory driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import oslo_messaging as messaging
import pytest
from oslo_config import cfg

from tests.rpc.rack import Endpoint


@pytest.fixture
def transport() -> Iterator[Any]:
    """A transport that lives in this process."""
    # oslo.messaging reads some of its options from the process-wide configuration.
    cfg.CONF([], default_config_files=[])
    made = messaging.get_rpc_transport(cfg.CONF, url="fake://")
    yield made
    made.cleanup()


@pytest.fixture
def connect(transport: Any) -> Iterator[Callable[[Any, Any], Any]]:
    """`connect(server_serializer, client_serializer)` gives a client of a server that runs."""
    servers = []

    def make(server_serializer: Any, client_serializer: Any, endpoint: Any = None) -> Any:
        server = messaging.get_rpc_server(
            transport,
            messaging.Target(topic="rack", server=f"node{len(servers)}"),
            [endpoint or Endpoint()],
            serializer=server_serializer,
        )
        server.start()
        servers.append(server)
        return messaging.get_rpc_client(
            transport, messaging.Target(topic="rack"), timeout=10, serializer=client_serializer
        )

    yield make
    for server in servers:
        server.stop()
        server.wait()
