"""A node that runs os-vif 5.3.0, unmodified, with vobj beside it.

Run it with `python ../nodes/line_node.py new_node.py`.
"""

from importlib.metadata import version

from keeper import Keeper
from objects import SAMPLES
from os_vif.objects.base import VersionedObject

import vobj

OPERATIONS = Keeper(
    release=f"os-vif {version('os-vif')}",
    codec=vobj.Codec(wire="primitive", base=VersionedObject),
    samples=SAMPLES,
).operations()
