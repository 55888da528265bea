"""A node of the fleet: a process that serves other nodes, calls them, and calls the conductors.

Theory
    It is made by forking a process that has imported everything but a release, since fifty
    interpreters would take longer to start than to roll; from then on it has its own connections
    and its own name. What it does is told over a pipe, and what came of it goes back there; when
    the pipe ends, it ends.

    Nodes differ as those of a fleet do: every second one holds what it sends to the pin of the
    fleet, the others send what they have and leave it to the reader to ask for a backport; every
    fourth one asks conductors over HTTP and not over the broker.
"""

from __future__ import annotations

import importlib
import logging
import os
import random
import signal
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import oslo_messaging
import oslo_messaging._drivers.impl_rabbit  # before nodes are forked
from oslo_config import cfg

import vobj
from vobj.conductor.client import ConductorClient
from vobj.conductor.http_client import HttpConductor
from vobj.conductor.observed import Caller
from vobj.conductor.rpc_client import RpcConductor
from vobj.fleet.fleet import Fleet
from vobj.fleettest import base
from vobj.fleettest.calls import (
    EDIT,
    OK,
    OWN,
    RUN,
    UNKNOWN_FIELD,
    Attempts,
    Call,
    Outcome,
    Told,
    told,
)
from vobj.fleettest.copies import EXCHANGE
from vobj.fleettest.truth import UnknownField
from vobj.rpc import VersionedObjectSerializer

LOG = logging.getLogger(__name__)

TOPIC, CONDUCTORS = "nodes", "conductors"
_CONDUCTOR_SECONDS, _NODE_SECONDS = 4.0, 10.0
_SENDS = 2  # attempts of the driver to publish, beyond the first
_THREADS = 8


@dataclass(frozen=True)
class Start:
    """What a node has to know. name: unique. number: decides on how it sends. release: 1 or 2."""

    name: str
    number: int
    release: int
    url: str
    conductors: tuple[str, ...]
    config: str
    fleet: str
    log: str


class _Serializer(VersionedObjectSerializer):
    OBJ_BASE_CLASS = base.Bench


class _Endpoint:
    """What other nodes may ask."""

    def __init__(self, release: Any) -> None:
        self._release = release

    def show(self, _context: Any, server: Any) -> dict[str, Any]:
        """Whether a server is read as it was written."""
        return {"true": self._release.is_true_as_sent(server), "reads": server.VERSION}

    def edit(
        self, _context: Any, server: Any, wanted: dict[str, Any], call: str, attempt: str
    ) -> dict[str, Any]:
        """Edit a server and have it saved."""
        made = {"true": self._release.is_true_as_sent(server), "reads": server.VERSION}
        try:
            server.keep(call, attempt, self._release.edit(server, wanted))
        except UnknownField:
            return {**made, "error": UNKNOWN_FIELD, "text": wanted["field"], "ran": False}
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller counts it
            said = told(error)
            return {**made, "error": said.name, "text": said.text, "ran": said.ran}
        return {**made, "saved": self._release.is_true(server)}


class Node:
    """The parts of a node, connected."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.release: Any = importlib.import_module(f"vobj.fleettest.release_{start.release}")
        self.fleet = Fleet(start.fleet, lease=20.0, refresh=2.0)
        cfg.CONF([], default_config_files=[start.config])
        self.transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=start.url)
        base.Bench.indirection_api = self._conductors()
        own = oslo_messaging.Target(exchange=EXCHANGE, topic=TOPIC, server=start.name)
        self.server: Any = oslo_messaging.get_rpc_server(
            self.transport, own, [_Endpoint(self.release)], serializer=_Serializer()
        )
        self.nodes: Any = self._client(TOPIC, _NODE_SECONDS, self._sending())
        manifest = vobj.Manifest.of(self.release.BenchServer)
        self.lease = self.fleet.announce(
            "node", manifest, host=start.name, release=str(start.release)
        )
        self.lease.start()
        self.server.start(override_pool_size=_THREADS)

    def close(self) -> None:
        """End as a service does: take nothing more, finish, leave the fleet."""
        self.server.stop()
        self.server.wait()
        self.lease.stop()
        self.lease.withdraw()
        self.transport.cleanup()
        self.fleet.close()

    def _sending(self) -> VersionedObjectSerializer:
        if self.start.number % 2:
            return _Serializer()
        return _Serializer(to=self.fleet.pin, wire=lambda: self.fleet.wire("primitive"))

    def _conductors(self) -> ConductorClient:
        caller = Caller("node", self.start.name)
        if self.start.number % 4 == 3:
            ways = list(self.start.conductors)
            random.Random(self.start.number).shuffle(ways)
            return HttpConductor(ways, base.Bench, timeout=_CONDUCTOR_SECONDS, caller=caller)
        client = self._client(CONDUCTORS, _CONDUCTOR_SECONDS, None)
        return RpcConductor(client, base.Bench, caller=caller, deadline=_CONDUCTOR_SECONDS)

    def _client(self, topic: str, seconds: float, serializer: Any) -> Any:
        target = oslo_messaging.Target(exchange=EXCHANGE, topic=topic)
        return oslo_messaging.get_rpc_client(
            self.transport, target, timeout=seconds, retry=_SENDS, serializer=serializer
        )

    def carry_out(self, call: Call) -> Outcome:
        """Make a call until it is answered or refused, or its time is over."""
        attempts = Attempts(call.name)
        while True:
            name = f"{self.start.name}/{attempts.number}"
            pause = attempts.ended(self._attempt(call, name, attempts.outcome))
            if pause is None:
                return attempts.outcome
            time.sleep(pause)

    def hold(self, number: int, seconds: float) -> list[str]:
        """Ask conductors for that many methods that take time, all at once: what each came to."""

        def one(_: int) -> str:
            try:
                self.release.BenchServer.hold({}, seconds)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                return told(error).name
            return OK

        with ThreadPoolExecutor(number) as pool:
            return list(pool.map(one, range(number)))

    def _attempt(self, call: Call, attempt: str, outcome: Outcome) -> Told | None:
        """One attempt: None when it was answered, else why it was not."""
        try:
            if call.kind == RUN:
                by = call.wanted["value"]
                self.release.BenchServer.run({}, call.uuid, by, call.name, attempt)
                return None
            try:
                server = self.release.BenchServer.get({}, call.uuid)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is counted by its name
                return replace(told(error), harmless=True)
            self._note(outcome, "get", self.release.is_true(server))
            if call.kind == OWN:
                server.keep(call.name, attempt, self.release.edit(server, call.wanted))
                self._note(outcome, "saved", self.release.is_true(server))
                return None
            return self._ask_node(call, attempt, server, outcome)
        except UnknownField as error:
            return Told(UNKNOWN_FIELD, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted by its name
            return told(error)

    def _ask_node(self, call: Call, attempt: str, server: Any, outcome: Outcome) -> Told | None:
        client = self.nodes.prepare(server=call.to)
        if call.kind == EDIT:
            answer = client.call({}, "edit", server=server, wanted=call.wanted, call=call.name,
                                 attempt=attempt)  # fmt: skip
        else:
            answer = client.call({}, "show", server=server)
        self._note(outcome, f"{server.VERSION} sent, {answer['reads']} read", answer["true"])
        if "error" in answer:
            return Told(answer["error"], answer["text"], ran=answer["ran"])
        self._note(outcome, f"saved by {call.to}", answer.get("saved", True))
        return None

    def _note(self, outcome: Outcome, where: str, is_true: bool) -> None:  # noqa: FBT001
        if not is_true:
            outcome.untrue.append(f"{where}, by release {self.start.release}")


def run(start: Start, channel: Connection) -> None:
    """The process of a node: calls come over the channel, outcomes go back."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _log_to(start.log)
    random.seed()
    node = Node(start)
    lock = threading.Lock()

    def tell(*message: Any) -> None:
        with lock:
            channel.send(message)

    def work(what: str, given: Any) -> None:
        try:
            made = node.carry_out(given) if what == "call" else node.hold(*given)
            tell("done" if what == "call" else "held", made)
        except Exception:
            LOG.exception("%s failed", what)
            tell("broken", start.name)

    tell("ready", os.getpid())
    with ThreadPoolExecutor(_THREADS) as pool:
        while True:
            try:
                what, given = channel.recv()
            except (EOFError, OSError):
                os._exit(0)
            if what == "end":
                break
            pool.submit(work, what, given)
    node.close()
    tell("ended", start.name)
    logging.shutdown()
    os._exit(0)


def _log_to(path: str) -> None:
    warnings.simplefilter("ignore")
    out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
