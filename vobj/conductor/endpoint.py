"""A conductor as an endpoint of oslo.messaging.

Theory
    The methods and their arguments are those that services gave their own conductors, so that an
    indirection client which a service already has finds them here: `object_backport_versions`,
    `object_action`, `object_class_action_versions`, in the
    namespace `vobj.conductor` at version 1.0, or what a service says.

    A conductor works on envelopes, so its RPC server needs no serializer for objects; one that
    reads contexts (`deserialize_context`) is fine. Errors leave as exceptions, as RPC callers
    expect; vobj's own client asks for them as data, since an exception crosses RPC as its text
    alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import oslo_messaging
from oslo_versionedobjects import base as oslo

from vobj.codec import WIRES
from vobj.conductor.documents import Document, error_document
from vobj.conductor.mediator import Conductor
from vobj.errors import MethodError, UsageError, VobjError

NAMESPACE = "vobj.conductor"
VERSION = "1.0"

LOG = logging.getLogger(__name__)

_JSON = WIRES["json"]
_OURS = {"conductor/internal", "conductor/failed"}  # the service has to mend them


class ConductorEndpoint:
    """Serves a conductor to RPC clients.

    namespace and version: where clients find it, by default those of vobj's own client; a service
    whose nodes already call a conductor gives theirs, None for no namespace.
    """

    def __init__(
        self, conductor: Conductor, *, namespace: str | None = NAMESPACE, version: str = VERSION
    ) -> None:
        self._conductor = conductor
        self.target = oslo_messaging.Target(namespace=namespace, version=version)

    @oslo_messaging.expected_exceptions(VobjError)  # type: ignore[untyped-decorator]
    def object_backport_versions(
        self, ctxt: Any, objinst: Any, object_versions: Mapping[str, str], errors: str = "raise"
    ) -> Any:
        """The envelope `objinst` in the versions of a manifest.

        errors: `raise`, or `data` for a dict with the answer or the error.
        """
        return _told(
            errors,
            lambda: self._conductor.object_backport_versions(
                ctxt, _envelope(objinst), object_versions
            ),
        )

    @oslo_messaging.expected_exceptions(VobjError)  # type: ignore[untyped-decorator]
    def object_action(
        self,
        ctxt: Any,
        objinst: Any,
        objmethod: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        object_versions: Mapping[str, str] | None = None,
        errors: str = "raise",
    ) -> Any:
        """Run a remotable method on the object in an envelope: the pair of updates and result."""
        return _told(
            errors,
            lambda: self._conductor.object_action(
                ctxt, _envelope(objinst), objmethod, args, kwargs, object_versions
            ),
        )

    @oslo_messaging.expected_exceptions(VobjError)  # type: ignore[untyped-decorator]
    def object_class_action_versions(
        self,
        ctxt: Any,
        objname: str,
        objmethod: str,
        object_versions: Mapping[str, str],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        errors: str = "raise",
    ) -> Any:
        """Run a remotable class method: its result in the versions of a manifest."""
        return _told(
            errors,
            lambda: self._conductor.object_class_action_versions(
                ctxt, objname, objmethod, object_versions, args, kwargs
            ),
        )


def _told(errors: str, work: Callable[[], Any]) -> Any:
    """The answer of `work`; with errors as data, a dict that has it or the error."""
    if errors != "data":
        return _sendable(work())
    try:
        return {"answer": _sendable(work())}
    except Exception as error:
        document: Document = error_document(error)
        if document["error"]["rule"] in _OURS:
            LOG.error("A request over RPC failed", exc_info=error)
        return document


def _sendable(value: Any) -> Any:
    """A value that RPC can send; what it cannot would leave the caller waiting."""
    try:
        _JSON.encode({"answer": value})
    except UsageError as error:
        raise MethodError("The method ran, but RPC cannot hold its result") from error
    return value


def _envelope(objinst: Any) -> Any:
    if isinstance(objinst, oslo.VersionedObject):
        raise UsageError(
            "A conductor's RPC server works on envelopes: give it no serializer for objects",
            rule="usage/argument",
        )
    return objinst
