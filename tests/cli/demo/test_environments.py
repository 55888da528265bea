"""The environments of the demo: when they are made, and what a failed step leaves behind."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from vobj.cli.demo.environments import Environment, make_all, run
from vobj.cli.demo.example import SetupError


@pytest.fixture
def recipe(tmp_path: Path) -> Environment:
    """An environment of one package that does not exist, not even on an index."""
    wheels = tmp_path / "requirements-old.txt"
    wheels.write_text("./no-such-wheel.whl\n")
    return Environment(tmp_path / "home" / "old", wheels)


def test_a_step_that_fails_is_told(recipe: Environment) -> None:
    """The error names the step and has the end of what it printed."""
    code = "import sys; print('\\n'.join(map(str, range(99)))); sys.exit(4)"
    with pytest.raises(SetupError, match=r"exit status 4: .*\n87\n(.*\n)*98$"):
        run([sys.executable, "-c", code], seconds=60, cancelled=threading.Event())


@pytest.mark.parametrize("seconds", [0.3, 600])
def test_a_step_can_be_given_up(seconds: float) -> None:
    """A step ends when its time is over, and soon after it is cancelled."""
    cancelled = threading.Event()
    threading.Timer(0.5, cancelled.set).start()
    start = time.monotonic()
    with pytest.raises(SetupError, match="gave up on: "):
        run([sys.executable, "-c", "import time; time.sleep(600)"], seconds=seconds,
            cancelled=cancelled)  # fmt: skip
    assert time.monotonic() - start < 10


def test_a_ready_environment_is_reused_until_its_recipe_changes(recipe: Environment) -> None:
    """Any change of the lists of packages makes it stale."""
    recipe.python.parent.mkdir(parents=True)
    recipe.python.touch()
    (recipe.home / "stamp").write_text(recipe.recipe())
    assert recipe.ready
    told: list[Environment] = []
    make_all([recipe], lambda made, _: told.append(made), fresh=False)
    assert told == [recipe]
    (recipe.wheels.parent / "requirements-shared.txt").write_text("idna==3.20\n")
    assert not recipe.ready


def test_a_place_that_cannot_be_written(tmp_path: Path, recipe: Environment) -> None:
    """A home that cannot be made is a failed set-up, not a crash."""
    (tmp_path / "file").touch()
    blocked = Environment(tmp_path / "file" / "old", recipe.wheels)
    with pytest.raises(SetupError, match="cannot be written"):
        make_all([blocked], lambda *_: None, fresh=False)
