"""`vobj fleet-test`: a short run with every fault, and what its count finds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ROOT, Vobj, VobjProcess
from vobj.errors import UsageError
from vobj.fleettest import broker
from vobj.fleettest.calls import EDIT, OK, OPEN, REFUSED, RUN, SHOW, Call, Outcome, told
from vobj.fleettest.count import Count, count
from vobj.fleettest.schedule import FAULTS, ROLL, Schedule, Settings
from vobj.fleettest.store import Effect, Stored
from vobj.fleettest.truth import Row, edited, first_row

UUID = "6d0f9a4e-3c2b-4f7b-9a51-0c8d7e5f2b10"
NAMED = {"field": "name", "value": "name-1"}
ADDED = {"field": "runs", "value": 3}


@pytest.fixture
def rabbitmq_server() -> None:
    """The program: skip without it, or fail where services are required."""
    try:
        broker.program()
    except UsageError as error:
        if os.environ.get("VOBJ_REQUIRE_SERVICES") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


def test_a_short_run_with_every_fault(
    rabbitmq_server: None, vobj_process: VobjProcess, tmp_path: Path
) -> None:
    """Nothing is lost, doubled or wrong, every fault came about, and nothing is left behind."""
    written = tmp_path / "result.json"
    done = vobj_process(
        "fleet-test", "--nodes", "6", "--calls", "150", "--seconds", "200", "--seed", "7",
        "--json", str(written), seconds=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 7" in done.stderr
    assert done.stdout.endswith("\nok\n")
    told_ = json.loads(written.read_text())
    assert told_["ok"] is True
    assert {name: one["count"] for name, one in told_["findings"].items()} == dict.fromkeys(
        ("lost", "doubled", "refused_and_done", "wrong", "untrue", "unnamed", "never"), 0
    )
    assert set(told_["faults"]) == set(FAULTS)
    assert told_["rolls"] == 10
    calls = told_["calls"]
    assert calls["made"] == calls["ok"] + calls["refused"] + calls["open"] == 150
    assert calls["ok"] > 75
    assert told_["effects"] > 50


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a short name, as the paths of sockets have to be short."""
    with tempfile.TemporaryDirectory(prefix="vft", dir="/tmp") as made:
        yield Path(made)


def test_it_ends_all_that_it_started_when_it_is_killed(rabbitmq_server: None, place: Path) -> None:
    """Processes and files of a bench that was killed are gone soon after."""
    bench = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "vobj", "fleet-test", "--nodes", "2", "--calls",
         "100000"],
        cwd=ROOT, env={**os.environ, "TMPDIR": str(place)}, stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert bench.stderr is not None
    while "nodes are there" not in bench.stderr.readline():
        assert bench.poll() is None
    assert _running_in(place)
    bench.send_signal(signal.SIGKILL)
    bench.wait()
    bench.stderr.close()
    until = time.monotonic() + 60
    while _running_in(place) or list(place.glob("vobj-fleet-test-*")):
        assert time.monotonic() < until, _running_in(place)
        time.sleep(0.2)


def _running_in(place: Path) -> list[str]:
    """Processes with the directory in their environment; those of a bench have it as TMPDIR."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if str(place).encode() in (one / "environ").read_bytes():
                found.append((one / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return [one for one in found if one]


def test_without_a_broker_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without RabbitMQ is told the name of the package."""
    monkeypatch.setattr(broker, "_PROGRAMS", ())
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(UsageError, match="apt install rabbitmq-server"):
        broker.program()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--nodes", "1"], "Expected nodes from 2 to 500, got 1"),
        (["--faults", "flood"], "There is no fault 'flood'. There are:"),
        (["--keep", "."], ". is there already"),
    ],
)
def test_a_wrong_argument(vobj: Vobj, arguments: list[str], text: str) -> None:
    """It is told before anything is started: exit status 2."""
    result = vobj("fleet-test", *arguments)
    assert result.exit_code == 2
    assert text in result.stderr


def counted(
    *calls: tuple[Call, Outcome], effects: tuple[tuple[str, Row], ...] = (), **changes: Any
) -> Count:
    """The count of a run with one server. changes: what the database says besides."""
    first = first_row(UUID, 0)
    row = first
    for _, wanted in effects:
        row = edited(row, wanted)
    stored = Stored(
        {UUID: {**row, **changes}}, [Effect(name, UUID, wanted) for name, wanted in effects], 0, []
    )
    return count({one.name: one for one, _ in calls}, {one.name: said for one, said in calls},
                 stored, [first], {"c9"})  # fmt: skip


def call(name: str, kind: str, wanted: Row, status: str, *errors: str) -> tuple[Call, Outcome]:
    return Call(name, kind, UUID, wanted), Outcome(name, status, list(errors))


def test_a_run_with_nothing_against_it() -> None:
    """Answered calls took effect once, refused ones did not, open ones may have."""
    made = counted(
        call("c1", EDIT, NAMED, OK, "conductor/slow"), call("c2", RUN, ADDED, OPEN),
        call("c3", RUN, ADDED, OPEN), call("c4", EDIT, NAMED, REFUSED, "merge/conflict"),
        call("c5", SHOW, {}, OK), call("c9", RUN, ADDED, REFUSED, "conductor/busy"),
        effects=(("c2", ADDED), ("c1", NAMED), ("c9", ADDED)),
    )  # fmt: skip
    assert made.is_clean, made.findings()
    assert made.numbers["calls"]["open_and_done"] == 1
    assert made.numbers["calls"]["answered_at_a_later_attempt"] == 1


@pytest.mark.parametrize(
    ("finding", "made"),
    [
        ("lost", counted(call("c1", EDIT, NAMED, OK))),
        ("doubled", counted(call("c1", RUN, ADDED, OK), effects=(("c1", ADDED), ("c1", ADDED)))),
        ("doubled", counted(call("c1", RUN, ADDED, OPEN), effects=(("c1", ADDED), ("c1", ADDED)))),
        ("refused_and_done",
         counted(call("c1", EDIT, NAMED, REFUSED, "conductor/busy"), effects=(("c1", NAMED),))),
        ("wrong", counted(call("c1", EDIT, NAMED, OK), effects=(("c1", NAMED),), owner="nobody")),
        ("wrong", counted(call("c1", EDIT, NAMED, OK), effects=(("c1", NAMED),), name="server-0")),
        ("wrong", counted(call("c1", EDIT, NAMED, OK), effects=(("c1", {**NAMED, "value": "x"}),))),
        ("wrong", counted(effects=(("c7", NAMED),))),
        ("unnamed", counted(call("c1", SHOW, {}, REFUSED, "unnamed: KeyError"))),
        ("untrue", counted((Call("c1", SHOW, UUID, {}), Outcome("c1", OK, untrue=["get"])))),
    ],
)  # fmt: skip
def test_what_the_count_finds(finding: str, made: Count) -> None:
    """Each kind of damage is found, as what it is."""
    assert not made.is_clean
    assert [name for name, all_ in made.findings().items() if all_] == [finding] or (
        finding == "wrong" and made.wrong
    )


def test_the_same_seed_draws_the_same() -> None:
    """Calls, rolls and faults; another seed draws others."""

    def drawn(seed: int) -> list[Any]:
        schedule = Schedule(Settings(nodes=9, calls=5_000, seed=seed))
        calls = [schedule.call(one, 2, {"node-1": 1, "node-2": 2}) for one in range(50)]
        return [schedule.rows(), schedule.events(), calls]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_a_roll_is_node_by_node_forward_and_back() -> None:
    """Every node comes to release 2 and then to release 1, and every fault has its time."""
    events = Schedule(Settings(nodes=9, calls=20_000)).events()
    rolls = [(one.node, one.release) for one in events if one.kind == ROLL]
    assert rolls == [(one, 2) for one in (1, 2, 4, 5, 7, 8)] + [(one, 1) for one in range(9)]
    assert {one.kind for one in events} == {ROLL, *FAULTS}
    assert all(0 < one.at < 20_000 for one in events)


def test_errors_have_names() -> None:
    """An error of a node is known by the rule in its text; one of nobody is not named."""

    class RemoteError(Exception):
        exc_type = "KeyError"

    known = told(RemoteError("Remote error: MergeConflict no [merge/conflict]\n[...]"))
    assert (known.name, known.is_named, known.is_open, known.again) == (
        "merge/conflict", True, False, False,
    )  # fmt: skip
    strange = told(RemoteError("Remote error: KeyError 'x'"))
    assert (strange.name, strange.is_named, strange.is_open) == ("KeyError", False, True)
    ran = told(UsageError("Server.save ran, but its answer cannot be sent", rule="refused/value"))
    assert ran.is_open
