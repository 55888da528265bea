"""What `indirection_api` of a base class is set to: oslo's interface, over any transport.

Theory
    The client turns objects into envelopes, asks, and turns the answer into objects. It says with
    every request what this process speaks for the tree in question, so that answers come in
    versions it reads; what is newer all the same is sent back for a backport, once.

    What is asked is a request as `vobj.conductor.requests` has it, and what comes back is its
    document; all that a transport adds is how the two get across. Updates stay primitives, since
    oslo's caller reads them with the fields of its object. Each failure is an error of its own:
    what the conductor refused is raised here as it was there, and a ConductorError says by its rule
    why there is no answer.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any

from oslo_versionedobjects import base as oslo

from vobj.codec import WIRES, Codec
from vobj.conductor.documents import no_conductor
from vobj.conductor.entities import to_envelopes, to_objects
from vobj.conductor.observed import NOBODY, Caller
from vobj.conductor.requests import ACTION, BACKPORT, CLASS_ACTION
from vobj.errors import NewerVersionError, UsageError
from vobj.evolve import Node
from vobj.model import ClassCatalog
from vobj.rpc.text import as_text, from_text
from vobj.wires import DEFAULT_LIMITS, Limits, sniff
from vobj.wires.limits import check_tree


class ConductorClient(oslo.VersionedObjectIndirectionAPI):
    """Asks a conductor. A transport fills in `ask`.

    base: the class whose objects are exchanged. limits: what is accepted from the conductor.
    caller: who this is, for the conductor's log, metrics and fleet. Threads share one client freely
    where the transport allows it, as those of vobj do.
    """

    def __init__(
        self,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        *,
        limits: Limits = DEFAULT_LIMITS,
        caller: Caller | None = None,
    ) -> None:
        """Raises UsageError (`usage/argument`)."""
        self._codec = Codec("primitive", base=base, limits=limits)
        self._codecs = {wire: Codec(wire, base=base, limits=limits) for wire in WIRES}
        self._catalog = ClassCatalog(base)
        self._envelope = self._catalog.envelope
        self._limits = limits
        self._caller = NOBODY if caller is None else caller

    @abc.abstractmethod
    def ask(self, operation: str, context: Any, request: dict[str, Any]) -> Mapping[str, Any]:
        """The document that answers a request of plain data.

        Raises ConductorError, and the error that the conductor answered with.
        """

    def object_backport_versions(
        self, context: Any, objinst: Any, object_versions: Mapping[str, str]
    ) -> Any:
        """The object in `objinst`, an envelope or an object, in versions that this process reads.

        Raises ConductorError, and what the conductor refused.
        """
        return self._backported(context, objinst, {"manifest": dict(object_versions)})

    def backport(
        self,
        context: Any,
        payload: Node | bytes,
        *,
        fingerprint: str,
        manifest: Mapping[str, str] | None = None,
    ) -> Any:
        """The object in a payload, in versions that this process reads.

        payload: an envelope, or the bytes of any wire. fingerprint: of this process's manifest;
        manifest: the same in full, when the conductor has said that it does not know it. Raises
        ManifestError (`manifest/unknown-fingerprint`), ConductorError, and what the conductor
        refused.
        """
        named: dict[str, Any] = {"fingerprint": fingerprint}
        if manifest is not None:
            named["manifest"] = dict(manifest)
        return self._backported(context, payload, named)

    def object_action(
        self,
        context: Any,
        objinst: oslo.VersionedObject,
        objmethod: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> tuple[dict[str, Any], Any]:
        """Run a remotable method of an object at the conductor: `(updates, result)`.

        Raises ConductorError, MethodError, MergeConflict, and what else the conductor refused.
        """
        request = {
            "payload": self._codec.encode(objinst),
            "method": objmethod,
            "args": self._sent(list(args)),
            "kwargs": self._sent(dict(kwargs)),
            "manifest": self._catalog.spoken(objinst.obj_name()),
        }
        told = self.ask(ACTION, context, request)
        updates = _part(told, "updates")
        if not isinstance(updates, dict):
            raise no_conductor(f"updates as {type(updates).__name__}")
        return updates, self._received(_part(told, "result"), context)

    def object_class_action_versions(
        self,
        context: Any,
        objname: str,
        objmethod: str,
        object_versions: Mapping[str, str],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        """Run a remotable class method at the conductor.

        Raises ConductorError, MethodError, and what else the conductor refused.
        """
        request = {
            "name": objname,
            "method": objmethod,
            "manifest": dict(object_versions),
            "args": self._sent(list(args)),
            "kwargs": self._sent(dict(kwargs)),
        }
        return self._received(_part(self.ask(CLASS_ACTION, context, request), "result"), context)

    def _backported(self, context: Any, payload: Any, named: dict[str, Any]) -> Any:
        sent = as_text(payload) if isinstance(payload, bytes) else self._sent(payload)
        made = _part(self.ask(BACKPORT, context, {"payload": sent, **named}), "payload")
        data = from_text(made, self._limits)
        if data is not None:
            return self._codecs[sniff(data)].decode(data, context=context)
        return self._codec.decode(made, context=context)

    def _sent(self, value: Any) -> Any:
        return to_envelopes(value, self._codec.encode)

    def _received(self, value: Any, context: Any) -> Any:
        check_tree(value, self._limits)

        def decode(node: Node) -> Any:
            try:
                return self._codec.decode(node, context=context)
            except NewerVersionError as error:
                return self.object_backport_versions(context, node, error.manifest)

        return to_objects(value, self._envelope, decode)


def _part(answer: Mapping[str, Any], name: str) -> Any:
    if name not in answer:
        raise no_conductor(f"an answer without {name}")
    return answer[name]


def plain_context(context: Any) -> dict[str, Any]:
    """A context as a dict for the wire: its `to_dict()`, a dict as it is, `{}` for None."""
    if context is None:
        return {}
    if isinstance(context, Mapping):
        return dict(context)
    told = getattr(context, "to_dict", None)
    if callable(told):
        return dict(told())
    raise UsageError(
        f"A context is a dict or has to_dict(); {type(context).__name__} has neither",
        rule="usage/argument",
    )
