"""Runs unittest modules of other projects, accelerated or as they are, and prints what came out.

Usage: `python run_tests.py plain|accelerated BASE MODULE...` where BASE is `module:Class`. Prints a
report as JSON on standard output, and what the tests print on standard error. A module that is a
package stands for all test modules in it.

Theory
    "Accelerated" is the hardest way: the tree is accelerated before the first test module is
    imported, and again whenever a class is registered, so each class that a test declares is too.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import pkgutil
import sys
import unittest
from collections.abc import Iterator
from typing import Any

from oslo_versionedobjects import base

import vobj
from vobj.model.acceleration_report import Report


class Outcomes(unittest.TestResult):
    """Every test id with what came out: `passed`, `skipped`, or the last line of the error."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.told: dict[str, str] = {}

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's name
        super().startTest(test)
        self.found[test.id()] = "passed"

    def addFailure(self, test: unittest.TestCase, err: Any, details: Any = None) -> None:  # noqa: N802
        super().addFailure(test, err)
        self._failed(test, "failed", self.failures[-1][1])

    def addError(self, test: unittest.TestCase, err: Any, details: Any = None) -> None:  # noqa: N802
        super().addError(test, err)
        self._failed(test, "error", self.errors[-1][1])

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802
        super().addSkip(test, reason)
        self.found[test.id()] = "skipped"

    def _failed(self, test: unittest.TestCase, how: str, told: str) -> None:
        self.found[test.id()] = how
        self.told[test.id()] = told


def modules(name: str) -> Iterator[str]:
    """The module, or the test modules in the package."""
    module = importlib.import_module(name)
    if not hasattr(module, "__path__"):
        yield name
        return
    for found in pkgutil.walk_packages(module.__path__, f"{name}."):
        if found.name.rpartition(".")[2].startswith("test_"):
            yield found.name


def accelerate_always(root: type[base.VersionedObject]) -> None:
    """Accelerate what is registered, and what will be."""
    register = base.VersionedObjectRegistry._register_class

    def registered(self: Any, cls: type[base.VersionedObject]) -> None:
        register(self, cls)
        if issubclass(cls, root):
            vobj.accelerate(root)

    base.VersionedObjectRegistry._register_class = registered  # type: ignore[method-assign]
    vobj.accelerate(root)


def main(how: str, where: str, *names: str) -> None:
    """Prints the report."""
    home, _, name = where.partition(":")
    outcomes = Outcomes()
    report: Report | None = None
    with contextlib.redirect_stdout(sys.stderr):
        root = getattr(importlib.import_module(home), name)
        if how == "accelerated":
            accelerate_always(root)
        found = [module for one in names for module in modules(one)]
        suite = unittest.defaultTestLoader.loadTestsFromNames(found)
        suite.run(outcomes)
        if how == "accelerated":
            report = vobj.accelerate(root).report()
    json.dump(
        {
            "outcomes": outcomes.found,
            "told": outcomes.told,
            "classes": 0 if report is None else len(report.classes),
            "fields": 0 if report is None else sum(len(one.fields) for one in report.classes),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
