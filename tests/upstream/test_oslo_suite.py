"""oslo.versionedobjects' own tests hold for vobj's base class and serializer.

They run from where oslo installs them, each module in a process of its own (`run_module.py`), with
`vobj.VersionedObject` as the base of every class they declare and vobj's serializer for oslo's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PACKAGE = "oslo_versionedobjects.tests."
SECONDS = 120

# The module, and how many tests of it run at the very least: an empty run must not pass.
MODULES = {"test_objects": 250, "test_fields": 250, "test_fixture": 40}

REPR = "expects oslo's repr; that of vobj's classes names set fields only and looks inside objects"
BARE_LIST = "oslo makes the elements of a list 1.0 when nothing names their version; vobj does not"

EXCLUDED = {
    "test_fields.TestObject.test_inheritance": (
        "lists the object names of all base classes, and a project's own base adds its own"
    ),
    "test_fixture.TestStableObjectJsonFixture.test_changes_sort": (
        "the fixture sorts changes in oslo's obj_to_primitive; vobj's order is stable without it"
    ),
    "test_objects.TestNamespaceCompatibility.test_obj_primitive_field_namespace": (
        "puts a mock, which is no class, in the place of obj_class_from_name"
    ),
    "test_objects.TestObject.test_obj_make_compatible_on_list_base": BARE_LIST,
    "test_objects.TestObject.test_obj_repr": REPR,
    "test_objects.TestObject.test_obj_repr_sensitive": REPR,
    "test_objects.TestObject.test_obj_repr_unicode": REPR,
    "test_objects.TestObjectListBase.test_obj_make_compatible_no_relationships": BARE_LIST,
    "test_objects.TestObjectListBase.test_obj_repr": REPR,
    "test_objects.TestObjectListBase.test_object_version_mappings": (
        "oslo skips it itself: it says that it needs to be generalized"
    ),
    "test_objects.TestRemoteObject.test_non_dict_remotable": (
        "another test left a newer class of that name, and vobj reads own objects into the newest"
    ),
    "test_objects.TestRemoteObject.test_obj_make_compatible_on_list_base": BARE_LIST,
    "test_objects.TestRemoteObject.test_obj_repr": REPR,
    "test_objects.TestRemoteObject.test_obj_repr_sensitive": REPR,
    "test_objects.TestRemoteObject.test_obj_repr_unicode": REPR,
    "test_objects._TestObject.test_obj_make_compatible_on_list_base": BARE_LIST,
    "test_objects._TestObject.test_obj_repr": REPR,
    "test_objects._TestObject.test_obj_repr_sensitive": REPR,
    "test_objects._TestObject.test_obj_repr_unicode": REPR,
}

Report = Mapping[str, Any]


def run(module: str, base: str = "vobj:VersionedObject") -> Report:
    """The report of `run_module.py`."""
    paths = [str(HERE.parents[1]), str(HERE), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, str(HERE / "run_module.py"), PACKAGE + module, base],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: Report = json.loads(done.stdout)
    return report


def complaints(report: Report, excluded: Mapping[str, str]) -> list[str]:
    """What a report and a table of exclusions say against each other."""
    not_passed = {**report["failed"], **report["skipped"]}
    return [
        *(f"{name}: {told}" for name, told in not_passed.items() if name not in excluded),
        *(f"{name}: is excluded, and passes" for name in excluded if name in report["passed"]),
        *(
            f"{name}: is excluded, and does not exist"
            for name in excluded
            if name not in report["passed"] and name not in not_passed
        ),
        *(f"{name}: is not derived from the class under test" for name in report["strays"]),
    ]


@pytest.mark.parametrize("module", MODULES)
def test_oslo_suite(module: str, record_property: Callable[[str, object], None]) -> None:
    """Every test of the module passes on vobj's base class, but for the exclusions listed above."""
    report = run(module)
    excluded = {
        PACKAGE + name: why for name, why in EXCLUDED.items() if name.startswith(f"{module}.")
    }
    passed = len(report["passed"])
    total = passed + len(report["failed"]) + len(report["skipped"])
    record_property(
        "note",
        f"oslo's {module} on vobj.VersionedObject: {total} tests, {passed} passed, "
        f"{len(excluded)} excluded, {report['derived']} classes",
    )
    found = complaints(report, excluded)
    assert not found, "\n\n".join(found)
    assert total >= MODULES[module]
    assert report["derived"] > 0


def test_oslo_suite_sees_a_bug() -> None:
    """A base class that forgets what was changed fails tests of oslo's."""
    failed = run("test_objects", "forgetful:VersionedObject")["failed"]
    assert PACKAGE + "test_objects.TestObject.test_changed_1" in failed


def test_complaints() -> None:
    """An exclusion that passes, that does not exist, or that is missing is complained about."""
    report = {
        "passed": ["a", "b"],
        "failed": {"c": "boom", "d": "boom"},
        "skipped": {"e": "later"},
        "strays": ["Stray"],
    }
    found = complaints(report, {"b": "why", "c": "why", "z": "why"})
    assert found == [
        "d: boom",
        "e: later",
        "b: is excluded, and passes",
        "z: is excluded, and does not exist",
        "Stray: is not derived from the class under test",
    ]
    assert complaints({**report, "strays": []}, {"c": "why", "d": "why", "e": "why"}) == []
