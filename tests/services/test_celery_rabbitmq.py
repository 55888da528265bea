"""Celery tasks with versioned objects: real workers on RabbitMQ, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.exceptions import TimeoutError as NoResult

from tests.services.celery_yard import DockCrane
from vobj.rpc import kombu as plugin

ROOT = Path(__file__).parents[2]
SECONDS = 60
OLD = {"DockCrane": "1.0"}


class Worker:
    """A worker that runs, and what it says."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    def until(self, text: str) -> None:
        """Wait until it has said something."""
        end = time.monotonic() + SECONDS
        while text not in self._log.read_text():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < end, self._log.read_text()
            time.sleep(0.05)


Start = Callable[..., Any]
Caller = Callable[..., Celery]


@pytest.fixture
def broker(rabbitmq_url: str) -> str:
    """The broker as Celery is told it."""
    return rabbitmq_url.replace("rabbit://", "amqp://").rstrip("/") + "//"


@pytest.fixture
def caller(broker: str, topic: str) -> Iterator[Caller]:
    """`caller(results)` gives an app that sends to the queue of the test."""
    made: list[Celery] = []

    def make(results: str = "rpc://") -> Celery:
        app = Celery("caller", broker=broker, backend=results, set_as_current=False)
        app.conf.update(
            task_serializer="vobj", result_serializer="vobj", accept_content=["vobj"],
            task_default_queue=topic,
        )  # fmt: skip
        made.append(app)
        return app

    plugin.configure()
    yield make
    plugin.configure()
    with made[0].connection_for_write() as connection:
        connection.default_channel.queue_delete(topic)
    for app in made:
        if app.backend.as_uri() == "rpc://":
            app.backend.result_consumer.stop()
        app.close()


@pytest.fixture
def start(broker: str, topic: str, tmp_path: Path) -> Start:
    """`start(YARD_RELEASE="old", ...)` runs a worker while its block does."""

    @contextmanager
    def make(pool: str = "solo", **settings: str) -> Iterator[Worker]:
        log = tmp_path / "worker.log"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "YARD_BROKER": broker,
                       "YARD_QUEUE": topic, **settings}  # fmt: skip
        with log.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "celery", "-A",
                 "tests.services.celery_yard", "worker", "--hostname", f"{topic}@%h",
                 "--pool", pool, "--concurrency", "1", "--loglevel", "INFO", "--without-mingle",
                 "--without-gossip"],
                env=environment, cwd=tmp_path, stdout=said, stderr=said,
            )  # fmt: skip
        worker = Worker(process, log)
        try:
            worker.until(" ready.")
            yield worker
        finally:
            process.terminate()
            process.wait(SECONDS)

    return make


def crane(load: int = 5) -> Any:
    return DockCrane(name="c", load_kg=load, operator="kim")


def lift(app: Celery, by: int, **more: Any) -> Any:
    """What the task gives."""
    return app.send_task("yard.lift", [crane(), by], more).get(timeout=SECONDS)


def test_tasks_take_and_give_objects(start: Start, caller: Caller) -> None:
    """In arguments, keyword arguments and results, at any depth, and through a chain."""
    app = caller()
    with start(pool="prefork"):
        told = lift(app, 3, more={"of": [[crane(), None]]})
        assert told == {"crane": crane(8), "version": "1.1", "more": {"of": [[crane(), None]]}}
        assert told["crane"].operator == "kim"
        chain = app.signature("yard.lift", (crane(), 1)) | app.signature("yard.second", (2,))
        assert chain.apply_async().get(timeout=SECONDS)["crane"] == crane(8)


def test_a_worker_of_the_older_release(start: Start, caller: Caller) -> None:
    """It reads what the pin holds down; its answer is upgraded here.

    What is sent without a pin it cannot read; it says so and goes on.
    """
    app = caller()
    with start(YARD_RELEASE="old") as worker:
        plugin.configure(to=lambda: OLD)
        told = lift(app, 3)
        assert told["version"] == "1.0"
        assert (told["crane"].load_kg, told["crane"].operator) == (8, "nobody")
        plugin.configure()
        app.send_task("yard.lift", [crane(), 3])
        worker.until("DockCrane 1.1 is newer than 1.0")
        plugin.configure(to=OLD)
        assert lift(app, 1)["crane"].load_kg == 6


def test_both_sides_write_otherwise(start: Start, caller: Caller) -> None:
    """One side sends packed objects, the other envelopes; both are read."""
    app = caller()
    with start(YARD_WIRE="packed"):
        assert lift(app, 3)["crane"] == crane(8)
        plugin.configure(wire="json")
        assert lift(app, 4)["crane"] == crane(9)


def test_a_result_backend_that_keeps_bytes(start: Start, caller: Caller, tmp_path: Path) -> None:
    """Results are kept as bodies, with states and errors beside them."""
    kept = tmp_path / "results"
    kept.mkdir()
    app = caller(f"file://{kept}")
    with start(YARD_RESULTS=f"file://{kept}"):
        assert lift(app, 3)["crane"] == crane(8)
        refused = app.send_task("yard.refuse", [crane()])
        with pytest.raises(Exception, match="c is closed"):
            refused.get(timeout=SECONDS)
        strange = app.send_task("yard.strange", [])
        with pytest.raises(Exception, match="The msgpack wire cannot hold this object"):
            strange.get(timeout=SECONDS)


def test_what_a_worker_does_not_accept(start: Start, caller: Caller) -> None:
    """Content of another type is refused before it is read; the worker lives on."""
    app = caller()
    with start() as worker:
        other = app.send_task("yard.lift", [{"a": 1}, 3], serializer="json")
        worker.until("Refusing to deserialize")
        with pytest.raises(NoResult, match="timed out"):
            other.get(timeout=0.5)
        assert lift(app, 3)["crane"] == crane(8)
