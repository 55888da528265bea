"""The serializer over RabbitMQ, both ways, with a peer that has oslo.versionedobjects alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oslo_messaging as messaging
import pytest
from oslo_config import cfg

from tests.rpc.rack import OLDER, Endpoint, rack_server
from vobj.rpc import VersionedObjectSerializer

PEER = Path(__file__).with_name("plain_peer.py")


@pytest.fixture
def transport(rabbitmq_url: str) -> Iterator[Any]:
    """A transport to the broker."""
    # oslo.messaging reads some of its options from the process-wide configuration.
    cfg.CONF([], default_config_files=[])
    made = messaging.get_rpc_transport(cfg.CONF, url=rabbitmq_url)
    yield made
    made.cleanup()


@pytest.fixture
def plain_server(rabbitmq_url: str, topic: str) -> Iterator[str]:
    """A server at the older release, in a process of its own; its topic."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(PEER), "serve", rabbitmq_url, topic],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    yield topic
    process.communicate(timeout=30)
    assert process.returncode == 0


def _client(transport: Any, topic: str, serializer: Any) -> Any:
    target = messaging.Target(exchange=topic, topic=topic)
    return messaging.get_rpc_client(transport, target, timeout=20, serializer=serializer)


def test_a_plain_peer_reads_what_is_sent_at_its_versions(transport: Any, plain_server: str) -> None:
    """The older release reads our objects, edits one, and its answer is upgraded here."""
    client = _client(transport, plain_server, VersionedObjectSerializer(to=OLDER))
    told = client.call({}, "describe", server=rack_server())
    assert told == ["RackServer", "1.1", 512, ["a"]]
    back = client.call({}, "grow", server=rack_server(), by=3)["grown"][0]
    assert (back.memory_mb, back.zone, back.obj_received_version) == (515, "z0", "1.1")


def test_a_plain_peer_refuses_what_is_sent_newest(transport: Any, plain_server: str) -> None:
    """Without the backport the older release fails, which is what all of this is for."""
    client = _client(transport, plain_server, VersionedObjectSerializer())
    with pytest.raises(messaging.RemoteError, match="IncompatibleObjectVersion"):
        client.call({}, "describe", server=rack_server())


def test_a_plain_caller_is_answered_in_its_own_versions(
    transport: Any, rabbitmq_url: str, topic: str
) -> None:
    """A caller with oslo's serializer sends its objects to us and can read the answer."""
    endpoint = Endpoint()
    server = messaging.get_rpc_server(
        transport,
        messaging.Target(exchange=topic, topic=topic, server="newer"),
        [endpoint],
        serializer=VersionedObjectSerializer(),
    )
    server.start()
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(PEER), "call", rabbitmq_url, topic],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        server.stop()
        server.wait()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["1.1", 6]
    assert endpoint.seen[0].zone == "z0"
