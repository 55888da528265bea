"""One versioned object and its payload, in both directions: what all families have in common.

Theory
    Whoever sends decides first: `to`, a manifest or a callable that gives one (a pin), holds
    everything down, and `wire` says in which form it travels; both are asked anew for each object,
    so one pin of a fleet moves both without a restart. Whoever receives takes every wire, always,
    and decides last: an object newer than it knows goes to the indirection client, once, and comes
    back in versions it reads; without a client the error carries the manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from oslo_versionedobjects import base as oslo

from vobj.codec import WIRES, Codec, Target
from vobj.errors import NewerVersionError, UsageError
from vobj.evolve import Envelope
from vobj.model.dehydrate import held_objects
from vobj.rpc.asking import backported
from vobj.version import Version
from vobj.wires import Limits, open_payload, sniff

PACKED = "packed"

Pin = Target | Callable[[], Target | None] | None
WireName = str | Callable[[], str]


class Carrier:
    """Turns objects of one base into payloads and back; any thread may use it at any time.

    wires: the names that `wire` may give. The other settings are those of the public classes.
    """

    def __init__(
        self,
        wires: Collection[str],
        *,
        base: type[oslo.VersionedObject],
        to: Pin,
        wire: WireName,
        indirection_api: oslo.VersionedObjectIndirectionAPI | None,
        limits: Limits,
        policy: str | None,
    ) -> None:
        """Raises UsageError (`wire/unknown`, `usage/argument`)."""
        self.base = base
        self.limits = limits
        self.envelope = Envelope.of(base.OBJ_SERIAL_NAMESPACE)
        self._to = to
        self._wire = wire
        self._wires = tuple(wires)
        self._indirection = indirection_api
        self._codecs = {
            name: Codec(name, base=base, limits=limits, policy=policy) for name in WIRES
        }
        if not callable(wire):
            self._known(wire)

    def pinned(self) -> Target | None:
        """What everything sent is held to at this moment."""
        return self._to() if callable(self._to) else self._to

    def wire(self) -> str:
        """The wire that is sent at this moment.

        Raises UsageError (`wire/unknown`) for a callable that gives none of those there are.
        """
        return self._known(self._wire() if callable(self._wire) else self._wire)

    def _known(self, wire: str) -> str:
        if wire not in self._wires:
            raise UsageError(
                f"Unknown wire {wire!r}: it is one of {', '.join(self._wires)}",
                rule="wire/unknown",
            )
        return wire

    def payload(
        self, obj: oslo.VersionedObject, wire: str, target: Target | None, context: object
    ) -> Any:
        """The payload of an object on a wire; raises what `Codec.encode` does."""
        return self._codecs[wire].encode(obj, to=target, context=context)

    def opened(self, payload: dict[str, Any] | bytes, context: object) -> Any:
        """The object in a payload of any wire; raises what `Codec.decode` and the client do."""
        wire = sniff(payload)
        try:
            return self._codecs[wire].decode(payload, context=context)
        except NewerVersionError as error:
            asked = self._indirection or self.base.indirection_api
            if asked is None or not error.manifest:
                raise
            return self._backported(asked, context, payload, error)

    def _backported(
        self,
        asked: oslo.VersionedObjectIndirectionAPI,
        context: object,
        payload: dict[str, Any] | bytes,
        error: NewerVersionError,
    ) -> Any:
        if isinstance(payload, bytes) and sniff(payload) == PACKED:
            return backported(asked, context, payload, error, "")
        _, tree = open_payload(payload, WIRES, self.limits)
        node = self.envelope.check(tree)
        return backported(asked, context, node, error, self.envelope.name(node))

    def versions(self, obj: object) -> Mapping[str, str]:
        """The versions in which the objects of a tree were received: what its sender reads."""
        found: dict[str, str] = {}
        for one in held_objects(obj):
            received = getattr(one, "obj_received_version", None) or one.VERSION
            note_version(found, one.obj_name(), received)
        return found


def note_version(found: dict[str, str], name: str, version: str) -> None:
    """Keep the lower of two versions of a name."""
    found[name] = lower(version, found.get(name, version))


def lower(one: str, other: str) -> str:
    """The lower of two versions, by X.Y."""
    return min(one, other, key=lambda text: Version.parse(text).xy)
