"""A conductor over oslo.messaging's in-memory driver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oslo_messaging import serializer

from tests.conductor import fleet_now
from tests.conductor.fleet_now import Fleet, FleetBoat
from tests.conductor.processes import ANNA
from tests.conductor.rpc_servers import client_of, serving, transport_of
from vobj import MergeConflict
from vobj.conductor import Conductor
from vobj.conductor.endpoint import ConductorEndpoint
from vobj.conductor.rpc_client import RpcConductor
from vobj.errors import ConductorError, MethodError, UnknownMethodError

OLD = {"FleetBoat": "1.0", "FleetBunk": "1.0"}


class Caller:
    """A context that knows how to become a dict."""

    def to_dict(self) -> dict[str, Any]:
        return {"user": "kim"}


class ContextSerializer(serializer.NoOpSerializer):  # type: ignore[misc]
    """How services send their contexts."""

    def serialize_context(self, ctxt: Any) -> dict[str, Any]:
        return {"sent": ctxt.to_dict()}


@pytest.fixture
def transport(database: Path) -> Iterator[Any]:
    fleet_now.store(ANNA)
    with transport_of("fake://") as made:
        yield made


@pytest.fixture
def asked(transport: Any) -> Iterator[RpcConductor]:
    """The client of a conductor."""
    with serving(transport, "conductor"):
        yield RpcConductor(client_of(transport, "conductor"), Fleet)


def test_a_class_method_and_a_method(asked: RpcConductor) -> None:
    """Objects come back as objects, and updates as oslo's caller reads them."""
    today = {"FleetBoat": "1.2"}
    boat = asked.object_class_action_versions({}, "FleetBoat", "get", today, (ANNA,), {})
    assert (type(boat), boat.name, boat.obj_what_changed()) == (FleetBoat, "Anna", set())
    boat.speed = 17
    updates, result = asked.object_action({}, boat, "meet", (boat,), {"more": {"n": 1}})
    assert updates == {"obj_what_changed": ["speed"]}
    assert (type(result["other"]), result["more"]) == (FleetBoat, {"n": 1})
    asked.object_action({}, boat, "save", (), {})
    assert fleet_now.stored(ANNA)["speed"] == 17


def test_a_backport_gives_an_object(asked: RpcConductor) -> None:
    """A payload comes back as an object of this process, from an envelope or from an object."""
    boat = FleetBoat.get({}, ANNA)
    for given in (boat, boat.obj_to_primitive()):
        made = asked.object_backport_versions({}, given, OLD)
        assert (made.obj_received_version, made.owner, made.speed) == ("1.0", "nobody", 10)


def test_errors_are_the_conductors(asked: RpcConductor) -> None:
    """What the conductor refuses is raised at the caller as the same error."""
    boat = FleetBoat.get({}, ANNA)
    with pytest.raises(UnknownMethodError, match="conductor/method"):
        asked.object_action({}, boat, "scuttle", (), {})
    with pytest.raises(MethodError, match="There is no boat x") as raised:
        asked.object_action({}, boat, "look_for", ("x",), {})
    assert raised.value.exception == "NotFound"
    with pytest.raises(MethodError, match="the log of the conductor tells why") as raised:
        asked.object_action({}, boat, "sink", (), {})
    assert raised.value.exception is None
    with pytest.raises(MethodError, match="RPC cannot hold its result"):
        asked.object_action({}, boat, "strange", (), {})


def test_contexts(transport: Any) -> None:
    """A context is sent as its dict, or by the serializer of the service's own client."""
    boat = FleetBoat.get({}, ANNA)
    with serving(transport, "conductor"):
        plain = RpcConductor(client_of(transport, "conductor"), Fleet)
        own = RpcConductor(client_of(transport, "conductor", serializer=ContextSerializer()), Fleet)
        for asked, seen in ((plain, {"user": "kim"}), (own, {"sent": {"user": "kim"}})):
            _, result = asked.object_action(Caller(), boat, "who", (), {})
            assert result["context"] == seen


def test_an_indirection_client_that_a_service_has(transport: Any) -> None:
    """The calls that services make to their own conductors work, and raise what is wrong."""
    with serving(transport, "conductor", namespace=None, version="3.0"):
        raw = client_of(transport, "conductor").prepare(version="3.0")
        envelope = raw.call(
            {}, "object_class_action_versions", objname="FleetBoat", objmethod="get",
            object_versions=OLD, args=[ANNA], kwargs={},
        )  # fmt: skip
        assert envelope["fleet_object.version"] == "1.0"
        envelope["fleet_object.data"]["pace"] = 12
        envelope["fleet_object.changes"] = ["pace"]
        updates, result = raw.call(
            {}, "object_action", objinst=envelope, objmethod="save", args=[], kwargs={}
        )
        assert (updates, result) == ({"obj_what_changed": []}, None)
        assert (fleet_now.stored(ANNA)["speed"], fleet_now.stored(ANNA)["owner"]) == (12, "Eva")
        fleet_now.store(ANNA, speed=30)
        envelope["fleet_object.data"]["pace"] = 14
        with pytest.raises(MergeConflict, match="merge/conflict"):
            raw.call({}, "object_action", objinst=envelope, objmethod="save", args=[], kwargs={})


def test_a_conductor_that_does_not_answer(transport: Any) -> None:
    """No answer in time is an error of its own."""
    asked = RpcConductor(client_of(transport, "nobody", timeout=0.2), Fleet)
    with pytest.raises(ConductorError, match="conductor/slow"):
        asked.object_action({}, FleetBoat.get({}, ANNA), "who", (), {})


def test_what_listens_is_no_conductor(transport: Any) -> None:
    """An endpoint of another namespace or version is told from a conductor."""
    with serving(transport, "conductor", version="2.0"):
        asked = RpcConductor(client_of(transport, "conductor"), Fleet)
        with pytest.raises(ConductorError, match="conductor/answer"):
            asked.object_action({}, FleetBoat.get({}, ANNA), "who", (), {})


def test_a_server_with_an_object_serializer_is_refused(database: Path) -> None:
    """A conductor that is handed objects says how its server is to be made."""
    endpoint = ConductorEndpoint(Conductor(Fleet))
    fleet_now.store(ANNA)
    told = endpoint.object_backport_versions({}, FleetBoat.get({}, ANNA), OLD, errors="data")
    assert told["error"]["rule"] == "usage/argument"
    assert "no serializer for objects" in told["error"]["message"]
