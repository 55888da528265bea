"""An RPC server of oslo.messaging in front of a desk, bounded as the desk is.

Theory
    oslo.messaging takes messages from the broker as fast as they come and keeps them in the memory
    of an executor. Here as many are taken as the desk has places, and a few more, which get the
    answer that there is no room. What is beyond that stays at the broker, where other workers of
    the topic take it, and where it ends when its caller's time is over.

    That many threads are for the worst case; mostly a few have something to do. The pool that
    oslo.messaging brings starts all of them, hands requests to them in turn and wakes each of them
    once a second, and every wake takes the interpreter from whoever works: a fifth of the
    throughput. The pool of the standard library starts a thread when none is free.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import oslo_messaging
from oslo_config import cfg

from vobj.conductor.desk import Desk
from vobj.conductor.endpoint import ConductorEndpoint
from vobj.errors import UsageError

LOG = logging.getLogger(__name__)

_SPARE = 4
_PREFETCH = "rabbit_qos_prefetch_count"


@dataclass(frozen=True)
class Topic:
    """Where to listen.

    url: of a transport of oslo.messaging. server: the name of this worker on the topic. config:
    files of oslo.config for the driver's own options.
    """

    url: str
    topic: str
    exchange: str
    server: str
    config: Sequence[str] = ()


class RpcServer:
    """Listens at a topic until it is stopped. Raises UsageError for a URL without a driver."""

    def __init__(self, desk: Desk, where: Topic) -> None:
        self._size = desk.places.total + _SPARE
        # oslo.messaging reads some of its options from the process-wide configuration.
        cfg.CONF([], default_config_files=list(where.config))
        try:
            url = oslo_messaging.TransportURL.parse(cfg.CONF, where.url)
            url.query.setdefault(_PREFETCH, str(self._size))
            self._transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=url)
        except (oslo_messaging.MessagingException, ValueError) as error:
            raise UsageError(
                f"Cannot use {where.url.rpartition('@')[2]}: {error}", rule="usage/argument"
            ) from error
        target = oslo_messaging.Target(
            exchange=where.exchange, topic=where.topic, server=where.server
        )
        self._server: Any = oslo_messaging.get_rpc_server(
            self._transport, target, [ConductorEndpoint(desk)]
        )
        if self._server.executor_type == "threading":
            # There is no public way to say which pool; where there is no such attribute any more,
            # the server has its own pool, which does the same more slowly.
            self._server._executor_cls = partial(ThreadPoolExecutor, thread_name_prefix="rpc")
        self._stopping: threading.Thread | None = None

    def start(self) -> None:
        """Take messages; waits until the broker answers."""
        self._server.start(override_pool_size=self._size)

    def stop(self) -> None:
        """Take no more; returns at once."""
        if self._stopping is None:
            self._stopping = threading.Thread(target=self._stop, daemon=True)
            self._stopping.start()

    def wait(self, seconds: float) -> bool:
        """Until what was taken is answered; False when it takes longer than that."""
        assert self._stopping is not None
        self._stopping.join(seconds)
        return not self._stopping.is_alive()

    def _stop(self) -> None:
        try:
            self._server.stop()
            self._server.wait()
            self._transport.cleanup()
        except Exception:
            LOG.exception("The RPC server did not stop as it should")
