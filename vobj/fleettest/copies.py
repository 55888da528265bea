"""Messages that arrive twice, the second time late: copies of real requests, sent again."""

from __future__ import annotations

import importlib
import re
import time
from random import Random
from typing import Any

CALL = "bench-call-"
EXCHANGE = "bench"
# kombu and amqp ship no types.
kombu: Any = importlib.import_module("kombu")
AWAY: tuple[type[Exception], ...] = (OSError, importlib.import_module("amqp").AMQPError)
"""What it means that the broker went away, or has just come back without what nodes declare."""

_CALL = re.compile(rb"bench-call-\d+")


def send_copies(port: int, *, seconds: float, late: float, draw: Random) -> tuple[int, set[str]]:
    """Copy requests for some seconds, then send the copies: how many, and of which calls.

    late: seconds between the first message and the copies. Raises one of `AWAY` when the broker
    goes away meanwhile.
    """
    copied: list[tuple[str, Any]] = []
    with kombu.Connection(f"amqp://guest:guest@127.0.0.1:{port}//", connect_timeout=5) as one:
        channel = one.channel()
        exchange = kombu.Exchange(EXCHANGE, "topic", durable=False, passive=True)
        queue = kombu.Queue("", exchange, routing_key="#", exclusive=True, auto_delete=True)

        def keep(message: Any) -> None:
            copied.append((message.delivery_info["routing_key"], message))

        with kombu.Consumer(channel, queue, on_message=keep, no_ack=True):
            until = time.monotonic() + seconds
            while (left := until - time.monotonic()) > 0:
                try:
                    one.drain_events(timeout=left)
                except TimeoutError:
                    break
        time.sleep(late)
        draw.shuffle(copied)
        for key, message in copied:
            channel.basic_publish(
                channel.prepare_message(
                    message.body,
                    content_type=message.content_type,
                    content_encoding=message.content_encoding,
                    headers=message.headers,
                ),
                exchange="",
                routing_key=key,
            )
    calls = {found.decode() for _, message in copied for found in _CALL.findall(_bytes(message))}
    return len(copied), calls


def _bytes(message: Any) -> bytes:
    body = message.body
    return body.encode() if isinstance(body, str) else bytes(body)
