"""Objects that are lists: the versions of their elements."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import base

import vobj
from tests.requirements.exchange import data_of, node, received, sent
from vobj import Added, ChildVersions, NoChange


@vobj.register
class NovaFixedIP(vobj.VersionedObject):
    """An element with one change."""

    VERSION = "1.1"

    address: str
    leased: bool = vobj.field(Added(since="1.1"))


@vobj.register
class NovaFixedIPList(base.ObjectListBase, vobj.VersionedObject):
    """A list class that dates its elements."""

    VERSION = "1.2"
    history = [NoChange("1.1")]

    objects: list[NovaFixedIP] = vobj.field(ChildVersions({"1.0": "1.0", "1.2": "1.1"}))


def _ips() -> NovaFixedIPList:
    first, second = NovaFixedIP(address="a", leased=True), NovaFixedIP(address="b")
    return NovaFixedIPList(objects=[first, second])


@pytest.mark.parametrize(
    ("target", "child", "first"),
    [
        ("1.2", "1.1", {"address": "a", "leased": True}),
        ("1.1", "1.0", {"address": "a"}),
        ("1.0", "1.0", {"address": "a"}),
    ],
)
def test_a_list_class_sends_its_elements_at_the_dated_version(
    target: str, child: str, first: dict[str, Any]
) -> None:
    """A list object follows its table, with and without a manifest that names only the list."""
    expected = node(
        "NovaFixedIPList", target,
        {"objects": [
            node("NovaFixedIP", child, first), node("NovaFixedIP", child, {"address": "b"})
        ]},
    )  # fmt: skip
    assert sent(_ips(), target) == expected
    assert sent(_ips(), {"NovaFixedIPList": target}) == expected


def test_a_manifest_speaks_for_elements_that_are_not_dated() -> None:
    """Without a table the manifest is asked, also at the list's own version."""

    @vobj.register
    class UndatedIPList(base.ObjectListBase, vobj.VersionedObject):
        VERSION = "1.0"

        objects: list[NovaFixedIP]

    ips = UndatedIPList(objects=[NovaFixedIP(address="a", leased=True)])
    payload = sent(ips, {"UndatedIPList": "1.0", "NovaFixedIP": "1.0"})
    assert data_of(payload, "objects") == [node("NovaFixedIP", "1.0", {"address": "a"})]


def test_an_empty_list_object_goes_to_every_version() -> None:
    """No element, no version to look for; a new list object counts as unchanged."""
    for target in ("1.2", "1.1", "1.0"):
        assert sent(NovaFixedIPList(), target) == node(
            "NovaFixedIPList", target, {"objects": []}, unchanged=["objects"]
        )


def test_an_older_list_object_is_read_as_a_list() -> None:
    """The upgraded object is a list of upgraded elements."""
    ip = node("NovaFixedIP", "1.0", {"address": "a"})
    read = received(node("NovaFixedIPList", "1.0", {"objects": [ip]}))
    assert len(read) == 1
    assert read.VERSION == "1.2"
    assert (read[0].VERSION, read[0].address) == ("1.1", "a")
