"""Two ways to run the command: in this process, and as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vobj.cli.program import program

ROOT = Path(__file__).parents[2]

Vobj = Callable[..., Result]
VobjProcess = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def vobj() -> Vobj:
    """Runs a command line in this process; what leaks out of a command fails the test."""

    def run(*arguments: str, stdin: bytes = b"") -> Result:
        result = CliRunner().invoke(program, arguments, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def vobj_process() -> VobjProcess:
    """Runs a command line with this interpreter, in a process of its own."""

    def run(*arguments: str, cwd: Path = ROOT, seconds: float = 60) -> object:
        return subprocess.run(
            [sys.executable, "-m", "vobj", *arguments],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    return run  # type: ignore[return-value]
