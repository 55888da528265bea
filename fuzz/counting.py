"""What calls leave in memory when they are made again and again.

Theory
    After a few rounds every cache is full and every type is warm; from then on a round leaves
    nothing behind. What is counted is exact: the blocks that Python has allocated, and the
    references to what native code handles most, which is None, classes and the names of fields. A
    reference that is lost once in a call shows after a thousand calls. A debug build of Python
    counts the references to all objects. The memory of the process is looked at too, for what is
    allocated outside of Python.
"""

from __future__ import annotations

import contextlib
import gc
import resource
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fuzz.oracle import Finding

Step = Callable[[], object]

_WARM = 3
_TURNS = 6
_BLOCKS = 200
"""Blocks that may be there afterwards and were not before: dicts that grew, a log record."""

_REFERENCES = 60
_MOST = {"all objects": 600}
_MEMORY_MIB = 32


@dataclass(frozen=True)
class Left:
    """What a turn left behind. references: the objects that got many, and how many."""

    blocks: int
    memory_mib: int
    references: Mapping[str, int]

    def __str__(self) -> str:
        references = f", references {self.references}" if self.references else ""
        return f"{self.blocks:+} blocks, {self.memory_mib:+} MiB{references}"

    @property
    def leaks(self) -> bool:
        """Whether that is more than chance."""
        many = self.blocks > _BLOCKS or self.memory_mib > _MEMORY_MIB
        return many or bool(self.references)


@dataclass(frozen=True)
class Count:
    """What is held at one moment. references: by what they are of."""

    blocks: int
    references: Mapping[str, int]
    memory_mib: int

    @classmethod
    def now(cls, watched: Mapping[str, object]) -> Count:
        """Count after all garbage is gone."""
        for _ in range(3):
            gc.collect()
        all_of_them: Callable[[], int] = getattr(sys, "gettotalrefcount", int)
        references = {name: sys.getrefcount(one) for name, one in watched.items()}
        return cls(
            sys.getallocatedblocks(),
            {**references, "all objects": all_of_them()},
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        )

    def left(self, after: Count) -> Left:
        """What was left behind since."""
        grown = {
            what: more
            for what, count in after.references.items()
            if (more := count - self.references[what]) > _MOST.get(what, _REFERENCES)
        }
        memory = after.memory_mib - self.memory_mib
        return Left(after.blocks - self.blocks, memory, grown)


def check(name: str, todo: Sequence[Step], calls: int, kept: Mapping[str, object]) -> str:
    """Do `todo` over and over, about `calls` calls in all, and say what was counted.

    Caches have bounds, and one that is filling looks like a leak. So there are several turns, each
    twice as long as the one before, and one after which nothing is left will do. kept: the objects
    whose references are counted. Raises Finding.
    """
    rounds = max(2, calls // len(todo))
    for _ in range(_WARM):
        _round(todo)
    told = []
    started = time.monotonic()
    for turn in range(_TURNS):
        before = Count.now(kept)
        for _ in range(rounds << turn):
            _round(todo)
        left = before.left(Count.now(kept))
        seconds = time.monotonic() - started
        told.append(f"{name}: {(rounds << turn) * len(todo):,} calls, {seconds:.1f} s, {left}")
        if not left.leaks:
            return told[-1]
    raise Finding("; ".join(told))


def _round(todo: Iterable[Step]) -> None:
    for step in todo:
        with contextlib.suppress(Exception):
            step()
