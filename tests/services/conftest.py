"""Real servers for tests. A missing one is named; under VOBJ_REQUIRE_SERVICES it is a failure."""

from __future__ import annotations

import os
import socket
import uuid
from urllib.parse import urlsplit

import pytest

RABBITMQ = os.environ.get("VOBJ_RABBITMQ_URL", "rabbit://guest:guest@127.0.0.1:5672/")


def require(service: str, url: str) -> str:
    """`url` if something listens there; else skip, or fail when services are required."""
    where = urlsplit(url)
    try:
        socket.create_connection((where.hostname or "", where.port or 0), timeout=2).close()
    except OSError as error:
        text = f"{service} does not answer at {where.hostname}:{where.port}: {error}"
        if os.environ.get("VOBJ_REQUIRE_SERVICES") == "1":
            pytest.fail(text)
        pytest.skip(text)
    return url


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """The oslo.messaging transport URL of a RabbitMQ."""
    return require("RabbitMQ", RABBITMQ)


@pytest.fixture
def topic() -> str:
    """A topic, and an exchange, that no other test and no other run uses."""
    return f"vobj-test-{uuid.uuid4().hex}"
