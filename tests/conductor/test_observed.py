"""Who asks for which backports: what observers, metrics and the log are told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.conductor import fleet_now
from tests.conductor.asgi import OLD, app_of, asked, asking, got, payload
from tests.conductor.fleet_now import Fleet
from tests.conductor.processes import ANNA
from vobj.conductor import Backport, Caller, Conductor
from vobj.conductor.observed import NOBODY, Lowered, Tally

KIM = {"vobj-service": "api", "vobj-host": "kim"}
BUNK = Backport(Caller("api", "kim"), "FleetBunk", "1.1", "1.0")


class Told:
    """An observer with a memory."""

    def __init__(self) -> None:
        self.counts: Counter[Backport] = Counter()
        self.batches = 0
        self.seen = threading.Event()

    def backported(self, counts: Mapping[Backport, int]) -> None:
        self.counts.update(counts)
        self.batches += 1
        self.seen.set()


class Broken:
    """An observer whose database is away."""

    def backported(self, counts: Mapping[Backport, int]) -> None:
        raise OSError("away")


def test_an_observer_is_told_in_batches() -> None:
    """Many backports are one call, soon after and in a thread of its own."""
    told = Told()
    app = app_of(Conductor(Fleet, observer=told))
    request = {"payloads": [payload()] * 20, "manifest": OLD}
    assert asked(app, "/v1/backport", request, headers=KIM).is_success
    assert told.seen.wait(20)
    assert (told.counts, told.batches) == ({BUNK: 20}, 1)


def test_what_is_not_older_is_not_counted() -> None:
    """A payload that its caller reads as it is, is no backport."""
    told = Told()
    app = app_of(Conductor(Fleet, observer=told))
    asked(app, "/v1/backport", {"payload": payload(), "manifest": {"FleetBunk": "1.1"}})
    app.desk.conductor.tally.flush()
    assert told.batches == 0


def test_answers_of_methods_count(database: Path) -> None:
    """What a method gives to an older caller leaves as a backport too."""
    fleet_now.store(ANNA)
    told = Told()
    app = app_of(Conductor(Fleet, observer=told))
    request = {"name": "FleetBoat", "method": "get", "manifest": OLD, "args": [ANNA]}
    assert asked(app, "/v1/class-action", request, headers=KIM).is_success
    app.desk.conductor.tally.flush()
    boat = Backport(Caller("api", "kim"), "FleetBoat", "1.2", "1.0")
    assert told.counts == {boat: 1, BUNK: 2}


def test_an_observer_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """Requests are answered, other observers are told, and the log tells."""
    told = Told()
    conductor = Conductor(Fleet, observer=Broken())
    conductor.tally.tell(told)
    conductor.backport({}, payload(), manifest=OLD)
    conductor.tally.flush()
    assert told.counts == {BUNK._replace(caller=NOBODY): 1}
    assert "An observer of backports failed" in caplog.text


def test_invented_callers_fill_no_memory() -> None:
    """Beyond a number of different counts the caller is left out; nothing is lost."""
    told = Told()
    tally = Tally(seconds=3_600)
    tally.tell(told)
    for number in range(10_500):
        tally.add(Caller("x", str(number)), [(Lowered("Boat", "1.1", "1.0"), 1)])
    tally.flush()
    assert len(told.counts) == 10_001
    assert told.counts.total() == 10_500


@pytest.mark.parametrize(
    ("given", "caller"),
    [
        ({"service": "api", "host": "kim"}, Caller("api", "kim")),
        ({"service": "a b\n", "host": "x" * 100}, Caller("a_b\\n", "x" * 64)),
        ({"service": 5, "host": None}, NOBODY),
        ("api", NOBODY),
        (None, NOBODY),
    ],
)
def test_callers_name_themselves(given: object, caller: Caller) -> None:
    """A name is short and printable; what is no name is none."""
    assert Caller.told(given) == caller


def test_metrics() -> None:
    """Requests, errors, backports and what is kept, as Prometheus reads them."""
    app = app_of(Conductor(Fleet))

    async def talk(client: httpx.AsyncClient) -> str:
        for _ in range(3):
            request = {"payload": payload(), "manifest": OLD}
            await client.post("/v1/backport", json=request, headers=KIM)
        await client.post("/v1/action", json={"payload": payload(), "method": "no"})
        await client.post("/v1/backport", content=b"{")
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        return answer.text

    lines = asking(app, talk).splitlines()
    requests = 'vobj_conductor_requests_total{operation="%s",outcome="%s",transport="http"} %s'
    backports = '{caller="api",object="FleetBunk",source="1.1",target="1.0"} 3.0'
    for line in (
        requests % ("backport", "ok", "3.0"),
        requests % ("backport", "refused", "1.0"),
        requests % ("action", "refused", "1.0"),
        'vobj_conductor_errors_total{rule="conductor/method"} 1.0',
        'vobj_conductor_errors_total{rule="payload/malformed"} 1.0',
        f"vobj_conductor_backports_total{backports}",
        'vobj_conductor_cache_total{result="hit"} 2.0',
        "vobj_conductor_working 0.0",
        'vobj_conductor_request_seconds_count{operation="backport",transport="http"} 4.0',
    ):
        assert line in lines


def test_labels_are_bounded() -> None:
    """A peer that invents services makes no new lines without end."""
    app = app_of(Conductor(Fleet))

    async def talk(client: httpx.AsyncClient) -> str:
        for number in range(300):
            headers = {"vobj-service": f"invented-{number}"}
            request = {"payload": payload(), "manifest": OLD}
            await client.post("/v1/backport", json=request, headers=headers)
        return (await client.get("/metrics")).text

    lines = [line for line in asking(app, talk).splitlines() if "backports_total{" in line]
    assert len(lines) == 201
    assert sum(float(line.rpartition(" ")[2]) for line in lines) == 300


def test_more_pages() -> None:
    """Routes of others stand beside the conductor's own."""

    async def page(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("a page")

    app = app_of(routes=[Route("/", page)])
    assert got(app, "/").text == "a page"
    assert got(app, "/healthz").json() == {"status": "ok"}
    assert got(app, "/nowhere").json()["error"]["rule"] == "conductor/request"
