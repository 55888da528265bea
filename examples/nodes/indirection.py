"""How a node without vobj reaches a conductor: oslo's indirection API over HTTP.

    Server.indirection_api = Indirection("unix:/run/fleet/conductor.sock", serializer)

From then on oslo sends what is too new for this node to the conductor and reads the backport, and
runs remotable methods there. Only the standard library and oslo.versionedobjects are used, of any
release since 2016.
"""

import http.client
import json
import socket
import time
from collections.abc import Mapping
from typing import Any

from oslo_versionedobjects import base

Document = dict[str, Any]


class ConductorAway(Exception):
    """The conductor gave no answer; whether it did what it was asked for is not known."""


class ConductorRefused(Exception):
    """The conductor answered with an error. `.rule` names the rule that was broken."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.rule = error.get("rule")
        place = "".join(f".{one}" for one in error.get("path", ()))
        at = f" at ${place}" if place else ""
        super().__init__(f"{error.get('class')}: {error.get('message')}{at} [{self.rule}]")


class Indirection(base.VersionedObjectIndirectionAPI):
    """Asks the conductor at `unix:PATH` or `HOST:PORT`.

    serializer: oslo's, for the objects in arguments and results. seconds: how long the conductor
    may be silent. asked: a note on each request, for people.
    """

    def __init__(
        self, address: str, serializer: base.VersionedObjectSerializer, *, seconds: float = 10.0
    ) -> None:
        self.address = address
        self.serializer = serializer
        self.seconds = seconds
        self.asked: list[Document] = []

    def object_backport_versions(
        self, context: Any, objinst: Any, object_versions: Mapping[str, str]
    ) -> Any:
        """The object in a payload that is too new, in the versions of this node."""
        request = {"payload": objinst, "manifest": object_versions}
        answer = self._ask("backport", _stamp(objinst), context, request)
        return self.serializer.OBJ_BASE_CLASS.obj_from_primitive(answer["payload"], context)

    def object_action(
        self, context: Any, objinst: Any, objmethod: str, args: Any, kwargs: Any
    ) -> tuple[Document, Any]:
        """Run a remotable method of an object: the fields that it changed, and its result."""
        name = objinst.obj_name()
        request = {
            "payload": objinst.obj_to_primitive(),
            "method": objmethod,
            "args": self.serializer.serialize_entity(context, list(args)),
            "kwargs": self.serializer.serialize_entity(context, dict(kwargs)),
            "manifest": base.obj_tree_get_versions(name),
        }
        answer = self._ask("action", f"{name}.{objmethod}", context, request)
        return answer["updates"], self.serializer.deserialize_entity(context, answer["result"])

    def object_class_action_versions(
        self,
        context: Any,
        objname: str,
        objmethod: str,
        object_versions: Mapping[str, str],
        args: Any,
        kwargs: Any,
    ) -> Any:
        """Run a remotable class method: its result."""
        request = {
            "name": objname,
            "method": objmethod,
            "args": self.serializer.serialize_entity(context, list(args)),
            "kwargs": self.serializer.serialize_entity(context, dict(kwargs)),
            "manifest": object_versions,
        }
        answer = self._ask("class-action", f"{objname}.{objmethod}", context, request)
        return self.serializer.deserialize_entity(context, answer["result"])

    def _ask(self, operation: str, about: str, context: Any, request: Document) -> Document:
        note: Document = {"operation": operation, "about": about, "status": None, "rule": None,
                          "classes": len(request["manifest"])}  # fmt: skip
        self.asked.append(note)
        started = time.monotonic()
        try:
            status, body = self._post(operation, {**request, "context": context or {}})
            answer = json.loads(body)
            if not isinstance(answer, dict):
                raise ValueError(f"Expected a JSON object, got {type(answer).__name__}")
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ConductorAway(
                f"No answer from the conductor at {self.address}: {type(error).__name__}: {error}"
            ) from error
        note.update(status=status, milliseconds=round((time.monotonic() - started) * 1000, 1))
        if status != http.client.OK:
            refused = ConductorRefused(answer.get("error", {}))
            note["rule"] = refused.rule
            raise refused
        return answer

    def _post(self, operation: str, request: Document) -> tuple[int, bytes]:
        connection = _connection(self.address, self.seconds)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/v1/{operation}", json.dumps(request), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _connection(address: str, seconds: float) -> http.client.HTTPConnection:
    if address.startswith("unix:"):
        return _UnixConnection(address.removeprefix("unix:"), seconds)
    return http.client.HTTPConnection(address, timeout=seconds)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("conductor", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket file."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _stamp(payload: Mapping[str, Any]) -> str:
    found = {key.rpartition(".")[2]: value for key, value in payload.items()}
    return f"{found.get('name')} {found.get('version')}"
