"""What was handed out, in a Redis that the conductors of several machines have in common.

Theory
    One list per place, the newest first, cut to a length and forgotten some time after its last
    use; Redis holds its own memory to a limit (`maxmemory` with an `allkeys-` policy). Whatever
    goes wrong with it is a forgetting: no request fails, and for a while after a failure it is not
    asked again, so that a Redis that hangs slows nothing down.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import TypeVar

import redis

from vobj.conductor.remembered import Place
from vobj.errors import UsageError

LOG = logging.getLogger(__name__)

_T = TypeVar("_T")

_PATIENCE = 0.5
_PAUSE = 5.0


class InRedis:
    """The memory of several conductors.

    url: `redis://`, `rediss://` or `unix://`, as redis-py reads it. per_place: payloads at one
    place (4). seconds: how long a place is remembered after its last use (a day). prefix: of the
    keys. Any thread and any process may use it.
    """

    def __init__(
        self,
        url: str,
        *,
        per_place: int = 4,
        seconds: int = 86_400,
        prefix: str = "vobj:handed-out",
    ) -> None:
        """Raises UsageError (`usage/argument`) for a URL that is none; it does not connect."""
        try:
            self._redis = redis.Redis.from_url(
                url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
            )
        except (ValueError, TypeError) as error:
            raise UsageError(f"Not a URL of a Redis: {error}", rule="usage/argument") from None
        self._per_place = per_place
        self._seconds = seconds
        self._prefix = prefix
        self._until = 0.0

    def note(self, place: Place, payload: bytes) -> None:
        """Keep a payload as the newest of its place."""
        key = self._key(place)

        def work() -> None:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.lrem(key, 0, payload)  # type: ignore[arg-type]  # bytes are fine
                pipe.lpush(key, payload)
                pipe.ltrim(key, 0, self._per_place - 1)
                pipe.expire(key, self._seconds)
                pipe.execute()

        self._safely(work, None)

    def recall(self, place: Place) -> list[bytes]:
        """The payloads of a place, the newest first."""

        def work() -> list[bytes]:
            found = self._redis.lrange(self._key(place), 0, -1)
            return [one for one in found if isinstance(one, bytes)]

        return self._safely(work, [])

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def _key(self, place: Place) -> str:
        # A key is as long as its object makes it; its digest is not.
        digest = hashlib.blake2b("\n".join(place).encode(errors="replace"), digest_size=20)
        return f"{self._prefix}:{place.name}:{place.version}:{digest.hexdigest()}"

    def _safely(self, work: Callable[[], _T], otherwise: _T) -> _T:
        if time.monotonic() < self._until:
            return otherwise
        try:
            return work()
        except redis.RedisError as error:
            self._until = time.monotonic() + _PAUSE
            LOG.warning("Redis is not usable: %s. Put-backs go by changes for %g s", error, _PAUSE)
            return otherwise
