"""Every form in which a backport is asked for, and the same answer to all of them."""

from __future__ import annotations

import base64
from typing import Any

import msgpack
import pytest

from tests.conductor.asgi import KNOWN, OLD, PAYLOAD, app_of, asked, payload
from tests.conductor.fleet_now import Fleet
from vobj import Codec, Manifest
from vobj.conductor import Conductor
from vobj.conductor.http import ConductorApp
from vobj.conductor.requests import LARGEST_BATCH

BYTES = ["msgpack", "json", "packed"]


@pytest.fixture
def app() -> ConductorApp:
    return app_of()


def older(wire: str = "primitive") -> Any:
    codec = Codec(wire, base=Fleet)
    return codec.backport(payload(wire), to=OLD)


def rule(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["rule"]


def test_an_envelope_in_json(app: ConductorApp) -> None:
    """Plain JSON in, plain JSON out."""
    answer = asked(app, "/v1/backport", {"payload": payload(), "manifest": OLD})
    assert answer.json() == {"payload": older()}


@pytest.mark.parametrize("wire", BYTES)
def test_bytes_of_any_wire_inside_msgpack(app: ConductorApp, wire: str) -> None:
    """A request in msgpack is answered in msgpack, its payload on the wire it came on."""
    body = msgpack.packb({"payload": payload(wire), "manifest": OLD})
    answer = asked(app, "/v1/backport", content=body)
    assert answer.headers["content-type"] == "application/msgpack"
    assert msgpack.unpackb(answer.content) == {"payload": older(wire)}


def test_packed_inside_json(app: ConductorApp) -> None:
    """Where bytes cannot stand they come and go as base64."""
    text = base64.b64encode(payload("packed")).decode()
    answer = asked(app, "/v1/backport", {"payload": {"vobj.packed": text}, "manifest": OLD})
    back = base64.b64decode(answer.json()["payload"]["vobj.packed"])
    assert back == older("packed")


def test_packed_inside_msgpack(app: ConductorApp) -> None:
    """In a structure of msgpack the same form holds bytes."""
    request = {"payload": {"vobj.packed": payload("packed")}, "manifest": OLD}
    answer = asked(app, "/v1/backport", content=msgpack.packb(request))
    assert msgpack.unpackb(answer.content) == {"payload": {"vobj.packed": older("packed")}}


@pytest.mark.parametrize("wire", BYTES)
def test_a_payload_alone(app: ConductorApp, wire: str) -> None:
    """The body is the payload, the manifest is named in a header; the second answer is kept."""
    asked(app, "/v1/backport", {"payloads": [], "manifest": OLD, "fingerprint": KNOWN})
    for _ in range(2):
        answer = asked(app, "/v1/backport", content=payload(wire), headers=PAYLOAD)
        assert (answer.status_code, answer.content) == (200, older(wire))
    assert app.desk.conductor.results.hits == 1


def test_a_payload_alone_is_for_a_backport(app: ConductorApp) -> None:
    """Without a fingerprint, or for another operation, it is no request."""
    headers = {"content-type": PAYLOAD["content-type"]}
    answer = asked(app, "/v1/backport", content=payload("msgpack"), headers=headers)
    assert rule(answer) == (400, "conductor/request")
    answer = asked(app, "/v1/action", content=payload("msgpack"), headers=PAYLOAD)
    assert rule(answer) == (400, "conductor/request")


def test_a_batch(app: ConductorApp) -> None:
    """Each payload has its own answer, or its own error, in the order they came."""
    batch = [payload(), {"fleet_object.name": "x"}, 5, payload(number=2)]
    answer = asked(app, "/v1/backport", {"payloads": batch, "manifest": OLD})
    first, second, third, fourth = answer.json()["answers"]
    assert first == {"payload": older()}
    assert fourth["payload"]["fleet_object.data"]["number"] == 2
    assert second["error"]["rule"] == "payload/envelope"
    assert third["error"]["rule"] == "conductor/request"


def test_a_batch_is_bounded(app: ConductorApp) -> None:
    """More payloads than the limit are not looked at."""
    batch = [payload()] * (LARGEST_BATCH + 1)
    answer = asked(app, "/v1/backport", {"payloads": batch, "manifest": OLD})
    assert rule(answer) == (413, "payload/count")


def test_a_manifest_is_sent_once(app: ConductorApp) -> None:
    """A fingerprint is unknown until its manifest has come with it, and known from then on."""
    request = {"payload": payload(), "fingerprint": KNOWN}
    assert rule(asked(app, "/v1/backport", request)) == (412, "manifest/unknown-fingerprint")
    answer = asked(app, "/v1/backport", {**request, "manifest": OLD})
    assert answer.json() == {"payload": older()}
    assert asked(app, "/v1/backport", request).json() == {"payload": older()}


def test_a_manifest_cannot_take_another_name(app: ConductorApp) -> None:
    """What is known by a fingerprint is what has it, whatever a caller claims."""
    other = {"FleetBunk": "1.1"}
    request = {"payload": payload(), "fingerprint": KNOWN, "manifest": other}
    assert rule(asked(app, "/v1/backport", request)) == (400, "manifest/malformed")
    request = {"payload": payload(), "fingerprint": KNOWN}
    assert rule(asked(app, "/v1/backport", request)) == (412, "manifest/unknown-fingerprint")


@pytest.mark.parametrize(
    ("parts", "rule_id"),
    [
        ({"payload": "text", "manifest": OLD}, "conductor/request"),
        ({"payload": {"vobj.packed": "!"}, "manifest": OLD}, "payload/malformed"),
        ({"payload": {"vobj.packed": 5}, "manifest": OLD}, "payload/malformed"),
        ({"payload": {"vobj.packed": "AAAA"}, "manifest": OLD}, "payload/malformed"),
        ({"payload": {}, "fingerprint": 5}, "conductor/request"),
        ({"payload": {}}, "conductor/request"),
        ({"payloads": {}, "manifest": OLD}, "conductor/request"),
    ],
)
def test_a_wrong_backport_is_refused(app: ConductorApp, parts: Any, rule_id: str) -> None:
    """Each part has its kind."""
    assert rule(asked(app, "/v1/backport", parts)) == (400, rule_id)


def test_known_manifests_are_bounded() -> None:
    """Old fingerprints are forgotten for new ones, and cost a caller one more round trip."""
    app = app_of()
    conductor = app.desk.conductor
    for number in range(2_000):
        speaks = Manifest({"FleetBunk": f"1.{number}"})
        conductor.speaks(speaks, speaks.fingerprint)
    first = Manifest({"FleetBunk": "1.0"}).fingerprint
    answer = asked(app, "/v1/backport", {"payload": payload(), "fingerprint": first})
    assert rule(answer) == (412, "manifest/unknown-fingerprint")
    last = Manifest({"FleetBunk": "1.1999"}).fingerprint
    assert asked(app, "/v1/backport", {"payload": payload(), "fingerprint": last}).is_success


def test_a_manifest_is_read_once() -> None:
    """As long as it is small; and in any order of its objects it is the same."""
    conductor = Conductor(Fleet)
    first = conductor.speaks(OLD)
    assert conductor.speaks(dict(OLD)) is first
    assert conductor.speaks(dict(reversed(OLD.items()))) == first
    assert conductor.speaks({"FleetBunk": ["1.1", "1.0"]})["FleetBunk"] == "1.1"
    long = {"x" * 5_000: "1.0"}
    assert conductor.speaks(long) is not conductor.speaks(long)
    for number in range(300):
        conductor.speaks({"FleetBunk": f"1.{number}"})
    assert conductor.speaks(OLD) == first
