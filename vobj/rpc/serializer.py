"""The oslo.messaging serializer: objects in any structure, each in a version its reader has.

Theory
    It is a subclass of oslo's, used as oslo's is, so that a service changes one import. What is
    sent is oslo's envelope; a peer with nothing but oslo.versionedobjects reads it.

    Whoever sends decides first: `to`, a manifest or a callable that gives one (a pin), holds
    everything down. Whoever receives decides last: an object newer than it knows is sent to the
    indirection client, with the manifest of that object's tree, and comes back in versions it
    reads; without a client the error carries the manifest. In between, a request that holds objects
    of older versions tells what its caller reads, and the answer to it is held to that:
    oslo.messaging gives `deserialize_context`, the arguments and the result of one request the same
    context object, which is what ties them together.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from oslo_versionedobjects import base

from vobj.codec import Codec, Target
from vobj.errors import NewerVersionError, VobjError
from vobj.evolve import Envelope, iter_nodes
from vobj.version import Manifest, Version
from vobj.wires import DEFAULT_LIMITS, Limits

SERVED = 1024
"""How many requests in progress are remembered, the latest first."""


class VersionedObjectSerializer(base.VersionedObjectSerializer):
    """Drop-in for `oslo_versionedobjects.base.VersionedObjectSerializer`.

    OBJ_BASE_CLASS: the base class of the service's objects, as with oslo's. to: a manifest, or a
    callable that gives one, that everything sent is held to. indirection_api: whom to ask for a
    backport; by default that of the base class. limits: what is accepted from a peer.

    A server and the clients its handlers call with need a serializer each: the one of the server
    answers in the caller's versions.
    """

    def __init__(
        self,
        *,
        to: Target | Callable[[], Target] | None = None,
        indirection_api: base.VersionedObjectIndirectionAPI | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__()
        self._to = to
        self._indirection = indirection_api
        self._codec = Codec("primitive", base=self.OBJ_BASE_CLASS, limits=limits, policy="keep")
        self._served: OrderedDict[int, tuple[object, dict[str, str]]] = OrderedDict()
        self._lock = threading.Lock()

    def deserialize_context(self, ctxt: dict[str, Any]) -> Any:
        """The context of a request; from here on the request's objects are remembered."""
        made = super().deserialize_context(ctxt)
        with self._lock:
            self._served[id(made)] = (made, {})
            while len(self._served) > SERVED:
                self._served.popitem(last=False)
        return made

    def serialize_entity(self, context: Any, entity: Any) -> Any:
        """`entity` with every object in it as an envelope, in the versions that the peer reads.

        Raises RefusedError, ConversionError or ManifestError when an object cannot be sent so.
        """
        if not isinstance(entity, self.OBJ_BASE_CLASS):
            return super().serialize_entity(context, entity)
        target = self._target(context)
        if target is None:
            return self._codec.encode(entity, context=context)
        return self._codec.encode(entity, to=target, context=context)

    def _target(self, context: object) -> Target | None:
        """The pin, lowered to what the caller of the request in progress has shown to read."""
        pinned = self._to() if callable(self._to) else self._to
        with self._lock:
            _, shown = self._served.get(id(context), (None, {}))
            caller = dict(shown)
        if not caller:
            return pinned
        if pinned is None or isinstance(pinned, str):
            return Manifest(caller)
        return Manifest(pinned) | {
            name: _lower(version, pinned.get(name, version)) for name, version in caller.items()
        }

    def _process_object(self, context: Any, objprim: dict[str, Any]) -> Any:
        self._remember(context, objprim)
        try:
            return self._codec.decode(objprim, context=context)
        except NewerVersionError as error:
            if self._asked() is None or not error.manifest:
                raise
            return self._backported(context, objprim, error)

    def _asked(self) -> base.VersionedObjectIndirectionAPI | None:
        return self._indirection or self.OBJ_BASE_CLASS.indirection_api

    def _backported(
        self, context: Any, objprim: dict[str, Any], error: NewerVersionError
    ) -> base.VersionedObject:
        """What the indirection client makes of an object that is too new for this process."""
        asked = self._asked()
        assert asked is not None
        name = Envelope.of(self.OBJ_BASE_CLASS.OBJ_SERIAL_NAMESPACE).name(objprim)
        # The interface speaks of objects; oslo passes the envelope, since there is no object yet.
        payload: Any = objprim
        try:
            return asked.object_backport_versions(context, payload, error.manifest)
        except NotImplementedError:
            return asked.object_backport(context, payload, error.manifest[name])

    def _remember(self, context: object, objprim: Mapping[str, Any]) -> None:
        """Note the versions in a request's payload: its caller reads these."""
        with self._lock:
            served = self._served.get(id(context))
        if served is None:
            return
        envelope = Envelope.of(self.OBJ_BASE_CLASS.OBJ_SERIAL_NAMESPACE)
        shown = served[1]
        for node in iter_nodes(objprim, envelope):
            name, version = envelope.name(node), envelope.version(node)
            try:
                Version.parse(version)
            except VobjError:
                continue
            shown[name] = _lower(version, shown.get(name, version))


def _lower(one: str, other: str) -> str:
    return min(one, other, key=lambda text: Version.parse(text).xy)
