"""The conductor over oslo.messaging."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import oslo_messaging
from oslo_messaging.rpc import client as rpc
from oslo_versionedobjects import base as oslo

from vobj.conductor.client import ConductorClient, plain_context
from vobj.conductor.documents import error_of, no_conductor
from vobj.conductor.endpoint import NAMESPACE, VERSION
from vobj.errors import ConductorError
from vobj.evolve import Node
from vobj.wires import DEFAULT_LIMITS, Limits

_AWAY = (
    oslo_messaging.MessageDeliveryFailure,
    oslo_messaging.MessageUndeliverable,
    rpc.ClientSendError,
)


class RpcConductor(ConductorClient):
    """Asks the `ConductorEndpoint` that listens where an RPC client sends; threads share it freely.

    client: of `oslo_messaging.get_rpc_client`, with the conductor's topic and the timeout to wait.
    Its serializer, if it has one, serializes the context; without one a context is sent as a dict.
    namespace and version are those of the endpoint. A broker keeps requests for a conductor that is
    away, so `conductor/slow` may mean either, unless the client was made with
    `transport_options=TransportOptions(at_least_once=True)`.
    """

    def __init__(
        self,
        client: Any,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        *,
        namespace: str | None = NAMESPACE,
        version: str = VERSION,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(base, limits=limits)
        self._client = client.prepare(namespace=namespace, version=version)
        self._plain = type(client.serializer) is oslo_messaging.NoOpSerializer

    def ask_backport(self, context: Any, payload: Node, manifest: Mapping[str, str]) -> Any:
        """Call `object_backport_versions`."""
        return self._ask(
            context, "object_backport_versions", objinst=payload, object_versions=manifest
        )

    def ask_action(
        self,
        context: Any,
        payload: Node,
        method: str,
        args: list[Any],
        kwargs: dict[str, Any],
        manifest: Mapping[str, str],
    ) -> Any:
        """Call `object_action`."""
        return self._ask(
            context, "object_action", objinst=payload, objmethod=method, args=args, kwargs=kwargs,
            object_versions=manifest,
        )  # fmt: skip

    def ask_class_action(
        self,
        context: Any,
        name: str,
        method: str,
        manifest: Mapping[str, str],
        args: list[Any],
        kwargs: dict[str, Any],
    ) -> Any:
        """Call `object_class_action_versions`."""
        return self._ask(
            context, "object_class_action_versions", objname=name, objmethod=method,
            object_versions=manifest, args=args, kwargs=kwargs,
        )  # fmt: skip

    def _ask(self, context: Any, method: str, **arguments: Any) -> Any:
        sent = plain_context(context) if self._plain else context
        try:
            told = self._client.call(sent, method, errors="data", **arguments)
        except oslo_messaging.MessagingTimeout as error:
            text = f"The conductor gave no answer in time: {error}"
            raise ConductorError(text, rule="conductor/slow") from error
        except _AWAY as error:
            text = f"The conductor cannot be reached: {error}"
            raise ConductorError(text, rule="conductor/away") from error
        except oslo_messaging.MessagingException as error:
            raise no_conductor(f"{type(error).__name__}: {error}") from error
        if not isinstance(told, dict):
            raise no_conductor(f"{type(told).__name__} over RPC")
        if "answer" not in told:
            raise error_of(told)
        return told["answer"]
