"""ormsgpack and orjson on dicts of the data: no classes, what is left when all else is taken away.

Each is in a module of its own name, imported when it is asked for.
"""

from __future__ import annotations

import copy
import importlib
from functools import partial

from benchmarks import questions as ask
from benchmarks.datasets import DataSet
from benchmarks.peers.bench import Bench
from benchmarks.shapes import comparable
from benchmarks.timing import Work


def bench(data: DataSet, form: str) -> Bench:
    """form: ormsgpack or orjson."""
    module = importlib.import_module(form)
    dumps = getattr(module, "packb", None) or module.dumps
    loads = getattr(module, "unpackb", None) or module.loads
    subject = comparable(data.values)
    payload = dumps(subject)
    works: dict[str, Work] = {
        ask.ENCODE: partial(dumps, subject),
        ask.DECODE: partial(loads, payload),
        ask.CLONE: partial(copy.deepcopy, subject),
    }
    if data.old is not None and data.old.by_hand is not None:
        edit = data.old.by_hand
        works[ask.BACKPORT] = lambda: dumps(edit(loads(payload)))
    return Bench(works=works, subject=subject, plain=lambda found: found, decode=loads, older=loads)
