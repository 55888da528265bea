"""The figures of a run, and their file: a suite that pyperf's own commands read.

`python -m pyperf stats benchmarks/results.json` shows the spread of every figure, `compare_to` two
runs. Beside the suite the file has what pyperf has no place for: who could not take part, and why.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import pyperf

from benchmarks.questions import IMPORT

PACKAGES = (
    "oslo.versionedobjects",
    "oslo.serialization",
    "msgpack",
    "msgspec",
    "pydantic",
    "protobuf",
    "cattrs",
    "ormsgpack",
    "orjson",
    "fastavro",
)
_DIGITS = 4


@dataclass(frozen=True)
class Figure:
    """What one contender took. values: seconds or bytes, of each repeat.

    missing: why there are none; empty when there are.
    """

    data: str
    question: str
    contender: str
    unit: str = "second"
    values: tuple[float, ...] = ()
    missing: str = ""

    @property
    def name(self) -> str:
        """Unique in a run."""
        return ": ".join(part for part in (self.data, self.question, self.contender) if part)

    @property
    def least(self) -> float:
        """The best estimate of what the work costs."""
        return min(self.values)


@dataclass(frozen=True)
class Results:
    """All figures of one run. pace: `full` or `quick`. facts: what they were measured with."""

    figures: tuple[Figure, ...]
    pace: str
    facts: Mapping[str, str]

    @cached_property
    def _found(self) -> dict[tuple[str, str, str], Figure]:
        return {(one.data, one.question, one.contender): one for one in self.figures}

    def least(self, data: str, question: str, contender: str) -> float | None:
        """Seconds or bytes; None if it is not available or not done."""
        found = self._found.get((data, question, contender))
        return found.least if found and found.values else None

    def missing(self, data: str, question: str, contender: str) -> str:
        """Why a contender could not take part; empty when it did, or does no such work."""
        found = self._found.get((data, question, contender))
        return found.missing if found else ""

    @property
    def absent(self) -> dict[str, list[str]]:
        """Why contenders could not take part, and which of them."""
        found: dict[str, list[str]] = {}
        for one in self.figures:
            if one.missing and one.contender not in found.setdefault(one.missing, []):
                found[one.missing].append(one.contender)
        return found

    @property
    def spread(self) -> float:
        """By what share the median repeat is above the least one, for the median figure."""
        timed = [one.values for one in self.figures if one.unit == "second" and one.values]
        return median(median(values) / min(values) - 1 for values in timed)


def facts() -> dict[str, str]:
    """The versions of all that is measured."""
    found = {"python": f"{platform.python_implementation()} {platform.python_version()}"}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def write(results: Results, file: Path) -> None:
    """The file has one line per figure, so that two runs can be compared as text too."""
    shared = {"pace": results.pace, **{f"version {at}": held for at, held in results.facts.items()}}
    measured = [one for one in results.figures if one.values]
    suite = pyperf.BenchmarkSuite([_benchmark(one, shared) for one in measured])
    document = _plain(suite, file)
    document["missing"] = {one.name: one.missing for one in results.figures if one.missing}
    lines = ",\n".join(json.dumps(one) for one in document.pop("benchmarks"))
    rest = json.dumps(document, indent=1)
    file.write_text(f'{{"benchmarks": [\n{lines}\n],{rest[1:]}\n')


def _benchmark(one: Figure, shared: Mapping[str, str]) -> pyperf.Benchmark:
    values = [float(f"{held:.{_DIGITS}g}") for held in one.values]
    metadata = {**shared, "name": one.name, "unit": one.unit}
    if one.unit == "byte":
        values = [round(held) for held in one.values]
    return pyperf.Benchmark([pyperf.Run(values, metadata=metadata, collect_metadata=False)])


def _plain(suite: pyperf.BenchmarkSuite, file: Path) -> dict[str, Any]:
    """The suite as pyperf itself writes it."""
    suite.dump(str(file), replace=True)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def load(file: Path) -> Results:
    """The results of an earlier run. Raises what pyperf raises for another kind of file."""
    suite = pyperf.BenchmarkSuite.load(str(file))
    metadata = suite.get_metadata()
    figures = [_figure(one) for one in suite.get_benchmarks()]
    missing: Mapping[str, str] = json.loads(file.read_text()).get("missing", {})
    figures += [Figure(*_split(name), missing=reason) for name, reason in missing.items()]
    versions = {at: metadata[f"version {at}"] for at in ("python", *PACKAGES)}
    return Results(tuple(figures), metadata["pace"], versions)


def _figure(one: pyperf.Benchmark) -> Figure:
    return Figure(*_split(one.get_name()), unit=one.get_unit(), values=tuple(one.get_values()))


def _split(name: str) -> tuple[str, str, str]:
    """The data, question and contender of a name; contenders may have a colon of their own."""
    first, _, rest = name.partition(": ")
    if first == IMPORT:
        return "", first, rest
    question, _, contender = rest.partition(": ")
    return first, question, contender
