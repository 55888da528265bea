"""Fleets: who is there, the pin that every peer reads, and what is still needed.

`Fleet` needs the `store` extra. Releases and fan-out do without it.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from vobj.errors import UsageError
from vobj.fleet.fanout import encode_for
from vobj.fleet.highest import Highest, highest
from vobj.fleet.releases import read_releases, write_release

if TYPE_CHECKING:
    from vobj.fleet.fleet import Fleet
    from vobj.fleet.lease import Lease
    from vobj.fleet.pin import Pin
    from vobj.fleet.remote import RemoteFleet

__all__ = [
    "Fleet",
    "Highest",
    "Lease",
    "Pin",
    "RemoteFleet",
    "encode_for",
    "highest",
    "read_releases",
    "write_release",
]

_MODULES = {"Fleet": "fleet", "Lease": "lease", "Pin": "pin", "RemoteFleet": "remote"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "Fleet" and importlib.util.find_spec("sqlalchemy") is None:
        raise UsageError(
            "A fleet needs SQLAlchemy: pip install 'pyvobj[store]'", rule="usage/argument"
        )
    return getattr(importlib.import_module(f"vobj.fleet.{_MODULES[name]}"), name)
