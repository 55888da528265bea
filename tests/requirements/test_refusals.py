"""What is never sent to an older peer: values, fields that are set, versions below a floor."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from tests.requirements.exchange import (
    CODEC,
    data_of,
    effects,
    node,
    received,
    refusal,
    rule_of,
    sent,
)
from vobj import Added, Codec, Mapped, NoChange, OldestSupported, Refused


@vobj.register
class NovaImageProps(vobj.VersionedObject):
    """Values that came with a version, some in fields that older versions do not even have."""

    VERSION = "1.43"
    history = [
        OldestSupported("1.5"),
        *(NoChange(f"1.{minor}") for minor in range(7, 43) if minor not in {22, 26, 28, 30, 39}),
    ]

    hw_disk_bus: str = vobj.field(Refused({"lxc", "uml"}, since="1.6"))
    hw_video_model: str = vobj.field(
        Refused({"gop", "virtio", "none"}, since="1.22"), Refused({"bochs"}, since="1.30")
    )
    hw_cpu_policy: str = vobj.field(Refused({"mixed"}, since="1.26"))
    hw_pci_numa_affinity_policy: str = vobj.field(
        Added(since="1.26"), Refused({"socket"}, since="1.28")
    )
    hw_vif_model: str = vobj.field(Refused({"igb"}, since="1.39"))
    hw_mem_encryption_model: str = vobj.field(
        Added(since="1.42"), Refused({"amd-sev-snp"}, since="1.43")
    )


VALUES = [
    ("hw_mem_encryption_model", "amd-sev-snp", "1.43", "1.42"),
    ("hw_vif_model", "igb", "1.39", "1.38"),
    ("hw_video_model", "bochs", "1.30", "1.29"),
    ("hw_pci_numa_affinity_policy", "socket", "1.28", "1.27"),
    ("hw_cpu_policy", "mixed", "1.26", "1.25"),
    ("hw_video_model", "gop", "1.22", "1.21"),
    ("hw_video_model", "virtio", "1.22", "1.21"),
    ("hw_video_model", "none", "1.22", "1.21"),
    ("hw_disk_bus", "lxc", "1.6", "1.5"),
    ("hw_disk_bus", "uml", "1.6", "1.5"),
]


@pytest.mark.parametrize(("name", "value", "since", "below"), VALUES)
def test_a_value_goes_since_its_version_and_is_refused_below(
    name: str, value: str, since: str, below: str
) -> None:
    """A value without an older equivalent is sent where it exists and raises where it does not."""
    props = NovaImageProps(**{name: value})
    assert sent(props, since) == node("NovaImageProps", since, {name: value})
    error = refusal(props, below, vobj.RefusedError, value)
    assert rule_of(error) == ("refused/value", f"$.{name}")
    assert (error.object_name, error.version, error.target) == ("NovaImageProps", "1.43", below)


@pytest.mark.parametrize(
    ("name", "value"),
    [("hw_mem_encryption_model", "amd-sev-snp"), ("hw_pci_numa_affinity_policy", "socket")],
)
def test_a_refusal_beats_the_drop_of_its_field(name: str, value: str) -> None:
    """A value is refused also for targets that do not have the field at all."""
    error = refusal(NovaImageProps(**{name: value}), "1.5", vobj.RefusedError, value)
    assert rule_of(error) == ("refused/value", f"$.{name}")


def test_unset_and_other_values_are_never_refused() -> None:
    """A refusal reads what is there: an absent field and any other value pass."""
    assert sent(NovaImageProps(), "1.5") == node("NovaImageProps", "1.5", {})
    fine = NovaImageProps(
        hw_disk_bus="scsi", hw_video_model="vga", hw_cpu_policy="shared",
        hw_pci_numa_affinity_policy="legacy", hw_vif_model="e1000", hw_mem_encryption_model="sev",
    )  # fmt: skip
    assert data_of(sent(fine, "1.5")) == {
        "hw_disk_bus": "scsi", "hw_video_model": "vga", "hw_cpu_policy": "shared",
        "hw_vif_model": "e1000",
    }  # fmt: skip


def test_an_old_payload_is_never_refused() -> None:
    """Refusals guard the way down; on the way up every older value is one of today's."""
    old = node("NovaImageProps", "1.5", {"hw_disk_bus": "scsi"})
    assert CODEC.upgrade(old) == node("NovaImageProps", "1.43", {"hw_disk_bus": "scsi"})


def test_explain_goes_on_after_a_refusal() -> None:
    """Every refusal is found at once, without an exception."""
    found = CODEC.explain(NovaImageProps(hw_vif_model="igb", hw_cpu_policy="mixed"), to="1.25")
    assert effects(found) == [
        ("$.hw_vif_model", "refused", "1.39"),
        ("$.hw_cpu_policy", "refused", "1.26"),
    ]


def test_an_edit_cannot_bring_back_a_refused_value() -> None:
    """An older caller that writes a value its own version lacks is told that it cannot be kept."""
    current = node("NovaImageProps", "1.43", {"hw_cpu_policy": "shared"})
    edited = node("NovaImageProps", "1.25", {"hw_cpu_policy": "mixed"})
    with pytest.raises(vobj.UnrepresentableEdit, match="mixed") as found:
        CODEC.merge(current, edited)
    assert found.value.rule == "merge/unrepresentable"


@vobj.register
class NovaNUMACellPolicy(vobj.VersionedObject):
    """A closed set of values that grew."""

    VERSION = "1.6"
    history = [OldestSupported("1.5")]

    cpu_policy: Literal["dedicated", "mixed", "shared"] | None = vobj.field(
        Refused({"mixed"}, since="1.6", was=("dedicated", "shared"))
    )


def test_a_closed_set_is_refused_by_what_it_was() -> None:
    """A new member of an enum goes since its version; None and the older members always do."""
    assert data_of(sent(NovaNUMACellPolicy(cpu_policy="mixed"), "1.6")) == {"cpu_policy": "mixed"}
    error = refusal(NovaNUMACellPolicy(cpu_policy="mixed"), "1.5", vobj.RefusedError, "mixed")
    assert rule_of(error) == ("refused/value", "$.cpu_policy")
    for policy in ("dedicated", None):
        payload = sent(NovaNUMACellPolicy(cpu_policy=policy), "1.5")
        assert data_of(payload) == {"cpu_policy": policy}


@vobj.register
class NovaShareMapping(vobj.VersionedObject):
    """States that older versions do not know: one has an older name, one has none."""

    VERSION = "1.1"

    status: str = vobj.field(
        Mapped({"error_detaching": "error"}, since="1.1"),
        Refused({"attaching", "detaching"}, since="1.1"),
    )


def test_some_new_values_map_and_others_are_refused() -> None:
    """One version may map what has an equivalent and refuse what has none."""
    for status in ("attaching", "detaching"):
        assert data_of(sent(NovaShareMapping(status=status), "1.1")) == {"status": status}
        error = refusal(NovaShareMapping(status=status), "1.0", vobj.RefusedError, status)
        assert rule_of(error) == ("refused/value", "$.status")
    mapped = sent(NovaShareMapping(status="error_detaching"), "1.0")
    assert data_of(mapped) == {"status": "error"}


@vobj.register
class NovaLibvirtLiveMigrateData(vobj.VersionedObject):
    """A pair of fields that must not be lost: set, even to None, they keep the object back."""

    VERSION = "1.14"
    history = [
        OldestSupported("1.13"),
        Refused(present=True, fields=("vtpm_secret_uuid", "vtpm_secret_value"), since="1.14",
                reason="the destination cannot take the TPM secret"),
    ]  # fmt: skip

    filename: str
    vtpm_secret_uuid: str | None = vobj.field(Added(since="1.14"))
    vtpm_secret_value: str | None = vobj.field(Added(since="1.14"))


@pytest.mark.parametrize(
    "values",
    [
        {"vtpm_secret_uuid": "u"}, {"vtpm_secret_value": None},
        {"filename": "f", "vtpm_secret_uuid": None, "vtpm_secret_value": "s"},
    ],
)  # fmt: skip
def test_a_group_of_fields_is_refused_when_one_is_present(values: dict[str, Any]) -> None:
    """Presence alone refuses, None included, and one rule covers the group."""
    data = NovaLibvirtLiveMigrateData(**values)
    assert sent(data, "1.14") == node("NovaLibvirtLiveMigrateData", "1.14", values)
    error = refusal(data, "1.13", vobj.RefusedError, "cannot take the TPM secret")
    assert error.rule == "refused/present"
    assert error.path[0] in values


def test_a_group_that_is_unset_is_not_refused() -> None:
    """Absent fields refuse nothing."""
    data = NovaLibvirtLiveMigrateData(filename="f")
    assert data_of(sent(data, "1.13")) == {"filename": "f"}


class TooOld(exception.VersionedObjectsException):
    """A project's own refusal."""

    msg_fmt = "too old"

    def __init__(self, text: str) -> None:
        super().__init__(text)


def test_the_exception_and_its_text_are_the_projects_own() -> None:
    """`exception=` and `reason=` replace class and text, from the object and from its payload."""

    @vobj.register
    class OwnRefusal(vobj.VersionedObject):
        VERSION = "1.1"

        model: str = vobj.field(
            Refused({"igb"}, since="1.1", exception=TooOld, reason="igb needs a newer host")
        )

    error = refusal(OwnRefusal(model="igb"), "1.0", TooOld, "^igb needs a newer host$")
    assert not isinstance(error, vobj.VobjError)


@vobj.register
class NeutronQosFloor(vobj.VersionedObject):
    """Nothing below 1.8 is spoken any more."""

    VERSION = "1.10"
    history = [OldestSupported("1.8"), NoChange("1.9")]

    name: str = vobj.field(Refused({"reserved"}, since="1.10"))


@pytest.mark.parametrize("target", ["1.7", "1.3", "1.0"])
def test_any_target_below_the_floor_is_refused(target: str) -> None:
    """OldestSupported refuses whatever the object holds, also when it holds nothing."""
    for floor in (NeutronQosFloor(name="q"), NeutronQosFloor()):
        error = refusal(floor, target, vobj.RefusedError, "not sent below 1.8")
        assert rule_of(error) == ("refused/oldest", "$")
    assert data_of(sent(NeutronQosFloor(name="q"), "1.8")) == {"name": "q"}


def test_what_was_stored_below_the_floor_is_still_read() -> None:
    """The floor is about sending: a row of years ago is upgraded."""
    assert received(node("NeutronQosFloor", "1.2", {"name": "q"})).name == "q"


def test_oslos_callers_catch_a_refusal_and_a_newer_target() -> None:
    """Through oslo's own methods the errors are also the exceptions that its callers know."""
    with pytest.raises(exception.ObjectActionError, match="not sent below"):
        NeutronQosFloor(name="q").obj_to_primitive("1.7")
    with pytest.raises(exception.ObjectActionError, match="reserved"):
        NeutronQosFloor(name="reserved").obj_to_primitive("1.9")
    with pytest.raises(exception.InvalidTargetVersion, match=r"no version 1\.11") as found:
        NeutronQosFloor(name="q").obj_to_primitive("1.11")
    assert isinstance(found.value, vobj.UsageError)


def test_a_manifest_that_asks_for_more_than_there_is_gets_what_there_is() -> None:
    """A newer peer is sent this process's own version: a backport never invents one."""
    assert sent(NeutronQosFloor(name="q"), "1.99") == node("NeutronQosFloor", "1.10", {"name": "q"})


def test_a_pin_to_another_major_version_is_an_error() -> None:
    """Majors do not talk to each other, whichever is higher."""
    for pin in ("2.0", "0.9"):
        error = refusal(NeutronQosFloor(name="q"), pin, vobj.ManifestError, "another major")
        assert rule_of(error) == ("manifest/major", "$")
        assert isinstance(error, exception.InvalidTargetVersion)


def test_a_manifest_that_does_not_name_the_object_is_an_error() -> None:
    """A peer that never heard of an object is not sent it."""
    named = {"Other": "1.0"}
    error = refusal(NeutronQosFloor(name="q"), named, vobj.ManifestError, "NeutronQosFloor")
    assert rule_of(error) == ("manifest/object-unnamed", "$")


def test_a_foreign_object_without_a_rule_for_its_child_raises_what_oslo_raises() -> None:
    """Without manifest and relationship, oslo's "No rule" is the answer for foreign classes."""

    @base.VersionedObjectRegistry.register
    class ForeignHolder(base.VersionedObject):
        VERSION = "1.1"
        fields = {"child": fields.ObjectField("NeutronQosFloor")}

    holder = ForeignHolder(child=NeutronQosFloor(name="q"))
    with pytest.raises(exception.ObjectActionError, match="No rule for child"):
        Codec("json").encode(holder, to="1.0")
    with pytest.raises(exception.InvalidTargetVersion, match=r"1\.2"):
        holder.obj_to_primitive("1.2")
