"""The body of a request, read within a size and a time.

Theory
    A clock for a body that has arrived with its head costs more than reading it. The server knows
    which ones have (see `vobj.conductor.protocol`) and says so in the scope of the request; no
    clock is set for those. Under another server every body has one.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from starlette.types import Receive

from vobj.conductor.status import SLOW_BODY
from vobj.errors import ConductorError, LimitError, VobjError

IS_THERE = "vobj.body_is_there"  # in the scope of a request: all of its body has arrived


class Body(NamedTuple):
    """What arrived.

    error: why it is of no use, or None; status: of that error, 0 for its own. is_cut_off: it was
    not read to its end. is_gone: nobody waits for an answer.
    """

    data: bytes = b""
    error: VobjError | None = None
    status: int = 0
    is_cut_off: bool = False
    is_gone: bool = False


async def read_body(receive: Receive, allowed: int, seconds: float | None) -> Body:
    """The body, read no further than `allowed` bytes and `seconds` allow.

    seconds: None for a body that is there already. What is over the size is dropped unseen, so that
    the sender gets to reading the answer; who sends more than twice the size is cut off.
    """
    if seconds is None:
        return await _read(receive, allowed)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, allowed)
    except TimeoutError:
        late = ConductorError(
            f"The request did not arrive within {seconds:g} seconds", rule="conductor/slow"
        )
        return Body(error=late, status=SLOW_BODY, is_cut_off=True)


async def _read(receive: Receive, allowed: int) -> Body:
    got = bytearray()
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return Body(is_gone=True)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= allowed:
            got += chunk
        if size > 2 * allowed:
            return Body(error=_too_long(allowed), is_cut_off=True)
        if not message.get("more_body"):
            return Body(error=_too_long(allowed)) if size > allowed else Body(bytes(got))


def _too_long(allowed: int) -> LimitError:
    return LimitError(f"The request has more than {allowed} bytes", rule="payload/size")
