"""Timing of one piece of work, many times over.

Theory
    Other processes only ever make work slower, so the least of many repeats is the best estimate of
    what the work costs. Contenders take turns (see run.py), so that a slow spell of the machine
    meets all of them. Absolute times belong to one machine; ratios of one run travel better.

    The garbage collector works as it does in a service. Objects that are in cycles cost what it
    costs to find them; held back, they would cost new memory instead, the more the faster they are
    made.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from pyperf import perf_counter

Work = Callable[[], object]


def loops_for(work: Work, seconds: float) -> int:
    """How often the work runs in about this many seconds, at least once."""
    loops = 1
    while (taken := timed(work, loops)) < seconds / 4:
        loops *= 2
    return max(1, round(loops * seconds / taken))


def timed(work: Work, loops: int) -> float:
    """Seconds that `loops` runs take."""
    turns = range(loops)
    gc.collect()
    start = perf_counter()
    for _ in turns:
        work()
    return perf_counter() - start
