"""A conductor as an ASGI app: plain JSON over HTTP, so that any peer reaches it.

Theory
    POST /v1/backport, /v1/action and /v1/class-action take one JSON object each and answer with
    one; GET /health says that the process answers, GET /ready that it has room for a request. An
    error is `{"error": {...}}` with a status that says whose turn it is: 4xx the caller's, 500 the
    conductor's or its methods', 503 and 504 later.

    Reading a body happens in the event loop, within a size and a time; everything else (parsing,
    converters, the methods) happens in a thread, since any of it may take long or wait for a
    database. Each request is one line in the log. What a peer sent is cut and escaped there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vobj.codec import WIRES
from vobj.conductor.documents import error_document
from vobj.conductor.mediator import Conductor
from vobj.conductor.requests import ACTION, BACKPORT, CLASS_ACTION, ContextMaker, answer
from vobj.conductor.slots import Slot, Slots
from vobj.conductor.status import BUSY, FAILED, SLOW_ANSWER, SLOW_BODY, status_of
from vobj.errors import ConductorError, LimitError, MethodError, PayloadError, UsageError, VobjError

LOG = logging.getLogger(__name__)

_JSON = WIRES["json"]
_SHOWN = 80
_GONE = 499  # nobody reads it: for the log, as other servers write it


def conductor_app(
    conductor: Conductor,
    *,
    timeout: float = 60.0,
    read_timeout: float = 10.0,
    concurrency: int = 32,
    context: ContextMaker = dict,
) -> Starlette:
    """The ASGI app of a conductor, to be served or mounted in an app of yours.

    timeout: seconds until a request that is being worked on is answered with 504; its method goes
    on. read_timeout: seconds within which a request's body has to arrive. concurrency: requests
    worked on at once; what comes on top gets 503. context: makes the context that methods get from
    the dict that came with a request. The size of a body is that of the conductor's limits. Raises
    UsageError.
    """
    for name, value in (("timeout", timeout), ("read_timeout", read_timeout)):
        if not value > 0:
            raise UsageError(f"Expected {name} above 0, got {value!r}", rule="usage/argument")
    if type(concurrency) is not int or concurrency < 1:
        raise UsageError(
            f"Expected concurrency of at least 1, got {concurrency!r}", rule="usage/argument"
        )
    service = Service(conductor, timeout, read_timeout, Slots(concurrency), context)
    routes = [
        Route(f"/v1/{name}", service.operation(name), methods=["POST"])
        for name in (BACKPORT, ACTION, CLASS_ACTION)
    ]
    routes += [Route("/health", service.health), Route("/ready", service.ready)]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _not_served})
    app.state.slots = service.slots
    return app


@dataclass
class Told:
    """What the log says of one request; cut_off: its body was not read to the end."""

    operation: str
    peer: str
    about: dict[str, str] = field(default_factory=dict)
    status: int = 0
    rule: str = "-"
    cut_off: bool = False

    def log(self, started: float) -> None:
        """Write the line."""
        about = "".join(f" {name}={value}" for name, value in tuple(self.about.items()))
        took = (time.perf_counter() - started) * 1000
        LOG.info("%s status=%d rule=%s ms=%.1f peer=%s%s",
                 self.operation, self.status, self.rule, took, self.peer, about)  # fmt: skip


@dataclass(frozen=True)
class Service:
    """The handlers of one app."""

    conductor: Conductor
    timeout: float
    read_timeout: float
    slots: Slots
    context_of: ContextMaker

    async def health(self, _request: Request) -> Response:
        """The process answers."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """There is room for a request."""
        taken, total = self.slots.taken, self.slots.total
        return JSONResponse(
            {"ready": taken < total, "running": taken, "concurrency": total},
            status_code=200 if taken < total else BUSY,
        )

    def operation(self, name: str) -> Any:
        """The handler of one operation."""

        async def handler(request: Request) -> Response:
            return await self._handle(name, request)

        return handler

    async def _handle(self, name: str, request: Request) -> Response:
        started = time.perf_counter()
        peer = request.client.host if request.client and request.client.host else "local"
        told = Told(name, peer)
        try:
            made = await self._answered(told, request)
        except ClientDisconnect:
            told.rule, told.status = "conductor/died", _GONE
            made = Response(status_code=_GONE)
        except VobjError as error:
            made = _refusal(error, told)
        told.log(started)
        return made

    async def _answered(self, told: Told, request: Request) -> Response:
        slot = self.slots.take()
        if slot is None:
            raise ConductorError(
                f"The conductor works on {self.slots.total} requests, its limit: ask again later",
                rule="conductor/busy",
            )
        try:
            body = await self._body(request, told)
            with anyio.move_on_after(self.timeout):
                return await anyio.to_thread.run_sync(
                    self._work, slot, told, body, abandon_on_cancel=True, limiter=_own_limiter()
                )
        finally:
            slot.end_request()
        late = ConductorError(
            f"No answer within {self.timeout:g} seconds; what was asked for may still be done",
            rule="conductor/slow",
        )
        return _refusal(late, told, SLOW_ANSWER)

    async def _body(self, request: Request, told: Told) -> bytes:
        """The body, read no further than the limits allow."""
        allowed = self.conductor.limits.max_bytes
        got = bytearray()
        size = 0
        try:
            with anyio.fail_after(self.read_timeout):
                async for chunk in request.stream():
                    size += len(chunk)
                    # What is over the limit is dropped unseen, so that the sender gets to reading.
                    if size <= allowed:
                        got += chunk
                    elif size > 2 * allowed:
                        told.cut_off = True
                        break
        except TimeoutError:
            told.status, told.cut_off = SLOW_BODY, True
            raise ConductorError(
                f"The request did not arrive within {self.read_timeout:g} seconds",
                rule="conductor/slow",
            ) from None
        if size > allowed:
            raise LimitError(f"The request has more than {allowed} bytes", rule="payload/size")
        return bytes(got)

    def _work(self, slot: Slot, told: Told, body: bytes) -> Response:
        """The answer to a body; runs in a thread."""
        if not slot.start():
            return Response(status_code=_GONE)
        try:
            request = _JSON.decode(body, self.conductor.limits)
            told.about.update(_described(request))
            made = _encoded(answer(self.conductor, told.operation, request, self.context_of))
            told.status = 200
            return Response(made, media_type="application/json")
        except Exception as error:  # noqa: BLE001 - whatever it is, the peer learns only of it
            return _refusal(error, told)
        finally:
            slot.end_work()


def _encoded(document: dict[str, Any]) -> bytes:
    try:
        made = _JSON.encode(document)
    except UsageError as error:
        raise MethodError("The method ran, but JSON cannot hold its result") from error
    assert isinstance(made, bytes)
    return made


def _refusal(error: Exception, told: Told, status: int = 0) -> Response:
    """The response for an error; those that the service has to mend are logged with their trace."""
    document = error_document(error)
    told.rule = document["error"]["rule"]
    told.status = status or told.status or status_of(error)
    if status_of(error) == FAILED:
        LOG.error("%s failed: %s", told.operation, _plain(told.about), exc_info=error)
    headers = {"Retry-After": "1"} if told.status == BUSY else {}
    if told.cut_off:
        headers["Connection"] = "close"  # what is still on its way is no next request
    return JSONResponse(document, status_code=told.status, headers=headers)


async def _not_served(_request: Request, error: Exception) -> Response:
    """The answer for a path or a method that is not one of ours."""
    assert isinstance(error, HTTPException)
    ours = PayloadError(f"{error.status_code} {error.detail}", rule="conductor/request")
    return JSONResponse(error_document(ours), status_code=error.status_code, headers=error.headers)


def _described(request: object) -> dict[str, str]:
    """The object, its version and the method of a request, fit for a log."""
    if not isinstance(request, Mapping):
        return {}
    payload = request.get("payload")
    found = {"object": request.get("name"), "method": request.get("method")}
    for name, value in payload.items() if isinstance(payload, Mapping) else ():
        if name.endswith(".name"):
            found["object"] = value
        elif name.endswith(".version"):
            found["version"] = value
    return {name: _plain(value) for name, value in found.items() if isinstance(value, str)}


def _plain(value: object) -> str:
    text = str(value)
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return cut if cut.isprintable() and " " not in cut else ascii(cut)


def _own_limiter() -> anyio.CapacityLimiter:
    """The slots are the limit; a thread that nobody waits for must not hold up another."""
    return anyio.CapacityLimiter(1)
