"""Inputs that once found something, each on the target that they found it in."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.places import REGRESSIONS
from tests.fuzz.test_fuzz import run
from vobj import native

FILES = sorted(path for path in REGRESSIONS.glob("*/*") if path.is_file())


@pytest.mark.skipif(native.reason is not None, reason=f"the native executor: {native.reason}")
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_once_stays_mended(path: Path) -> None:
    """The target gives for it what it promises."""
    name = path.parent.name
    assert run("fuzz", "--target", name, "--replay", str(path)) == f"{name}: passed\n"


def test_there_are_regressions() -> None:
    """An empty folder would try nothing."""
    assert FILES
