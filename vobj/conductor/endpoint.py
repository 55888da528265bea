"""A conductor as an endpoint of oslo.messaging.

Theory
    The methods and their arguments are those that services gave their own conductors, so that an
    indirection client which a service already has finds them here: `object_backport_versions`,
    `object_action`, `object_class_action_versions`, in the namespace `vobj.conductor`, or what a
    service says. Version 1.1 added the backport for a manifest that is named by its fingerprint,
    and to every method who asks and how long it waits.

    A conductor works on envelopes, so its RPC server needs no serializer for objects; one that
    reads contexts (`deserialize_context`) is fine. Errors leave as exceptions, as RPC callers
    expect; vobj's own client asks for them as data, since an exception crosses RPC as its text
    alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import oslo_messaging
from oslo_versionedobjects import base as oslo

from vobj.codec import WIRES
from vobj.conductor.desk import Desk
from vobj.conductor.documents import Document
from vobj.conductor.journal import Asked
from vobj.conductor.mediator import Conductor
from vobj.conductor.observed import Caller
from vobj.conductor.requests import ACTION, BACKPORT, CLASS_ACTION, Known, answer, known_of
from vobj.errors import MethodError, UsageError, VobjError

NAMESPACE = "vobj.conductor"
VERSION = "1.1"
CALLER = "vobj_caller"
"""The field of a context that names who asks: `{"service": ..., "host": ...}`."""

_JSON = WIRES["json"]
_expected = oslo_messaging.expected_exceptions(VobjError)


class ConductorEndpoint:
    """Serves a conductor to RPC clients.

    desk: takes the requests in; give the one of an HTTP app to have one limit for both, or a
    Conductor to get one with the defaults. namespace and version: where clients find it, by default
    those of vobj's own client; a service whose nodes already call a conductor gives theirs, None
    for no namespace.
    """

    def __init__(
        self,
        desk: Desk | Conductor,
        *,
        namespace: str | None = NAMESPACE,
        version: str = VERSION,
    ) -> None:
        self.desk = desk if isinstance(desk, Desk) else Desk(desk)
        self.target = oslo_messaging.Target(namespace=namespace, version=version)

    @_expected  # type: ignore[untyped-decorator]
    def object_backport_versions(
        self, ctxt: Any, objinst: Any, object_versions: Mapping[str, str], errors: str = "raise",
        caller: Any = None, timeout: float | None = None,
    ) -> Any:  # fmt: skip
        """The envelope `objinst` in the versions of a manifest.

        errors: `raise`, or `data` for a dict with the answer or the error. caller: as in the
        context. timeout: seconds that the caller waits.
        """
        request = {"payload": objinst, "manifest": object_versions}
        return self._served(BACKPORT, ctxt, request, errors, caller, timeout)

    @_expected  # type: ignore[untyped-decorator]
    def object_backport_fingerprint(
        self, ctxt: Any, objinst: Any, fingerprint: str,
        object_versions: Mapping[str, str] | None = None, errors: str = "raise",
        caller: Any = None, timeout: float | None = None,
    ) -> Any:  # fmt: skip
        """The same for a manifest that is named, and given only when it is not known here."""
        request = {"payload": objinst, "fingerprint": fingerprint, "manifest": object_versions}
        return self._served(BACKPORT, ctxt, request, errors, caller, timeout)

    @_expected  # type: ignore[untyped-decorator]
    def object_action(
        self, ctxt: Any, objinst: Any, objmethod: str, args: Sequence[Any],
        kwargs: Mapping[str, Any], object_versions: Mapping[str, str] | None = None,
        errors: str = "raise", caller: Any = None, timeout: float | None = None,
    ) -> Any:  # fmt: skip
        """Run a remotable method on the object in an envelope: the pair of updates and result."""
        request = {"payload": objinst, "method": objmethod, "args": args, "kwargs": kwargs,
                   "manifest": object_versions}  # fmt: skip
        return self._served(ACTION, ctxt, request, errors, caller, timeout)

    @_expected  # type: ignore[untyped-decorator]
    def object_class_action_versions(
        self, ctxt: Any, objname: str, objmethod: str, object_versions: Mapping[str, str],
        args: Sequence[Any], kwargs: Mapping[str, Any], errors: str = "raise",
        caller: Any = None, timeout: float | None = None,
    ) -> Any:  # fmt: skip
        """Run a remotable class method: its result in the versions of a manifest."""
        request = {"name": objname, "method": objmethod, "manifest": object_versions,
                   "args": args, "kwargs": kwargs}  # fmt: skip
        return self._served(CLASS_ACTION, ctxt, request, errors, caller, timeout)

    def _served(
        self, operation: str, ctxt: Any, request: dict[str, Any], errors: str, caller: Any,
        timeout: float | None,
    ) -> Any:  # fmt: skip
        asked = Asked(operation, "rpc", caller=_caller(ctxt, caller), seconds=self.desk.timeout)
        try:
            made = self._answered(asked, ctxt, request, timeout)
        except Exception as error:
            document = self.desk.refusal(error, asked)
            if errors == "data":
                return document
            raise
        finally:
            self.desk.ended(asked)
        return {"answer": made} if errors == "data" else made

    def _answered(
        self, asked: Asked, ctxt: Any, request: dict[str, Any], timeout: float | None
    ) -> Any:
        asked.seconds = self.desk.seconds(timeout)
        if isinstance(request.get("payload"), oslo.VersionedObject):
            raise UsageError(
                "A conductor's RPC server works on envelopes: give it no serializer for objects",
                rule="usage/argument",
            )
        place = self.desk.enter(asked)
        try:
            known = known_of(self.desk.conductor, request) if asked.operation == BACKPORT else None
            if known is not None and known.seen.is_quick:
                return answer(self.desk.conductor, request, ctxt, asked, known)["payload"]
            return self.desk.wait(place, asked, lambda: self._work(asked, ctxt, request, known))[0]
        finally:
            place.end_request()

    def _work(
        self, asked: Asked, ctxt: Any, request: dict[str, Any], known: Known | None
    ) -> tuple[Any]:
        made = answer(self.desk.conductor, request, ctxt, asked, known)
        return (_sendable(_as_oslo_has_it(made)),)


def _as_oslo_has_it(made: Document) -> Any:
    if "updates" in made:
        return made["updates"], made["result"]
    return made["payload"] if "payload" in made else made["result"]


def _sendable(value: Any) -> Any:
    """A value that RPC can send; what it cannot would leave the caller waiting."""
    try:
        _JSON.encode({"answer": value})
    except UsageError as error:
        raise MethodError("The method ran, but RPC cannot hold its result") from error
    return value


def _caller(ctxt: Any, given: Any) -> Caller:
    if given is None:
        given = ctxt.get(CALLER) if isinstance(ctxt, Mapping) else getattr(ctxt, CALLER, None)
    return Caller.told(given)
