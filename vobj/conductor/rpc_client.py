"""The conductor over oslo.messaging."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import oslo_messaging
from kombu.exceptions import OperationalError
from oslo_messaging.rpc import client as rpc
from oslo_versionedobjects import base as oslo

from vobj.conductor.client import ConductorClient, plain_context
from vobj.conductor.documents import error_of, no_conductor
from vobj.conductor.endpoint import NAMESPACE
from vobj.conductor.observed import Caller
from vobj.conductor.requests import ACTION, BACKPORT, CLASS_ACTION
from vobj.errors import ConductorError
from vobj.wires import DEFAULT_LIMITS, Limits

_AWAY = (
    oslo_messaging.MessageDeliveryFailure,
    oslo_messaging.MessageUndeliverable,
    rpc.ClientSendError,
)
# The RPC methods of the operations, and what their arguments are called.
_METHODS = {
    BACKPORT: "object_backport_versions",
    ACTION: "object_action",
    CLASS_ACTION: "object_class_action_versions",
}
_NAMED = "object_backport_fingerprint"
_ARGUMENTS = {"payload": "objinst", "name": "objname", "method": "objmethod",
              "manifest": "object_versions"}  # fmt: skip
_FIRST, _SINCE_FINGERPRINTS = "1.0", "1.1"


class RpcConductor(ConductorClient):
    """Asks the `ConductorEndpoint` that listens where an RPC client sends; threads share it freely.

    client: of `oslo_messaging.get_rpc_client`, with the conductor's topic and the timeout to wait.
    Its serializer, if it has one, serializes the context; without one a context is sent as a dict.
    namespace and version are those of the endpoint; without a version this asks for the oldest that
    has what a request needs. caller: who this is. deadline: seconds after which the conductor need
    not begin any more; give what the client's timeout is. A broker keeps requests for a conductor
    that is away, so `conductor/slow` may mean either, unless the client was made with
    `transport_options=TransportOptions(at_least_once=True)`.
    """

    def __init__(
        self,
        client: Any,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        *,
        namespace: str | None = NAMESPACE,
        version: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        caller: Caller | None = None,
        deadline: float | None = None,
    ) -> None:
        super().__init__(base, limits=limits, caller=caller)
        self._clients = {
            one: client.prepare(namespace=namespace, version=version or one)
            for one in (_FIRST, _SINCE_FINGERPRINTS)
        }
        self._plain = type(client.serializer) is oslo_messaging.NoOpSerializer
        self._more: dict[str, Any] = {}
        if caller is not None:
            self._more["caller"] = caller._asdict()
        if deadline is not None:
            self._more["timeout"] = deadline

    def ask(self, operation: str, context: Any, request: dict[str, Any]) -> Mapping[str, Any]:
        """Call the method of an operation."""
        named = "fingerprint" in request
        method = _NAMED if named else _METHODS[operation]
        client = self._clients[_SINCE_FINGERPRINTS if named or self._more else _FIRST]
        arguments = {_ARGUMENTS.get(part, part): value for part, value in request.items()}
        sent = plain_context(context) if self._plain else context
        try:
            told = client.call(sent, method, errors="data", **arguments, **self._more)
        except oslo_messaging.MessagingTimeout as error:
            text = f"The conductor gave no answer in time: {error}"
            raise ConductorError(text, rule="conductor/slow") from error
        except _AWAY as error:
            text = f"The conductor cannot be reached: {error}"
            raise ConductorError(text, rule="conductor/away") from error
        except OperationalError as error:
            # The driver lets through what happens to a connection between its own attempts.
            text = f"The connection to the broker was lost: {error}"
            raise ConductorError(text, rule="conductor/died") from error
        except oslo_messaging.MessagingException as error:
            raise no_conductor(f"{type(error).__name__}: {error}") from error
        if not isinstance(told, dict):
            raise no_conductor(f"{type(told).__name__} over RPC")
        if "answer" not in told:
            raise error_of(told)
        return _document(operation, told["answer"])


def _document(operation: str, answer: Any) -> dict[str, Any]:
    if operation == BACKPORT:
        return {"payload": answer}
    if operation == CLASS_ACTION:
        return {"result": answer}
    if not (isinstance(answer, list | tuple) and len(answer) == 2):
        raise no_conductor("no pair of updates and result")
    return {"updates": answer[0], "result": answer[1]}
