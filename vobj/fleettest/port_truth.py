"""What is true of a port at each release of os-vif, in plain Python.

Theory
    Written by hand from the sources of os-vif 1.4.0 and 5.3.0, without either and without vobj. A
    row holds what is stored: the envelope of the newest version. What is compared is its content,
    which is each value by the place where it stands; a node says in the same form what it sees.

    The two digests of a port travel as the label of its network, which is free text in both
    releases. So they also say which revision of the port an object was made from.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from vobj.fleettest.truth import Row, seal

PAYLOAD = "payload"
LABEL = "$.network.label"
HIDDEN = (
    "$.port_profile.create_port", "$.port_profile.create_tap", "$.port_profile.multiqueue",
    "$.port_profile.datapath_type", "$.port_profile.datapath_offload",
)  # fmt: skip
"""What came after 1.4.0 in the port profiles used here; an object with all that is in it."""

_PREFIX = "versioned_object."
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_LENGTH = len(seal({}))


def first_port(uuid: str, number: int) -> Row:
    """A port as it is before anything happens to it; every second one is of another class."""
    made = _open_vswitch(uuid) if number % 2 == 0 else _direct(uuid)
    return sealed({"uuid": uuid, PAYLOAD: made})


def content(row: Mapping[str, Any]) -> Row:
    """Every value of a port by its place, without the digests."""
    return {place: value for place, value in contained(row[PAYLOAD]).items() if place != LABEL}


def contained(payload: Mapping[str, Any]) -> Row:
    """Every value in an envelope by its place; an object is its class and what is in it."""
    return dict(_contained("$", payload))


def sealed(row: Mapping[str, Any]) -> Row:
    """The port with the digests that it should have."""
    made = {**row, PAYLOAD: copy.deepcopy(row[PAYLOAD])}
    holder, name = _place(made[PAYLOAD], LABEL)
    holder[name] = _seals(content(row))
    return made


def edited(row: Mapping[str, Any], edit: Mapping[str, Any]) -> Row:
    """The port after an edit: `field` is the place of the value. With new digests."""
    made = {**row, PAYLOAD: copy.deepcopy(row[PAYLOAD])}
    holder, name = _place(made[PAYLOAD], edit["field"])
    holder[name] = edit["value"]
    return sealed(made)


def revision(row: Mapping[str, Any]) -> str:
    """What tells this state of a port from every other: its digests."""
    return label(row[PAYLOAD])


def label(payload: Mapping[str, Any]) -> str:
    """The digests in an envelope, or what it has in their place."""
    holder, name = _place(payload, LABEL)
    return str(holder.get(name))


def is_true(seen: Mapping[str, Any], *, whole: bool) -> bool:
    """Whether what a node sees of a port is as it was written.

    whole: nobody of 1.4.0 is between the node and what is stored; otherwise nothing may be seen of
    what is hidden there.
    """
    rest = {place: value for place, value in seen.items() if place != LABEL}
    told = str(seen.get(LABEL))
    if whole:
        return told == _seals(rest)
    return rest == _known(rest) and told[:_LENGTH] == seal(rest)


def edits(draw: Random, number: int, release: int, port: int) -> Iterator[Row]:
    """The edits that can be made on a port when this is the oldest release on its way."""
    yield {"field": "$.active", "value": True, "or": False}
    yield {"field": "$.network.mtu", "value": 10_000 + number}
    yield {"field": "$.network.bridge", "value": f"br-{number}"}
    yield {"field": "$.vif_name", "value": f"tap{number}"}
    first = "$.network.subnets.objects[0]"
    address = f"203.0.{draw.randrange(256)}.{draw.randrange(256)}"
    yield {"field": f"{first}.ips.objects[0].floating_ips", "value": [address, "203.0.113.9"]}
    yield {"field": f"{first}.routes.objects[1].interface", "value": f"eth{number}"}
    if port % 2 == 0:
        yield {"field": "$.port_profile.profile_id", "value": f"profile-{number}"}
        yield {"field": "$.bridge_name", "value": f"br-{number}"}
    else:
        yield {"field": "$.port_profile.type_id", "value": 10_000 + number}
        yield {"field": "$.mode", "value": "bridge", "or": "passthrough"}
    if release == 2 and port % 2 == 0:
        yield {"field": "$.port_profile.create_port", "value": True, "or": False}
        yield {"field": "$.port_profile.datapath_type", "value": f"type-{number}"}
    if release == 2:
        inner = "$.port_profile.datapath_offload.representor_name"
        yield {"field": inner, "value": f"pf{number}"}


def _known(values: Mapping[str, Any]) -> Row:
    """What 1.4.0 sees."""
    return {place: value for place, value in values.items()
            if not any(place == one or place.startswith(f"{one}.") for one in HIDDEN)}  # fmt: skip


def _seals(values: Mapping[str, Any]) -> str:
    return seal(_known(values)) + seal(values)


def _contained(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield place, value[f"{_PREFIX}name"]
        for name, one in value[f"{_PREFIX}data"].items():
            yield from _contained(f"{place}.{name}", one)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for index, one in enumerate(value):
            yield from _contained(f"{place}[{index}]", one)
    else:
        yield place, value


def _place(payload: Mapping[str, Any], place: str) -> tuple[Any, Any]:
    """What holds the value at a place, and under which key."""
    *way, last = [name or int(index) for name, index in _STEP.findall(place)]
    holder: Any = payload[f"{_PREFIX}data"]
    for step in way:
        holder = holder[step]
        if isinstance(holder, dict):
            holder = holder[f"{_PREFIX}data"]
    return holder, last


def _object(name: str, version: str, **data: Any) -> Row:
    return {
        f"{_PREFIX}name": name,
        f"{_PREFIX}namespace": "os_vif",
        f"{_PREFIX}version": version,
        f"{_PREFIX}data": data,
    }


def _several(name: str, *objects: Row) -> Row:
    return _object(name, "1.0", objects=list(objects))


def _open_vswitch(uuid: str) -> Row:
    profile = _object(
        "VIFPortProfileOpenVSwitch", "1.4", interface_id=uuid, profile_id="web-tier",
        datapath_type="system", create_port=True, create_tap=True, multiqueue=True,
        datapath_offload=_representor("pf0vf3", "0000:08:10.3"),
    )  # fmt: skip
    return _object(
        "VIFOpenVSwitch", "1.0", id=uuid, address="fa:16:3e:4c:2c:30", network=_network(uuid),
        plugin="ovs", active=True, preserve_on_delete=False, has_traffic_filtering=True,
        vif_name="tap0", bridge_name="br-int", port_profile=profile,
    )  # fmt: skip


def _direct(uuid: str) -> Row:
    profile = _object(
        "VIFPortProfile8021Qbg", "1.1", manager_id=8, type_id=23, type_id_version=522,
        instance_id=uuid, datapath_offload=_representor(None, "0000:08:02.5"),
    )  # fmt: skip
    return _object(
        "VIFDirect", "1.0", id=uuid, address="fa:16:3e:4c:2c:33", network=_network(uuid),
        plugin="ovs", active=True, preserve_on_delete=False, has_traffic_filtering=False,
        vif_name="eth3", dev_address="0000:08:02.5", mode="vepa", vlan_name="vlan2044",
        port_profile=profile,
    )  # fmt: skip


def _representor(name: str | None, address: str) -> Row:
    return _object(
        "DatapathOffloadRepresentor", "1.0", representor_name=name, representor_address=address
    )


def _network(uuid: str) -> Row:
    ips = _several(
        "FixedIPList",
        _object("FixedIP", "1.0", address="192.168.44.17", floating_ips=["203.0.113.9"]),
        _object("FixedIP", "1.0", address="192.168.44.18", floating_ips=[]),
    )
    routes = _several(
        "RouteList",
        _object("Route", "1.0", cidr="10.20.0.0/16", gateway="192.168.44.254", interface="eth0"),
        _object("Route", "1.0", cidr="10.30.0.0/16", gateway="192.168.44.253", interface="eth0"),
    )
    subnet = _object(
        "Subnet", "1.0", cidr="192.168.44.0/24", dns=["192.168.44.2", "192.168.44.3"],
        gateway="192.168.44.1", dhcp_server="192.168.44.2", ips=ips, routes=routes,
    )  # fmt: skip
    return _object(
        "Network", "1.1", id=uuid, bridge="br-int", label="", multi_host=False,
        subnets=_several("SubnetList", subnet), should_provide_bridge=False,
        should_provide_vlan=True, bridge_interface="bond0", vlan=2044, mtu=1500,
    )  # fmt: skip
