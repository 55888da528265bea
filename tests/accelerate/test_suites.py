"""The tests that other projects wrote for themselves come out as before on accelerated classes.

They run from where they are installed, each in a process of its own (`run_tests.py`): with every
class of oslo.versionedobjects accelerated, those that a test declares included.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vobj import native

HERE = Path(__file__).parent
BASE = "oslo_versionedobjects.base:VersionedObject"
SECONDS = 240

# The modules, how many tests run at the very least, and how many native fields there are then.
SUITES = {
    "oslo": (
        [f"oslo_versionedobjects.tests.test_{one}" for one in ("objects", "fields", "fixture")],
        550,
        80,
    ),
    "os-vif": (["os_vif.tests.unit"], 80, 150),
}


def run(how: str, *modules: str) -> Any:
    """The report of `run_tests.py`."""
    paths = [str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, str(HERE / "run_tests.py"), how, BASE, *modules],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not native.active, reason=str(native.reason))
@pytest.mark.parametrize("suite", SUITES)
def test_suite(suite: str, record_property: Callable[[str, object], None]) -> None:
    """Each test comes out as it does without vobj, and all that ran have passed."""
    modules, at_least, fields = SUITES[suite]
    plain, fast = run("plain", *modules), run("accelerated", *modules)
    different = {
        name: fast["told"].get(name, how)
        for name, how in fast["outcomes"].items()
        if how != plain["outcomes"].get(name)
    }
    assert not different, "\n\n".join(f"{name}: {told}" for name, told in different.items())
    assert plain["outcomes"].keys() == fast["outcomes"].keys()
    assert len(fast["outcomes"]) >= at_least
    assert fast["fields"] >= fields
    assert set(fast["outcomes"].values()) <= {"passed", "skipped"}
    record_property(
        "note",
        f"{suite}'s own tests, accelerated: {len(fast['outcomes'])} tests as without,"
        f" {fast['classes']} classes, {fast['fields']} native fields at the end",
    )
