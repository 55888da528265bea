"""The base class of the objects of both releases."""

from __future__ import annotations

import vobj


class Bench(vobj.VersionedObject):
    """What the conductors of the bench serve, and nothing else."""

    OBJ_PROJECT_NAMESPACE = "bench"
    OBJ_SERIAL_NAMESPACE = "bench"
