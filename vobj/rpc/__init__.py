"""Versioned objects inside what services already send: RPC, tasks, caches, logs.

`VersionedObjectSerializer` is for oslo.messaging, `StructureSerializer` and
`VersionedObjectHandler` are for what takes those of oslo.serialization; `vobj.rpc.kombu` is found
by kombu and Celery under the name `vobj`.

Theory
    A message is a structure of plain data with objects anywhere in it. `carrier` turns one object
    into what stands for it and back, and is the only place that decides on versions, on the wire
    and on asking a conductor. `structure` walks what is around the objects; `body` makes bytes of
    the whole. What the families add is how they want to be called.

    kombu imports its entry points while oslo.messaging imports kombu, so nothing is imported here
    before it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vobj.rpc.handler import VersionedObjectHandler
    from vobj.rpc.serializer import VersionedObjectSerializer
    from vobj.rpc.structures import StructureSerializer

__all__ = ["StructureSerializer", "VersionedObjectHandler", "VersionedObjectSerializer"]

_HOME = {
    "StructureSerializer": "vobj.rpc.structures",
    "VersionedObjectHandler": "vobj.rpc.handler",
    "VersionedObjectSerializer": "vobj.rpc.serializer",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'vobj.rpc' has no attribute {name!r}")
    found = getattr(importlib.import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
