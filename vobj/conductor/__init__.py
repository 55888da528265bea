"""The service between peers of different versions, and the clients that ask it.

`Conductor` has no I/O. `vobj.conductor.http` serves one as an ASGI app, `vobj.conductor.endpoint`
over oslo.messaging; `vobj.conductor.http_client` and `vobj.conductor.rpc_client` are what
`indirection_api` of a base class is set to on the other side. Importing this package loads no oslo
library; the first use of a name does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vobj.conductor.mediator import Conductor
    from vobj.conductor.observed import Backport, Caller, Observer
    from vobj.conductor.remembered import InMemory, Place, Remembered

_LAZY = {
    "Conductor": "vobj.conductor.mediator",
    "Backport": "vobj.conductor.observed",
    "Caller": "vobj.conductor.observed",
    "Observer": "vobj.conductor.observed",
    "InMemory": "vobj.conductor.remembered",
    "Place": "vobj.conductor.remembered",
    "Remembered": "vobj.conductor.remembered",
}

__all__ = ["Backport", "Caller", "Conductor", "InMemory", "Observer", "Place", "Remembered"]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)
