"""A conductor inside an ASGI service of the user's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conductor import fleet_now
from tests.conductor.processes import ANNA, HERE, SECONDS, Node, environment, free_port, until
from vobj import Limits, UsageError
from vobj.conductor import Conductor
from vobj.conductor.http import conductor_app

GET = f"b = Boat.get({{'user': 'kim'}}, {ANNA!r})\n"


@pytest.fixture
def service(database: Path) -> Iterator[str]:
    """The URL of the running service."""
    fleet_now.store(ANNA)
    url = f"http://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--log-level", "warning", "fleet_api:app",
         "--port", url.rpartition(":")[2]],
        cwd=HERE, env=environment(FLEET_DB=str(database)),
    )  # fmt: skip
    until(lambda: _answers(url) or process.poll() is not None, "the service did not start")
    yield url
    process.terminate()
    process.wait(SECONDS)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/hello", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_a_mounted_conductor(service: str, node: Node) -> None:
    """Clients find a mounted conductor under its path, and the service makes the context."""
    node.connect(f"{service}/conductor")
    assert node.run(GET + "answer = b.who()")["context"] == {"trusted": False, "user": "kim"}
    node.connect(service.removeprefix("http://"), mounted_at="/conductor")
    node.run("b.pace = 13; b.save()")
    assert fleet_now.stored(ANNA)["speed"] == 13
    assert httpx.get(f"{service}/hello", trust_env=False).text == "hello"
    assert httpx.get(f"{service}/conductor/readyz", trust_env=False).json()["ready"] is True
    lost = httpx.get(f"{service}/conductor/nowhere", trust_env=False)
    assert (lost.status_code, lost.json()["error"]["rule"]) == (404, "conductor/request")


def test_a_path_without_a_conductor(service: str, node: Node) -> None:
    """A client that asks at the wrong path is told that no conductor answers there."""
    node.connect(service)
    assert node.fail(GET)["rule"] == "conductor/answer"


@pytest.mark.parametrize(
    "settings", [{"timeout": 0}, {"read_timeout": -1}, {"concurrency": 0}, {"concurrency": 1.5}]
)
def test_an_app_has_limits(settings: dict[str, float]) -> None:
    """Limits that let nothing through are mistakes."""
    conductor = Conductor(fleet_now.Fleet, limits=Limits(max_bytes=100))
    with pytest.raises(UsageError, match="usage/argument"):
        conductor_app(conductor, **settings)  # type: ignore[arg-type]
