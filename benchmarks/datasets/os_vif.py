"""A port as os-vif describes it to a plug-in: nine classes, four levels, of another project."""

from __future__ import annotations

import os_vif.objects
import os_vif.objects.base
from os_vif.objects import fixed_ip, network, route, subnet, vif
from oslo_versionedobjects import base

os_vif.objects.register_all()

ROOT = os_vif.objects.base.VersionedObject
OLDEST = {
    "VIFOpenVSwitch": "1.0",
    "VIFPortProfileOpenVSwitch": "1.0",
    "VIFPortProfileBase": "1.0",
    "Network": "1.0",
    "SubnetList": "1.0",
    "Subnet": "1.0",
    "FixedIPList": "1.0",
    "FixedIP": "1.0",
    "RouteList": "1.0",
    "Route": "1.0",
}


def _subnet(number: int) -> subnet.Subnet:
    hosts = [f"10.0.{number}.{last}" for last in (11, 12)]
    return subnet.Subnet(
        cidr=f"10.0.{number}.0/24",
        dns=["192.0.2.53", "198.51.100.53"],
        gateway=f"10.0.{number}.1",
        ips=fixed_ip.FixedIPList(
            objects=[fixed_ip.FixedIP(address=one, floating_ips=["203.0.113.7"]) for one in hosts]
        ),
        routes=route.RouteList(
            objects=[route.Route(cidr="0.0.0.0/0", gateway=f"10.0.{number}.1", interface="eth0")]
        ),
    )


def port() -> base.VersionedObject:
    """A port of Open vSwitch in a network of two subnets."""
    return vif.VIFOpenVSwitch(
        id="b5a0c1f2-6f0e-4b0c-9d53-0a4f4e5d2c11",
        address="fa:16:3e:4a:11:0d",
        plugin="ovs",
        vif_name="tapb5a0c1f2-6f",
        bridge_name="br-int",
        active=True,
        preserve_on_delete=False,
        has_traffic_filtering=True,
        network=network.Network(
            id="437c6db5-4e6f-4b43-b64b-ed6a11ee5ba7",
            bridge="br-int",
            label="tenant-net",
            mtu=1450,
            vlan=None,
            multi_host=False,
            should_provide_bridge=False,
            should_provide_vlan=False,
            subnets=subnet.SubnetList(objects=[_subnet(1), _subnet(2)]),
        ),
        port_profile=vif.VIFPortProfileOpenVSwitch(
            interface_id="c3f8d5b1-94e7-4a20-8d6b-5f1a7c9e3b42",
            profile_id="default",
            datapath_type="netdev",
            create_port=True,
            create_tap=False,
            multiqueue=False,
        ),
    )
