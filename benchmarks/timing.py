"""Timing of several pieces of work against each other.

Theory
    Other processes only ever make work slower, so the least of many repeats is the best estimate of
    what the work costs. The contenders take turns in every round, so that a slow spell of the
    machine meets all of them. Absolute times belong to one machine; ratios of one run travel
    better.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

Work = Callable[[], object]


def best_times(works: Mapping[str, Work], *, rounds: int, seconds: float) -> dict[str, float]:
    """Microseconds that each piece of work takes once, the least of `rounds` repeats.

    seconds: about how long one repeat of one piece of work lasts.
    """
    loops = {name: _loops(work, seconds) for name, work in works.items()}
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            best[name] = min(best[name], _time(work, loops[name]) / loops[name] * 1e6)
    return best


def _loops(work: Work, seconds: float) -> int:
    loops = 1
    while (taken := _time(work, loops)) < seconds / 4:
        loops *= 2
    return max(1, round(loops * seconds / taken))


def _time(work: Work, loops: int) -> float:
    """Seconds that `loops` runs take, with the garbage collector held back as timeit does."""
    turns = range(loops)
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in turns:
            work()
        return time.perf_counter() - start
    finally:
        if was_on:
            gc.enable()
