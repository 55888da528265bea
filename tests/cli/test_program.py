"""The program as a whole: its help, its start, and what it does without its packages."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Vobj, VobjProcess
from vobj.cli.program import COMMANDS


def test_the_commands_are_listed(vobj: Vobj) -> None:
    """`--help` names every command, and what the exit statuses mean."""
    text = vobj("--help").stdout
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    for name, (_, shown) in COMMANDS.items():
        assert [name, shown] in lines
    assert "Exit status:" in text


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_an_example(vobj: Vobj, name: str) -> None:
    """`--help` ends with an example, and what prints tables prints JSON as well."""
    result = vobj(name, "--help")
    assert result.exit_code == 0
    assert f"\n    $ vobj {name} " in result.stdout
    assert ("--json" in result.stdout) == (name != "conductor")


def test_an_unknown_command(vobj: Vobj) -> None:
    """A typo in the command is answered with what is spelled like it, and exit status 2."""
    result = vobj("histroy")
    assert result.exit_code == 2
    assert "There is no command 'histroy'. Did you mean history?" in result.stderr


def test_help_loads_nothing_slow() -> None:
    """Help is there at once: it imports neither oslo nor rich."""
    code = (
        "import sys, vobj.cli.main as m; sys.argv[1:] = ['--help']\n"
        "try: m.main()\n"
        "except SystemExit: pass\n"
        "slow = [one for one in sys.modules if one.startswith(('oslo', 'rich', 'eventlet'))]\n"
        "print('loaded:', slow)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("\nloaded: []\n")


def test_warnings_of_libraries_are_not_printed(vobj_process: VobjProcess) -> None:
    """A command prints its answer alone, also when libraries warn while they are imported."""
    done = vobj_process("plan", "tests.cli.harbour:HarbourCrew", "1.1", "1.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "HarbourCrew 1.1 -> 1.1: no steps\n"


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    """Without the packages of the cli extra the command says what to install: exit status 2."""
    venv.create(tmp_path / "bare")
    done = subprocess.run(
        [str(tmp_path / "bare" / "bin" / "python"), "-m", "vobj", "history", "json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The vobj command needs click and rich: pip install 'pyvobj[cli]'\n"
