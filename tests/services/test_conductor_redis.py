"""What conductors handed out, remembered in a Redis."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
import redis

from tests.services.conftest import require
from vobj.conductor import Place
from vobj.conductor.remembered_redis import InRedis

URL = os.environ.get("VOBJ_REDIS_URL", "redis://127.0.0.1:6379/0")
ANNA = Place("Boat", "'anna\ud800'", "1.0")


@pytest.fixture
def prefix() -> Iterator[str]:
    require("Redis", URL)
    made = f"vobj-test-{uuid.uuid4().hex}"
    yield made
    with redis.Redis.from_url(URL) as client:
        for key in client.scan_iter(f"{made}:*"):
            client.delete(key)


def test_conductors_share_it(prefix: str) -> None:
    """What one notes another recalls, the newest first, a few at each place."""
    one, other = (InRedis(URL, prefix=prefix, per_place=3) for _ in range(2))
    for text in (b"a", b"b", b"c", b"d", b"b"):
        one.note(ANNA, text)
    assert other.recall(ANNA) == [b"b", b"d", b"c"]
    assert other.recall(ANNA._replace(version="1.1")) == []
    one.close()
    other.close()


def test_it_is_forgotten_in_time(prefix: str) -> None:
    """Each place has an end, so that nothing is kept for ever."""
    memory = InRedis(URL, prefix=prefix, seconds=60)
    memory.note(ANNA, b"a")
    with redis.Redis.from_url(URL) as client:
        (key,) = client.scan_iter(f"{prefix}:*")
        assert 0 < client.ttl(key) <= 60
    memory.close()
