"""Tokens, deadlines and room: who is let in, for how long, and how many."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conductor import fleet_now
from tests.conductor.asgi import OLD, app_of, asked, asking, got, payload
from tests.conductor.processes import ANNA, until
from vobj import UsageError
from vobj.conductor import Conductor
from vobj.conductor.guard import Tokens
from vobj.conductor.http import ConductorApp
from vobj.conductor.journal import JsonLines

TOKEN, NEXT = "t" * 20, "another-token-for-rotation"
REQUEST = {"payload": payload(), "manifest": OLD}


def rule(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["rule"]


@pytest.mark.parametrize(
    "sent",
    ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x",
     f"Bearer {TOKEN.upper()}", "Bearer \xff\xfe"],
)  # fmt: skip
def test_a_wrong_token_is_refused(sent: str) -> None:
    """Whatever is not a token, nothing of the request is read, and a page is no way around."""
    app = app_of(tokens=[TOKEN, NEXT])
    headers = {"authorization": sent.encode("latin-1")}
    answer = asked(app, "/v1/backport", REQUEST, headers=headers)
    assert rule(answer) == (401, "conductor/token")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert got(app, "/metrics", headers=headers).status_code == 401
    assert got(app, "/nowhere", headers=headers).status_code == 401
    assert asked(app, "/v1/backport", REQUEST).status_code == 401


@pytest.mark.parametrize("sent", [f"Bearer {TOKEN}", f"bearer   {NEXT}"])
def test_a_right_token_is_let_in(sent: str) -> None:
    """Each of several tokens counts; probes need none."""
    app = app_of(tokens=[TOKEN, NEXT])
    answer = asked(app, "/v1/backport", REQUEST, headers={"authorization": sent})
    assert answer.status_code == 200
    assert got(app, "/healthz").status_code == got(app, "/readyz").status_code == 200


def test_tokens_of_a_file(tmp_path: Path) -> None:
    """A token a line, for nobody else's eyes."""
    path = tmp_path / "tokens"
    path.write_text(f"# of the api\n{TOKEN}\n\n{NEXT}\n")
    path.chmod(0o600)
    tokens = Tokens.read(path)
    assert tokens.admit(f"Bearer {NEXT}".encode())
    assert not tokens.admit(b"Bearer # of the api")
    path.chmod(0o644)
    with pytest.raises(UsageError, match="by everyone"):
        Tokens.read(path)


@pytest.mark.parametrize("text", ["", "# none\n", "short\n", f"{TOKEN}\nshort\n"])
def test_a_file_without_real_tokens(tmp_path: Path, text: str) -> None:
    """No token, or one that can be guessed, is a mistake."""
    path = tmp_path / "tokens"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(UsageError, match="at least 16"):
        Tokens.read(path)


class Gate:
    """Lets the tests hold a method for as long as they like."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()
        monkeypatch.setattr(fleet_now, "time", self)

    def sleep(self, _seconds: float) -> None:
        assert self.open.wait(30)


@pytest.fixture
def gate(database: Path, monkeypatch: pytest.MonkeyPatch) -> Gate:
    fleet_now.store(ANNA)
    return Gate(monkeypatch)


def nap() -> dict[str, Any]:
    boat = fleet_now.FleetBoat.get({}, ANNA).obj_to_primitive()
    return {"payload": boat, "method": "nap", "args": [1]}


def busy_app(**settings: Any) -> ConductorApp:
    return app_of(Conductor(fleet_now.Fleet), **{"concurrency": 1, "queue": 1, **settings})


async def _when(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def test_the_queue_is_bounded(gate: Gate) -> None:
    """One is worked on, one waits, the third is refused at once; those two are answered."""
    app = busy_app()

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        first = asyncio.create_task(client.post("/v1/action", json=nap()))
        await _when(lambda: app.desk.places.working == 1)
        second = asyncio.create_task(client.post("/v1/action", json=nap()))
        await _when(lambda: app.desk.places.taken == 2)
        third = await client.post("/v1/action", json=nap())
        ready = await client.get("/readyz")
        health = await client.get("/healthz")
        gate.open.set()
        return [third, ready, health, await first, await second]

    third, ready, health, *served = asking(app, talk)
    assert rule(third) == (503, "conductor/busy")
    assert third.headers["retry-after"] == "1"
    assert (ready.status_code, ready.json()["waiting"], health.status_code) == (503, 1, 200)
    assert [one.json()["result"] for one in served] == ["rested", "rested"]
    assert 'refusals_total{reason="busy"} 1.0' in got(app, "/metrics").text


def test_a_deadline_in_the_queue(gate: Gate) -> None:
    """Who waited for nothing is told that nothing was begun; nothing ever is."""
    app = busy_app()

    async def talk(client: httpx.AsyncClient) -> httpx.Response:
        first = asyncio.create_task(client.post("/v1/action", json=nap()))
        await _when(lambda: app.desk.places.working == 1)
        request = {**nap(), "method": "rename", "args": ["Never"]}
        late = await client.post("/v1/action", json=request, headers={"vobj-timeout": "0.05"})
        gate.open.set()
        assert (await first).is_success
        return late

    late = asking(app, talk)
    assert rule(late) == (503, "conductor/busy")
    assert "nothing was begun" in late.json()["error"]["message"]
    until(lambda: app.desk.places.taken == 0, "a place was not given back")


def test_a_deadline_in_the_method(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """The caller is told that it may still be done; the place is kept and the end is logged."""
    caplog.set_level(logging.INFO)
    app = busy_app()
    late = asked(app, "/v1/action", nap(), headers={"vobj-timeout": "0.05"})
    assert rule(late) == (504, "conductor/slow")
    assert app.desk.state()["late"] == 1
    assert "vobj_conductor_late 1.0" in got(app, "/metrics").text
    assert "outlives its deadline of 0.05 s and keeps its place" in caplog.text
    gate.open.set()
    until(lambda: app.desk.places.taken == 0, "the place was not given back")
    until(lambda: "s after its deadline" in caplog.text, "the end was not logged")
    assert fleet_now.stored(ANNA)["name"] == "rested"


def test_nothing_piles_up_behind_methods_that_hang(gate: Gate) -> None:
    """Requests whose time was over while no thread was free leave nothing behind."""
    app = busy_app(timeout=0.05)
    assert asked(app, "/v1/action", nap()).status_code == 504
    for _ in range(20):
        assert rule(asked(app, "/v1/action", nap())) == (503, "conductor/busy")
    assert app.desk.places.taken == 1
    gate.open.set()
    until(lambda: app.desk.places.taken == 0, "the place was not given back")
    assert asked(app, "/v1/action", {**nap(), "method": "who", "args": []}).is_success


@pytest.mark.parametrize("sent", ["soon", "-1", "nan", ""])
def test_a_deadline_is_a_number(sent: str) -> None:
    """What is no length of time is no deadline."""
    answer = asked(app_of(), "/v1/backport", REQUEST, headers={"vobj-timeout": sent})
    assert rule(answer) == (400, "conductor/request")


def test_a_closed_desk_takes_nothing_in(gate: Gate) -> None:
    """While it drains it serves and is not ready; closed, it refuses and finishes what is in."""
    app = busy_app()

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        first = asyncio.create_task(client.post("/v1/action", json=nap()))
        await _when(lambda: app.desk.places.working == 1)
        app.desk.drain()
        ready = await client.get("/readyz")
        served = await client.post("/v1/backport", json=REQUEST)
        app.desk.close()
        refused = await client.post("/v1/backport", json=REQUEST)
        gate.open.set()
        return [ready, served, refused, await first]

    ready, served, refused, first = asking(app, talk)
    assert (ready.status_code, ready.json()["draining"], served.status_code) == (503, True, 200)
    assert rule(refused) == (503, "conductor/busy")
    assert first.json()["result"] == "rested"


def test_a_log_of_json(database: Path) -> None:
    """One object a line, with who asked, for what, and what came of it."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep()
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("vobj.conductor")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        headers = {"vobj-service": "api", "vobj-host": "kim"}
        asked(app_of(), "/v1/backport", REQUEST, headers=headers)
        fleet_now.store(ANNA)
        asked(app_of(), "/v1/action", {**nap(), "method": "sink", "args": []})
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    first, *_, failure, last = map(json.loads, lines)
    told = {"operation": "backport", "status": 200, "rule": "-", "service": "api", "host": "kim",
            "object": "FleetBunk", "from": "1.1", "to": "1.0", "transport": "http"}  # fmt: skip
    assert first.items() >= told.items()
    assert first["ms"] >= 0
    assert "ZeroDivisionError" in failure["exception"]
    assert (last["method"], last["rule"]) == ("sink", "conductor/failed")
