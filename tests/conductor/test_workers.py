"""Several workers: one memory, one set of numbers, and no gap when one of them ends."""

from __future__ import annotations

import os
import re
import signal
import threading
from pathlib import Path

import pytest

from tests.conductor import fleet_now
from tests.conductor.conftest import Start
from tests.conductor.processes import ANNA, Node, Running, until

GET = f"b = Boat.get({{}}, {ANNA!r})\n"


@pytest.fixture(autouse=True)
def stored(database: Path) -> None:
    fleet_now.store(ANNA)


def workers_of(running: Running) -> list[int]:
    """The processes that serve, by what they have logged at their start."""
    found = re.findall(r"Started server process \[(\d+)\]", running.log.read_text())
    return [pid for pid in map(int, found) if is_alive(pid)]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"


def test_workers_remember_together(node: Node, start: Start) -> None:
    """What one worker handed out another puts back, also for what `changes` cannot tell."""
    running = start("--workers", "2")
    assert len(workers_of(running)) == 2
    for turn in range(12):
        node.connect(running.address)
        node.run(GET + f"b.bunks = b.bunks[:1]; b.bunks[0].guest = 'g{turn}'; b.save()")
        assert fleet_now.stored(ANNA)["bunks"] == [(1, f"g{turn}", "snores")]
        fleet_now.store(ANNA)
    assert running.stop() == 0


def test_numbers_of_all_workers(start: Start) -> None:
    """Whichever worker is asked, it answers for all of them."""
    running = start("--workers", "2")
    for _ in range(20):  # a connection each, so that both workers get some
        with running.http() as http:
            assert http.post("/v1/action", content=b"{}").status_code == 400
    line = 'requests_total{operation="action",outcome="refused",transport="http"} 20.0'
    for _ in range(4):
        with running.http() as http:
            assert line in http.get("/metrics").text


def test_a_worker_that_dies_is_replaced(node: Node, start: Start) -> None:
    """The others go on, and soon there are as many as before."""
    running = start("--workers", "2")
    first, second = workers_of(running)
    os.kill(first, signal.SIGKILL)
    until(lambda: len(set(workers_of(running)) - {first, second}) == 1, "no worker was started")
    node.connect(running.address)
    node.run(GET + "b.pace = 12; b.save()")
    assert fleet_now.stored(ANNA)["speed"] == 12
    assert running.stop() == 0


def test_workers_are_replaced_without_a_gap(node: Node, start: Start) -> None:
    """On SIGHUP new workers take over while requests keep coming; none of them fails."""
    running = start("--workers", "2")
    before = set(workers_of(running))
    request = {"name": "FleetBoat", "method": "get", "manifest": {"FleetBoat": "1.2"},
               "args": [ANNA]}  # fmt: skip
    statuses: list[int] = []
    over = threading.Event()

    def keep_asking() -> None:
        while not over.is_set():
            with running.http() as http:
                statuses.append(http.post("/v1/class-action", json=request).status_code)

    thread = threading.Thread(target=keep_asking)
    thread.start()
    until(lambda: statuses, "nothing was answered")
    running.process.send_signal(signal.SIGHUP)
    until(lambda: "Replaced 2 workers" in running.log.read_text(), "they were not replaced")
    over.set()
    thread.join()
    assert len(statuses) > 20
    assert before.isdisjoint(workers_of(running))
    assert set(statuses) == {200}
    assert running.stop() == 0


def test_a_stop_finishes_what_workers_have(node: Node, start: Start) -> None:
    """Requests in flight are answered, then all processes end."""
    running = start("--workers", "2")
    pids = workers_of(running)
    node.connect(running.address)
    node.run(GET)
    node.begin("answer = b.nap(1)")
    running.wait_for_nap()
    assert running.stop() == 0
    assert node.end() == {"answer": "rested"}
    assert not any(map(is_alive, pids))
    assert not Path(running.address.removeprefix("unix:")).exists()


def test_workers_end_with_their_parent(start: Start) -> None:
    """A parent that is killed leaves no worker behind."""
    running = start("--workers", "2")
    pids = workers_of(running)
    running.kill()
    until(lambda: not any(map(is_alive, pids)), "a worker goes on alone")


def test_a_fleet_is_told_by_all_workers(start: Start, tmp_path: Path) -> None:
    """What was asked for reaches the record of the fleet, and its page stands at /."""
    running = start("--workers", "2", "--fleet", f"sqlite:///{tmp_path / 'fleet-record.sqlite'}")
    today = fleet_now.FleetBunk(number=1, guest="Kim", notes="n").obj_to_primitive()
    request = {"payload": today, "manifest": {"FleetBunk": "1.0"}}
    for _ in range(6):
        with running.http(headers={"Vobj-Service": "api"}) as http:
            assert http.post("/v1/backport", json=request).status_code == 200

    def is_told() -> bool:
        with running.http() as http:
            return "FleetBunk" in http.get("/fleet.json").text

    until(is_told, "the fleet was not told")
    with running.http() as http:
        assert "<html" in http.get("/").text
    assert running.stop() == 0


def test_a_worker_that_cannot_start(start: Start) -> None:
    """A mistake that only workers notice ends the whole, with their status and words."""
    with pytest.raises(pytest.fail.Exception, match="gives a Conductor: say cache_bytes there"):
        start("--workers", "2", "--cache-bytes", "5")
