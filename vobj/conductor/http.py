"""A conductor as an ASGI app: plain JSON over HTTP, so that any peer reaches it.

Theory
    POST /v1/backport, /v1/action and /v1/class-action take one object each, in JSON or msgpack, and
    answer in the same. A payload alone, of any wire, may be posted as `application/vnd.vobj` with
    the fingerprint of the caller's manifest in a header, and comes back as bytes. An error is
    `{"error": {...}}` in JSON with a status that says whose turn it is: 4xx the caller's, 500 the
    conductor's or its methods', 503 and 504 later.

    GET /healthz says that the process answers, /readyz that it takes requests in, /metrics counts
    for Prometheus. Other routes may be added beside them.

    Reading a body happens in the event loop, within a size and a time; everything else (parsing,
    converters, the methods) happens in a thread, since any of it may take long or wait for a
    database. Only what is quicker than the way to a thread and back is done by the event loop
    itself: a result that is kept already, and the backport of a small payload that is plain data
    (see `vobj.conductor.backports`), whose time is bounded by its size. The operations are
    dispatched before anything else, because they are what is asked all day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from vobj.codec import WIRES, executor
from vobj.conductor.admission import Place
from vobj.conductor.bodies import IS_THERE, Body, read_body
from vobj.conductor.desk import Desk, seconds
from vobj.conductor.documents import error_document
from vobj.conductor.guard import Tokens
from vobj.conductor.journal import Asked
from vobj.conductor.mediator import Conductor
from vobj.conductor.metrics import MEDIA_TYPE
from vobj.conductor.observed import NOBODY, Caller
from vobj.conductor.requests import (
    BACKPORT,
    OPERATIONS,
    Known,
    answer,
    known_of,
    optional,
    parts_of,
)
from vobj.conductor.status import BUSY, GONE, OK
from vobj.errors import (
    ConductorError,
    MethodError,
    PayloadError,
    UsageError,
)
from vobj.wires import sniff

PAYLOAD = "application/vnd.vobj"
SERVICE, HOST, TIMEOUT = b"vobj-service", b"vobj-host", b"vobj-timeout"
FINGERPRINT = b"vobj-fingerprint"
PROBES = ("/healthz", "/readyz")

ContextMaker = Callable[[Mapping[str, Any]], object]
Headers = Mapping[bytes, bytes]

_MEDIA = {"json": "application/json", "msgpack": "application/msgpack"}
_PAYLOAD = PAYLOAD.encode()
# Bytes that the event loop may parse and work on itself: about a millisecond.
_SMALL = 16_384 if executor == "native" else 4_096
_DIGESTED = 262_144  # and those that it may look up
_PATHS = {f"/v1/{name}": name for name in OPERATIONS}


def conductor_app(
    conductor: Conductor,
    *,
    timeout: float = 60.0,
    read_timeout: float = 10.0,
    concurrency: int = 32,
    queue: int = 128,
    context: ContextMaker = dict,
    tokens: Sequence[str] | Tokens | None = None,
    routes: Sequence[BaseRoute] = (),
    public: Sequence[str] = PROBES,
) -> ConductorApp:
    """The ASGI app of a conductor, to be served or mounted in an app of yours.

    timeout: seconds until a request that is being worked on is answered with 504; its method goes
    on. read_timeout: seconds within which a request's body has to arrive. concurrency: requests
    worked on at once. queue: requests that wait for that; what comes on top gets 503. context:
    makes the context that methods get from the dict that came with a request. tokens: one of them
    is asked of everyone, save for the paths in `public`. routes: more pages of the app. The size
    of a body is that of the conductor's limits. Raises UsageError.
    """
    desk = Desk(conductor, timeout=timeout, concurrency=concurrency, queue=queue)
    return ConductorApp(
        desk, read_timeout=read_timeout, context=context, tokens=tokens, routes=routes,
        public=public,
    )  # fmt: skip


class _Answer(NamedTuple):
    """status, media type and body of a response."""

    status: int
    media: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


class ConductorApp:
    """An ASGI app in front of a desk; the arguments are those of `conductor_app`."""

    def __init__(
        self,
        desk: Desk,
        *,
        read_timeout: float = 10.0,
        context: ContextMaker = dict,
        tokens: Sequence[str] | Tokens | None = None,
        routes: Sequence[BaseRoute] = (),
        public: Sequence[str] = PROBES,
    ) -> None:
        self.desk = desk
        self._read_timeout = seconds("read_timeout", read_timeout)
        self._context_of = context
        self._tokens = tokens if tokens is None or isinstance(tokens, Tokens) else Tokens(tokens)
        self._public = frozenset(public)
        own = [
            Route("/healthz", _health),
            Route("/readyz", self._ready),
            Route("/metrics", self._metrics),
        ]
        self._pages = Starlette(
            routes=[*own, *routes], exception_handlers={HTTPException: _not_served}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        path = _path(scope)
        headers: Headers = dict(scope["headers"])
        refusal = self._no_token(path, headers)
        if refusal is not None:
            await _send(send, refusal)
        elif path in _PATHS and scope["method"] == "POST":
            await self._operate(_PATHS[path], scope, headers, receive, send)
        elif path in _PATHS:
            await _send(send, _wrong_method(scope["method"]))
        else:
            await self._pages(scope, receive, send)

    def _no_token(self, path: str, headers: Headers) -> _Answer | None:
        if self._tokens is None or path in self._public:
            return None
        if self._tokens.admit(headers.get(b"authorization", b"")):
            return None
        self.desk.metrics.refused("token")
        error = ConductorError("A token is asked for, as a bearer", rule="conductor/token")
        made = _encoded(error_document(error), "json")
        more = ((b"www-authenticate", b"Bearer"), (b"connection", b"close"))
        return _Answer(401, _MEDIA["json"], made, more)

    async def _operate(
        self, name: str, scope: Scope, headers: Headers, receive: Receive, send: Send
    ) -> None:
        client = scope.get("client")
        asked = Asked(
            name, "http", client[0] if client else "local", _caller(headers), self.desk.timeout
        )
        try:
            made = await self._answered(asked, scope, headers, receive)
        except Exception as error:  # noqa: BLE001 - whatever it is, the peer learns only of it
            made = self._refusal(error, asked)
        asked.status = made.status
        self.desk.ended(asked)
        if made.status != GONE:
            await _send(send, made)

    async def _answered(
        self, asked: Asked, scope: Scope, headers: Headers, receive: Receive
    ) -> _Answer:
        asked.seconds = self.desk.seconds(_text(headers, TIMEOUT))
        place = self.desk.enter(asked)
        try:
            allowed = self.desk.conductor.limits.max_bytes
            clock = None if IS_THERE in scope else min(self._read_timeout, asked.seconds)
            body = await read_body(receive, allowed, clock)
            if body.error is not None:
                return self._refusal(body.error, asked, body)
            if body.is_gone:
                asked.rule = "conductor/died"
                return _Answer(GONE, "", b"")
            if not headers.get(b"content-type", b"").startswith(_PAYLOAD):
                return await self._document(place, body.data, asked)
            return await self._payload(place, body.data, _text(headers, FINGERPRINT), asked)
        finally:
            place.end_request()

    async def _payload(
        self, place: Place, data: bytes, fingerprint: str | None, asked: Asked
    ) -> _Answer:
        """The answer to a payload alone."""
        ready = self._ready_made(asked, data, fingerprint)
        if ready is not None:
            return ready
        request = {"payload": data, "fingerprint": fingerprint}
        known = known_of(self.desk.conductor, request) if self._is_light(data, asked) else None
        return await self._done(place, asked, partial(self._raw, request, known), known)

    def _ready_made(self, asked: Asked, data: bytes, fingerprint: str | None) -> _Answer | None:
        if asked.operation != BACKPORT or fingerprint is None or len(data) > _DIGESTED:
            return None
        made = self.desk.conductor.ready(data, fingerprint, caller=asked.caller)
        if made is None:
            return None
        asked.move(made.object_name, made.source, made.target)
        return _Answer(OK, PAYLOAD, made.payload)

    def _is_light(self, data: bytes, asked: Asked) -> bool:
        """Whether the event loop may find out about a request, which is plain work by its size."""
        return len(data) <= _SMALL and asked.operation == BACKPORT and self._context_of is dict

    async def _done(
        self, place: Place, asked: Asked, make: Callable[[Asked], _Answer], known: Known | None
    ) -> _Answer:
        if known is not None and known.seen.is_quick:
            return make(asked)
        return await self._in_thread(place, asked, make)

    async def _in_thread(
        self, place: Place, asked: Asked, make: Callable[[Asked], _Answer]
    ) -> _Answer:
        def work() -> _Answer:
            try:
                return make(asked)
            except Exception as error:  # noqa: BLE001 - whatever it is, the peer learns only of it
                return self._refusal(error, asked)

        future = self.desk.submit(place, work)
        waiting = asyncio.wrap_future(future)
        await asyncio.wait((waiting,), timeout=max(asked.left, 0.0))
        if waiting.done():
            made = waiting.result()
            assert made is not None
            return made
        return self._refusal(self.desk.given_up(place, future, asked), asked)

    async def _document(self, place: Place, data: bytes, asked: Asked) -> _Answer:
        """The answer to a request in JSON or msgpack."""
        if not self._is_light(data, asked):
            return await self._in_thread(place, asked, partial(self._work_out, data))
        wire, request = self._read(data)
        known = known_of(self.desk.conductor, request)
        return await self._done(
            place, asked, partial(self._worked_out, wire, request, known), known
        )

    def _read(self, data: bytes) -> tuple[str, Mapping[str, Any]]:
        wire = _wire_of(data)
        return wire, parts_of(WIRES[wire].decode(data, self.desk.conductor.limits))

    def _work_out(self, data: bytes, asked: Asked) -> _Answer:
        return self._worked_out(*self._read(data), None, asked)

    def _worked_out(
        self, wire: str, request: Mapping[str, Any], known: Known | None, asked: Asked
    ) -> _Answer:
        context = self._context_of(optional(request, "context") or {})
        made = answer(self.desk.conductor, request, context, asked, known)
        return _Answer(OK, _MEDIA[wire], _encoded(made, wire))

    def _raw(self, request: Mapping[str, Any], known: Known | None, asked: Asked) -> _Answer:
        if asked.operation != BACKPORT or request["fingerprint"] is None:
            raise PayloadError(
                f"A payload alone is for a backport, with a fingerprint in {FINGERPRINT.decode()}",
                rule="conductor/request",
            )
        made = answer(self.desk.conductor, request, self._context_of({}), asked, known)
        return _Answer(OK, PAYLOAD, made["payload"])

    def _refusal(self, error: Exception, asked: Asked, body: Body | None = None) -> _Answer:
        document = self.desk.refusal(error, asked, 0 if body is None else body.status)
        more: tuple[tuple[bytes, bytes], ...] = ()
        if asked.status == BUSY:
            more += ((b"retry-after", b"1"),)
        if body is not None and body.is_cut_off:
            more += ((b"connection", b"close"),)  # what is still on its way is no next request
        return _Answer(asked.status, _MEDIA["json"], _encoded(document, "json"), more)

    async def _ready(self, _request: Request) -> Response:
        """Whether a request would be taken in."""
        state = self.desk.state()
        return JSONResponse(state, status_code=OK if state["ready"] else BUSY)

    async def _metrics(self, _request: Request) -> Response:
        """What was counted; reading it from several workers is file work, so a thread does it."""
        made = await asyncio.to_thread(self.desk.metrics.text)
        return Response(made, media_type=MEDIA_TYPE)


async def _health(_request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def _not_served(_request: Request, error: Exception) -> Response:
    """The answer for a path or a method that is not one of ours."""
    assert isinstance(error, HTTPException)
    ours = PayloadError(f"{error.status_code} {error.detail}", rule="conductor/request")
    return JSONResponse(error_document(ours), status_code=error.status_code, headers=error.headers)


def _wrong_method(method: str) -> _Answer:
    ours = PayloadError(f"405 {method!r:.20} is not POST", rule="conductor/request")
    made = _encoded(error_document(ours), "json")
    return _Answer(405, _MEDIA["json"], made, ((b"allow", b"POST"),))


async def _send(send: Callable[[Any], Awaitable[None]], made: _Answer) -> None:
    headers = [
        (b"content-type", made.media.encode()),
        (b"content-length", str(len(made.body)).encode()),
        *made.headers,
    ]
    await send({"type": "http.response.start", "status": made.status, "headers": headers})
    await send({"type": "http.response.body", "body": made.body})


def _wire_of(data: bytes) -> str:
    """What a request is written in; whatever is not msgpack is for the reader of JSON to refuse."""
    try:
        wire = sniff(data)
    except PayloadError:
        wire = "json"
    return wire if wire in _MEDIA else "json"


def _encoded(document: dict[str, Any], wire: str) -> bytes:
    try:
        made = WIRES[wire].encode(document)
    except UsageError as error:
        raise MethodError(f"The method ran, but {wire} cannot hold its result") from error
    assert isinstance(made, bytes)
    return made


def _caller(headers: Headers) -> Caller:
    if SERVICE not in headers and HOST not in headers:
        return NOBODY
    return Caller.of(_text(headers, SERVICE), _text(headers, HOST))


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _path(scope: Scope) -> str:
    """The path below the one that the app is mounted at."""
    path: str = scope["path"]
    root = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(f"{root}/") else path
