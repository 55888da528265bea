"""A conductor over RabbitMQ, for a node of the old release in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conductor import fleet_now
from tests.conductor.processes import ANNA, Node, old_node
from tests.conductor.rpc_servers import serving, transport_of

CONNECT = """
import oslo_messaging
from oslo_config import cfg
from vobj.conductor.rpc_client import RpcConductor

cfg.CONF([], default_config_files=[])
transport = oslo_messaging.get_rpc_transport(cfg.CONF, url={url!r})

def conductor(topic, timeout):
    client = oslo_messaging.get_rpc_client(
        transport,
        oslo_messaging.Target(exchange={topic!r}, topic=topic),
        timeout=timeout,
        transport_options=oslo_messaging.TransportOptions(at_least_once=True),
    )
    return RpcConductor(client, Fleet)

Fleet.indirection_api = conductor({topic!r}, 20)
"""
GET = f"b = Boat.get({{}}, {ANNA!r})\n"


@pytest.fixture
def old(
    rabbitmq_url: str, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Node]:
    """An old node, and the conductor it asks in this process."""
    monkeypatch.setenv("FLEET_DB", str(tmp_path / "fleet.sqlite"))
    fleet_now.make()
    fleet_now.store(ANNA)
    with transport_of(rabbitmq_url) as transport, serving(transport, topic), old_node() as node:
        node.run(CONNECT.format(url=rabbitmq_url, topic=topic))
        yield node
        node.run("transport.cleanup()")


def test_methods_run_and_edits_are_put_back(old: Node) -> None:
    """The old node reads its own version, saves its edit, and hidden data stays."""
    boat = old.run(GET + "answer = b")
    assert (boat["version"], boat["pace"]) == ("1.0", 10)
    old.run("b.pace = 12; b.bunks[1].guest = 'Lee'; b.save()")
    assert fleet_now.stored(ANNA) == {
        "uuid": ANNA, "name": "Anna", "speed": 12, "engine": "sail", "owner": "Eva",
        "bunks": [(1, "Kim", "snores"), (2, "Lee", "window")],
    }  # fmt: skip


def test_errors_reach_the_caller(old: Node) -> None:
    """A collision, an unknown method and a conductor that is away are errors of their own."""
    old.run(GET)
    fleet_now.store(ANNA, speed=20)
    before = fleet_now.stored(ANNA)
    error = old.fail("b.pace = 12; b.save()")
    assert (error["rule"], error["path"]) == ("merge/conflict", ["speed"])
    assert fleet_now.stored(ANNA) == before
    assert old.fail("b.gone()")["rule"] == "conductor/method"
    old.run("Fleet.indirection_api = conductor('nobody', 5)")
    assert old.fail(GET)["rule"] == "conductor/away"
