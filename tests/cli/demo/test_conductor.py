"""The conductor's process: how it starts, what it says, how it ends."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from vobj.cli.demo.conductor import ConductorFailed, ConductorProcess, Request, command_of
from vobj.cli.demo.example import Served, SetupError
from vobj.cli.demo.pipe import variables

LISTENS = "print('vobj conductor listens at here', flush=True); "
LOG = """now INFO vobj.conductor.http backport status=200 rule=- ms=1.0 peer=local object=A
now INFO uvicorn.error Started
now ERROR vobj.conductor.http action failed
now INFO vobj.conductor.http action status=409 rule=merge/conflict ms=1.0 peer=local
"""


def started(place: Path, code: str, *, seconds: float = 30) -> ConductorProcess:
    return ConductorProcess(
        [sys.executable, "-c", f"import os, sys, time\n{code}"],
        variables(), home=place, log=place / "log", seconds=seconds,
    )  # fmt: skip


def test_its_log_is_read(tmp_path: Path) -> None:
    """Requests are told from what else stands there, and so are errors."""
    code = (
        f"{LISTENS} print({LOG!r}, file=sys.stderr, flush=True); print(flush=True)\ntime.sleep(9)"
    )
    with started(tmp_path, code) as conductor:
        assert conductor.address == "here"
        end = time.monotonic() + 10
        while "409" not in conductor.tail() and time.monotonic() < end:
            time.sleep(0.02)
        assert conductor.requests() == [
            Request("backport", 200, ""), Request("action", 409, "merge/conflict")
        ]  # fmt: skip
        assert conductor.complaints() == ["now ERROR vobj.conductor.http action failed"]
        assert str(conductor.failed({"class": "Away"})) == "The conductor does not answer"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("print('last words', file=sys.stderr); sys.exit(3)", "ended with status 3 before it"),
        ("print('last words', file=sys.stderr, flush=True); os.kill(os.getpid(), 9)",
         "ended by signal 9 before it"),
        ("print('last words', file=sys.stderr, flush=True); print('hello')", "says 'hello'"),
        ("print('last words', file=sys.stderr, flush=True); time.sleep(60)", "does not start in"),
    ],
)  # fmt: skip
def test_a_start_that_fails_is_told(tmp_path: Path, code: str, text: str) -> None:
    """The error says what happened instead, and has the end of the log."""
    with pytest.raises(ConductorFailed, match=text) as caught:
        started(tmp_path, code, seconds=1)
    assert caught.value.stderr == "last words"


def test_a_command_that_does_not_start(tmp_path: Path) -> None:
    """Exit status 2 of the command is a set-up that failed, in the command's own words."""
    with pytest.raises(SetupError, match=r"The conductor cannot start\.\nerror: install this$"):
        started(tmp_path, "print('error: install this', file=sys.stderr); sys.exit(2)")


def test_it_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    """Its exit status is told; how it ended is known from then on."""
    code = f"import signal; signal.signal(15, lambda *_: sys.exit(4)); {LISTENS} time.sleep(60)"
    with started(tmp_path, code) as conductor:
        assert conductor.ended() == ""
        assert conductor.stop() == 4
        assert conductor.ended() == "The conductor ended with status 4"


def test_it_is_ended_when_it_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving the `with` ends the process, also one that ignores what it is asked."""
    monkeypatch.setattr("vobj.cli.demo.conductor._GRACE_SECONDS", 0.3)
    code = f"import signal; signal.signal(15, signal.SIG_IGN); {LISTENS} time.sleep(60)"
    with started(tmp_path, code) as conductor:
        assert conductor.stop() is None
    assert conductor.ended() == "The conductor ended by signal 9"


def test_the_command_line(tmp_path: Path) -> None:
    """It listens on a unix socket where the path is short enough, else on loopback."""
    python = Path("/python")
    served = Served("fleet.objects:register", "fleet.base:Fleet")
    assert command_of(python, served, Path("/run")) == [
        "/python", "-m", "vobj", "conductor", "--import", "fleet.objects:register",
        "--base", "fleet.base:Fleet", "--listen", "unix:/run/conductor.sock",
    ]  # fmt: skip
    deep = command_of(python, Served("fleet"), Path("/" + "d" * 99))
    assert deep[4:] == ["--import", "fleet", "--listen", "127.0.0.1:0"]
