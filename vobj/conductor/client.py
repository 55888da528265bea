"""What `indirection_api` of a base class is set to: oslo's interface, over any transport.

Theory
    The client turns objects into envelopes, asks, and turns the answer into objects. It says with
    every request what this process speaks for the tree in question, so that answers come in
    versions it reads; what is newer all the same is sent back for a backport, once.

    Updates stay primitives, since oslo's caller reads them with the fields of its object. Each
    failure is an error of its own: what the conductor refused is raised here as it was there, and a
    ConductorError says by its rule why there is no answer.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any

from oslo_versionedobjects import base as oslo

from vobj.codec import Codec
from vobj.conductor.documents import no_conductor
from vobj.conductor.entities import to_envelopes, to_objects
from vobj.errors import NewerVersionError, UsageError
from vobj.evolve import Node
from vobj.model import ClassCatalog
from vobj.wires import DEFAULT_LIMITS, Limits
from vobj.wires.limits import check_tree


class ConductorClient(oslo.VersionedObjectIndirectionAPI):
    """Asks a conductor. A transport fills in the three `ask_` methods, which take and give plain
    data.

    base: the class whose objects are exchanged. limits: what is accepted from the conductor.
    Threads share one client freely where the transport's methods allow it, as those of vobj do.
    """

    def __init__(
        self,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        *,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Raises UsageError (`usage/argument`)."""
        self._codec = Codec("primitive", base=base, limits=limits)
        self._catalog = ClassCatalog(base)
        self._envelope = self._catalog.envelope
        self._limits = limits

    @abc.abstractmethod
    def ask_backport(self, context: Any, payload: Node, manifest: Mapping[str, str]) -> Any:
        """The payload in the versions of a manifest."""

    @abc.abstractmethod
    def ask_action(
        self,
        context: Any,
        payload: Node,
        method: str,
        args: list[Any],
        kwargs: dict[str, Any],
        manifest: Mapping[str, str],
    ) -> Any:
        """The pair of updates and result."""

    @abc.abstractmethod
    def ask_class_action(
        self,
        context: Any,
        name: str,
        method: str,
        manifest: Mapping[str, str],
        args: list[Any],
        kwargs: dict[str, Any],
    ) -> Any:
        """The result."""

    def object_backport_versions(
        self, context: Any, objinst: Any, object_versions: Mapping[str, str]
    ) -> Any:
        """The object in `objinst`, an envelope or an object, in versions that this process reads.

        Raises ConductorError, and what the conductor refused.
        """
        payload = to_envelopes(objinst, self._codec.encode)
        made = self.ask_backport(context, payload, dict(object_versions))
        if isinstance(made, oslo.VersionedObject):
            return made
        return self._codec.decode(made, context=context)

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
        payload = self._codec.encode(objinst)
        spoken = self._catalog.spoken(objinst.obj_name())
        answered = self.ask_action(
            context, payload, objmethod, self._sent(list(args)), self._sent(dict(kwargs)), spoken
        )
        if not (isinstance(answered, list | tuple) and len(answered) == 2):
            raise no_conductor("no pair of updates and result")
        updates, result = answered
        if not isinstance(updates, dict):
            raise no_conductor(f"updates as {type(updates).__name__}")
        return updates, self._received(result, context)

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
        answered = self.ask_class_action(
            context, objname, objmethod, dict(object_versions),
            self._sent(list(args)), self._sent(dict(kwargs)),
        )  # fmt: skip
        return self._received(answered, context)

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
