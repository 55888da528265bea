"""`vobj fleet-test`: a short run with every fault, and what its count finds."""

from __future__ import annotations

import copy
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
from os_vif import objects

from tests.cli.conftest import ROOT, Vobj, VobjProcess
from vobj.cli import fleet_test
from vobj.cli.demo import example
from vobj.cli.demo.environments import environments_of, make_all
from vobj.cli.demo.example import Example, SetupError
from vobj.errors import UsageError
from vobj.fleettest import broker, port_truth
from vobj.fleettest.calls import EDIT, OK, OPEN, OWN, REFUSED, RUN, SHOW, Call, Outcome, told
from vobj.fleettest.count import Count, count
from vobj.fleettest.port_keeper import Keeper
from vobj.fleettest.port_truth import PAYLOAD, first_port
from vobj.fleettest.schedule import FAULTS, ROLL, Schedule, Settings
from vobj.fleettest.store import Effect, Store, Stored
from vobj.fleettest.truth import Row, edited, first_row

objects.register_all()

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


@pytest.fixture(scope="module")
def os_vif() -> None:
    """Its two environments: skip when they cannot be made, or fail where services are required."""
    try:
        found = environments_of(Example.load(None, "os_vif"))
        make_all(list(found.values()), lambda _made, _seconds: None, fresh=False)
    except SetupError as error:
        if os.environ.get("VOBJ_REQUIRE_SERVICES") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


def test_a_short_run_with_every_fault(
    rabbitmq_server: None, os_vif: None, vobj_process: VobjProcess, tmp_path: Path
) -> None:
    """Nothing is lost, doubled or wrong, every fault came about, and nothing is left behind."""
    written = tmp_path / "result.json"
    done = vobj_process(
        "fleet-test", "--nodes", "6", "--os-vif", "3", "--calls", "150", "--seconds", "200",
        "--seed", "7", "--json", str(written), seconds=400,
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
    assert told_["rolls"] == 14
    ports = told_["os_vif"]
    assert (ports["nodes"], ports["rolls"]) == (3, 4)
    assert ports["calls"] == ports["ok"] + ports["refused"] + ports["open"] > 25
    assert ports["ok"] > 15
    assert ports["effects"] > 5
    assert ports.get("killed_at_1.4.0", 0) + ports.get("killed_at_5.3.0", 0) == 1
    calls = told_["calls"]
    assert calls["made"] == calls["ok"] + calls["refused"] + calls["open"] == 150
    assert calls["ok"] > 75
    assert told_["effects"] > 50


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a short name, as the paths of sockets have to be short."""
    with tempfile.TemporaryDirectory(prefix="vft", dir="/tmp") as made:
        yield Path(made)


def test_it_ends_all_that_it_started_when_it_is_killed(
    rabbitmq_server: None, os_vif: None, place: Path
) -> None:
    """Processes and files of a bench that was killed are gone soon after."""
    bench = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "vobj", "fleet-test", "--nodes", "2", "--os-vif",
         "2", "--calls", "100000"],
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
        (["--os-vif", "1"], "Expected os_vif 0, or from 2 to 100, got 1"),
        (["--faults", "flood"], "There is no fault 'flood'. There are:"),
        (["--keep", "."], ". is there already"),
    ],
)
def test_a_wrong_argument(vobj: Vobj, arguments: list[str], text: str) -> None:
    """It is told before anything is started: exit status 2."""
    result = vobj("fleet-test", *arguments)
    assert result.exit_code == 2
    assert text in result.stderr


def test_without_environments_there_are_no_nodes_of_os_vif(
    vobj: Vobj, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who asked for them is told what is missing; else they are left out, and that is said."""
    monkeypatch.setattr(example, "SOURCE_ROOT", tmp_path)
    result = vobj("fleet-test", "--os-vif", "3")
    assert result.exit_code == 2
    assert "There can be no nodes of os-vif. The demo's releases are not at" in result.stderr
    pythons, left_out = fleet_test._pythons(4, must=False)
    assert pythons is None
    assert "The demo's releases are not at" in left_out
    assert fleet_test._of_os_vif({"nodes": 0, "left_out": left_out}).startswith(
        "no nodes: The demo"
    )


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


class Bringing(Keeper):
    """Without put-back: what an older node sends back is what is stored."""

    def put_back(self, stored: Row, port: Row, base: Row) -> Row:
        """Upgraded, and that is all."""
        return self.envelope(self.opened(port))


class Stale(Keeper):
    """With a put-back that takes what is stored for what was sent."""

    def put_back(self, stored: Row, port: Row, base: Row) -> Row:
        """The edits, and all that has changed since the port was sent."""
        return super().put_back(stored, port, stored)


def a_port_edited_by_the_older_release(keeper: type[Keeper], path: Path) -> Count:
    """A node of 1.4.0 is sent a port and edits it, and a newer one edits it meanwhile."""
    first = first_port(UUID, 0)
    Store(str(path)).make([first])
    kept = keeper(Store(str(path)))
    sent = kept.get({}, UUID)
    older = copy.deepcopy(sent)
    profile = older["versioned_object.data"]["port_profile"]
    profile["versioned_object.version"] = "1.0"
    for place in port_truth.HIDDEN:
        del profile["versioned_object.data"][place.rpartition(".")[2]]
    assert port_truth.is_true(port_truth.contained(older), whole=False)
    own = {"field": "$.network.bridge", "value": "br-new"}
    newer = kept.opened(sent)
    newer.network.bridge = "br-new"
    kept.keep({}, kept.envelope(newer), own, "c1", "node/0")
    edit = {"field": "$.network.mtu", "value": 9000}
    older["versioned_object.data"]["network"]["versioned_object.data"]["mtu"] = 9000
    for attempt in ("node/1", "node/2"):
        kept.keep({}, older, edit, "c2", attempt)
    calls = {name: Call(name, OWN, UUID, wanted) for name, wanted in (("c1", own), ("c2", edit))}
    outcomes = {name: Outcome(name, OK) for name in calls}
    return count(calls, outcomes, Store(str(path)).stored(), [first], set())


def test_a_put_back_of_a_port(tmp_path: Path) -> None:
    """Both edits and what is hidden from 1.4.0 are there; each call took effect once."""
    made = a_port_edited_by_the_older_release(Keeper, tmp_path / "store.sqlite")
    assert made.is_clean, made.findings()
    assert made.numbers["would_have_doubled"] == 1
    assert made.of_ports == {"calls": 2, "ok": 2, "refused": 0, "open": 0, "effects": 2}


@pytest.mark.parametrize(
    ("keeper", "place"),
    [(Bringing, "$.port_profile.create_port"), (Stale, "$.network.bridge")],
)
def test_a_damaged_put_back_of_a_port_is_found(
    keeper: type[Keeper], place: str, tmp_path: Path
) -> None:
    """A hidden value that is lost and an edit that is undone are wrong, and are named."""
    made = a_port_edited_by_the_older_release(keeper, tmp_path / "store.sqlite")
    assert [name for name, all_ in made.findings().items() if all_] == ["wrong"]
    assert any(place in one for one in made.wrong), made.wrong


def test_what_is_true_of_a_port() -> None:
    """A reader has all of one state, or all of it that 1.4.0 knows and no more."""
    seen = port_truth.contained(first_port(UUID, 1)[PAYLOAD])
    known = {place: value for place, value in seen.items() if "datapath_offload" not in place}
    assert port_truth.is_true(seen, whole=True)
    assert port_truth.is_true(known, whole=False)
    assert not port_truth.is_true(known, whole=True)
    assert not port_truth.is_true(seen, whole=False)
    assert not port_truth.is_true({**known, "$.network.mtu": 1}, whole=False)
    assert not port_truth.is_true({**seen, "$.port_profile.datapath_offload": None}, whole=True)


def test_the_same_seed_draws_the_same() -> None:
    """Calls, rolls and faults; another seed draws others."""

    def drawn(seed: int) -> list[Any]:
        schedule = Schedule(Settings(nodes=9, calls=5_000, seed=seed, os_vif=4))
        calls = [schedule.call(one, 2, {"node-1": 1, "node-2": 2}) for one in range(50)]
        calls += [schedule.port_call(one, 2, {"os-vif-1": 1, "os-vif-2": 2}) for one in range(50)]
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


def test_one_node_of_os_vif_is_not_rolled() -> None:
    """The others are, forward and back, after the nodes of the service; one keeps the database."""
    schedule = Schedule(Settings(nodes=2, calls=1_000, os_vif=4))
    assert schedule.releases() == [2, 1, 2, 1, 1, 2]
    rolls = [(one.node, one.release) for one in schedule.events() if one.kind == ROLL]
    assert rolls == [(1, 2), (3, 2), (4, 2), (0, 1), (1, 1), (3, 1), (4, 1), (5, 1)]


def test_errors_have_names() -> None:
    """An error of a node is known by the rule in its text; one of nobody is not named."""

    class RemoteError(Exception):
        exc_type = "KeyError"

    known = told(RemoteError("Remote error: MergeConflict no [merge/conflict]\n[...]"))
    assert (known.name, known.is_named, known.is_open, known.again) == (
        "merge/conflict", True, False, False,
    )  # fmt: skip
    for lost in (
        ConnectionResetError(104, "reset"),
        OSError("Server unexpectedly closed connection"),
    ):
        assert told(lost).is_named
        assert told(lost).again
        assert told(lost).is_open
    assert not told(OSError(28, "No space left on device")).is_named
    strange = told(RemoteError("Remote error: KeyError 'x'"))
    assert (strange.name, strange.is_named, strange.is_open) == ("KeyError", False, True)
    ran = told(UsageError("Server.save ran, but its answer cannot be sent", rule="refused/value"))
    assert ran.is_open
