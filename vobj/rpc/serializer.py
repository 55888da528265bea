"""The oslo.messaging serializer: objects in any structure, each in a version its reader has.

Theory
    It is a subclass of oslo's, used as oslo's is, so that a service changes one import. What is
    sent is oslo's envelope, which a peer with nothing but oslo.versionedobjects reads, or, where
    the pin says that all peers read it, the packed wire in the form of `vobj.rpc.text`. Either is
    read, always: first everyone reads a wire, then someone sends it.

    An answer is held to what its request has shown (`vobj.rpc.served`), in its versions and in its
    form: who sent an envelope is answered with one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oslo_versionedobjects import base

from vobj.codec import Target
from vobj.errors import VobjError
from vobj.evolve import iter_nodes
from vobj.rpc.carrier import PACKED, Carrier, Pin, WireName, lower, note_version
from vobj.rpc.served import Served
from vobj.rpc.structure import CONTAINERS, received, with_parts
from vobj.rpc.text import as_text, from_text, is_packed, refuse_form
from vobj.version import Manifest, Version
from vobj.wires import DEFAULT_LIMITS, Limits

ENVELOPE = "primitive"


class VersionedObjectSerializer(base.VersionedObjectSerializer):
    """Drop-in for `oslo_versionedobjects.base.VersionedObjectSerializer`.

    OBJ_BASE_CLASS: the base class of the service's objects, as with oslo's. to: a manifest, or a
    callable that gives one or None, that everything sent is held to. wire: `primitive` for oslo's
    envelope, `packed`, or a callable that gives one of the two. indirection_api: whom to ask for a
    backport; by default that of the base class. context: makes the context of a request from the
    dict that came, such as `RequestContext.from_dict`. limits: what is accepted from a peer.

    A server and the clients its handlers call with need a serializer each: the one of the server
    answers in the caller's versions. A serializer that wraps this one hands it every context.
    """

    def __init__(
        self,
        *,
        to: Pin = None,
        wire: WireName = ENVELOPE,
        indirection_api: base.VersionedObjectIndirectionAPI | None = None,
        context: Callable[[dict[str, Any]], Any] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Raises UsageError (`wire/unknown`)."""
        super().__init__()
        self._carrier = Carrier(
            (ENVELOPE, PACKED), base=self.OBJ_BASE_CLASS, to=to, wire=wire,
            indirection_api=indirection_api, limits=limits, policy="keep",
        )  # fmt: skip
        self._context = context
        self._limits = limits
        self._served = Served()

    def serialize_context(self, ctxt: Any) -> dict[str, Any]:
        """A context as a dict: what its `to_dict` gives, or itself when it is one."""
        told = getattr(ctxt, "to_dict", None)
        if not isinstance(ctxt, Mapping) and callable(told):
            ctxt = dict(told())
        made: dict[str, Any] = super().serialize_context(ctxt)
        return made

    def deserialize_context(self, ctxt: dict[str, Any]) -> Any:
        """The context of a request; from here on the request's objects are remembered."""
        made = super().deserialize_context(ctxt)
        if self._context is not None:
            made = self._context(made)
        self._served.begin(made)
        return made

    def serialize_entity(self, context: Any, entity: Any) -> Any:
        """`entity` with every object in it as a payload, in the versions that the peer reads.

        Sets become lists. Raises RefusedError, ConversionError or ManifestError when an object
        cannot be sent so, and UsageError for plain data in the form of a packed object; all with
        the path.
        """
        if isinstance(entity, self.OBJ_BASE_CLASS):
            return self._sent(context, entity)
        if isinstance(entity, CONTAINERS):
            refuse_form(entity)
            return with_parts(entity, lambda part: self.serialize_entity(context, part))
        return super().serialize_entity(context, entity)

    def deserialize_entity(self, context: Any, entity: Any) -> Any:
        """`entity` with the object for everything in it that stands for one.

        Raises RemoteErrors, and what the indirection client does; all with the path.
        """

        def read(one: dict[str, Any]) -> Any:
            if self._carrier.envelope.is_node(one):
                return self._process_object(context, one)
            return self._process_packed(context, one)

        def stands_for_object(one: Any) -> bool:
            return self._carrier.envelope.is_node(one) or is_packed(one)

        return received(entity, stands_for_object, read, self._limits)

    def _sent(self, context: Any, obj: base.VersionedObject) -> dict[str, Any]:
        shown = self._served.shown(context)
        target = _lowered(self._carrier.pinned(), shown.versions)
        wire = ENVELOPE if shown.plain else self._carrier.wire()
        made = self._carrier.payload(obj, wire, target, context)
        return as_text(made) if wire == PACKED else made

    def _process_object(self, context: Any, objprim: dict[str, Any]) -> Any:
        self._served.note(context, self._versions(objprim), plain=True)
        return self._carrier.opened(objprim, context)

    def _process_packed(self, context: Any, form: dict[str, Any]) -> Any:
        payload = from_text(form, self._limits)
        assert payload is not None
        made = self._carrier.opened(payload, context)
        self._served.note(context, self._carrier.versions(made), plain=False)
        return made

    def _versions(self, objprim: Mapping[str, Any]) -> Mapping[str, str]:
        """The versions in an envelope, well-formed or not."""
        found: dict[str, str] = {}
        envelope = self._carrier.envelope
        for node in iter_nodes(objprim, envelope):
            name, version = envelope.name(node), envelope.version(node)
            try:
                Version.parse(version)
            except VobjError:
                continue
            note_version(found, name, version)
        return found


def _lowered(pinned: Target | None, shown: Mapping[str, str]) -> Target | None:
    """The pin, lowered to what the caller of the request in progress has shown to read."""
    if not shown:
        return pinned
    if pinned is None or isinstance(pinned, str):
        return Manifest(shown)
    return Manifest(pinned) | {
        name: lower(version, pinned.get(name, version)) for name, version in shown.items()
    }
