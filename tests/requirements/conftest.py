"""Classes that a test of this folder declares are forgotten when the test is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.compare import own_registry


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    with own_registry():
        yield
