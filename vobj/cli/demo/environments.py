"""The demo's virtual environments: made once, reused until something they are made from changes.

Theory
    An environment counts as ready when its stamp, written last, equals the hash of its recipe: the
    files that list its packages, and the interpreter. Everything else, a build that was interrupted
    included, is made anew. Two demos at once wait for each other at a lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vobj.cli.demo.example import Example, Release, SetupError

_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet",
        "--retries", "2", "--timeout", "20", "install", "--no-deps")  # fmt: skip
_TAIL = 12


@dataclass(frozen=True)
class Environment:
    """One environment. wheels: a complete list of packages. source: what is built on top."""

    home: Path
    wheels: Path
    source: Path | None = None

    @property
    def python(self) -> Path:
        """The interpreter inside."""
        return self.home / "bin" / "python"

    @property
    def ready(self) -> bool:
        """Whether it can be used as it is."""
        stamp = self.home / "stamp"
        return stamp.is_file() and stamp.read_text() == self.recipe() and self.python.exists()

    def recipe(self) -> str:
        """A hash of everything that the environment is made from."""
        files = [*sorted(self.wheels.parent.glob("requirements-*.txt")), self.source]
        texts = [file.read_bytes() for file in files if file is not None]
        interpreter = f"{sys.version}\0{sys.base_prefix}\0{self.home}"
        return hashlib.sha256(b"\0".join([*texts, interpreter.encode()])).hexdigest()

    def make(self, cancelled: threading.Event) -> None:
        """Make it anew. Raises SetupError, also soon after `cancelled` is set."""
        steps: list[tuple[Sequence[str], float]] = [
            ([sys.executable, "-m", "venv", "--clear", str(self.home)], 120)
        ]
        python = str(self.python)
        wheels = [python, *_PIP, "--only-binary", ":all:", "-r", str(self.wheels)]
        steps.append((wheels, 300))
        if self.source is not None:
            source = ("--no-build-isolation", "--use-pep517", "-r", str(self.source))
            steps.append(([python, *_PIP, *source], 120))
        for command, seconds in steps:
            run(command, seconds=seconds, cancelled=cancelled)
        (self.home / "stamp").write_text(self.recipe())


def environment_of(example: Example, release: Release, name: str) -> Environment:
    """The environment of one side of an example. Raises SetupError."""
    if release.requirements is None:
        raise SetupError(f"The {name} release lists no requirements.")
    home = example.home.parent / ".venv-demo" / name
    return Environment(home, release.requirements, release.source)


def environments_of(example: Example) -> dict[str, Environment]:
    """Both, `old` and `new`. Raises SetupError."""
    if not (example.home.parent / "vobj" / "__init__.py").is_file():
        raise SetupError(f"{example.home} is not in the source tree that the new node needs.")
    return {"old": environment_of(example, example.old, "old"),
            "new": environment_of(example, example.new, "new")}  # fmt: skip


def run(command: Sequence[str], *, seconds: float, cancelled: threading.Event) -> None:
    """Run one step to its end. Raises SetupError when it fails, takes too long or is cancelled."""
    hidden = ("PYTHONPATH", "PYTHONHOME")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    deadline = time.monotonic() + seconds
    with subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as step:
        while True:
            try:
                output, _ = step.communicate(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                if cancelled.is_set() or time.monotonic() > deadline:
                    os.killpg(step.pid, signal.SIGKILL)
                    step.communicate()
                    raise SetupError(f"gave up on: {' '.join(command)}") from None
    if step.returncode:
        tail = "\n".join(output.splitlines()[-_TAIL:])
        raise SetupError(f"exit status {step.returncode}: {' '.join(command)}\n{tail}")


def make_all(
    environments: Sequence[Environment], told: Callable[[Environment, float], None], *, fresh: bool
) -> None:
    """Make what is not ready, all at once; `told` hears of each one and the seconds it took.

    fresh: make also what is ready. Raises SetupError; what was made before it stays.
    """
    cancelled = threading.Event()

    def one(environment: Environment) -> tuple[Environment, float]:
        start = time.monotonic()
        if fresh or not environment.ready:
            environment.make(cancelled)
        return environment, time.monotonic() - start

    with _lock(environments[0].home.parent), ThreadPoolExecutor(len(environments)) as pool:
        waiting = [pool.submit(one, environment) for environment in environments]
        try:
            for made in waiting:
                told(*made.result())
        except BaseException:
            cancelled.set()
            raise


@contextmanager
def _lock(place: Path) -> Iterator[None]:
    try:
        place.mkdir(parents=True, exist_ok=True)
        held = (place / "lock").open("w")
    except OSError as error:
        raise SetupError(f"{place} cannot be written: {error}") from None
    with held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
