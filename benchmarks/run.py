"""One run: every contender on every question, in turns.

Theory
    The contenders of one question take turns in every round, wherever they live, and only one of
    them works at a time. First everything is done once and compared with what oslo gives: work that
    gives something else is not faster, it is wrong. Only then is anything timed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from benchmarks import questions as ask
from benchmarks.contenders import ALL, GROWTH, LIVES, OSLO, Contender
from benchmarks.datasets import SETS, named
from benchmarks.imports import import_figures
from benchmarks.peers.bench import repeats
from benchmarks.results import Figure

ROOT = Path(__file__).parents[1]
_REST = ("VOBJ_EXECUTOR",)
_FEWEST = 3


@dataclass(frozen=True)
class Pace:
    """How long a run takes. seconds: of one repeat. budget: seconds after which a contender leaves.

    objects: how many are held while their memory is measured. starts: of a new process, per import.
    sets: the names of the data.
    """

    name: str
    rounds: int
    seconds: float
    budget: float
    objects: int
    starts: int
    sets: tuple[str, ...] = tuple(SETS)


FULL = Pace("full", rounds=15, seconds=0.02, budget=1.0, objects=5000, starts=9)
QUICK = Pace(
    "quick",
    rounds=1,
    seconds=0.0002,
    budget=0.0,
    objects=50,
    starts=1,
    sets=tuple(name for name in SETS if name != "list 10000"),
)


class DisagreementError(Exception):
    """Contenders whose results are not those of oslo."""


class Worker:
    """One process of contenders."""

    def __init__(self, life: str) -> None:
        kept = {name: held for name, held in os.environ.items() if name not in _REST}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**kept, **LIVES[life]},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ask(self, do: str, data: str, contender: str, **more: object) -> dict[str, Any]:
        """Raises RuntimeError when the work raises."""
        request = {"do": do, "data": data, "contender": contender, **more}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"failed": "the process ended"}
        if "failed" in answer:
            raise RuntimeError(f"{contender}, {data}, {do}: {answer['failed']}")
        return answer


@dataclass
class Run:
    """The figures of one run, as they come in. say: is told what is being done."""

    pace: Pace
    say: Callable[[str], None]
    workers: Mapping[str, Worker]
    figures: list[Figure] = field(default_factory=list)
    _ready: dict[tuple[str, str], list[Contender]] = field(default_factory=dict)

    def check(self) -> None:
        """Does everything once. Raises DisagreementError with all that differ."""
        self.say("comparing results")
        wrong: list[str] = []
        for data in self.pace.sets:
            for question in ask.asked_of(data):
                wrong += self._check(data, question)
        if wrong:
            raise DisagreementError("\n".join(wrong))

    def _check(self, data: str, question: str) -> Iterator[str]:
        expected: dict[str, Any] = {}
        for one in invited(data, question):
            found = self._ask("outcome", data, one, question=question)
            expected = expected or found
            if "missing" in found:
                self.figures.append(Figure(data, question, one.name, missing=found["missing"]))
            elif "undone" not in found:
                self._ready.setdefault((data, question), []).append(one)
                if question == ask.ENCODE:
                    size = (float(found["size"]),)
                    self.figures.append(Figure(data, ask.SIZE, one.name, "byte", size))
                for part in ("data", "envelope"):
                    if found[part] not in (None, expected[part]):
                        yield f"{one.name} differs from {OSLO}: {data}, {question}, {part}"

    def time(self) -> None:
        """Times what has been found equal."""
        at = None
        for (data, question), ready in self._ready.items():
            if data != at:
                self.say(f"timing {SETS[data].title}")
                at = data
            self._time(data, question, ready)

    def _time(self, data: str, question: str, ready: list[Contender]) -> None:
        seconds, divisor = self.pace.seconds, repeats(question, named(data))
        loops = {
            one: self._ask("loops", data, one, question=question, seconds=seconds)["loops"]
            for one in ready
        }
        spent = dict.fromkeys(ready, 0.0)
        values: dict[Contender, list[float]] = {one: [] for one in ready}
        for _ in range(self.pace.rounds):
            for one in ready:
                if spent[one] > self.pace.budget and len(values[one]) >= _FEWEST:
                    continue
                took = self._ask("time", data, one, question=question, loops=loops[one])["seconds"]
                spent[one] += took
                values[one].append(took / loops[one] / divisor)
        self.figures += [
            Figure(data, question, one.name, "second", tuple(values[one])) for one in ready
        ]

    def memory(self) -> None:
        """Each in a new process, so that nothing of another is there to be used again."""
        self.say("measuring memory")
        for one in ALL.values():
            if not one.thing:
                continue
            with Worker(one.life) as worker:
                found = worker.ask("memory", ask.SERVER, one.name, count=self.pace.objects)
            if "missing" in found:
                held = Figure(ask.SERVER, ask.MEMORY, one.name, missing=found["missing"])
            else:
                # A few objects may fit into what the process had: never less than one byte.
                size = (max(1.0, found["bytes"]),)
                held = Figure(ask.SERVER, ask.MEMORY, one.name, "byte", size)
            self.figures.append(held)

    def _ask(self, do: str, data: str, one: Contender, **more: object) -> dict[str, Any]:
        return self.workers[one.life].ask(do, data, one.name, **more)


def invited(data: str, question: str) -> list[Contender]:
    """Who is asked, the reference first. About objects: one contender for each kind of object."""
    if question in ask.OBJECT:
        return [one for one in ALL.values() if one.thing]
    if data.startswith(("fields", "depth")):
        return [ALL[name] for name in GROWTH]
    return list(ALL.values())


def measured(pace: Pace, say: Callable[[str], None]) -> list[Figure]:
    """All figures. Raises DisagreementError before anything is timed."""
    workers = {life: Worker(life) for life in LIVES}
    try:
        run = Run(pace, say, workers)
        run.check()
        run.time()
    finally:
        for worker in workers.values():
            worker.__exit__()
    run.memory()
    say("measuring imports")
    return [*run.figures, *import_figures(starts=pace.starts)]
