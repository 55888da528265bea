"""Field types that take the values of the annotated Python type.

Theory
    On the wire each is the oslo type it derives from, and it has its name, so schemas and
    fingerprints do not tell them apart. The only thing they add is to accept what the annotation
    names: a member of an enum class, an address of the `ipaddress` module, a `netaddr.EUI`. What is
    read back is what oslo gives: text for enums and MAC addresses, netaddr objects for IP
    addresses.
"""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Collection
from typing import Any

import netaddr
from oslo_versionedobjects import fields

_AS_TEXT = (
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    netaddr.EUI,
)


class _Text:
    """Hands objects that oslo cannot read to it as text."""

    def coerce(self, obj: Any, attr: str, value: Any) -> Any:
        given = str(value) if isinstance(value, _AS_TEXT) else value
        return super().coerce(obj, attr, given)  # type: ignore[misc]


class MACAddress(_Text, fields.MACAddress):
    """Takes text and `netaddr.EUI`; reads as text, lower case, with colons."""


class IPAddress(_Text, fields.IPAddress):
    """Takes text, `ipaddress` and netaddr addresses; reads as `netaddr.IPAddress`."""


class IPV4Address(_Text, fields.IPV4Address):
    """An `IPAddress` of version 4."""


class IPV6Address(_Text, fields.IPV6Address):
    """An `IPAddress` of version 6."""


class IPNetwork(_Text, fields.IPNetwork):
    """Takes text, `ipaddress` and netaddr networks; reads as `netaddr.IPNetwork`."""


class IPV4Network(_Text, fields.IPV4Network):
    """An `IPNetwork` of version 4."""


class IPV6Network(_Text, fields.IPV6Network):
    """An `IPNetwork` of version 6."""


class Enum(fields.Enum):
    """Takes the values and the members of an enum class; reads as text."""

    def coerce(self, obj: Any, attr: str, value: Any) -> str:
        return super().coerce(obj, attr, value.value if isinstance(value, enum.Enum) else value)


class MACAddressField(fields.MACAddressField):
    """The field of a `MACAddress`."""

    AUTO_TYPE = MACAddress()


class IPAddressField(fields.IPAddressField):
    """The field of an `IPAddress`."""

    AUTO_TYPE = IPAddress()


class IPV4AddressField(fields.IPV4AddressField):
    """The field of an `IPV4Address`."""

    AUTO_TYPE = IPV4Address()


class IPV6AddressField(fields.IPV6AddressField):
    """The field of an `IPV6Address`."""

    AUTO_TYPE = IPV6Address()


class IPNetworkField(fields.IPNetworkField):
    """The field of an `IPNetwork`."""

    AUTO_TYPE = IPNetwork()


class IPV4NetworkField(fields.IPV4NetworkField):
    """The field of an `IPV4Network`."""

    AUTO_TYPE = IPV4Network()


class IPV6NetworkField(fields.IPV6NetworkField):
    """The field of an `IPV6Network`."""

    AUTO_TYPE = IPV6Network()


class EnumField(fields.EnumField):
    """The field of an `Enum`."""

    def __init__(self, valid_values: Collection[str], **options: Any) -> None:
        self.AUTO_TYPE = Enum(list(valid_values))
        # oslo's EnumField would put its own type in; everything above it is wanted.
        super(fields.EnumField, self).__init__(**options)
