"""What is done in a worker: the answers to its requests."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import psutil

from benchmarks.contenders import ALL
from benchmarks.datasets import DataSet, named
from benchmarks.peers.bench import Bench, NotAvailableError
from benchmarks.questions import DECODE, ENCODE
from benchmarks.timing import loops_for, timed

Request = Mapping[str, Any]


class Desk:
    """Answers requests. It keeps one data set at a time, with the benches made from it."""

    def __init__(self) -> None:
        self._data: DataSet | None = None
        self._benches: dict[str, Bench] = {}

    def answer(self, request: Request) -> dict[str, Any]:
        """Raises KeyError for what is not known, and what the work itself raises."""
        does: dict[str, Callable[[Bench, Request], dict[str, Any]]] = {
            "outcome": self._outcome,
            "loops": self._loops,
            "time": self._time,
            "memory": self._memory,
        }
        work = does[request["do"]]
        try:
            bench = self._bench(request["data"], request["contender"])
        except NotAvailableError as error:
            return {"missing": str(error)}
        question = request.get("question")
        if question is not None and question not in bench.works:
            return {"undone": True}
        return work(bench, request)

    def _bench(self, data: str, contender: str) -> Bench:
        if self._data is None or self._data.name != data:
            gc.unfreeze()
            self._benches, self._data = {}, None
            gc.collect()
            self._data = named(data)
        if contender not in self._benches:
            self._benches[contender] = ALL[contender].bench(self._data)
            # What is kept is of no concern to the collector while other work is timed.
            gc.freeze()
        return self._benches[contender]

    def _outcome(self, bench: Bench, request: Request) -> dict[str, Any]:
        found = bench.outcome(request["question"])
        envelope = None if found.envelope is None else _digest(found.envelope)
        return {"data": _digest(found.data), "envelope": envelope, "size": found.size}

    def _loops(self, bench: Bench, request: Request) -> dict[str, Any]:
        return {"loops": loops_for(bench.works[request["question"]], request["seconds"])}

    def _time(self, bench: Bench, request: Request) -> dict[str, Any]:
        return {"seconds": timed(bench.works[request["question"]], request["loops"])}

    def _memory(self, bench: Bench, request: Request) -> dict[str, Any]:
        """What one decoded object adds to the process, with all that is in it."""
        decode, payload = bench.decode, bench.works[ENCODE]()
        if DECODE not in bench.works or not isinstance(payload, bytes):
            return {"undone": True}
        count, process = request["count"], psutil.Process()
        held = [decode(payload)]
        gc.collect()
        before = process.memory_info().rss
        held += [decode(payload) for _ in range(count)]
        gc.collect()
        return {"bytes": (process.memory_info().rss - before) / (len(held) - 1)}


def _digest(found: str) -> str:
    return hashlib.sha256(found.encode()).hexdigest()
