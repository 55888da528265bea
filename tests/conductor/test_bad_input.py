"""What a peer should not send to a conductor, and the answer it gets."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.conductor import fleet_now
from tests.conductor.processes import ANNA, Running
from vobj import Manifest

Request = dict[str, Any]
TODAY = Manifest({"FleetBoat": "1.2", "FleetBunk": "1.1"})


def boat(version: str = "1.0", name: str = "FleetBoat", **data: Any) -> Request:
    """The payload of an old caller, written by hand."""
    whole = {"uuid": ANNA, "name": "Anna", "pace": 10, "engine": "sail", "bunks": [], **data}
    return {
        "fleet_object.name": name, "fleet_object.namespace": "fleet",
        "fleet_object.version": version, "fleet_object.data": whole,
    }  # fmt: skip


WITHOUT_BUNKS = boat()
del WITHOUT_BUNKS["fleet_object.data"]["bunks"]


def action(**parts: Any) -> Request:
    return {"payload": boat(), "method": "who", **parts}


def class_action(**parts: Any) -> Request:
    manifest = {"FleetBoat": "1.0", "FleetBunk": "1.0"}
    return {"name": "FleetBoat", "method": "get", "manifest": manifest, "args": [ANNA], **parts}


def post(conductor: Running, path: str, body: bytes) -> tuple[int, Request]:
    with conductor.http() as http:
        answer = http.post(path, content=body)
    return answer.status_code, answer.json()


def refused(conductor: Running, path: str, request: object) -> tuple[int, str]:
    """The status and the rule of a refusal."""
    status, told = post(conductor, path, json.dumps(request).encode())
    assert set(told) == {"error"}, told
    assert "Traceback" not in told["error"]["message"]
    return status, told["error"]["rule"]


@pytest.fixture(autouse=True)
def stored(database: object) -> None:
    fleet_now.store(ANNA)


@pytest.mark.parametrize(
    "method",
    [
        "scuttle", "_secret", "tempting", "__init__", "__class__", "__reduce__", "obj_load_attr",
        "obj_from_primitive", "get", "uuid", "save.__globals__", "save\n", " save", "",
        "save\u00ad",
    ],
)  # fmt: skip
def test_only_marked_methods_are_called(conductor: Running, method: str) -> None:
    """Whatever is no remotable method of objects is unknown, by whatever name it is asked for."""
    assert refused(conductor, "/v1/action", action(method=method)) == (404, "conductor/method")


@pytest.mark.parametrize("method", ["save", "scuttle", "obj_name", "__subclasses__", "mro"])
def test_only_marked_class_methods_are_called(conductor: Running, method: str) -> None:
    """Whatever is no remotable class method is unknown to a class action."""
    request = class_action(method=method)
    assert refused(conductor, "/v1/class-action", request) == (404, "conductor/method")


@pytest.mark.parametrize("name", ["Nothing", "StrangerBoat", "object", "../fleet", ""])
def test_only_registered_classes_of_the_base_are_found(conductor: Running, name: str) -> None:
    """A class that is not registered, or is outside the base, is unknown."""
    for path, request in (
        ("/v1/action", action(payload=boat(name=name))),
        ("/v1/class-action", class_action(name=name, manifest={name or "x": "1.0"})),
        ("/v1/backport", {"payload": boat(name=name), "manifest": {"FleetBoat": "1.0"}}),
    ):
        status, rule = refused(conductor, path, request)
        assert (status, rule) in {(404, "payload/class"), (400, "manifest/object-unnamed")}, path


@pytest.mark.parametrize(
    ("version", "status", "rule"),
    [
        ("1.9", 422, "version/newer"),
        ("2.0", 422, "version/newer"),
        ("one", 400, "version/malformed"),
        ("1.0.0.0", 400, "version/malformed"),
        ("-1.0", 400, "version/malformed"),
        ("9" * 5000 + ".0", 400, "version/malformed"),
    ],
)
def test_a_forged_version_is_refused(
    conductor: Running, version: str, status: int, rule: str
) -> None:
    """A version that does not exist here is refused; a newer one is answered with our manifest."""
    request = action(payload=boat(version))
    assert refused(conductor, "/v1/action", request) == (status, rule)


def test_a_newer_payload_is_told_the_manifest(conductor: Running) -> None:
    """The refusal of a newer payload says what the conductor speaks."""
    body = json.dumps(action(payload=boat("1.9"))).encode()
    _, told = post(conductor, "/v1/action", body)
    assert told["error"]["manifest"] == {"FleetBoat": "1.2", "FleetBunk": "1.1"}


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "payload/malformed"),
        (b"\x82\xa1", "payload/malformed"),
        (b"{", "payload/malformed"),
        (b"<xml/>", "payload/malformed"),
        (b"null", "conductor/request"),
        (b"[]", "conductor/request"),
        (b"{}", "conductor/request"),
        (b'{"payload": 1}', "conductor/request"),
        (b'{"payload": {}, "method": "save"}', "payload/envelope"),
        (b'{"payload": {"fleet_object.name": "FleetBoat"}, "method": "x"}', "payload/envelope"),
    ],
)
def test_a_body_that_is_no_request_is_malformed(conductor: Running, body: bytes, rule: str) -> None:
    """Whatever is no request is a 400 with the rule that it breaks."""
    status, told = post(conductor, "/v1/action", body)
    assert (status, told["error"]["rule"]) == (400, rule)


@pytest.mark.parametrize(
    ("parts", "status", "rule"),
    [
        ({"args": {}}, 400, "conductor/request"),
        ({"kwargs": []}, 400, "conductor/request"),
        ({"context": "root"}, 400, "conductor/request"),
        ({"manifest": []}, 400, "conductor/request"),
        ({"manifest": {"FleetBoat": "x"}}, 400, "manifest/version"),
        ({"manifest": {"FleetBoat": 1}}, 400, "manifest/version"),
        ({"manifest": {str(one): "1.0" for one in range(10_001)}}, 413, "manifest/limit"),
        ({"args": ["too", "many"]}, 400, "conductor/arguments"),
        ({"kwargs": {"self": 1}}, 400, "conductor/arguments"),
        ({"payload": boat(pace="fast")}, 400, "payload/value"),
        ({"payload": boat(uuid=None)}, 400, "payload/value"),
        ({"payload": boat(bunks=[{}])}, 400, "payload/envelope"),
        ({"payload": boat(bunks=[boat()])}, 400, "payload/value"),
        ({"method": "strange", "payload": WITHOUT_BUNKS}, 500, "conductor/failed"),
    ],
)
def test_a_wrong_part_is_refused(
    conductor: Running, parts: Request, status: int, rule: str
) -> None:
    """Each part of a request is checked before its method runs."""
    assert refused(conductor, "/v1/action", action(**parts)) == (status, rule)


def test_a_manifest_of_100_000_entries_is_refused(conductor: Running) -> None:
    """A manifest over the limit of entries or bytes is refused, at once."""
    manifest = {f"o{one}": "1.0" for one in range(100_000)}
    started = time.monotonic()
    for path, request in (
        ("/v1/backport", {"payload": boat("1.2"), "manifest": manifest}),
        ("/v1/action", action(manifest=manifest)),
        ("/v1/class-action", class_action(manifest=manifest)),
    ):
        assert refused(conductor, path, request) == (413, "payload/size")
    assert time.monotonic() - started < 10


def test_depth_is_limited(conductor: Running) -> None:
    """A request that is nested more deeply than the limits allow is not parsed."""
    body = b'{"payload": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}"
    status, told = post(conductor, "/v1/action", body)
    assert (status, told["error"]["rule"]) == (413, "payload/depth")


def test_a_body_over_the_limit_is_refused_while_it_arrives(conductor: Running) -> None:
    """The size of a body is limited whether or not it was announced; the rest is never kept."""
    status, told = post(conductor, "/v1/action", b" " * 250_000)
    assert (status, told["error"]["rule"]) == (413, "payload/size")
    with conductor.http() as http:
        answer = http.post("/v1/action", content=(b" " * 5_000 for _ in range(60)))
    assert (answer.status_code, answer.json()["error"]["rule"]) == (413, "payload/size")


def test_an_endless_body_is_cut_off(conductor: Running) -> None:
    """A sender that never stops is answered after twice the limit."""
    head = b"POST /v1/action HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"2710\r\n" + b" " * 10_000 + b"\r\n"
    sent = 0
    with conductor.socket() as peer:
        peer.sendall(head)
        try:
            for _ in range(2_000):
                peer.sendall(chunk)
                sent += 10_000
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 10_000_000
    assert refused(conductor, "/v1/action", action(method="no")) == (404, "conductor/method")


@pytest.mark.parametrize(
    ("bomb", "status", "rule"),
    [
        (b"\xdd\xff\xff\xff\xff", 413, "payload/count"),
        (b"\x81\xa7payload\xdf\xff\xff\xff\xff", 413, "payload/count"),
        (b"\x81\xa7payload\xc6\xff\xff\xff\xff", 400, "payload/malformed"),
        (b"\x91" * 5_000 + b"\xc0", 413, "payload/depth"),
        (b"\x81\xa1x" * 5_000 + b"\xc0", 413, "payload/depth"),
        (b"[" + b"1," * 90_000 + b"1]", 400, "conductor/request"),
    ],
)
@pytest.mark.parametrize("raw", [False, True])
def test_a_payload_bomb_is_refused(
    conductor: Running, bomb: bytes, status: int, rule: str, raw: bool
) -> None:
    """A few bytes that claim to be much are refused by what is there, in any form."""
    headers = {"content-type": "application/vnd.vobj", "vobj-fingerprint": TODAY.fingerprint}
    with conductor.http() as http:
        known = {"payloads": [], "manifest": TODAY.to_dict(), "fingerprint": TODAY.fingerprint}
        assert http.post("/v1/backport", json=known).status_code == 200
        answer = http.post("/v1/backport", content=bomb, headers=headers if raw else {})
    if raw and rule == "conductor/request":
        rule = "payload/envelope"
    assert (answer.status_code, answer.json()["error"]["rule"]) == (status, rule)


def test_other_paths_and_methods_answer_in_json(conductor: Running) -> None:
    """What is not served is told as JSON as well."""
    with conductor.http() as http:
        for answer, status in ((http.get("/"), 404), (http.get("/v1/action"), 405)):
            assert answer.status_code == status
            assert answer.json()["error"]["rule"] == "conductor/request"


def test_health_and_readiness(conductor: Running) -> None:
    """A conductor tells that it lives, and how busy it is."""
    with conductor.http() as http:
        assert http.get("/healthz").json() == {"status": "ok"}
        ready = http.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)


def test_a_log_line_cannot_be_forged(conductor: Running) -> None:
    """What a peer sends stays on one line of the log, cut and escaped."""
    name = "x\n2026 INFO forged" + "y" * 500
    refused(conductor, "/v1/action", action(method=name))
    lines = conductor.log.read_text().splitlines()
    told = [line for line in lines if "forged" in line]
    assert len(told) == 1
    assert "\\n2026 INFO forged" in told[0]
    assert len(told[0]) < 400


def test_old_bytes_are_backported_without_a_caller(conductor: Running) -> None:
    """A payload of today comes back in the versions of a manifest."""
    bunk = boat("1.1", "FleetBunk")
    bunk["fleet_object.data"] = {"number": 1, "notes": "n"}
    today = boat("1.2", speed=3, owner="Eva", bunks=[bunk])
    del today["fleet_object.data"]["pace"]
    request = {"payload": today, "manifest": {"FleetBoat": "1.0", "FleetBunk": "1.0"}}
    status, told = post(conductor, "/v1/backport", json.dumps(request).encode())
    data = told["payload"]["fleet_object.data"]
    assert (status, data["pace"], "owner" in data) == (200, 3, False)
    assert data["bunks"][0]["fleet_object.data"] == {"number": 1}
