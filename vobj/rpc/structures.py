"""oslo.serialization's serializer interface, for structures with versioned objects in them."""

from __future__ import annotations

from typing import Any

from oslo_serialization.serializer.base_serializer import BaseSerializer
from oslo_versionedobjects import base as oslo

from vobj.errors import PayloadError
from vobj.rpc.body import MSGPACK, Body
from vobj.rpc.carrier import Pin, WireName
from vobj.wires import DEFAULT_LIMITS, Limits
from vobj.wires.limits import over_size


class StructureSerializer(BaseSerializer):
    """Stands where `MessagePackSerializer` or `JSONSerializer` of oslo.serialization stand.

    wire: `msgpack`, `json`, `packed` (msgpack with packed objects in it), or a callable that gives
    one; all are read, always. base: the class whose objects are carried. to: a manifest, or a
    callable that gives one or None, that everything written is held to. indirection_api: whom to
    ask for a backport; by default that of the base. limits: what is accepted. policy: as in
    `vobj.Codec`. Threads share one freely.
    """

    def __init__(
        self,
        wire: WireName = MSGPACK,
        *,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        to: Pin = None,
        indirection_api: oslo.VersionedObjectIndirectionAPI | None = None,
        limits: Limits = DEFAULT_LIMITS,
        policy: str | None = None,
    ) -> None:
        """Raises UsageError (`wire/unknown`, `usage/argument`)."""
        self._body = Body(
            wire, base=base, to=to, indirection_api=indirection_api, limits=limits, policy=policy
        )
        self._limits = limits

    def dump(self, obj: Any, fp: Any) -> None:
        """Write a structure to a binary file; raises what `dump_as_bytes` does."""
        fp.write(self.dump_as_bytes(obj))

    def dump_as_bytes(self, obj: Any) -> bytes:
        """The bytes of a structure.

        Raises UsageError for what the wire cannot hold, and what `Codec.encode` raises.
        """
        return self._body.encode(obj)

    def load(self, fp: Any) -> Any:
        """The structure in a binary file, which is read to its end, within the limits."""
        data = fp.read(self._limits.max_bytes + 1)
        if not isinstance(data, bytes | str):
            raise PayloadError(
                f"Expected a file of bytes, it gave {type(data).__name__}",
                rule="payload/malformed",
            )
        if len(data) > self._limits.max_bytes:
            raise over_size(self._limits)
        return self.load_from_bytes(data)

    def load_from_bytes(self, s: bytes | str) -> Any:
        """The structure in bytes, with own classes upgraded to their newest version.

        Raises RemoteErrors, and what the indirection client does.
        """
        return self._body.decode(s)
