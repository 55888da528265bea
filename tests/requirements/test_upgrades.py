"""Older payloads and rows: read into today's objects, at every depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from tests.requirements.exchange import CODEC, data_of, node, received, sent
from vobj import Added, Codec, Converted, ConverterContext, NoChange, OldestSupported, Renamed


def _copy_vif(value: Any, data: Mapping[str, Any], ctx: ConverterContext) -> Any:
    legacy = (data.get("extra") or {}).get("vif_port_id")
    if legacy is None:
        return value
    return {**({} if value in (None, vobj.ABSENT) else value), "tenant_vif_port_id": legacy}


def _as_it_is(value: Any, data: Mapping[str, Any], ctx: ConverterContext) -> Any:
    return value


@vobj.register
class IronicPort(vobj.VersionedObject):
    """Since 1.8 a legacy key of one dict is copied into another; nothing is copied back."""

    VERSION = "1.9"
    history = [OldestSupported("1.7")]

    address: str
    extra: dict[str, str]
    internal_info: dict[str, str] | None = vobj.field(
        Converted(since="1.8", was=dict[str, str] | None, up=_copy_vif, down=_as_it_is,
                  peers=True, absent=True)
    )  # fmt: skip
    is_smartnic: bool = vobj.field(Added(since="1.9", backfill=False))


@pytest.mark.parametrize(
    ("version", "data", "expected"),
    [
        (
            "1.7", {"extra": {"vif_port_id": "v"}, "internal_info": {"a": "b"}},
            {
                "extra": {"vif_port_id": "v"}, "is_smartnic": False,
                "internal_info": {"a": "b", "tenant_vif_port_id": "v"},
            },
        ),
        (
            "1.7", {"extra": {"vif_port_id": "v"}},
            {
                "extra": {"vif_port_id": "v"}, "is_smartnic": False,
                "internal_info": {"tenant_vif_port_id": "v"},
            },
        ),
        (
            "1.7", {"extra": {}, "internal_info": None},
            {"extra": {}, "internal_info": None, "is_smartnic": False},
        ),
        ("1.7", {"address": "m"}, {"address": "m", "is_smartnic": False}),
        (
            "1.8", {"extra": {"vif_port_id": "v"}},
            {"extra": {"vif_port_id": "v"}, "is_smartnic": False},
        ),
    ],
)  # fmt: skip
def test_a_forward_migration_runs_once_for_payloads_below_its_version(
    version: str, data: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A converter that only goes up acts on older payloads, unset fields included, and no other."""
    assert data_of(CODEC.upgrade(node("IronicPort", version, data))) == expected


def test_a_forward_migration_is_not_undone() -> None:
    """On the way down the migrated value stays where it is."""
    values = {"extra": {"vif_port_id": "v"}, "internal_info": {"tenant_vif_port_id": "v"}}
    for target in ("1.8", "1.7"):
        assert data_of(sent(IronicPort(**values), target)) == values
    assert data_of(sent(IronicPort(extra={}), "1.7")) == {"extra": {}}


def test_a_row_of_an_older_release_reads_as_an_object_of_today() -> None:
    """`decode` and oslo's `obj_from_primitive` agree: newest class, upgraded, the stamp kept."""
    row = node("IronicPort", "1.7", {"address": "m", "extra": {"vif_port_id": "v"}})
    for read in (
        CODEC.decode(row), base.VersionedObject.obj_from_primitive(row),
        IronicPort.obj_from_primitive(row),
    ):  # fmt: skip
        assert (read.VERSION, read.obj_received_version) == ("1.9", "1.7")
        assert read.internal_info == {"tenant_vif_port_id": "v"}
        assert read.is_smartnic is False
        assert read.obj_what_changed() == {"address", "extra"}


@vobj.register
class NovaLazyQuotas(vobj.VersionedObject):
    """A default that a service computed on first read is a backfill."""

    VERSION = "1.1"

    project_id: str
    reservations: list[str] = vobj.field(Added(since="1.1", backfill=[]))

    def obj_load_attr(self, attrname: str) -> None:
        """Whoever reads an unset field gets an error that this class raises."""
        raise exception.ObjectActionError(action="obj_load_attr", reason=f"{attrname} is not there")


def test_a_lazy_default_is_there_at_once_and_does_not_mark_the_object() -> None:
    """An upgraded object needs no loader for what its version added, and stays unchanged."""
    row = node("NovaLazyQuotas", "1.0", {"project_id": "p"}, unchanged=["project_id"])
    read = received(row)
    assert read.reservations == []
    assert read.obj_what_changed() == set()
    with pytest.raises(exception.ObjectActionError, match="reservations is not there"):
        _ = received(node("NovaLazyQuotas", "1.1", {})).reservations


@vobj.register
class NovaStoredCell(vobj.VersionedObject):
    """A cell as it is kept for years inside JSON rows."""

    VERSION = "1.2"

    id: int
    memory_mb: int = vobj.field(
        Renamed("memory", since="1.1"), Converted(since="1.2", was=str, up=int, down=str)
    )


@vobj.register
class NovaStoredTopology(vobj.VersionedObject):
    """A row that holds cells of several releases."""

    VERSION = "1.1"
    history = [NoChange("1.1")]

    cells: list[NovaStoredCell]
    spare: dict[str, NovaStoredCell]


def test_a_stored_tree_of_mixed_age_is_upgraded_by_each_stamp() -> None:
    """Wire format is storage format: every envelope in a row says how old it is."""
    row = node(
        "NovaStoredTopology", "1.0",
        {
            "cells": [
                node("NovaStoredCell", "1.0", {"id": 0, "memory": "512"}),
                node("NovaStoredCell", "1.1", {"id": 1, "memory_mb": "1024"}),
                node("NovaStoredCell", "1.2", {"id": 2, "memory_mb": 2048}),
            ],
            "spare": {"x": node("NovaStoredCell", "1.0", {"memory": "1"})},
        },
    )  # fmt: skip
    for wire in ("json", "msgpack", "packed"):
        codec = Codec(wire)
        read = codec.decode(codec._wire.encode(row))
        assert [cell.memory_mb for cell in read.cells] == [512, 1024, 2048]
        assert [cell.obj_received_version for cell in read.cells] == ["1.0", "1.1", "1.2"]
        assert read.spare["x"].memory_mb == 1


def test_an_upgraded_object_is_written_back_in_todays_form() -> None:
    """What was read from an old row and is saved goes at the class's version."""
    read = received(node("NovaStoredCell", "1.0", {"id": 0, "memory": "512"}))
    assert CODEC.encode(read) == node("NovaStoredCell", "1.2", {"id": 0, "memory_mb": 512})
    read.memory_mb = 256
    assert data_of(CODEC.encode(read, to="1.0")) == {"id": 0, "memory": "256"}


def test_receivers_can_branch_on_what_they_received() -> None:
    """The stamp of an own object is in `obj_received_version`; one made here has none."""
    assert NovaStoredCell(id=1).obj_received_version is None
    assert received(node("NovaStoredCell", "1.2", {"id": 1})).obj_received_version == "1.2"
    clone = received(node("NovaStoredCell", "1.0", {"id": 1})).obj_clone()
    assert (clone.VERSION, clone.obj_received_version) == ("1.2", "1.0")


def test_a_foreign_object_keeps_the_version_it_came_with() -> None:
    """Where oslo's rules hold, the instance's VERSION is the wire's, and it is sent at that."""

    @base.VersionedObjectRegistry.register
    class ForeignFlavor(base.VersionedObject):
        VERSION = "1.2"
        fields = {"name": fields.StringField(), "later": fields.StringField()}

    read = received(node("ForeignFlavor", "1.1", {"name": "n"}))
    assert read.VERSION == "1.1"
    read.later = "l"
    assert CODEC.encode(read) == node("ForeignFlavor", "1.1", {"name": "n", "later": "l"})
    assert CODEC.upgrade(node("ForeignFlavor", "1.1", {"name": "n"})) == node(
        "ForeignFlavor", "1.1", {"name": "n"}
    )


def test_a_foreign_object_is_raised_to_its_class_only_when_asked() -> None:
    """`upgrade_to_latest` gives an object with a hook, and those inside, the class's VERSION."""

    @vobj.register
    class HookedDisk(vobj.VersionedObject):
        VERSION = "1.1"

        size: int
        bus: str
        parts: list[HookedDisk]

        def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
            super().obj_make_compatible(primitive, target_version)
            if target_version == "1.0":
                primitive.pop("bus", None)

    inner = node("HookedDisk", "1.0", {"size": 1})
    read = received(node("HookedDisk", "1.0", {"size": 2, "parts": [inner]}))
    assert (read.VERSION, read.parts[0].VERSION) == ("1.0", "1.0")
    read.bus = read.parts[0].bus = "scsi"
    read.upgrade_to_latest()
    raised = node("HookedDisk", "1.1", {"size": 1, "bus": "scsi"})
    assert data_of(CODEC.encode(read), "parts", 0)["versioned_object.version"] == "1.1"
    assert CODEC.encode(read.parts[0]) == raised
    both = {"HookedDisk": "1.0"}
    assert data_of(CODEC.encode(read, to=both), "parts", 0)["versioned_object.data"] == {"size": 1}


def test_an_own_object_is_always_the_latest() -> None:
    """For declared classes the explicit upgrade has nothing to do, and keeps the stamp readable."""
    read = received(node("NovaStoredCell", "1.0", {"id": 0, "memory": "512"}))
    before = CODEC.encode(read)
    read.upgrade_to_latest()
    assert CODEC.encode(read) == before
    assert read.obj_received_version == "1.0"


def test_upgrading_changes_neither_payload_nor_older_object() -> None:
    """The payload that was given is still the older one."""
    row = node("NovaStoredCell", "1.0", {"id": 0, "memory": "512"})
    CODEC.upgrade(row)
    received(row)
    assert row == node("NovaStoredCell", "1.0", {"id": 0, "memory": "512"})
