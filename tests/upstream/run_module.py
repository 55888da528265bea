"""Runs one test module of oslo.versionedobjects with another class in place of its base class.

Usage: `python run_module.py oslo_versionedobjects.tests.test_objects [BASE [SERIALIZER]]` prints a
report as JSON on standard output, and what the tests print on standard error. BASE and SERIALIZER
are `module:Class`, by default `vobj:VersionedObject` and `vobj.rpc:VersionedObjectSerializer`.

Theory
    The module is imported as it is installed. While it is, the `base` it finds in its package is a
    stand-in: the real module, except that `VersionedObject` and the serializer are those under
    test, the latter with the former as its base, as in a project. The module keeps that
    stand-in, so the classes which its tests declare later derive from the class under test as well.
    What oslo itself uses is never replaced, and nothing outlives this process.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import types
import unittest
from typing import Any

import oslo_versionedobjects
from oslo_versionedobjects import base

# Test support of oslo that must hold the real base, so it is imported before the stand-in is there.
SUPPORT = ("oslo_versionedobjects.fixture", "oslo_versionedobjects.test")


class StandIn(types.ModuleType):
    """`oslo_versionedobjects.base` to readers and writers alike, but for the base class."""

    def __init__(
        self,
        substitute: type[base.VersionedObject],
        serializer: type[base.VersionedObjectSerializer],
    ) -> None:
        super().__init__(base.__name__)
        name = "VersionedObjectSerializer"
        vars(self)["VersionedObject"] = substitute
        vars(self)[name] = type(name, (serializer,), {"OBJ_BASE_CLASS": substitute})

    def __getattr__(self, name: str) -> Any:
        return getattr(base, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(base, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(base, name)


class Outcomes(unittest.TestResult):
    """Every test id with `passed`, or with what went wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.passed: list[str] = []
        self.failed: dict[str, str] = {}
        self.skipped_ids: dict[str, str] = {}

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's name
        self.passed.append(test.id())

    def addFailure(self, test: unittest.TestCase, err: Any, details: Any = None) -> None:  # noqa: N802
        super().addFailure(test, err)
        self.failed[test.id()] = self.failures[-1][1]

    def addError(self, test: unittest.TestCase, err: Any, details: Any = None) -> None:  # noqa: N802
        super().addError(test, err)
        self.failed[test.id()] = self.errors[-1][1]

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802
        super().addSkip(test, reason)
        self.skipped_ids[test.id()] = reason


def load(
    module: str,
    substitute: type[base.VersionedObject],
    serializer: type[base.VersionedObjectSerializer],
) -> types.ModuleType:
    """The test module, imported with the substitutes in place."""
    for name in SUPPORT:
        importlib.import_module(name)
    oslo_versionedobjects.base = StandIn(substitute, serializer)  # type: ignore[assignment]
    try:
        return importlib.import_module(module)
    finally:
        oslo_versionedobjects.base = base


def declared(module: str) -> list[type[base.VersionedObject]]:
    """The versioned objects that a test module declared, at import and while its tests ran."""
    found, waiting = [], [base.VersionedObject]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            waiting.append(cls)
            if cls.__module__ == module:
                found.append(cls)
    return found


def named(where: str) -> Any:
    """What `module:Name` names."""
    home, _, name = where.partition(":")
    return getattr(importlib.import_module(home), name)


def main(
    module: str,
    where: str = "vobj:VersionedObject",
    serializer: str = "vobj.rpc:VersionedObjectSerializer",
) -> None:
    """Prints the report of one module."""
    substitute = named(where)
    outcomes = Outcomes()
    with contextlib.redirect_stdout(sys.stderr):
        suite = unittest.defaultTestLoader.loadTestsFromModule(
            load(module, substitute, named(serializer))
        )
        suite.run(outcomes)
    classes = declared(module)
    report = {
        "passed": outcomes.passed,
        "failed": outcomes.failed,
        "skipped": outcomes.skipped_ids,
        "derived": sum(issubclass(cls, substitute) for cls in classes),
        "strays": sorted({cls.__name__ for cls in classes if not issubclass(cls, substitute)}),
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
