"""Versioned objects as an extension type of oslo.serialization's msgpack.

Theory
    Whatever takes a `HandlerRegistry` of `oslo_serialization.msgpackutils` carries versioned
    objects once this handler is in it. The extension holds a whole payload of a codec, so it is
    read by its first byte, in whatever wire it was written. The number of the extension is an
    agreement between those who write and those who read, so it may be chosen; it has to be one of
    those that oslo.serialization leaves to applications.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from oslo_serialization import msgpackutils
from oslo_versionedobjects import base as oslo

from vobj.errors import UsageError
from vobj.rpc.carrier import PACKED, Carrier, Pin, WireName
from vobj.wires import DEFAULT_LIMITS, Limits

IDENTITY = 86
"""The number of the extension, unless another is chosen: `V`."""

WIRES: Collection[str] = ("msgpack", "json", PACKED)


class VersionedObjectHandler:
    """A handler for `msgpackutils.HandlerRegistry.register`.

    identity: the number of the extension, 33 to 127. The other settings are those of
    `StructureSerializer`; limits are those of each object, since the structure around it is read by
    oslo.serialization. Threads share one freely.
    """

    def __init__(
        self,
        wire: WireName = "msgpack",
        *,
        identity: int = IDENTITY,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        to: Pin = None,
        indirection_api: oslo.VersionedObjectIndirectionAPI | None = None,
        limits: Limits = DEFAULT_LIMITS,
        policy: str | None = None,
    ) -> None:
        """Raises UsageError (`wire/unknown`, `usage/argument`)."""
        free = msgpackutils.HandlerRegistry.non_reserved_extension_range
        if type(identity) is not int or identity not in free:
            raise UsageError(
                f"Expected an identity of {free.min_value} to {free.max_value}, which are left to"
                f" applications, got {identity!r}",
                rule="usage/argument",
            )
        self.identity = identity
        self.handles = (base,)
        self._carrier = Carrier(
            WIRES, base=base, to=to, wire=wire, indirection_api=indirection_api, limits=limits,
            policy=policy,
        )  # fmt: skip

    def copy(self, _registry: object) -> Self:
        """The handler itself, which knows nothing of the registry it is in."""
        return self

    def serialize(self, obj: oslo.VersionedObject) -> bytes:
        """The payload of an object; raises what `Codec.encode` does."""
        carrier = self._carrier
        made: bytes = carrier.payload(obj, carrier.wire(), carrier.pinned(), None)
        return made

    def deserialize(self, data: bytes) -> Any:
        """The object in a payload; raises what `Codec.decode` and the indirection client do."""
        return self._carrier.opened(data, None)
