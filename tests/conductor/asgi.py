"""A conductor's app in this process, asked over ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx

from tests.conductor import fleet_now
from vobj import Codec, Manifest
from vobj.conductor import Conductor
from vobj.conductor.http import ConductorApp, conductor_app

OLD = {"FleetBoat": "1.0", "FleetBunk": "1.0"}
KNOWN = Manifest(OLD).fingerprint
PAYLOAD = {"content-type": "application/vnd.vobj", "vobj-fingerprint": KNOWN}

_T = TypeVar("_T")


def app_of(conductor: Conductor | None = None, **settings: Any) -> ConductorApp:
    """An app of today's service."""
    made = conductor or Conductor(fleet_now.Fleet, expected=[fleet_now.NotFound])
    return conductor_app(made, **settings)


def asking(app: Any, work: Callable[[httpx.AsyncClient], Awaitable[_T]]) -> _T:
    """Run a conversation with an app."""

    async def run() -> _T:
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://conductor") as client:
            return await work(client)

    return asyncio.run(run())


def asked(app: Any, path: str, json: object = None, **settings: Any) -> httpx.Response:
    """The answer to one POST."""

    async def work(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(path, json=json, **settings)

    return asking(app, work)


def got(app: Any, path: str, **settings: Any) -> httpx.Response:
    """The answer to one GET."""

    async def work(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get(path, **settings)

    return asking(app, work)


def bunk(number: int = 1, **values: Any) -> fleet_now.FleetBunk:
    """Plain data, without a loader or a converter."""
    return fleet_now.FleetBunk(number=number, **{"guest": "Kim", "notes": "snores", **values})


def payload(wire: str = "primitive", number: int = 1) -> Any:
    """A bunk of today on a wire."""
    return Codec(wire, base=fleet_now.Fleet).encode(bunk(number))
