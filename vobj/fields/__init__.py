"""Fields: what stands right of the colon in a class body, and what it is on the wire."""

from vobj.fields.annotations import (
    UUID,
    IPAddress,
    IPNetwork,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    MACAddress,
    Names,
    Polymorphic,
    Unfit,
    annotations_of,
    build,
    registry_name,
)
from vobj.fields.spec import FieldSpec, field
from vobj.fields.wire import wire_type

__all__ = [
    "UUID",
    "FieldSpec",
    "IPAddress",
    "IPNetwork",
    "IPv4Address",
    "IPv4Network",
    "IPv6Address",
    "IPv6Network",
    "MACAddress",
    "Names",
    "Polymorphic",
    "Unfit",
    "annotations_of",
    "build",
    "field",
    "registry_name",
    "wire_type",
]
