"""What a conductor of the bench imports, with the flag `--import`."""

from __future__ import annotations

import importlib

from vobj.conductor import Conductor
from vobj.fleettest.base import Bench


def prepare() -> Conductor:
    """The conductor of release 2."""
    importlib.import_module("vobj.fleettest.release_2")
    return Conductor(Bench)
