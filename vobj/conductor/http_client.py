"""The conductor over HTTP, on a TCP port or a unix socket.

Theory
    Each request has a connection of its own. So threads and forked processes share a client, no
    request meets a connection that the other side is closing, and it is certain which failure means
    that nothing has run: the one of connecting, and the refusal of a conductor that has no room.
    Only the standard library is needed.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from oslo_versionedobjects import base as oslo

from vobj.codec import WIRES
from vobj.conductor.address import Address
from vobj.conductor.client import ConductorClient, plain_context
from vobj.conductor.documents import error_of, no_conductor
from vobj.conductor.observed import Caller
from vobj.errors import ConductorError, UsageError, VobjError
from vobj.wires import DEFAULT_LIMITS, Limits
from vobj.wires.limits import over_size

_JSON = WIRES["json"]
_CHUNK = 65_536
_NOTHING_RAN = {"conductor/away", "conductor/busy"}


class HttpConductor(ConductorClient):
    """Asks a conductor that listens on HTTP; threads share one freely.

    address: `unix:PATH`, `HOST:PORT` or an http(s) URL, or several of them: the next one is asked
    when it is certain that nothing has run at the one before. mounted_at: the path under which an
    app has it, such as `/conductor`. timeout: seconds to wait for an answer, also the deadline that
    the conductor is told. connect_timeout: seconds to wait for a connection. token: shown to a
    conductor that asks for one. tls: for https, where the system's certificates are not enough;
    load the certificate of this node into it for mutual TLS. caller: who this is. Each request
    stands for itself: none is sent twice to one conductor.
    """

    def __init__(
        self,
        address: str | Sequence[str],
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        *,
        mounted_at: str = "",
        timeout: float = 65.0,
        connect_timeout: float = 5.0,
        limits: Limits = DEFAULT_LIMITS,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        caller: Caller | None = None,
    ) -> None:
        """Raises UsageError (`usage/argument`)."""
        super().__init__(base, limits=limits, caller=caller)
        given = [address] if isinstance(address, str) else list(address)
        if not given:
            raise UsageError("Expected the address of a conductor", rule="usage/argument")
        self._places = [_Place(one, mounted_at) for one in given]
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._tls = tls
        self._headers = {"Content-Type": "application/json", "Vobj-Timeout": f"{timeout:g}"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        if caller is not None:
            self._headers |= {"Vobj-Service": caller.service, "Vobj-Host": caller.host}

    def ask(self, operation: str, context: Any, request: dict[str, Any]) -> Mapping[str, Any]:
        """POST the request to /v1/OPERATION."""
        body = _JSON.encode({**request, "context": plain_context(context)})
        assert isinstance(body, bytes)
        for place in self._places[:-1]:
            try:
                return self._ask(place, operation, body)
            except ConductorError as error:
                if error.rule not in _NOTHING_RAN:
                    raise
        return self._ask(self._places[-1], operation, body)

    def _ask(self, place: _Place, operation: str, body: bytes) -> dict[str, Any]:
        connection = self._connected(place)
        try:
            return self._read(*self._post(connection, place.path(operation), body))
        except TimeoutError as error:
            text = place.told(f"gave no answer in {self._timeout:g} seconds", error)
            raise ConductorError(text, rule="conductor/slow") from error
        except (OSError, http.client.HTTPException) as error:
            text = place.told("went away before it had answered", error)
            raise ConductorError(text, rule="conductor/died") from error
        finally:
            connection.close()

    def _connected(self, place: _Place) -> http.client.HTTPConnection:
        made = place.connection(self._connect_timeout, self._tls)
        try:
            made.connect()
        except OSError as error:
            made.close()
            text = place.told("cannot be reached", error)
            raise ConductorError(text, rule="conductor/away") from error
        return made

    def _post(
        self, connection: http.client.HTTPConnection, path: str, body: bytes
    ) -> tuple[int, bytes]:
        """The status and the body of an answer, within the time and the size that are allowed."""
        until = time.monotonic() + self._timeout
        connection.sock.settimeout(self._timeout)
        # Who is cut off while writing may have been told why.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", path, body, self._headers)
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


class _Place:
    """Where one conductor is."""

    def __init__(self, address: str, mounted_at: str) -> None:
        self._address = Address.parse(address)
        self._url: SplitResult = urlsplit(self._address.url + mounted_at)
        try:
            self._host, self._port = self._url.hostname or "", self._url.port
        except ValueError as error:
            raise UsageError(f"Not a URL: {address!r}: {error}", rule="usage/argument") from None
        if not self._host:
            raise UsageError(f"Expected a URL with a host, got {address!r}", rule="usage/argument")

    def path(self, operation: str) -> str:
        """Of an operation."""
        return f"{self._url.path.rstrip('/')}/v1/{operation}"

    def connection(self, seconds: float, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
        """A connection that is still to be made."""
        if self._address.path is not None:
            return _UnixConnection(self._address.path, timeout=seconds)
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=seconds)

    def told(self, what: str, error: Exception) -> str:
        """What became of it, for an error."""
        return f"The conductor at {self._address} {what}: {error}".rstrip(": ")


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
