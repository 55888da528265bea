"""What a conductor counts, as Prometheus reads it.

Theory
    Every label has few values: operations and outcomes are closed sets, objects and versions are
    those that are registered here, rules are those of `vobj.errors`. Callers name themselves, so
    of them only the service is a label, and only the first few hundred names; the rest are
    `other`. Hosts are for observers and the log.

    prometheus_client does the arithmetic and the text. Where several workers serve one address, it
    keeps the numbers in files that all workers read (its multiprocess mode, switched on by
    `PROMETHEUS_MULTIPROC_DIR`), so that whichever worker is asked answers for all of them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from vobj.conductor.admission import Places
from vobj.conductor.journal import Asked
from vobj.conductor.kept import Results
from vobj.conductor.observed import Backport, Tally
from vobj.conductor.status import outcome_of
from vobj.errors import RULES

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"

_LEVEL_SECONDS = 0.2
_MOST_CALLERS = 200
_MOST_BACKPORTS = 5_000
_OTHER = "other"
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The numbers of one conductor in one process; any thread may count.

    places, results and tally: of the conductor; its levels are read there when they are asked for.
    """

    def __init__(self, places: Places, results: Results, tally: Tally) -> None:
        self._places = places
        self._results = results
        self._tally = tally
        self._registry = CollectorRegistry()
        self._lock = threading.Lock()
        self._is_shared = bool(os.environ.get(MULTIPROCESS))
        self._noted_at = 0.0
        self._seen = {"hit": 0, "miss": 0}
        self._callers: set[str] = set()
        self._kinds: set[tuple[str, str, str, str]] = set()
        self._children: dict[tuple[str, str, str], tuple[Any, Any]] = {}
        self._make()
        tally.tell(self)

    def _make(self) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"vobj_conductor_{name}", text, labels, registry=self._registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"vobj_conductor_{name}", text, registry=self._registry,
                         multiprocess_mode="livesum")  # fmt: skip

        self._requests = counter(
            "requests", "Requests, by outcome.", "transport", "operation", "outcome"
        )
        self._seconds = Histogram(
            "vobj_conductor_request_seconds", "From the request to its answer.",
            ("transport", "operation"), registry=self._registry, buckets=_SECONDS,
        )  # fmt: skip
        self._errors = counter("errors", "Errors, by the rule that was broken.", "rule")
        self._refusals = counter("refusals", "Requests not taken in, by the reason.", "reason")
        self._backports = counter(
            "backports", "Objects that left below the version they had.",
            "object", "source", "target", "caller",
        )  # fmt: skip
        self._cache = counter("cache", "Look-ups of results that may be kept.", "result")
        self._levels = {
            "working": gauge("working", "Requests that are worked on."),
            "waiting": gauge("waiting", "Requests that wait for a thread."),
            "late": gauge("late", "Methods that run though their caller has been answered."),
            "kept": gauge("cache_bytes", "What the results that are kept take."),
        }

    def ended(self, asked: Asked, seconds: float) -> None:
        """Count a request."""
        outcome = outcome_of(asked.status)
        key = (asked.transport, asked.operation, outcome)
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = (
                self._requests.labels(*key),
                self._seconds.labels(asked.transport, asked.operation),
            )
        found[0].inc()
        found[1].observe(seconds)
        if self._is_shared and time.monotonic() > self._noted_at + _LEVEL_SECONDS:
            self.level()
        if asked.rule != "-":
            self._errors.labels(asked.rule if asked.rule in RULES else _OTHER).inc()

    def refused(self, reason: str) -> None:
        """Count a request that was not taken in: `busy`, `draining`, `token` or `connections`."""
        self._refusals.labels(reason).inc()

    def backported(self, counts: Mapping[Backport, int]) -> None:
        """Count backports, told by the tally."""
        for one, number in counts.items():
            labels = (one.object_name, one.source, one.target, self._service(one.caller.service))
            if labels not in self._kinds:
                if len(self._kinds) >= _MOST_BACKPORTS:
                    labels = (_OTHER, _OTHER, _OTHER, _OTHER)
                self._kinds.add(labels)
            self._backports.labels(*labels).inc(number)

    def _service(self, name: str) -> str:
        if name not in self._callers:
            if len(self._callers) >= _MOST_CALLERS:
                return _OTHER
            self._callers.add(name)
        return name or "unnamed"

    def level(self) -> None:
        """Note the levels as they are now."""
        with self._lock:
            self._noted_at = time.monotonic()
            now = {"hit": self._results.hits, "miss": self._results.misses}
            for result, number in now.items():
                self._cache.labels(result).inc(number - self._seen[result])
            self._seen = now
            places = self._places
            self._levels["working"].set(places.working)
            self._levels["waiting"].set(places.taken - places.working)
            self._levels["late"].set(places.late)
            self._levels["kept"].set(self._results.size)

    def text(self) -> bytes:
        """The page that Prometheus reads, of all workers."""
        self._tally.flush()
        self.level()
        registry = self._registry
        if self._is_shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
