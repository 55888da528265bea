"""A fixed number of threads, and work that waits for one and can be taken back.

Theory
    The executor of the standard library keeps what was cancelled in its queue until a thread comes
    by; when every thread hangs in a method of the service, none does, and what callers have long
    given up would pile up with all it holds. So what waits is kept here, and is gone when it is
    withdrawn.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_Item = tuple[Callable[[], Any], "Future[Any]"]


class Threads:
    """Runs work in at most `number` threads, first come, first served."""

    def __init__(self, number: int) -> None:
        self._pool = ThreadPoolExecutor(number, thread_name_prefix="conductor")
        self._free = number
        self._waiting: deque[_Item] = deque()
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        """The result of `work`, later."""
        future: Future[Any] = Future()
        with self._lock:
            if not self._free:
                self._waiting.append((work, future))
                return future
            self._free -= 1
        self._pool.submit(self._serve, (work, future))
        return future

    def withdraw(self, future: Future[Any]) -> None:
        """Forget work that has not begun."""
        with self._lock:
            for item in self._waiting:
                if item[1] is future:
                    self._waiting.remove(item)
                    return

    def _serve(self, item: _Item | None) -> None:
        while item is not None:
            self._run(*item)
            with self._lock:
                item = self._waiting.popleft() if self._waiting else None
                if item is None:
                    self._free += 1

    @staticmethod
    def _run(work: Callable[[], Any], future: Future[Any]) -> None:
        try:
            made = work()
        except BaseException as error:  # noqa: BLE001 - whoever waits is told, as by an executor
            future.set_exception(error)
        else:
            future.set_result(made)
