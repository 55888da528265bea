"""A node of os-vif, of either release: `python port_node.py CHANNEL`, a program of its own.

Theory
    The environment of a release runs it, and that of 1.4.0 has os-vif and oslo and nothing else. So
    nothing else is imported here; what 5.3.0 has beside it is in `port_keeper`, which is imported
    by name where it is there. A node makes one attempt at a call when it is told to, and tells what
    it saw and which error came; it judges nothing.

    A node of 1.4.0 uses oslo's own serializer. Its indirection API is what Nova has: a backport is
    asked for over the broker.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from multiprocessing.connection import Connection
from typing import Any

import oslo_messaging
from os_vif import objects
from os_vif.objects.base import VersionedObject
from oslo_config import cfg
from oslo_versionedobjects import base as oslo

LOG = logging.getLogger(__name__)

TOPIC, KEEPERS = "ports", "port-keepers"
_KEEPING = 2  # the release of those that have the database
_CONDUCTOR_SECONDS, _NODE_SECONDS = 4.0, 10.0
_SENDS = 2  # attempts of the driver to publish, beyond the first
_THREADS = 8
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")

Document = dict[str, Any]


class UnknownField(Exception):
    """A release does not know a field."""

    rule = "bench/unknown-field"


class _Serializer(oslo.VersionedObjectSerializer):
    OBJ_BASE_CLASS = VersionedObject


class _Indirection(oslo.VersionedObjectIndirectionAPI):
    """Asks conductors for backports over RPC. They work on envelopes: no serializer.

    asked: how many it has asked for.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._numbers = itertools.count(1)
        self.asked = 0

    def object_backport_versions(
        self, context: Any, objinst: Any, object_versions: Mapping[str, str]
    ) -> Any:
        """The object in an envelope that is too new, in the versions of this node."""
        self.asked = next(self._numbers)
        made = self._client.call(
            context, "object_backport_versions", objinst=objinst, object_versions=object_versions
        )
        return VersionedObject.obj_from_primitive(made, context)

    def object_action(
        self, context: Any, objinst: Any, objmethod: str, args: Any, kwargs: Any
    ) -> Any:
        """No object of os-vif has a remotable method."""
        raise NotImplementedError


class _Endpoint:
    """What other nodes may ask."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def show(self, _context: Any, port: Any) -> Document:
        """What is seen of a port."""
        return {"release": self._node.release, "seen": seen(port)}

    def edit(self, context: Any, port: Any, wanted: Document, call: str, attempt: str) -> Document:
        """Edit a port and have it kept."""
        made = self.show(context, port)
        try:
            self._node.keep(port, edit(port, wanted), call, attempt)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller counts it
            made["error"] = told(error)
        return made


class Node:
    """The parts of a node, connected."""

    def __init__(self, start: Document) -> None:
        self.name, self.release = start["name"], start["release"]
        objects.register_all()
        cfg.CONF([], default_config_files=[start["config"]])
        self._exchange = start["exchange"]
        self._transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=start["url"])
        conductors = self._client(start["conductors"], _CONDUCTOR_SECONDS, None)
        self._indirection = _Indirection(conductors.prepare(namespace=start["namespace"]))
        VersionedObject.indirection_api = self._indirection
        self._keeper: Any = None
        if start["keeps"]:
            self._keeper = importlib.import_module("vobj.fleettest.port_keeper").keeper()
        self._nodes = self._client(TOPIC, _NODE_SECONDS, self._serializer())
        self._keepers = self._client(KEEPERS, _CONDUCTOR_SECONDS, self._serializer())
        self._servers = [self._server(TOPIC, _Endpoint(self), self._serializer())]
        if self._keeper is not None:
            self._servers.append(self._server(KEEPERS, self._keeper, None))
        for one in self._servers:
            one.start(override_pool_size=_THREADS)

    def close(self) -> None:
        """End as a service does: take nothing more, and finish."""
        for one in self._servers:
            one.stop()
        for one in self._servers:
            one.wait()
        self._transport.cleanup()

    def attempt(self, call: Document) -> Document:
        """One attempt at a call: what was seen by whom, and the error, if one came.

        backports: how many this process has asked for until now.
        """
        made: Document = {"call": call["name"], "seen": [], "error": None}
        reading = True
        try:
            port = self._read(call["uuid"])
            made["seen"].append(["read", _KEEPING, self.release, seen(port)])
            reading = False
            if call["to"] is None:
                self.keep(port, edit(port, call["wanted"]), call["name"], call["attempt"])
            else:
                made["error"] = self._ask(port, call, made["seen"])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            made["error"] = {**told(error), "harmless": reading}
        return {**made, "backports": self._indirection.asked}

    def keep(self, port: Any, wanted: Document, call: str, attempt: str) -> None:
        """Have an edited port put back into what is stored. wanted: the same, said aside."""
        if self._keeper is not None:
            self._keeper.keep({}, self._keeper.envelope(port), wanted, call, attempt)
        else:
            self._keepers.call({}, "keep", port=port, wanted=wanted, call=call, attempt=attempt)

    def _read(self, uuid: str) -> Any:
        if self._keeper is not None:
            return self._keeper.opened(self._keeper.get({}, uuid))
        return self._keepers.call({}, "get", uuid=uuid)

    def _ask(self, port: Any, call: Document, seen_: list[Any]) -> Document | None:
        client = self._nodes.prepare(server=call["to"])
        if call["kind"] == "show":
            answer = client.call({}, "show", port=port)
        else:
            answer = client.call({}, "edit", port=port, wanted=call["wanted"], call=call["name"],
                                 attempt=call["attempt"])  # fmt: skip
        seen_.append([f"sent to {call['to']}", self.release, answer["release"], answer["seen"]])
        error: Document | None = answer.get("error")
        return error

    def _serializer(self) -> Any:
        return _Serializer() if self._keeper is None else self._keeper.serializer()

    def _client(self, topic: str, seconds: float, serializer: Any) -> Any:
        target = oslo_messaging.Target(exchange=self._exchange, topic=topic)
        return oslo_messaging.get_rpc_client(
            self._transport, target, timeout=seconds, retry=_SENDS, serializer=serializer
        )

    def _server(self, topic: str, endpoint: Any, serializer: Any) -> Any:
        target = oslo_messaging.Target(exchange=self._exchange, topic=topic, server=self.name)
        return oslo_messaging.get_rpc_server(
            self._transport, target, [endpoint], serializer=serializer
        )


def seen(port: Any) -> Document:
    """Every value that is set in a port, as it travels, by its place; an object is its class."""
    return dict(_seen("$", port))


def _seen(place: str, obj: Any) -> Iterator[tuple[str, Any]]:
    yield place, obj.obj_name()
    for name, field in obj.fields.items():
        if not obj.obj_attr_is_set(name):
            continue
        value, here = getattr(obj, name), f"{place}.{name}"
        if hasattr(value, "obj_name"):
            yield from _seen(here, value)
        elif isinstance(value, list) and any(hasattr(one, "obj_name") for one in value):
            for index, one in enumerate(value):
                yield from _seen(f"{here}[{index}]", one)
        else:
            yield here, field.to_primitive(obj, name, value)


def edit(port: Any, wanted: Document) -> Document:
    """Make an edit by plain assignment, and give it back as it was decided.

    An edit that sets what is there is none: where values are few it has another one, `or`. Raises
    UnknownField.
    """
    place, _, last = str(wanted["field"]).rpartition(".")
    holder = port
    for name, index in _STEP.findall(place):
        holder = getattr(holder, name) if name else holder[int(index)]
    if last not in holder.fields:
        raise UnknownField(wanted["field"])
    value = wanted["value"]
    if "or" in wanted and holder.obj_attr_is_set(last) and getattr(holder, last) == value:
        value = wanted["or"]
    setattr(holder, last, value)
    return {"field": wanted["field"], "value": value}


def told(error: Exception) -> Document:
    """An error as plain data. remote: the class of one that another process raised."""
    return {"class": type(error).__name__, "text": str(error), "rule": getattr(error, "rule", None),
            "remote": getattr(error, "exc_type", None)}  # fmt: skip


def main(channel: Connection) -> None:
    """Do what comes over the channel, and tell there what came of it, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    node = Node(channel.recv())
    lock = threading.Lock()

    def work(call: Document) -> None:
        made = node.attempt(call)
        with lock:
            channel.send(("tried", made))

    has_vobj = importlib.util.find_spec("vobj") is not None
    channel.send(("ready", {"release": version("os-vif"), "vobj": has_vobj}))
    with ThreadPoolExecutor(_THREADS) as pool:
        while True:
            try:
                what, given = channel.recv()
            except (EOFError, OSError):
                os._exit(0)
            if what == "end":
                break
            pool.submit(work, given)
    node.close()
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])))
