"""Fields that have a value for older payloads, and rows that must not keep a newer value."""

from __future__ import annotations

from typing import Any

import pytest

import vobj
from tests.requirements.exchange import CODEC, data_of, node, received, sent
from vobj import Added, Converted, NoChange, Removed, Renamed


@vobj.register
class IronicNode(vobj.VersionedObject):
    """Fields that an upgraded older payload gets a value for: None, False, {} and ''."""

    VERSION = "1.4"

    uuid: str
    fault: str | None = vobj.field(Added(since="1.1", backfill=None))
    protected: bool = vobj.field(Added(since="1.2", backfill=False))
    network_data: dict[str, str] = vobj.field(Added(since="1.3", backfill={}))
    description: str = vobj.field(Added(since="1.4", backfill=""))
    extra_notes: str = vobj.field(Added(since="1.4"))


FULL = {
    "uuid": "u",
    "fault": "power failure",
    "protected": True,
    "network_data": {"links": "l"},
    "description": "rack 3",
    "extra_notes": "n",
}
FULL_1_3 = {
    "uuid": "u", "fault": "power failure", "protected": True, "network_data": {"links": "l"}
}  # fmt: skip
FULL_1_2 = {"uuid": "u", "fault": "power failure", "protected": True}
FULL_1_1 = {"uuid": "u", "fault": "power failure"}
FULL_1_0 = {"uuid": "u"}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("1.4", FULL), ("1.3", FULL_1_3), ("1.2", FULL_1_2), ("1.1", FULL_1_1), ("1.0", FULL_1_0)
    ],
)  # fmt: skip
def test_on_the_wire_an_unsupported_field_is_deleted(target: str, expected: dict[str, Any]) -> None:
    """A peer gets no field that its version lacks, whatever value it holds."""
    assert sent(IronicNode(**FULL), target) == node("IronicNode", target, expected)


def test_a_partial_object_gets_no_values_on_its_way_to_an_older_peer() -> None:
    """A backfill is for upgrades only: an unset field is unset in every backport."""
    for target in ("1.4", "1.3", "1.2"):
        assert sent(IronicNode(protected=True), target) == node(
            "IronicNode", target, {"protected": True}
        )
    assert sent(IronicNode(protected=True), "1.0") == node("IronicNode", "1.0", {})


@pytest.mark.parametrize(
    ("version", "data", "expected"),
    [
        (
            "1.0", {"uuid": "u"},
            {"uuid": "u", "fault": None, "protected": False, "network_data": {}, "description": ""},
        ),
        (
            "1.2", {"uuid": "u", "fault": "f", "protected": True},
            {"uuid": "u", "fault": "f", "protected": True, "network_data": {}, "description": ""},
        ),
        ("1.4", {"uuid": "u"}, {"uuid": "u"}),
        ("1.3", {"fault": "f"}, {"fault": "f", "description": ""}),
    ],
)  # fmt: skip
def test_an_upgrade_fills_what_the_older_version_lacked(
    version: str, data: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A backfill acts for versions without the field; what a version left unset stays unset."""
    upgraded = CODEC.upgrade(node("IronicNode", version, data))
    assert upgraded == node("IronicNode", "1.4", expected, unchanged=set(expected) - set(data))


def test_a_backfill_never_overwrites_nor_counts_as_a_change() -> None:
    """A value that is there wins, under any stamp; a backfilled one is not in `changes`."""
    read = received(node("IronicNode", "1.0", {"uuid": "u", "protected": True}))
    assert read.protected is True
    assert read.description == ""
    assert read.obj_what_changed() == {"uuid"}


def test_backfilled_values_are_not_shared() -> None:
    """Each payload gets a copy: what one reader does to it is not seen by another."""
    one = CODEC.upgrade(node("IronicNode", "1.0", {"uuid": "a"}))
    data_of(one)["network_data"]["links"] = "mine"
    other = CODEC.upgrade(node("IronicNode", "1.0", {"uuid": "b"}))
    assert data_of(other)["network_data"] == {}


@pytest.mark.parametrize(
    ("target", "reset", "kept"),
    [
        ("1.4", {}, FULL),
        ("1.3", {"description": ""}, FULL_1_3),
        ("1.2", {"description": "", "network_data": {}}, FULL_1_2),
        ("1.1", {"description": "", "network_data": {}, "protected": False}, FULL_1_1),
        (
            "1.0",
            {"description": "", "fault": None, "network_data": {}, "protected": False},
            FULL_1_0,
        ),
    ],
)
def test_in_a_store_an_unsupported_field_is_reset_to_its_backfill(
    target: str, reset: dict[str, Any], kept: dict[str, Any]
) -> None:
    """A row held to an older version overwrites the columns that version does not know."""
    stored = IronicNode(**FULL)
    stored.obj_reset_changes()
    expected = node("IronicNode", target, {**kept, **reset}, unchanged=kept)
    newest = CODEC.encode(stored)
    assert CODEC.encode(stored, to=target, hidden="reset") == expected
    assert CODEC.backport(newest, to=target, hidden="reset") == expected
    assert CODEC.encode(stored) == newest


def test_reset_values_are_not_shared() -> None:
    """Each row gets a copy of the backfill that its field is reset to."""
    one = CODEC.encode(IronicNode(**FULL), to="1.2", hidden="reset")
    data_of(one)["network_data"]["links"] = "mine"
    other = CODEC.encode(IronicNode(**FULL), to="1.2", hidden="reset")
    assert data_of(other)["network_data"] == {}


def test_in_a_store_an_unset_field_is_not_reset() -> None:
    """A partial object writes only what it holds, so a column it did not load stays as it is."""
    stored = CODEC.encode(IronicNode(uuid="u", protected=True), to="1.0", hidden="reset")
    assert stored == node("IronicNode", "1.0", {"uuid": "u", "protected": False})


def test_in_a_store_a_field_without_a_backfill_is_left_out() -> None:
    """There is nothing to reset a field to unless its change says so."""
    stored = CODEC.encode(IronicNode(uuid="u", extra_notes="n"), to="1.0", hidden="reset")
    assert stored == node("IronicNode", "1.0", {"uuid": "u"})


def test_a_row_with_reset_fields_reads_as_the_reset_values() -> None:
    """The upgrade of what was stored holds the backfills, and the fields that the version had."""
    stored = CODEC.encode(IronicNode(**FULL), to="1.1", hidden="reset")
    read = received(stored)
    assert read.obj_received_version == "1.1"
    assert (read.fault, read.protected, read.network_data, read.description) == (
        "power failure", False, {}, ""
    )  # fmt: skip


def test_reset_reaches_objects_inside() -> None:
    """A stored tree is held to the manifest at every depth."""

    @vobj.register
    class StoredPort(vobj.VersionedObject):
        VERSION = "1.1"

        is_smartnic: bool = vobj.field(Added(since="1.1", backfill=False))

    @vobj.register
    class StoredGroup(vobj.VersionedObject):
        VERSION = "1.0"

        ports: list[StoredPort]

    group = StoredGroup(ports=[StoredPort(is_smartnic=True), StoredPort()])
    stored = CODEC.encode(group, to={"StoredGroup": "1.0", "StoredPort": "1.0"}, hidden="reset")
    assert data_of(stored, "ports") == [
        node("StoredPort", "1.0", {"is_smartnic": False}),
        node("StoredPort", "1.0", {}),
    ]


def test_a_reset_value_has_the_name_and_form_in_which_it_was_added() -> None:
    """A field that was renamed and converted later is reset to what an upgrade takes."""

    @vobj.register
    class StoredChassis(vobj.VersionedObject):
        VERSION = "1.3"

        weight_g: int = vobj.field(
            Added(since="1.1", backfill="0"),
            Renamed("weight", since="1.2"),
            Converted(since="1.3", was=str, up=int, down=str),
        )

    stored = CODEC.encode(StoredChassis(weight_g=750), to="1.0", hidden="reset")
    assert stored == node("StoredChassis", "1.0", {"weight": "0"})
    assert data_of(CODEC.upgrade(stored)) == {"weight_g": 0}


def test_a_field_that_the_target_has_is_never_reset() -> None:
    """What came back after a removal exists in the oldest version: nothing replaces it there."""

    @vobj.register
    class StoredVolume(vobj.VersionedObject):
        VERSION = "1.3"
        history = [NoChange("1.1")]

        alias: str = vobj.field(Removed(since="1.2"), Added(since="1.3", backfill="again"))

    stored = CODEC.encode(StoredVolume(alias="a"), to="1.1", hidden="reset")
    assert stored == node("StoredVolume", "1.1", {})
    middle = CODEC.encode(StoredVolume(alias="a"), to="1.2", hidden="reset")
    assert middle == node("StoredVolume", "1.2", {"alias": "again"})


@pytest.mark.parametrize("wire", ["primitive", "msgpack", "packed"])
def test_what_a_field_becomes_when_it_comes_back_is_no_change(wire: str) -> None:
    """A backfill never enters `changes`, nor does what older versions get in a field's place."""

    @vobj.register
    class StoredShare(vobj.VersionedObject):
        VERSION = "1.2"

        path: str
        mode: str = vobj.field(
            Removed(since="1.1", restore="ro"), Added(since="1.2", backfill="rw")
        )

    codec, trees = vobj.Codec(wire), vobj.Codec("primitive")
    share = StoredShare(path="/a", mode="x")
    for old in (codec.encode(share, to="1.0"), codec.backport(codec.encode(share), to="1.0")):
        sent = trees.backport(old, to="1.0", source=wire)
        assert sent["versioned_object.data"] == {"path": "/a", "mode": "ro"}
        assert sent["versioned_object.changes"] == ["path"]
    edited = node("StoredShare", "1.0", {"path": "/b", "mode": "ro"})
    edited["versioned_object.changes"] = ["path", "mode"]
    read = codec.decode(codec.backport(edited, to="1.0", source="primitive"))
    assert (read.path, read.mode, read.obj_what_changed()) == ("/b", "rw", {"path"})


def test_an_unknown_way_with_hidden_fields_is_refused() -> None:
    """`hidden` is one of the words that the call names."""
    with pytest.raises(vobj.UsageError, match="drop, reset") as found:
        CODEC.encode(IronicNode(uuid="u"), to="1.0", hidden="null")
    assert found.value.rule == "usage/policy"
