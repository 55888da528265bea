"""Objects of os-vif 5.3.0, filled in as a compute service fills them in for real ports.

`SAMPLES` maps a short name to a function that builds one. Every value is fixed: two runs give the
same objects.
"""

from collections.abc import Callable
from uuid import UUID, uuid5

from os_vif import objects
from os_vif.objects.base import VersionedObject

objects.register_all()

NAMESPACE = UUID("0b7f4c1e-52a6-4d0f-8f7d-2f6f0d1f7a55")


def identifier(name: str) -> str:
    """A UUID that is always the same for the same name."""
    return str(uuid5(NAMESPACE, name))


def network(name: str = "tenant-blue", bridge: str = "br-int") -> VersionedObject:
    """A tenant network with an IPv4 and an IPv6 subnet, routes and a floating IP."""
    public = objects.subnet.Subnet(
        cidr="192.168.44.0/24",
        dns=["192.168.44.2", "192.168.44.3"],
        gateway="192.168.44.1",
        dhcp_server="192.168.44.2",
        ips=fixed_ips({"192.168.44.17": ["203.0.113.9"], "192.168.44.18": []}),
        routes=routes(
            ("10.20.0.0/16", "192.168.44.254", "eth0"), ("10.30.0.0/16", "192.168.44.253", "eth0")
        ),
    )
    internal = objects.subnet.Subnet(
        cidr="2001:db8:44::/64",
        dns=["2001:db8:44::2"],
        gateway="2001:db8:44::1",
        dhcp_server="2001:db8:44::2",
        ips=fixed_ips({"2001:db8:44::17": []}),
        routes=routes(),
    )
    return objects.network.Network(
        id=identifier(name),
        bridge=bridge,
        label=name,
        subnets=objects.subnet.SubnetList(objects=[public, internal]),
        multi_host=False,
        should_provide_bridge=False,
        should_provide_vlan=True,
        bridge_interface="bond0",
        vlan=2044,
        mtu=8950,
    )


def fixed_ips(addresses: dict[str, list[str]]) -> VersionedObject:
    """Fixed addresses, each with its floating ones."""
    return objects.fixed_ip.FixedIPList(
        objects=[
            objects.fixed_ip.FixedIP(address=address, floating_ips=floating)
            for address, floating in addresses.items()
        ]
    )


def routes(*entries: tuple[str, str, str]) -> VersionedObject:
    """Routes from (destination, gateway, interface)."""
    return objects.route.RouteList(
        objects=[
            objects.route.Route(cidr=cidr, gateway=gateway, interface=interface)
            for cidr, gateway, interface in entries
        ]
    )


def open_vswitch() -> VersionedObject:
    """A port on the integration bridge, offloaded to the card through a representor."""
    port = identifier("port-ovs")
    return objects.vif.VIFOpenVSwitch(
        id=port,
        address="fa:16:3e:4c:2c:30",
        network=network(),
        plugin="ovs",
        active=True,
        preserve_on_delete=False,
        has_traffic_filtering=True,
        vif_name=f"tap{port}"[:14],
        bridge_name="br-int",
        port_profile=objects.vif.VIFPortProfileOpenVSwitch(
            interface_id=port,
            profile_id="web-tier",
            datapath_type="system",
            create_port=True,
            create_tap=True,
            multiqueue=True,
            datapath_offload=objects.vif.DatapathOffloadRepresentor(
                representor_name="pf0vf3", representor_address="0000:08:10.3"
            ),
        ),
    )


def vhost_user() -> VersionedObject:
    """A port of a userspace switch, reached through a socket."""
    port = identifier("port-vhostuser")
    return objects.vif.VIFVHostUser(
        id=port,
        address="fa:16:3e:4c:2c:31",
        network=network("tenant-green", "br-dpdk"),
        plugin="ovs",
        active=True,
        preserve_on_delete=False,
        has_traffic_filtering=False,
        vif_name=f"vhu{port}"[:14],
        path=f"/var/run/openvswitch/{f'vhu{port}'[:14]}",
        mode="client",
        port_profile=objects.vif.VIFPortProfileOpenVSwitch(
            interface_id=port,
            profile_id="dpdk",
            datapath_type="netdev",
            create_port=True,
            datapath_offload=None,
        ),
    )


def fast_path() -> VersionedObject:
    """A port of a fast-path switch: its profile inherits from that of Open vSwitch."""
    port = identifier("port-fastpath")
    return objects.vif.VIFVHostUser(
        id=port,
        address="fa:16:3e:4c:2c:32",
        network=network("tenant-red", "br-int"),
        plugin="ovs",
        active=False,
        preserve_on_delete=True,
        has_traffic_filtering=True,
        vif_name=f"tap{port}"[:14],
        path=f"/tmp/{f'usv{port}'[:14]}",
        mode="server",
        port_profile=objects.vif.VIFPortProfileFPOpenVSwitch(
            interface_id=port,
            profile_id="fast",
            bridge_name="br-fp",
            hybrid_plug=False,
            datapath_type="netdev",
            create_port=False,
            create_tap=True,
            multiqueue=True,
        ),
    )


def direct_8021qbg() -> VersionedObject:
    """A virtual function behind an 802.1Qbg switch, with its representor."""
    return objects.vif.VIFDirect(
        id=identifier("port-vepa"),
        address="fa:16:3e:4c:2c:33",
        network=network("storage", "br-vepa"),
        plugin="ovs",
        active=True,
        preserve_on_delete=False,
        has_traffic_filtering=False,
        vif_name="eth3",
        dev_address="0000:08:02.5",
        mode="vepa",
        vlan_name="vlan2044",
        port_profile=objects.vif.VIFPortProfile8021Qbg(
            manager_id=8,
            type_id=23,
            type_id_version=522,
            instance_id=identifier("instance"),
            datapath_offload=objects.vif.DatapathOffloadRepresentor(
                representor_name=None, representor_address="0000:08:02.5"
            ),
        ),
    )


def host_info() -> VersionedObject:
    """What a host tells the network service about its plugins."""
    return objects.host_info.HostInfo(
        plugin_info=[
            objects.host_info.HostPluginInfo(
                plugin_name="ovs",
                vif_info=[
                    supported("VIFBridge", "VIFPortProfileOpenVSwitch"),
                    supported("VIFOpenVSwitch", "VIFPortProfileOpenVSwitch"),
                    supported(
                        "VIFVHostUser", "VIFPortProfileOpenVSwitch", "VIFPortProfileOVSRepresentor"
                    ),
                    supported("VIFHostDevice", "VIFPortProfileOVSRepresentor"),
                ],
            ),
            objects.host_info.HostPluginInfo(
                plugin_name="noop", vif_info=[supported("VIFVHostUser")]
            ),
        ]
    )


def supported(vif: str, *profiles: str) -> VersionedObject:
    """One kind of VIF that a plugin plugs, with the port profiles that it takes."""
    return objects.host_info.HostVIFInfo(
        vif_object_name=vif,
        min_version="1.0",
        max_version="1.0",
        supported_port_profiles=[
            objects.host_info.HostPortProfileInfo(
                profile_object_name=profile, min_version="1.0", max_version="1.0"
            )
            for profile in profiles
        ],
    )


def nested_dpdk() -> VersionedObject:
    """A port inside a container: a class that os-vif had not yet invented in 2017."""
    return objects.vif.VIFNestedDPDK(
        id=identifier("port-nested"),
        address="fa:16:3e:4c:2c:34",
        network=network("pods", "br-int"),
        plugin="noop",
        active=True,
        preserve_on_delete=False,
        has_traffic_filtering=False,
        pci_address="0000:00:06.0",
        dev_driver="virtio-pci",
        port_profile=objects.vif.VIFPortProfileK8sDPDK(
            l3_setup=True,
            selflink="/api/v1/namespaces/default/pods/web-0",
            resourceversion="4127",
            datapath_offload=None,
        ),
    )


SAMPLES: dict[str, Callable[[], VersionedObject]] = {
    "open-vswitch": open_vswitch,
    "vhost-user": vhost_user,
    "fast-path": fast_path,
    "802.1qbg": direct_8021qbg,
    "host-info": host_info,
    "network": network,
    "nested-dpdk": nested_dpdk,
}
