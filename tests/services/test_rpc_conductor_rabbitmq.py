"""Peers of the old release on RabbitMQ that a conductor helps, in processes of their own.

One has vobj's serializer and is sent objects that are too new for it. The other has
oslo.versionedobjects alone, with an indirection client as services wrote them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oslo_messaging as messaging
import pytest

from tests.conductor import fleet_now
from tests.conductor.fleet_now import Fleet, FleetBoat
from tests.conductor.processes import ANNA, Node, old_node
from tests.conductor.rpc_servers import client_of, transport_of
from vobj.conductor import Conductor
from vobj.conductor.endpoint import ConductorEndpoint
from vobj.rpc import VersionedObjectSerializer

COMMON = """
import oslo_messaging
from oslo_config import cfg
from oslo_versionedobjects import base

cfg.CONF([], default_config_files=[])
transport = oslo_messaging.get_rpc_transport(cfg.CONF, url={url!r})

def client(topic, **settings):
    target = oslo_messaging.Target(exchange=topic, topic=topic)
    return oslo_messaging.get_rpc_client(transport, target, timeout=20, **settings)
"""

SERVE = """
from vobj.conductor.rpc_client import RpcConductor
from vobj.rpc import VersionedObjectSerializer

class Serializer(VersionedObjectSerializer):
    OBJ_BASE_CLASS = Fleet

class Endpoint:
    seen = []

    def sail(self, ctxt, boats, by):
        for boat in boats["all"]:
            self.seen.append(boat)
            boat.pace += by
        return (boats, "sailed")

Fleet.indirection_api = RpcConductor(client({topic!r}), Fleet)
server = oslo_messaging.get_rpc_server(
    transport,
    oslo_messaging.Target(exchange={topic!r}, topic={topic!r} + "-old", server="old"),
    [Endpoint()],
    serializer=Serializer(),
)
server.start()
"""

INDIRECTION = """
class Serializer(base.VersionedObjectSerializer):
    OBJ_BASE_CLASS = Fleet

class Indirection(base.VersionedObjectIndirectionAPI):
    def __init__(self):
        self.rpc = client({topic!r}, serializer=Serializer()).prepare(
            namespace="vobj.conductor", version="1.0"
        )

    def object_action(self, context, objinst, objmethod, args, kwargs):
        return self.rpc.call(context, "object_action", objinst=objinst, objmethod=objmethod,
                             args=args, kwargs=kwargs)

    def object_class_action_versions(
        self, context, objname, objmethod, object_versions, args, kwargs
    ):
        return self.rpc.call(context, "object_class_action_versions", objname=objname,
                             objmethod=objmethod, object_versions=object_versions,
                             args=args, kwargs=kwargs)

    def object_backport_versions(self, context, objinst, object_versions):
        return self.rpc.call(context, "object_backport_versions", objinst=objinst,
                             object_versions=object_versions)

Fleet.indirection_api = Indirection()
"""

GET = f"b = Boat.get({{}}, {ANNA!r})\n"


class NowSerializer(VersionedObjectSerializer):
    OBJ_BASE_CLASS = Fleet


class Recording(ConductorEndpoint):
    """Notes with what a backport was asked for."""

    def __init__(self, conductor: Conductor) -> None:
        super().__init__(conductor)
        self.asked: list[tuple[str, Any]] = []

    def object_backport_fingerprint(
        self, ctxt: Any, objinst: Any, fingerprint: str, object_versions: Any = None, **more: Any
    ) -> Any:
        self.asked.append((fingerprint, object_versions))
        return super().object_backport_fingerprint(
            ctxt, objinst, fingerprint, object_versions, **more
        )


@pytest.fixture
def transport(rabbitmq_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A transport to the broker, and the boat of today's service."""
    monkeypatch.setenv("FLEET_DB", str(tmp_path / "fleet.sqlite"))
    fleet_now.make()
    fleet_now.store(ANNA)
    with transport_of(rabbitmq_url) as made:
        yield made


@pytest.fixture
def conductor(transport: Any, topic: str) -> Iterator[Recording]:
    """The conductor of today's service, listening at the topic."""
    endpoint = Recording(Conductor(Fleet, expected=[fleet_now.NotFound]))
    target = messaging.Target(exchange=topic, topic=topic, server="conductor")
    server = messaging.get_rpc_server(transport, target, [endpoint])
    server.start()
    yield endpoint
    server.stop()
    server.wait()


@pytest.fixture
def old(conductor: Recording, rabbitmq_url: str) -> Iterator[Node]:
    """A node of the old release, connected to the broker."""
    with old_node() as node:
        node.run(COMMON.format(url=rabbitmq_url))
        yield node
        node.run("transport.cleanup()")


@pytest.mark.parametrize("wire", ["primitive", "packed"])
def test_objects_that_are_too_new_are_backported_on_the_way(
    transport: Any, conductor: Recording, old: Node, topic: str, wire: str
) -> None:
    """The old server works on its own version; the manifest has travelled once.

    Its answer is upgraded here, and what it cannot see is as new as it was before.
    """
    old.run(SERVE.format(topic=topic))
    boat = FleetBoat.get({}, ANNA)
    caller = client_of(transport, topic, timeout=20, serializer=NowSerializer(wire=wire)).prepare(
        topic=f"{topic}-old"
    )
    for turn in (1, 2):
        boats, text = caller.call({}, "sail", boats={"all": [boat, boat]}, by=2)
        assert text == "sailed"
        assert [one.obj_received_version for one in boats["all"]] == ["1.0", "1.0"]
        assert [one.speed for one in boats["all"]] == [boat.speed + 2] * 2
        seen = old.run("answer = Endpoint.seen[-1]")
        assert (seen["version"], seen["pace"]) == ("1.0", boat.speed + 2)
        assert len(conductor.asked) == 1 + 2 * turn
    manifest = {"FleetBoat": "1.0", "FleetBunk": "1.0"}
    assert [given for _, given in conductor.asked] == [None, manifest, None, None, None]
    assert len({fingerprint for fingerprint, _ in conductor.asked}) == 1
    old.run("server.stop(); server.wait()")


def test_methods_run_for_a_peer_with_oslo_alone(old: Node, topic: str) -> None:
    """Its edits are put back into today's object; what the method changed is put into its own."""
    old.run(INDIRECTION.format(topic=topic))
    boat = old.run(GET + "answer = b")
    assert (boat["version"], boat["pace"], boat["changes"]) == ("1.0", 10, [])
    old.run("b.pace = 12; b.bunks[1].guest = 'Lee'; b.save()")
    assert fleet_now.stored(ANNA) == {
        "uuid": ANNA, "name": "Anna", "speed": 12, "engine": "sail", "owner": "Eva",
        "bunks": [(1, "Kim", "snores"), (2, "Lee", "window")],
    }  # fmt: skip
    assert old.run("answer = b")["changes"] == []
    assert old.run("b.refit('electric'); answer = b.engine") == "electric"
    told = old.run("answer = b.meet(b, more={'with': [b]})")
    assert told["other"]["version"] == told["more"]["with"][0]["version"] == "1.0"


def test_a_conflict_is_told_to_a_peer_with_oslo_alone(old: Node, topic: str) -> None:
    """Somebody else changed the same field: nothing is lost, and the caller learns it."""
    old.run(INDIRECTION.format(topic=topic))
    old.run(GET)
    fleet_now.store(ANNA, speed=20)
    before = fleet_now.stored(ANNA)
    error = old.fail("b.pace = 12; b.save()")
    assert "RemoteError" in error["classes"]
    assert "MergeConflict" in error["text"]
    assert "merge/conflict" in error["text"]
    assert fleet_now.stored(ANNA) == before
    # What nobody else touched is put back, over what somebody else changed meanwhile.
    old.run(GET + "b.name = 'Berta'; b.save()")
    assert (fleet_now.stored(ANNA)["name"], fleet_now.stored(ANNA)["speed"]) == ("Berta", 20)
