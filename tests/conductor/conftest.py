"""The processes that the tests of this folder talk to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conductor import fleet_now
from tests.conductor.processes import ANNA, Node, Running, launch, old_node

Start = Callable[..., Running]


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A directory whose paths are short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="vobj") as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def database(place: Path) -> Path:
    """The database of the service, also for the test's own eyes."""
    path = place / "fleet.sqlite"
    os.environ["FLEET_DB"] = str(path)
    fleet_now.make()
    return path


@pytest.fixture(scope="session", params=["unix", "tcp"])
def conductor(request: pytest.FixtureRequest, place: Path, database: Path) -> Iterator[Running]:
    """One conductor for many tests; each test is run over a unix socket and over TCP."""
    listen = {"unix": f"unix:{place / 'shared.sock'}", "tcp": "127.0.0.1:0"}[request.param]
    running = launch(place, f"shared-{request.param}", listen, database=database)
    yield running
    status = running.stop()
    log = running.log.read_text()
    assert status == 0, log
    assert "Exception in ASGI application" not in log, log


@pytest.fixture
def start(place: Path, database: Path, request: pytest.FixtureRequest) -> Iterator[Start]:
    """Starts conductors of one test, on unix sockets, with options of the command."""
    started: list[Running] = []

    def run(*options: str, listen: str | None = None) -> Running:
        name = f"own-{abs(hash(request.node.nodeid)) % 10**9}-{len(started)}"
        where = listen or f"unix:{place / name}.sock"
        started.append(launch(place, name, where, *options, database=database))
        return started[-1]

    yield run
    for one in started:
        one.kill()


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """A process of the old release."""
    with old_node() as made:
        yield made


@pytest.fixture
def old(node: Node, conductor: Running) -> Node:
    """The old node in front of the shared conductor, and the boat Anna as it always begins."""
    fleet_now.store(ANNA)
    node.connect(conductor.address)
    return node
