"""The serializer over RabbitMQ, both ways, with peers that have oslo.versionedobjects alone."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import oslo_messaging as messaging
import pytest
from oslo_config import cfg

from tests.rpc.rack import OLDER, Endpoint, RackDisk, RackServer, rack_server
from tests.services.plain_processes import SECONDS, done, peer
from vobj.rpc import VersionedObjectSerializer

SERVER = ["RackServer", "1.1", 512, [["RackDisk", "1.0", "a"]]]


class Ear:
    """What the newer release hears by casts and notifications."""

    target = messaging.Target(version="1.0")

    def __init__(self) -> None:
        self._heard: queue.Queue[Any] = queue.Queue()

    def note(self, ctxt: Any, **things: Any) -> None:
        self._heard.put(things)

    def info(self, ctxt: Any, publisher: str, event: str, payload: Any, meta: Any) -> None:
        self._heard.put({"how": event, **payload})

    def next(self) -> Any:
        return self._heard.get(timeout=SECONDS)


@pytest.fixture
def transport(rabbitmq_url: str) -> Iterator[Any]:
    """A transport to the broker."""
    # oslo.messaging reads some of its options from the process-wide configuration.
    cfg.CONF([], default_config_files=[])
    made = messaging.get_rpc_transport(cfg.CONF, url=rabbitmq_url)
    yield made
    made.cleanup()


@pytest.fixture
def notifications(rabbitmq_url: str) -> Iterator[Any]:
    """A transport for notifications."""
    cfg.CONF([], default_config_files=[])
    made = messaging.get_notification_transport(cfg.CONF, url=rabbitmq_url)
    yield made
    made.cleanup()


@contextmanager
def running(server: Any) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.stop()
        server.wait()


def _client(transport: Any, topic: str, serializer: Any) -> Any:
    target = messaging.Target(exchange=topic, topic=topic)
    return messaging.get_rpc_client(transport, target, timeout=20, serializer=serializer)


def _server(transport: Any, topic: str, endpoint: Any, name: str = "newer", **settings: Any) -> Any:
    return messaging.get_rpc_server(
        transport,
        messaging.Target(exchange=topic, topic=topic, server=name),
        [endpoint],
        serializer=VersionedObjectSerializer(**settings),
    )


def test_a_plain_peer_reads_what_is_sent_at_its_versions(
    transport: Any, rabbitmq_url: str, topic: str
) -> None:
    """The older release reads our objects, edits one, and its answer is upgraded here."""
    client = _client(transport, topic, VersionedObjectSerializer(to=OLDER))
    with peer("serve", rabbitmq_url, topic):
        told = client.call({}, "describe", server=rack_server())
        assert told == ["RackServer", "1.1", 512, ["a"]]
        back = client.call({}, "grow", server=rack_server(), by=3)["grown"][0]
        assert (back.memory_mb, back.zone, back.obj_received_version) == (515, "z0", "1.1")
        sent = {"a": [{"b": (rack_server(), 1)}], "c": {"k": [[rack_server().disks[0]]]}, "n": None}
        back, told = client.call({}, "echo", **sent)
        assert told == {"a": [{"b": [SERVER, 1]}], "c": {"k": [[SERVER[3][0]]]}, "n": None}
        assert back["a"][0]["b"][0].obj_received_version == "1.1"
        assert back["c"]["k"][0][0] == RackDisk(name="a", size_gb=0)
        # What is sent newest is not read there, which is what all of this is for.
        newest = _client(transport, topic, VersionedObjectSerializer())
        with pytest.raises(messaging.RemoteError, match="IncompatibleObjectVersion"):
            newest.call({}, "describe", server=rack_server())


def test_plain_peers_hear_casts_fan_out_and_notifications(
    transport: Any, notifications: Any, rabbitmq_url: str, topic: str
) -> None:
    """One message to several servers of the older release, held to what they all read."""
    client = _client(transport, topic, VersionedObjectSerializer(to=OLDER))
    things = {"deep": [{"x": [rack_server()]}], "set": {1}, "tuple": (rack_server(), "t")}
    heard = {"deep": [{"x": [SERVER]}], "set": [1], "tuple": [SERVER, "t"]}
    with ExitStack() as stack:
        servers = [stack.enter_context(peer("serve", rabbitmq_url, topic)) for _ in range(2)]
        client.prepare(fanout=True).cast({}, "note", **things)
        assert [one.line() for one in servers] == [heard, heard]
        listener = stack.enter_context(peer("listen", rabbitmq_url, f"{topic}-told"))
        notifier = messaging.Notifier(
            notifications, driver="messaging", topics=[f"{topic}-told"], publisher_id="rack",
            serializer=VersionedObjectSerializer(to=OLDER),
        )  # fmt: skip
        notifier.info({}, "server.told", things)
        assert listener.line() == ["server.told", heard]
    with peer("serve", rabbitmq_url, topic) as one:
        client.cast({}, "note", **things)
        assert one.line() == heard


def test_a_plain_caller_is_answered_in_its_own_versions(
    transport: Any, rabbitmq_url: str, topic: str
) -> None:
    """A caller with oslo's serializer sends its objects to us and can read the answer.

    It can even where everybody else is sent packed objects.
    """
    endpoint = Endpoint()
    with running(_server(transport, topic, endpoint, wire="packed")):
        assert json.loads(done("call", rabbitmq_url, topic)) == ["1.1", 6]
    assert endpoint.seen[0].zone == "z0"


def test_a_plain_peer_is_heard_by_all(
    transport: Any, notifications: Any, rabbitmq_url: str, topic: str
) -> None:
    """Its casts, its fan-out to several servers and its notifications arrive upgraded."""
    ear = Ear()
    with ExitStack() as stack:
        for number in range(2):
            stack.enter_context(running(_server(transport, topic, ear, f"newer-{number}")))
        listener = messaging.get_notification_listener(
            notifications, [messaging.Target(topic=topic)], [ear],
            serializer=VersionedObjectSerializer(),
        )  # fmt: skip
        stack.enter_context(running(listener))
        done("tell", rabbitmq_url, topic)
        heard = [ear.next() for _ in range(4)]
    ways = sorted(things["how"] for things in heard)
    assert ways == ["cast", "fanout", "fanout", "server.told"]
    for things in heard:
        server, number = things["a"][0]["b"]
        assert isinstance(server, RackServer)
        assert (server.memory_mb, server.zone, number) == (4, "z0", 1)
        assert (server.obj_received_version, server.disks[0].size_gb) == ("1.1", 0)
        assert things["d"] == {"z": [RackDisk(name="z", size_gb=0)]}


def test_packed_objects_cross_the_broker(transport: Any, topic: str) -> None:
    """Calls, answers, casts and fan-out with packed objects, in any structure."""
    ears = [Ear(), Ear()]
    endpoint = Endpoint()
    client = _client(transport, topic, VersionedObjectSerializer(wire="packed"))
    with running(_server(transport, topic, endpoint, wire="packed")):
        grown = client.call({}, "grow", server=rack_server(), by=8)
        assert grown["grown"][0].memory_mb == 520
        raw = _client(transport, topic, messaging.NoOpSerializer())
        assert list(raw.call({}, "make")) == ["vobj.packed"]
    fanned = f"{topic}-all"
    with ExitStack() as stack:
        for number, ear in enumerate(ears):
            stack.enter_context(running(_server(transport, fanned, ear, f"newer-{number}")))
        everybody = _client(transport, fanned, VersionedObjectSerializer(wire="packed"))
        everybody.prepare(fanout=True).cast({}, "note", a=[{"x": (rack_server(), 1)}])
        assert [ear.next() for ear in ears] == [{"a": [{"x": [rack_server(), 1]}]}] * 2
