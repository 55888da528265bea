"""The routes of the page: what they answer, also while the record is away."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.fleet.conftest import MakeFleet
from tests.fleet.yard import NEW, OLD
from vobj.fleet import Fleet, web


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def client(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fleet")


def app_of(fleet: Fleet) -> Starlette:
    return Starlette(routes=list(web.routes(fleet, seconds=1e-9)))


@pytest.mark.anyio
async def test_the_document(fleet: Fleet) -> None:
    """`/fleet.json` is what `Fleet.status` gives, and is not kept by anybody."""
    fleet.announce("dock", OLD, host="h1")
    async with client(app_of(fleet)) as http:
        answer = await http.get("/fleet.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    told = {name: value for name, value in answer.json().items() if name not in ("at", "history")}
    assert told == {name: fleet.status()[name] for name in told}


@pytest.mark.anyio
async def test_the_document_is_made_once_for_many(fleet: Fleet) -> None:
    """However many look, the record is read once per interval."""

    class Told:
        made = 0

        def status(self) -> dict[str, Any]:
            self.made += 1
            return fleet.status()

    told = Told()
    async with client(Starlette(routes=list(web.routes(told, seconds=3600)))) as http:
        answers = [await http.get("/fleet.json") for _ in range(10)]
    assert {one.text for one in answers} == {answers[0].text}
    assert told.made == 1


@pytest.mark.anyio
async def test_while_the_record_is_away(fleet: Fleet, tmp_path: Path) -> None:
    """The last document stays, with the reason; without any there is an error with its rule."""
    fleet.announce("dock", OLD, host="h1")
    async with client(app_of(fleet)) as http:
        before = (await http.get("/fleet.json")).json()
        fleet.close()
        for one in tmp_path.glob("fleet.sqlite*"):
            one.unlink()
        (tmp_path / "fleet.sqlite").mkdir()
        after = (await http.get("/fleet.json")).json()
        assert after.pop("away")["rule"] == "fleet/away"
        assert after == before
    async with client(app_of(fleet)) as http:
        answer = await http.get("/fleet.json")
    assert answer.status_code == 503
    assert answer.json()["error"]["rule"] == "fleet/away"


@pytest.mark.anyio
async def test_the_page_behind_a_prefix(fleet: Fleet) -> None:
    """It asks for nothing but the document beside it, so it can be mounted anywhere."""
    app = Starlette(routes=[Mount("/conductor", routes=list(web.routes(fleet)))])
    async with client(app) as http:
        answer = await http.get("/conductor/")
        assert answer.status_code == 200
        assert (await http.get("/conductor/fleet.json")).status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert 'fetch("fleet.json"' in answer.text


@pytest.mark.anyio
async def test_only_the_scripts_of_the_page_run(fleet: Fleet) -> None:
    """The policy names each script and style by its hash, and allows no other source."""
    async with client(app_of(fleet)) as http:
        answer = await http.get("/")
    policy = dict(
        one.split(" ", 1) for one in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    for tag in ("script", "style"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert policy[f"{tag}-src"] == f"'sha256-{digest}'"
        assert answer.text.count(f"<{tag}") == 1


def test_the_page_is_alone() -> None:
    """It loads nothing from anywhere, and parses no text as HTML."""
    text = (Path(web.__file__).parent / "page.html").read_text()
    addresses = set(re.findall(r"[a-z]+://[^\s\"'<]+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a namespace, which nobody fetches
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert forbidden not in text


def test_the_document_has_limits(make_fleet: MakeFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services, backports and history beyond a limit are left off, and that is told."""
    from vobj.fleet import report

    monkeypatch.setattr(report, "SERVICES", 5)
    monkeypatch.setattr(report, "BACKPORTS", 3)
    monkeypatch.setattr(report, "HISTORY_ENTRIES", 2)
    fleet = make_fleet()
    for number in range(8):
        fleet.announce("dock", OLD if number else NEW | {"YardPort": "1.0"}, host=f"h{number}")
        fleet.backports.note(("dock", f"h{number}"), "YardDock", "1.4", "1.2")
    fleet.backports.flush()
    told = fleet.status()
    assert (len(told["services"]), len(told["backports"])) == (5, 3)
    assert list(told["history"]["manifests"]) == [OLD.fingerprint]
    assert told["left_off"] == {"services": True, "backports": True, "history": True}
    json.dumps(told)
