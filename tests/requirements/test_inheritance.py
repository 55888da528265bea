"""Inherited fields: when a subclass got them, and which version of its parent it stands on."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from tests.requirements.exchange import (
    CODEC,
    data_of,
    node,
    received,
    refusal,
    rule_of,
    sent,
)
from vobj import Added, Inherits, NoChange, OldestSupported, Renamed


@vobj.register
class NovaLiveMigrateData(vobj.VersionedObject):
    """A base class whose newest field each subclass got at another version."""

    VERSION = "1.2"

    is_volume_backed: bool
    migration: str = vobj.field(Added(since="1.1"))
    vifs: list[str] = vobj.field(Added(since="1.2"))


@vobj.register
class NovaXenapiLiveMigrateData(NovaLiveMigrateData):
    """It had the first two fields from the start, and the third since 1.4."""

    VERSION = "1.4"
    history = [NoChange("1.1"), NoChange("1.2"), NoChange("1.3")]
    changes = {"migration": [], "vifs": [Added(since="1.4")]}

    block_migration: bool


@vobj.register
class NovaHyperVLiveMigrateData(NovaLiveMigrateData):
    """It got both later."""

    VERSION = "1.9"
    history = [OldestSupported("1.7")]
    changes = {"migration": [Added(since="1.8")], "vifs": [Added(since="1.9")]}

    is_shared: bool


COMMON = {"is_volume_backed": True, "migration": "m", "vifs": ["v"]}


@pytest.mark.parametrize(
    ("cls", "target", "expected"),
    [
        (NovaLiveMigrateData, "1.2", {"is_volume_backed", "migration", "vifs"}),
        (NovaLiveMigrateData, "1.1", {"is_volume_backed", "migration"}),
        (NovaLiveMigrateData, "1.0", {"is_volume_backed"}),
        (NovaXenapiLiveMigrateData, "1.4", {"is_volume_backed", "migration", "vifs"}),
        (NovaXenapiLiveMigrateData, "1.3", {"is_volume_backed", "migration"}),
        (NovaXenapiLiveMigrateData, "1.0", {"is_volume_backed", "migration"}),
        (NovaHyperVLiveMigrateData, "1.9", {"is_volume_backed", "migration", "vifs"}),
        (NovaHyperVLiveMigrateData, "1.8", {"is_volume_backed", "migration"}),
        (NovaHyperVLiveMigrateData, "1.7", {"is_volume_backed"}),
    ],
)
def test_one_inherited_field_has_a_date_per_subclass(
    cls: Any, target: str, expected: set[str]
) -> None:
    """A date belongs to the class body that wrote it; a subclass dates what it inherits."""
    payload = sent(cls(**COMMON), target)
    assert data_of(payload) == {name: COMMON[name] for name in expected}
    assert data_of(sent(cls(migration="m"), target)) == (
        {"migration": "m"} if "migration" in expected else {}
    )


def test_supports_answers_per_class() -> None:
    """The same field is supported from another version on in each class."""
    assert NovaLiveMigrateData.supports("vifs", "1.2")
    assert not NovaXenapiLiveMigrateData.supports("vifs", "1.3")
    assert NovaXenapiLiveMigrateData.supports("vifs", "1.4")
    assert not NovaHyperVLiveMigrateData.supports("vifs", "1.8")
    assert NovaHyperVLiveMigrateData.supports("vifs", "1.9")


@vobj.register
class OsVifPortProfileBase(vobj.VersionedObject):
    """The parent that subclasses stand on."""

    VERSION = "1.1"

    name: str = vobj.field(Renamed("label", since="1.1"))
    datapath_offload: str = vobj.field(Added(since="1.1", backfill="none"))


@vobj.register
class OsVifPortProfileOpenVSwitch(OsVifPortProfileBase):
    """Its 1.2 was the first to stand on the parent's 1.1; its own fields came at 1.1 and 1.3."""

    VERSION = "1.3"
    history = [Inherits({"1.0": "1.0", "1.2": "1.1"})]

    interface_id: str
    profile_id: str = vobj.field(Added(since="1.1"))
    create_port: bool = vobj.field(Added(since="1.3", backfill=False))


PROFILE = {
    "interface_id": "i",
    "profile_id": "p",
    "create_port": True,
    "name": "n",
    "datapath_offload": "o",
}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("1.3", PROFILE),
        ("1.2", {"interface_id": "i", "profile_id": "p", "name": "n", "datapath_offload": "o"}),
        ("1.1", {"interface_id": "i", "profile_id": "p", "label": "n"}),
        ("1.0", {"interface_id": "i", "label": "n"}),
    ],
)
def test_a_subclass_follows_its_parent_through_a_table(
    target: str, expected: dict[str, Any]
) -> None:
    """Inherits maps own versions to the parent's, and the parent's changes act there."""
    payload = sent(OsVifPortProfileOpenVSwitch(**PROFILE), target)
    assert payload == node("OsVifPortProfileOpenVSwitch", target, expected)


def test_a_partial_subclass_stays_partial() -> None:
    """Presence counts for inherited fields as well."""
    profile = OsVifPortProfileOpenVSwitch(datapath_offload="o")
    assert data_of(sent(profile, "1.2")) == {"datapath_offload": "o"}
    assert data_of(sent(profile, "1.1")) == {}


def test_inherited_changes_act_on_the_way_up() -> None:
    """An older payload of the subclass gets the parent's renames and backfills."""
    read = received(node("OsVifPortProfileOpenVSwitch", "1.1", {"label": "n", "profile_id": "p"}))
    assert (read.name, read.datapath_offload, read.create_port) == ("n", "none", False)


def test_a_subclass_is_found_in_a_manifest_through_its_parent() -> None:
    """A peer that names only the parent is sent the newest own version that stands on it."""

    @vobj.register
    class OsVifHolder(vobj.VersionedObject):
        VERSION = "1.0"

        profile: vobj.Polymorphic[OsVifPortProfileBase]

    holder = OsVifHolder(profile=OsVifPortProfileOpenVSwitch(**PROFILE))
    payload = sent(holder, {"OsVifHolder": "1.0", "OsVifPortProfileBase": "1.0"})
    assert data_of(payload, "profile") == node(
        "OsVifPortProfileOpenVSwitch", "1.1",
        {"interface_id": "i", "profile_id": "p", "label": "n"},
    )  # fmt: skip
    both = {"OsVifHolder": "1.0", "OsVifPortProfileBase": "1.0"}
    payload = sent(holder, {**both, "OsVifPortProfileOpenVSwitch": "1.0"})
    assert data_of(payload, "profile") == node(
        "OsVifPortProfileOpenVSwitch", "1.0", {"interface_id": "i", "label": "n"}
    )


def test_an_inherited_date_without_a_map_fails_registration() -> None:
    """A dated inherited field that is neither dated again nor mapped is a mistake of the class."""
    with pytest.raises(vobj.DeclarationError, match="Inherits") as found:

        @vobj.register
        class OsVifUndated(OsVifPortProfileBase):
            VERSION = "1.1"
            history = [NoChange("1.1")]

    assert found.value.rule == "declare/inherited"


class Timestamped:
    """A mixin with fields of its own."""

    fields = {"created_at": fields.StringField(), "deleted": fields.BooleanField()}


def test_a_class_dates_the_fields_of_a_mixin() -> None:
    """A mixin says what a field is, the class that takes it in says since when."""

    @vobj.register
    class MixedTag(Timestamped, vobj.VersionedObject):
        VERSION = "1.1"
        changes = {"deleted": [Added(since="1.1", backfill=False)]}

        tag: str

    tag = MixedTag(tag="t", created_at="now", deleted=True)
    assert data_of(sent(tag, "1.0")) == {"tag": "t", "created_at": "now"}
    assert received(node("MixedTag", "1.0", {"tag": "t"})).deleted is False


class StandardAttributes(type(vobj.VersionedObject)):
    """A metaclass that gives a class more fields after its body was read."""

    def __init__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> None:
        super().__init__(name, bases, body)
        if "fields" in body:
            cls.fields["description"] = fields.StringField(nullable=True)
            cls.fields["revision_number"] = fields.IntegerField()


def test_a_class_dates_the_fields_its_metaclass_injects() -> None:
    """Histories are compiled at registration, so a field from elsewhere is dated as any other."""

    @vobj.register
    class InjectedPort(vobj.VersionedObject, metaclass=StandardAttributes):
        VERSION = "1.1"
        fields = {"id": fields.StringField()}
        changes = {"revision_number": [Added(since="1.1")]}

    port = InjectedPort(id="p", description=None, revision_number=4)
    assert sent(port, "1.1") == node(
        "InjectedPort", "1.1", {"id": "p", "description": None, "revision_number": 4}
    )
    assert sent(port, "1.0") == node("InjectedPort", "1.0", {"id": "p", "description": None})


def test_an_existing_oslo_class_is_adopted_by_its_changes_alone() -> None:
    """A class of a project's own base keeps its fields and bases, and drops its hook for dates."""

    class ProjectObject(base.VersionedObject):
        OBJ_SERIAL_NAMESPACE = "project_object"
        OBJ_PROJECT_NAMESPACE = "project"

    @vobj.register
    class AdoptedAgent(ProjectObject):
        VERSION = "1.2"
        fields = {"host": fields.StringField(), "resources_synced": fields.BooleanField()}
        changes = {"resources_synced": [Added(since="1.1")]}
        history = [NoChange("1.2")]

    agent = AdoptedAgent(host="h", resources_synced=True)
    assert sent(agent, "1.0", root=ProjectObject) == node(
        "AdoptedAgent", "1.0", {"host": "h"}, prefix="project_object", namespace="project"
    )


def test_a_peer_whose_parent_class_is_too_old_does_not_have_the_subclass() -> None:
    """A subclass that no version of stood on the named parent is one the manifest does not name."""

    @vobj.register
    class LateProfile(OsVifPortProfileBase):
        VERSION = "1.0"
        history = [Inherits({"1.0": "1.1"})]

    error = refusal(LateProfile(name="n"), {"OsVifPortProfileBase": "1.0"}, vobj.ManifestError,
                    "does not name LateProfile")  # fmt: skip
    assert rule_of(error) == ("manifest/object-unnamed", "$")
    assert data_of(CODEC.encode(LateProfile(name="n"), to={"OsVifPortProfileBase": "1.1"})) == {
        "name": "n"
    }
