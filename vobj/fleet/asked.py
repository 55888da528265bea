"""Which backports were asked for, and by whom: told by conductors, kept in the record.

Theory
    An old version is needed as long as somebody asks for it. Each conductor process keeps its own
    totals and writes them whole, under a number of its own, so that writing one twice changes
    nothing and two conductors never write one row; whoever reads adds them up. Callers name
    themselves, so a process keeps a limited number of kinds: beyond that it counts under a caller
    without a name, because what was asked for matters more than by whom.

    Nothing here raises: a record that is away delays what is written, and answers nobody's request
    with an error.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from vobj.errors import FleetError, printable
from vobj.fleet.announcement import NAME_LENGTH
from vobj.fleet.ledger import Asked

LOG = logging.getLogger(__name__)

_MOST = 5_000
_SECOND = 1_000_000


class _Kind(NamedTuple):
    service: str
    host: str
    object_name: str
    target: str


@dataclass
class _Total:
    source: str
    count: int
    at: float


class Backports:
    """An observer of a conductor: `backported` is told which backports left, in batches.

    write: puts rows into the record. seconds: how long to wait after a failure. most: how many
    kinds of backports are told apart.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Asked]], None],
        *,
        seconds: float = 5.0,
        most: int = _MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._writer = uuid.uuid4().hex
        self._totals: dict[_Kind, _Total] = {}
        self._unwritten: set[_Kind] = set()
        self._later: threading.Timer | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def backported(self, counts: Mapping[Any, int]) -> None:
        """Keep `{(caller, object name, from, to): number}`, where a caller is (service, host)."""
        for (caller, object_name, source, target), count in counts.items():
            self.note(tuple(caller), object_name, source, target, count)
        self.flush()

    def note(
        self, caller: tuple[str, str], object_name: str, source: str, target: str, count: int = 1
    ) -> None:
        """Count backports, without writing them yet."""
        if self._pid != os.getpid():
            self._begin()
        service, host = caller
        kind = _Kind(_text(service), _text(host), _text(object_name), _text(target, 30))
        with self._lock:
            if kind not in self._totals and len(self._totals) >= self._most:
                kind = _Kind("", "", kind.object_name, kind.target)
            total = self._totals.setdefault(kind, _Total("", 0, 0.0))
            total.source, total.at = _text(source, 30), self._clock()
            total.count += count
            self._unwritten.add(kind)

    def flush(self) -> bool:
        """Write what is not written yet; False when the record is away, and it is tried later."""
        with self._writing:
            with self._lock:
                kinds, self._unwritten = self._unwritten, set()
                later, self._later = self._later, None
                rows = [self._row(kind) for kind in kinds]
            if later is not None:
                later.cancel()
            try:
                if rows:
                    self._write(rows)
            except FleetError as error:
                LOG.warning("Backports are written later: %s", error)
                with self._lock:
                    self._unwritten |= kinds
                    self._later = threading.Timer(self._seconds, self.flush)
                    self._later.daemon = True
                    self._later.start()
                return False
            return True

    def close(self) -> None:
        """Write what is not written yet, once."""
        self.flush()
        with self._lock:
            if self._later is not None:
                self._later.cancel()
                self._later = None

    def _row(self, kind: _Kind) -> Asked:
        total = self._totals[kind]
        name = json.dumps([self._writer, *kind])
        return Asked(
            id=hashlib.sha256(name.encode()).hexdigest()[:32],
            service=kind.service,
            host=kind.host,
            object_name=kind.object_name,
            source=total.source,
            target=kind.target,
            number=total.count,
            age=max(0, round((self._clock() - total.at) * _SECOND)),
        )


def _text(value: object, longest: int = NAME_LENGTH) -> str:
    return printable(str(value)[:longest])[:longest].strip()
