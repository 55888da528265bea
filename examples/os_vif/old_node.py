"""A node that runs os-vif as it was released in 2017, unmodified: it has never heard of vobj.

It reads what it is sent with oslo's own serializer, edits objects by plain assignment and sends
them back with `obj_to_primitive`. Once it is told of a conductor, oslo asks that for a backport of
what is too new. Run it with `python ../nodes/line_node.py old_node.py`.
"""

from importlib.metadata import version
from typing import Any

from os_vif import objects
from os_vif.objects.base import VersionedObject
from oslo_versionedobjects.base import VersionedObjectRegistry
from reader import Reader

PORT = "6d0f9a4e-3c2b-4f7b-9a51-0c8d7e5f2b10"
NETWORK = "c1f0a8d2-7e64-4b39-8f05-9b2a61d3e744"


def plugged_here() -> Any:
    """A port as this release builds it."""
    return objects.vif.VIFOpenVSwitch(
        id=PORT,
        address="fa:16:3e:5a:10:07",
        plugin="ovs",
        vif_name=f"tap{PORT[:11]}",
        bridge_name="br-int",
        active=False,
        preserve_on_delete=True,
        has_traffic_filtering=True,
        network=objects.network.Network(id=NETWORK, bridge="br-int", label="legacy", mtu=1500),
        port_profile=objects.vif.VIFPortProfileOpenVSwitch(
            interface_id=PORT, profile_id="legacy-profile"
        ),
    )


objects.register_all()
OPERATIONS = Reader(
    release=f"os-vif {version('os-vif')}",
    base=VersionedObject,
    manifest={
        name: classes[0].VERSION for name, classes in VersionedObjectRegistry.obj_classes().items()
    },
    offered=plugged_here,
).operations()
