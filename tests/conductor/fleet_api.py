"""A web service of the user's own, with the conductor mounted beside its own routes."""

from __future__ import annotations

from typing import Any

import fleet_now
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from vobj.conductor.http import conductor_app


async def hello(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def context_of(sent: Any) -> dict[str, Any]:
    return {"trusted": False, **sent}


app = Starlette(
    routes=[
        Route("/hello", hello),
        Mount("/conductor", conductor_app(fleet_now.prepare(), context=context_of)),
    ]
)
