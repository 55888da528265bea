"""A node without a database: it announces itself to a conductor, and follows its pin."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

import vobj
from tests.fleet.conftest import serving
from tests.fleet.yard import NEW, OLD, a_dock
from vobj.errors import FleetError, ManifestError, UsageError
from vobj.fleet import Fleet, RemoteFleet
from vobj.fleet.registry import registry_routes

INSTANCE = "0" * 32
GOOD = {"service": "dock", "host": "h1", "release": "1", "manifest": {"YardDock": "1.2"},
        "wires": ["json"], "instance": INSTANCE, "lease": 60}  # fmt: skip


@pytest.fixture
def http(fleet: Fleet) -> Iterator[httpx.Client]:
    """A client of an app that serves the fleet."""
    app = Starlette(routes=list(registry_routes(fleet)))
    with serving(app) as address, httpx.Client(base_url=address) as made:
        yield made


@pytest.fixture
def remote(http: httpx.Client) -> RemoteFleet:
    return RemoteFleet(http, refresh=1e-9)


def test_a_node_announces_itself(fleet: Fleet, remote: RemoteFleet) -> None:
    """It is live like any other, holds the pin, and is gone when it withdraws."""
    fleet.announce("new", NEW)
    with remote.announce("dock", OLD, host="node", release="1", wires=["json"]) as lease:
        lease.renew()
        told = {one["service"]: one for one in fleet.status()["services"]}["dock"]
        assert (told["host"], told["release"], told["wires"]) == ("node", "1", ["json"])
        assert fleet.pin() == OLD
    assert fleet.pin() == NEW


def test_a_node_follows_the_pin(fleet: Fleet, remote: RemoteFleet) -> None:
    """Its codec sends what all live services read, as they come and go."""
    codec = vobj.Codec("primitive", to=remote.pin)
    fleet.announce("new", NEW, wires=["packed"])
    assert codec.encode(a_dock())["versioned_object.version"] == "1.4"
    assert remote.pin() is remote.pin()
    assert (remote.wire(), remote.pin.source) == ("packed", "conductor")
    fleet.announce("old", OLD, wires=["json"])
    assert codec.encode(a_dock())["versioned_object.version"] == "1.2"
    assert remote.wire("json") == "json"


def test_what_the_record_lost_is_announced_again(fleet: Fleet, remote: RemoteFleet) -> None:
    lease = remote.announce("dock", OLD)
    fleet.registry.withdraw(lease.announced.instance)
    assert fleet.status()["services"] == []
    lease.renew()
    assert len(fleet.status()["services"]) == 1


def test_no_number_of_an_instance_is_shown(fleet: Fleet, remote: RemoteFleet) -> None:
    """Who looks at the fleet cannot withdraw a service of somebody else."""
    lease = remote.announce("dock", OLD)
    assert lease.announced.instance not in str(fleet.status())


def test_nobody_has_announced_anything(remote: RemoteFleet) -> None:
    with pytest.raises(FleetError, match="No live service has announced") as caught:
        remote.pin()
    assert caught.value.rule == "fleet/empty"
    assert remote.wire() == "msgpack"


def test_a_conductor_that_goes_away(fleet: Fleet) -> None:
    """The last pin stays and says why; without one there is an error."""
    fleet.announce("old", OLD, wires=["packed"])
    app = Starlette(routes=list(registry_routes(fleet)))
    with httpx.Client() as client:
        with serving(app) as address:
            client.base_url = httpx.URL(address)
            remote = RemoteFleet(client, refresh=1e-9)
            assert remote.pin() == OLD
        assert remote.pin() == OLD
        trouble = remote.pin.state().trouble
        assert trouble is not None
        assert (trouble.error.rule, remote.wire()) == ("fleet/away", "packed")
        with pytest.raises(FleetError, match="No conductor answers for the fleet"):
            RemoteFleet(client).pin()


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("<html>", 200, "No conductor answers for the fleet"),
        ("[]", 200, "HTTP 200"),
        ("{}", 500, "HTTP 500"),
        ("{}", 404, "HTTP 404"),
        ('{"manifest": {"A": 1}}', 200, "The conductor gave no pin: Expected a version"),
        ('{"error": {"rule": "what", "message": "no"}}', 400, "no"),
        ('{"error": {"rule": 7}}', 503, "None"),
    ],
)
def test_what_answers_is_no_conductor(text: str, status: int, message: str) -> None:
    """Whatever it is, the record of the fleet cannot be reached by it."""

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=text)

    with (
        httpx.Client(transport=httpx.MockTransport(answer), base_url="http://c") as client,
        pytest.raises(FleetError, match=message) as caught,
    ):
        RemoteFleet(client).pin()
    assert caught.value.rule == "fleet/away"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"service": None}, "fleet/announcement"),
        ({"service": "a\nb"}, "fleet/announcement"),
        ({"host": ""}, "fleet/announcement"),
        ({"manifest": {}}, "fleet/announcement"),
        ({"manifest": [1]}, "fleet/announcement"),
        ({"manifest": {"A": "x"}}, "manifest/version"),
        ({"manifest": {f"O{number}": "1.0" for number in range(100_000)}}, "manifest/limit"),
        ({"wires": [1]}, "fleet/announcement"),
        ({"wires": [[]]}, "fleet/announcement"),
        ({"instance": "x"}, "fleet/announcement"),
        ({"lease": 1e9}, "fleet/announcement"),
        ({"lease": True}, "fleet/announcement"),
        ({"lease": "60"}, "fleet/announcement"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_bad_announcements(
    http: httpx.Client, fleet: Fleet, changed: dict[str, Any], rule: str
) -> None:
    """Each is refused by its rule, and nothing of it is kept."""
    answer = http.post("/v1/fleet/announce", json={**GOOD, **changed})
    assert (answer.status_code, answer.json()["error"]["rule"]) == (400, rule)
    assert fleet.status()["services"] == []


def test_a_good_announcement(http: httpx.Client, fleet: Fleet) -> None:
    assert http.post("/v1/fleet/announce", json=GOOD).status_code == 200
    assert len(fleet.status()["services"]) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 200_000])
def test_bodies_that_are_none(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/v1/fleet/announce", content=body)
    assert (answer.status_code, answer.json()["error"]["rule"]) == (400, "fleet/announcement")


def test_a_body_without_end(http: httpx.Client) -> None:
    """It is read no further than its limit."""

    def endless() -> Iterator[bytes]:
        for _ in range(5):
            yield b" " * 2**20

    answer = http.post("/v1/fleet/announce", content=endless())
    assert (answer.status_code, answer.json()["error"]["rule"]) == (413, "payload/size")


def test_errors_come_back_as_they_were(remote: RemoteFleet, http: httpx.Client) -> None:
    """What the conductor refuses is raised on the node by the same rule."""
    with pytest.raises(ManifestError, match="Expected a version") as caught:
        remote._registry.ask("POST", "announce", {**GOOD, "manifest": {"A": "x"}})
    assert caught.value.rule == "manifest/version"
    with pytest.raises(UsageError, match="Expected 'instance' in 32"):
        remote._registry.renew("x", 1)


def test_a_node_needs_no_database_library() -> None:
    """SQLAlchemy is not loaded by what a node without a database uses."""
    code = "import sys, vobj.fleet; vobj.fleet.RemoteFleet; print('sqlalchemy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
