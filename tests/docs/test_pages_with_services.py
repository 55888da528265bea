"""The pages whose code talks to a broker run against a real one."""

from __future__ import annotations

import uuid

import pytest

from tests.docs.test_code_blocks import run_page
from tests.services.conftest import RABBITMQ, require


@pytest.mark.parametrize("page", ["docs/howto-celery.md", "docs/howto-oslo-messaging.md"])
def test_a_page_runs_against_rabbitmq(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker or a server as the page shows it, on queues of this run alone."""
    url = require("RabbitMQ", RABBITMQ)
    name = f"vobj-test-{uuid.uuid4().hex}"
    broker = url.replace("rabbit://", "amqp://").rstrip("/") + "//"
    for variable, value in {
        "BROKER_URL": broker, "YARD_QUEUE": name, "TRANSPORT_URL": url, "INVENTORY_TOPIC": name,
    }.items():  # fmt: skip
        monkeypatch.setenv(variable, value)
    done = run_page(page)
    assert done.returncode == 0, done.stderr
