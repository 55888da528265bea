"""`vobj demo`: with its real nodes, with faults planted in them, and with the os-vif of 2017."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ROOT, VobjProcess

RELEASE_1 = "rolling_upgrade/release_1/node.py"
RELEASE_2 = "rolling_upgrade/release_2/node.py"
OBJECTS_2 = "rolling_upgrade/release_2/objects.py"
STORE = "rolling_upgrade/release_2/store.py"
SERVICE = "rolling_upgrade/release_2/service.py"


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A copy of the examples, to plant faults in."""
    return shutil.copytree(
        ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__")
    )


def plant(examples: Path, program: str, fault: str) -> None:
    path = examples / program
    path.write_text(f"{path.read_text()}\n{fault}")


def failed_checks(told: dict[str, Any]) -> list[str]:
    return [
        check["claim"] for scene in told["scenes"] for check in scene["checks"] if not check["ok"]
    ]


def held_checks(scene: dict[str, Any]) -> list[str]:
    return [check["claim"] for check in scene["checks"] if check["ok"]]


def test_two_releases_of_our_own(vobj_process: VobjProcess) -> None:
    """Offline, every check holds: values are hidden, edits land, nothing is lost."""
    done = vobj_process("demo", "--own", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["verdict"] == {
        "ok": True,
        "scenes": 10,
        "scenes_expected": 10,
        "requests": 14,
        "checks": 66,
        "checks_failed": 0,
        "hidden_kept": 26,
        "hidden_lost": 0,
        "edits": 10,
        "edits_landed": 10,
    }
    assert {name: node["release"] for name, node in told["nodes"].items()} == {
        "old": "inventory, release 1", "new": "inventory, release 2"
    }  # fmt: skip
    assert told["nodes"]["old"]["vobj"]["imported"] is False
    assert told["conductor"][1:6] == ["-m", "vobj", "conductor", "--import", "service:prepare"]


def test_a_place_too_deep_for_a_socket(
    vobj_process: VobjProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a socket's path would be too long, the conductor listens on loopback."""
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    done = vobj_process("demo", "--own", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["conductor"][-2:] == ["--listen", "127.0.0.1:0"]


def test_the_picture(vobj_process: VobjProcess) -> None:
    """The terminal shows versions, what is hidden, edits, their put-back, and a verdict."""
    done = vobj_process("demo", "--own")
    assert done.returncode == 0
    shown = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    assert shown.isascii()
    assert max(map(len, shown.splitlines())) <= 100
    for text in (
        "| old       | inventory, release 1   |",
        "vobj conductor --import service:prepare --listen unix:",
        "| messages         | new -> old        the newest Server 1.6, ",
        "|                  | old -> conductor  backport Server 1.6, manifest of 3 classes",
        "|                  | conductor -> old  backported, ",
        "|                  | old -> conductor  run Server.save, manifest of 3 classes",
        "|                  | conductor -> old  merge/conflict, ",
        "2. A renamed field is edited under its old name: web-1",
        "| kept -> received | $  Server 1.6 -> 1.1",
        "| old cannot see   | $.labels = ",
        "| old sees as      | $.ram = 4096, here $.memory_mb = 4096",
        "| old edits        | $.ram: 4096 -> 8192",
        "| put back         | $.memory_mb: 4096 -> 8192",
        "7 hidden values kept, 0 lost",
        "[merge/conflict]",
    ):
        assert text in shown
    assert shown.endswith(
        "26 hidden values, 0 lost; 10 edits, 10 put back; 14 requests to the conductor;"
        " 66 checks, 0 failed."
    )


DIES_IN_EDIT = """
import os, signal
OPERATIONS["edit"] = lambda request: os.kill(os.getpid(), signal.SIGKILL)
"""


def test_an_old_node_that_dies(vobj_process: VobjProcess, examples: Path) -> None:
    """Its death is an error of its own, the new node's object is as it was, and the demo fails."""
    plant(examples, RELEASE_1, DIES_IN_EDIT)
    done = vobj_process("demo", "--own", "--examples", str(examples), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    last = told["scenes"][-1]
    assert last["died"] == "The old node ended by signal 9 during 'edit'"
    assert failed_checks(told) == ["the old node lives"]
    assert "the new node still has the object as it was" in held_checks(last)
    assert (told["verdict"]["scenes"], told["verdict"]["scenes_expected"]) == (2, 10)
    shown = vobj_process("demo", "--own", "--examples", str(examples))
    assert shown.returncode == 1
    assert "The old node ended by signal 9 during 'edit'" in shown.stdout
    assert "8 scenes were not reached." in shown.stdout


DIES_IN_BACKPORT = """
import os, signal

class Dying(Conductor):
    def object_backport_versions(self, *_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    backport = quick = object_backport_versions

Conductor = Dying
"""
DIES_IN_SAVE = """
import signal, sys
insert = _insert

def _insert(database, table, row):
    insert(database, table, row)
    if table == "volumes" and "service" in sys.modules:
        assert database.in_transaction
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_conductor_that_is_killed(vobj_process: VobjProcess, examples: Path) -> None:
    """The old node's error says so, what the new node keeps is as it was, and the demo fails."""
    plant(examples, SERVICE, DIES_IN_BACKPORT)
    done = vobj_process("demo", "--own", "--examples", str(examples), "--json")
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    last = told["scenes"][-1]
    assert last["died"].startswith("The conductor ended by signal 9\n")
    assert last["refused"]["class"] == "ConductorAway"
    assert last["refused"]["text"].startswith("No answer from the conductor at unix:")
    assert failed_checks(told) == ["the conductor lives"]
    assert held_checks(last) == ["the new node still has the object as it was"]
    assert (told["verdict"]["scenes"], told["verdict"]["scenes_expected"]) == (2, 10)
    shown = vobj_process("demo", "--own", "--examples", str(examples))
    assert shown.returncode == 1
    assert "The conductor ended by signal 9" in shown.stdout
    assert "8 scenes were not reached." in shown.stdout


def test_a_conductor_that_is_killed_in_the_middle_of_a_save(
    vobj_process: VobjProcess, examples: Path
) -> None:
    """Rows were written and not committed: the database is as it was."""
    plant(examples, STORE, DIES_IN_SAVE)
    done = vobj_process("demo", "--own", "--examples", str(examples), "--json")
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    last = told["scenes"][-1]
    assert last["title"] == "Without a database, the old node reads and saves a server"
    assert last["messages"][-1]["text"] == "run Server.save"
    assert last["died"].startswith("The conductor ended by signal 9\n")
    assert last["refused"]["class"] == "ConductorAway"
    assert failed_checks(told) == ["the conductor lives"]
    assert held_checks(last)[-2:] == [
        "the new node still has the object as it was", "every row is as it was"
    ]  # fmt: skip


def test_a_conductor_that_cannot_start(vobj_process: VobjProcess, examples: Path) -> None:
    """What the command says of it is told, and the demo fails."""
    plant(examples, SERVICE, "raise ValueError('no start')")
    done = vobj_process("demo", "--own", "--examples", str(examples))
    assert done.returncode == 1
    assert "error: The conductor ended with status 1 before it listened" in done.stderr
    assert "ValueError: no start" in done.stderr


def test_what_is_not_installed_is_named(tmp_path: Path) -> None:
    """Without the packages of the extra `http` the demo says what to install: exit status 2."""
    home = tmp_path / "bare"
    venv.create(home, with_pip=False)
    paths = {"base": str(home), "platbase": str(home)}
    inside = Path(sysconfig.get_path("purelib", "venv", paths))
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.startswith(("starlette", "__editable__", "pyvobj")):
            (inside / path.name).symlink_to(path)
    done = subprocess.run(
        [home / "bin" / "python", "-m", "vobj", "demo", "--own"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "error: The conductor cannot start." in done.stderr
    assert "starlette" in done.stderr
    assert "pip install 'pyvobj[http]'" in done.stderr


LOSES_HIDDEN = """
def put_back(request):
    keeper.kept[request["object"]] = keeper.codec.upgrade(request["payload"])
    return keeper.show(request)

keeper = OPERATIONS["show"].__self__
OPERATIONS["put_back"] = put_back
"""
DROPS_EDITS = """
OPERATIONS["put_back"] = OPERATIONS["show"]
"""
ASKS_NOBODY = """
OPERATIONS["asked"] = lambda request: {"asked": []}
"""
TELLS_LIES = """
asked = OPERATIONS["asked"]
OPERATIONS["asked"] = lambda request: {
    "asked": [{**one, "status": 418} for one in asked(request)["asked"]]
}
"""
HAS_A_DATABASE = """
OPERATIONS["get"] = OPERATIONS["offer"]
"""
PUTS_NOTHING_BACK = """
del Server.obj_load_current
"""
OVERWRITES = """
from vobj.conductor.putback import PutBack

def subject(self, payload, context):
    return self._codec.decode(payload, context=context)

PutBack.subject = subject
"""
LEAVES_A_TRACE = """
put_back = OPERATIONS["put_back"]
keeper = OPERATIONS["show"].__self__

def traced(request):
    try:
        return put_back(request)
    except Exception:
        keeper.kept[request["object"]]["versioned_object.data"]["name"] = "half applied"
        raise

OPERATIONS["put_back"] = traced
"""
ACCEPTS_ALL = """
OPERATIONS["receive"] = OPERATIONS["offer"]
"""
ENDS_BADLY = """
import atexit, os
atexit.register(os._exit, 5)
"""


@pytest.mark.parametrize(
    ("program", "fault", "claim"),
    [
        (RELEASE_2, DROPS_EDITS, "put back: the edits, and nothing else, are changed"),
        (RELEASE_1, ASKS_NOBODY, "the conductor is asked once"),
        (RELEASE_1, TELLS_LIES, "the conductor's log tells of the same requests"),
        (RELEASE_1, HAS_A_DATABASE, "nor does it reach the database"),
        (RELEASE_1, HAS_A_DATABASE, "the answers have the shape they should"),
        (OBJECTS_2, PUTS_NOTHING_BACK, "put back: the edits, and nothing else, are changed"),
        (SERVICE, OVERWRITES, "it is saved"),
        (RELEASE_2, LEAVES_A_TRACE, "the object is as it was"),
        (RELEASE_1, ACCEPTS_ALL, "the old node refuses the newest object"),
        (RELEASE_1, ENDS_BADLY, "the old node ends with status 0"),
    ],
    ids=[
        "drops edits",
        "asks nobody",
        "tells lies",
        "has a database",
        "has an object of its own",
        "puts nothing back",
        "overwrites",
        "leaves a trace",
        "accepts all",
        "ends badly",
    ],
)
def test_a_planted_fault_fails_the_demo(
    vobj_process: VobjProcess, examples: Path, program: str, fault: str, claim: str
) -> None:
    """Whatever a node does wrong, a check names it and the exit status is 1."""
    plant(examples, program, fault)
    done = vobj_process("demo", "--own", "--examples", str(examples), "--json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert claim in failed_checks(told)
    assert told["verdict"]["ok"] is False


def test_lost_values_are_counted(vobj_process: VobjProcess, examples: Path) -> None:
    """A put-back that loses what was hidden fails the demo, and the losses are counted."""
    plant(examples, RELEASE_2, LOSES_HIDDEN)
    done = vobj_process("demo", "--own", "--examples", str(examples), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert "put back: the edits, and nothing else, are changed" in failed_checks(told)
    assert told["verdict"]["hidden_lost"] > 0


def test_a_node_that_cannot_start(vobj_process: VobjProcess, examples: Path) -> None:
    """A node that ends before it says who it is fails the demo, with its traceback."""
    plant(examples, RELEASE_1, "raise ValueError('no start')")
    done = vobj_process("demo", "--own", "--examples", str(examples))
    assert done.returncode == 1
    assert "error: The old node ended with status 1 during 'hello'" in done.stderr
    assert "ValueError: no start" in done.stderr


def test_examples_that_are_not_there(vobj_process: VobjProcess, tmp_path: Path) -> None:
    """Without the source tree's examples the command says where to get them: exit status 2."""
    done = vobj_process("demo", "--own", "--examples", str(tmp_path))
    assert done.returncode == 2
    assert "They are in the source tree, not in the installed package." in done.stderr


def test_exchanges_that_cannot_be_read(vobj_process: VobjProcess, examples: Path) -> None:
    """A broken list of exchanges is a failed set-up."""
    (examples / "rolling_upgrade" / "exchanges.json").write_text("{}")
    done = vobj_process("demo", "--own", "--examples", str(examples))
    assert done.returncode == 2
    assert "exchanges.json cannot be read: KeyError('title')" in done.stderr


def test_a_set_up_that_fails(vobj_process: VobjProcess, examples: Path) -> None:
    """When packages cannot be installed the command tells the step, and the way without them."""
    (examples.parent / "vobj").symlink_to(ROOT / "vobj")
    for path in (examples / "os_vif").glob("requirements-*.txt"):
        path.write_text("./no-such-wheel.whl\n")
    done = vobj_process("demo", "--examples", str(examples))
    assert done.returncode == 2
    assert "error: The demo is not set up. exit status 1: " in done.stderr
    assert "no-such-wheel.whl" in done.stderr
    assert done.stderr.endswith("No network? `vobj demo --own` needs none.\n")
    assert not list(examples.parent.glob(".venv-demo/*/stamp"))


def test_examples_outside_of_a_source_tree(vobj_process: VobjProcess, examples: Path) -> None:
    """The new node runs the vobj of the source tree around the examples, so there must be one."""
    done = vobj_process("demo", "--examples", str(examples))
    assert done.returncode == 2
    assert "is not in the source tree" in done.stderr


def test_the_os_vif_of_2017(vobj_process: VobjProcess) -> None:
    """The unmodified old release reads, edits and returns today's objects; nothing is lost."""
    done = vobj_process("demo", "--json", seconds=300)
    if done.returncode == 2 and os.environ.get("VOBJ_REQUIRE_SERVICES") != "1":
        pytest.skip(f"the environments in .venv-demo cannot be made: {done.stderr}")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    old, new = told["nodes"]["old"], told["nodes"]["new"]
    assert (old["release"], old["vobj"]) == (
        "os-vif 1.4.0", {"installed": False, "imported": False}
    )  # fmt: skip
    assert (new["release"], new["vobj"]["imported"]) == ("os-vif 5.3.0", True)
    assert told["scenes"][0]["refused"]["text"] == (
        "Version 1.4 of VIFPortProfileOpenVSwitch is not supported, supported version is 1.0"
    )
    assert told["verdict"] == {
        "ok": True,
        "scenes": 11,
        "scenes_expected": 11,
        "requests": 11,
        "checks": 72,
        "checks_failed": 0,
        "hidden_kept": 17,
        "hidden_lost": 0,
        "edits": 15,
        "edits_landed": 15,
    }
