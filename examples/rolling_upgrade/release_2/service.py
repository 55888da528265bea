"""What the conductor serves: the objects of today's release, and the database behind them.

    cd release_2
    INVENTORY_DB=/var/lib/inventory.sqlite \\
        vobj conductor --import service:prepare --listen unix:/run/inventory/conductor.sock
"""

import objects  # noqa: F401 - what is registered is served
import store

import vobj
from vobj.conductor import Conductor


def prepare() -> Conductor:
    """The conductor; what it says of a server that is not there may be known to everyone."""
    store.prepare()
    return Conductor(vobj.VersionedObject, expected=[store.NotFoundError])
