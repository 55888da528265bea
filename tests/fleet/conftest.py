"""Fleets whose record is a file of the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from vobj.fleet import Fleet

MakeFleet = Callable[..., Fleet]


class Clock:
    """A monotonic clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'fleet.sqlite'}"


@pytest.fixture
def make_fleet(url: str) -> Iterator[MakeFleet]:
    """Opens the record of the test; what it read is old at once, so that nothing waits."""
    made: list[Fleet] = []

    def make(where: str | None = None, **options: Any) -> Fleet:
        options.setdefault("refresh", 1e-9)
        made.append(Fleet(where or url, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def fleet(make_fleet: MakeFleet) -> Fleet:
    return make_fleet()


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serves an app on a free port; its address."""
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def until(holds: Callable[[], bool]) -> None:
    """Wait for what comes by itself."""
    for _ in range(1000):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("It never came")
