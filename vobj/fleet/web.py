"""The page of a fleet: one HTML file, and the document it shows, as routes for an ASGI app.

Theory
    The page is one file with its style and its script in it. It asks for `fleet.json` beside itself
    and for nothing else, so it works behind any prefix and without a network. Names in the document
    come from peers: the script only ever sets text, and the policy that is sent with the page lets
    no other script run.

    The document is made in a thread, at most once in a while, however many look at it. While the
    record is away the last one is shown, with the reason beside it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Protocol

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vobj.errors import VobjError
from vobj.fleet.follow import Follow

_UNSEEN = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Told(Protocol):
    """Something that tells its state: a `Fleet`."""

    def status(self) -> dict[str, Any]:
        """The document."""
        ...


def routes(fleet: Told, *, seconds: float = 2.0) -> Sequence[Route]:
    """`/` with the page and `/fleet.json` with the document. seconds: how long one is used."""
    page = (files("vobj.fleet") / "page.html").read_text(encoding="utf-8")
    headers = {
        **_UNSEEN,
        "Content-Security-Policy": _policy(page),
        "Referrer-Policy": "no-referrer",
    }
    document = _Document(fleet, seconds)

    async def show(_request: Request) -> Response:
        return Response(page, media_type="text/html", headers=headers)

    async def tell(_request: Request) -> Response:
        status, body = await anyio.to_thread.run_sync(document.read)
        return Response(body, status, media_type="application/json", headers=_UNSEEN)

    return [Route("/", show), Route("/fleet.json", tell)]


class _Document:
    """The document as text, made at most once per interval."""

    def __init__(self, fleet: Told, seconds: float) -> None:
        self._fleet = fleet
        self._follow = Follow(self._make, interval=seconds, name="The page of the fleet")

    def _make(self) -> tuple[dict[str, Any], str]:
        made = self._fleet.status()
        return made, json.dumps(made)

    def read(self) -> tuple[int, str]:
        """The status and the body of an answer."""
        try:
            document, text = self._follow()
        except VobjError as error:
            return 503, json.dumps({"error": _told(error)})
        trouble = self._follow.trouble
        if trouble is None:
            return 200, text
        away = {**_told(trouble.error), "seconds": round(trouble.seconds, 1)}
        return 200, json.dumps({**document, "away": away})


def _told(error: VobjError) -> dict[str, str]:
    return {"rule": error.rule, "message": str(error)}


def _policy(page: str) -> str:
    """A content security policy that lets the page's own script and style run, and nothing else."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hashes('script', page)}",
            f"style-src {_hashes('style', page)}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _hashes(tag: str, page: str) -> str:
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in found]
    return " ".join(f"'sha256-{one}'" for one in digests)
