"""Tests declare classes of the same names; what one registers, the next does not see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from oslo_versionedobjects import base


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """The registry as it was before the test, afterwards."""
    before = base.VersionedObjectRegistry.obj_classes()
    shared: Any = base.VersionedObjectRegistry._registry
    shared._obj_classes = before.copy()
    for name, classes in before.items():
        shared._obj_classes[name] = list(classes)
    yield
    shared._obj_classes = before
