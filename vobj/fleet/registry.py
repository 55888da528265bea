"""The fleet over HTTP, for nodes that do not reach its database: routes for an ASGI app.

Theory
    A node without a database says to a conductor what others write themselves: that it is there,
    that it still is, that it ends. And it asks for the pin, which the conductor follows anyway. The
    number that an instance draws for itself is what it renews and withdraws by; it is shown to
    nobody else.

    Bodies are JSON objects, read within a size; whatever is wrong with one is told by its rule and
    changes nothing. Who may ask is decided by the app that these routes are part of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vobj.errors import FleetError, LimitError, PayloadError, UsageError, VobjError
from vobj.fleet.announcement import MANIFEST_BYTES, Announcement
from vobj.fleet.fleet import Fleet
from vobj.version import Manifest

_MOST_BYTES = 2 * MANIFEST_BYTES
_DAY = 86_400.0
_INSTANCE = re.compile(r"[0-9a-f]{32}")


def registry_routes(fleet: Fleet, prefix: str = "/v1/fleet") -> Sequence[Route]:
    """`announce`, `renew`, `withdraw` (POST) and `pin` (GET) under the prefix."""

    def announce(body: dict[str, Any]) -> dict[str, Any]:
        made = Announcement(
            _part(body, "service", str),
            _part(body, "host", str),
            _part(body, "release", str),
            Manifest(_part(body, "manifest", dict)),
            tuple(_part(body, "wires", list)),
            _instance(body),
        )
        fleet.registry.announce(made, _lease(body))
        return {}

    def renew(body: dict[str, Any]) -> dict[str, Any]:
        return {"known": fleet.registry.renew(_instance(body), _lease(body))}

    def withdraw(body: dict[str, Any]) -> dict[str, Any]:
        fleet.registry.withdraw(_instance(body))
        return {}

    def pin(_body: dict[str, Any]) -> dict[str, Any]:
        state = fleet.pin.state()
        return {
            "source": state.source,
            "manifest": state.manifest.to_dict(),
            "wires": ["packed"] if fleet.wire() == "packed" else [],
        }

    made = [
        Route(f"{prefix}/{one.__name__}", _handler(one), methods=["POST"])
        for one in (announce, renew, withdraw)
    ]
    return [*made, Route(f"{prefix}/pin", _handler(pin), methods=["GET"])]


def _handler(work: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Reads the body in the event loop, and works in a thread, since a database may be slow."""

    async def handle(request: Request) -> Response:
        try:
            body = {} if request.method == "GET" else await _body(request)
            return JSONResponse(await anyio.to_thread.run_sync(work, body))
        except VobjError as error:
            document = {"error": {"rule": error.rule, "message": error.message}}
            return JSONResponse(document, _status(error))

    return handle


async def _body(request: Request) -> dict[str, Any]:
    got = bytearray()
    async for chunk in request.stream():
        got += chunk
        if len(got) > _MOST_BYTES:
            raise LimitError(f"The request has more than {_MOST_BYTES} bytes", rule="payload/size")
    try:
        found = json.loads(bytes(got))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise PayloadError("Expected a JSON object", rule="fleet/announcement")
    return found


def _part(body: dict[str, Any], name: str, kind: type) -> Any:
    found = body.get(name)
    if not isinstance(found, kind):
        raise UsageError(
            f"Expected {name!r} of type {kind.__name__}, got {type(found).__name__}",
            rule="fleet/announcement",
        )
    return found


def _instance(body: dict[str, Any]) -> str:
    found = _part(body, "instance", str)
    if not _INSTANCE.fullmatch(found):
        raise UsageError("Expected 'instance' in 32 hexadecimal digits", rule="fleet/announcement")
    return str(found)


def _lease(body: dict[str, Any]) -> int:
    found = body.get("lease")
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 < found < _DAY:
        raise UsageError(
            "Expected 'lease' to be seconds between 0 and a day", rule="fleet/announcement"
        )
    return round(found * 1_000_000)


def _status(error: VobjError) -> int:
    if isinstance(error, FleetError):
        return 503
    return 413 if isinstance(error, LimitError) else 400
