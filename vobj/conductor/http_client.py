"""The conductor over HTTP, on a TCP port or a unix socket.

Theory
    Each request has a connection of its own. So threads and forked processes share a client, no
    request meets a connection that the other side is closing, and it is certain which failure means
    that nothing has run: the one of connecting. Only the standard library is needed.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from oslo_versionedobjects import base as oslo

from vobj.codec import WIRES
from vobj.conductor.address import Address
from vobj.conductor.client import ConductorClient, plain_context
from vobj.conductor.documents import error_of, no_conductor
from vobj.conductor.requests import ACTION, BACKPORT, CLASS_ACTION
from vobj.errors import ConductorError, UsageError, VobjError
from vobj.evolve import Node
from vobj.wires import DEFAULT_LIMITS, Limits
from vobj.wires.limits import over_size

_JSON = WIRES["json"]
_CHUNK = 65_536


class HttpConductor(ConductorClient):
    """Asks a conductor that listens on HTTP; threads share one freely.

    address: `unix:PATH`, `HOST:PORT` or an http(s) URL. mounted_at: the path under which an app has
    it, such as `/conductor`. timeout: seconds to wait for an answer; it should be above the
    conductor's own. connect_timeout: seconds to wait for a connection. Each request stands for
    itself: none is sent twice.
    """

    def __init__(
        self,
        address: str,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        *,
        mounted_at: str = "",
        timeout: float = 65.0,
        connect_timeout: float = 5.0,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Raises UsageError (`usage/argument`)."""
        super().__init__(base, limits=limits)
        self._address = Address.parse(address)
        self._url = urlsplit(self._address.url + mounted_at)
        try:
            self._host, self._port = self._url.hostname or "", self._url.port
        except ValueError as error:
            raise UsageError(f"Not a URL: {address!r}: {error}", rule="usage/argument") from None
        if not self._host:
            raise UsageError(f"Expected a URL with a host, got {address!r}", rule="usage/argument")
        self._timeout = timeout
        self._connect_timeout = connect_timeout

    def ask_backport(self, context: Any, payload: Node, manifest: Mapping[str, str]) -> Any:
        """POST /v1/backport."""
        request = {"payload": payload, "manifest": manifest}
        return _part(self._ask(BACKPORT, context, request), "payload")

    def ask_action(
        self,
        context: Any,
        payload: Node,
        method: str,
        args: list[Any],
        kwargs: dict[str, Any],
        manifest: Mapping[str, str],
    ) -> Any:
        """POST /v1/action."""
        request = {"payload": payload, "method": method, "args": args, "kwargs": kwargs,
                   "manifest": manifest}  # fmt: skip
        answer = self._ask(ACTION, context, request)
        return _part(answer, "updates"), _part(answer, "result")

    def ask_class_action(
        self,
        context: Any,
        name: str,
        method: str,
        manifest: Mapping[str, str],
        args: list[Any],
        kwargs: dict[str, Any],
    ) -> Any:
        """POST /v1/class-action."""
        request = {"name": name, "method": method, "args": args, "kwargs": kwargs,
                   "manifest": manifest}  # fmt: skip
        return _part(self._ask(CLASS_ACTION, context, request), "result")

    def _ask(self, operation: str, context: Any, request: dict[str, Any]) -> dict[str, Any]:
        body = _JSON.encode({**request, "context": plain_context(context)})
        assert isinstance(body, bytes)
        connection = self._connected()
        try:
            return self._read(*self._post(connection, operation, body))
        except TimeoutError as error:
            text = self._told(f"gave no answer in {self._timeout:g} seconds", error)
            raise ConductorError(text, rule="conductor/slow") from error
        except (OSError, http.client.HTTPException) as error:
            text = self._told("went away before it had answered", error)
            raise ConductorError(text, rule="conductor/died") from error
        finally:
            connection.close()

    def _connected(self) -> http.client.HTTPConnection:
        host, port, path = self._host, self._port, self._address.path
        made: http.client.HTTPConnection
        if path is not None:
            made = _UnixConnection(path, timeout=self._connect_timeout)
        elif self._url.scheme == "https":
            made = http.client.HTTPSConnection(host, port, timeout=self._connect_timeout)
        else:
            made = http.client.HTTPConnection(host, port, timeout=self._connect_timeout)
        try:
            made.connect()
        except OSError as error:
            made.close()
            text = self._told("cannot be reached", error)
            raise ConductorError(text, rule="conductor/away") from error
        return made

    def _post(
        self, connection: http.client.HTTPConnection, operation: str, body: bytes
    ) -> tuple[int, bytes]:
        """The status and the body of an answer, within the time and the size that are allowed."""
        until = time.monotonic() + self._timeout
        connection.sock.settimeout(self._timeout)
        path = f"{self._url.path.rstrip('/')}/v1/{operation}"
        # Who is cut off while writing may have been told why.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", path, body, {"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            got = bytearray()
            while chunk := answer.read1(_CHUNK):
                got += chunk
                if len(got) > self._limits.max_bytes:
                    raise over_size(self._limits)
                if time.monotonic() > until:
                    raise TimeoutError("the answer trickles")
            if answer.length:
                raise http.client.IncompleteRead(bytes(got), answer.length)
            return answer.status, bytes(got)

    def _told(self, what: str, error: Exception) -> str:
        return f"The conductor at {self._address} {what}: {error}".rstrip(": ")

    def _read(self, status: int, body: bytes) -> dict[str, Any]:
        try:
            document = _JSON.decode(body, self._limits)
        except VobjError as error:
            raise no_conductor(f"status {status} and no JSON: {error.message}") from error
        if not isinstance(document, dict):
            raise no_conductor(f"JSON that is no object, but {type(document).__name__}")
        if status != http.client.OK or "error" in document:
            raise error_of(document)
        return document


def _part(answer: Mapping[str, Any], name: str) -> Any:
    if name not in answer:
        raise no_conductor(f"an answer without {name}")
    return answer[name]


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, *, timeout: float) -> None:
        super().__init__("conductor", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket file."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
