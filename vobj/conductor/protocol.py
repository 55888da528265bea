"""Limits on what one connection may do before, and after, a request is worked on.

Theory
    uvicorn gives a peer all the time it wants to send the head of a request and to read an answer,
    and its connections count nowhere. So each connection has a clock of its own: it runs while no
    request is worked on, and while an answer is written that nobody reads. It is not set back by a
    peer that sends a byte now and then. What a peer sends before its request is complete is counted
    as well, and so are the connections.
"""

from __future__ import annotations

import asyncio
import importlib.util
from dataclasses import dataclass
from typing import Any

from vobj.codec import WIRES
from vobj.conductor.bodies import IS_THERE
from vobj.conductor.documents import error_document
from vobj.conductor.metrics import Metrics
from vobj.errors import ConductorError, LimitError, VobjError

_LARGEST_HEAD = 65_536
_LAST_SECONDS = 0.5


@dataclass(frozen=True)
class Patience:
    """How long, in seconds, a connection may take: for a head, and to go on reading; how many there
    may be."""

    head: float
    write: float
    connections: int


class Patient(asyncio.Protocol):
    """Cuts off what takes too long; stands before a protocol of uvicorn."""

    patience: Patience
    metrics: Metrics
    # Of uvicorn's protocols:
    connections: set[Any]
    cycle: Any
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    _head = 0
    _is_last = False
    _reading: asyncio.TimerHandle | None = None
    _writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        super().connection_made(transport)
        if len(self.connections) > self.patience.connections:
            self.metrics.refused("connections")
            self._end(_FULL)
        else:
            self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Read on, as long as it is not too much."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._head_is_there()
            if not self.cycle.more_body:  # the app has not begun, or has set its clock
                self.cycle.scope[IS_THERE] = True
            if self._is_last:
                self.cycle.keep_alive = False
            return
        self._head += len(data)
        if self._head > _LARGEST_HEAD:
            self._end(_LARGE)
        elif self._reading is None:
            self._wait_for_head()

    def on_response_complete(self) -> None:
        """Wait for the next request, as uvicorn does."""
        self._head_is_there()
        super().on_response_complete()  # type: ignore[misc]

    def shutdown(self) -> None:
        """The server stops. A peer that has just connected is about to send: answer that."""
        if self.cycle is None and not self.transport.is_closing():
            self._is_last = True
            _stop(self._reading)
            self._reading = self.loop.call_later(_LAST_SECONDS, self._too_late)
        else:
            super().shutdown()  # type: ignore[misc]

    def pause_writing(self) -> None:
        """The peer does not read."""
        super().pause_writing()
        self._writing = self.loop.call_later(self.patience.write, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads on."""
        super().resume_writing()
        _stop(self._writing)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        _stop(self._reading)
        _stop(self._writing)
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._reading = self.loop.call_later(self.patience.head, self._too_late)

    def _head_is_there(self) -> None:
        _stop(self._reading)
        self._reading, self._head = None, 0

    def _too_late(self) -> None:
        self._end(_LATE if self._head else b"")

    def _end(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


def protocol_class(patience: Patience, metrics: Metrics) -> Any:
    """The HTTP protocol for uvicorn: the quickest that is installed, held to limits."""
    facts = {"patience": patience, "metrics": metrics}
    return type("PatientProtocol", (Patient, _quickest()), facts)


def _quickest() -> Any:
    if importlib.util.find_spec("httptools") is None:
        from uvicorn.protocols.http import h11_impl

        return h11_impl.H11Protocol
    from uvicorn.protocols.http import httptools_impl

    return httptools_impl.HttpToolsProtocol


def _stop(clock: asyncio.TimerHandle | None) -> None:
    if clock is not None:
        clock.cancel()


def _whole(status: str, error: VobjError) -> bytes:
    """An answer for a peer that no app sees."""
    body = WIRES["json"].encode(error_document(error))
    assert isinstance(body, bytes)
    head = (
        f"HTTP/1.1 {status}\r\nConnection: close\r\nRetry-After: 1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_FULL = _whole(
    "503 Service Unavailable",
    ConductorError("The conductor has no room for a connection", rule="conductor/busy"),
)
_LATE = _whole(
    "408 Request Timeout",
    ConductorError("The head of the request did not arrive in time", rule="conductor/slow"),
)
_LARGE = _whole(
    "431 Request Header Fields Too Large",
    LimitError(f"A head has at most {_LARGEST_HEAD} bytes", rule="payload/size"),
)
