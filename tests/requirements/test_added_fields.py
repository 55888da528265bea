"""Fields that came later: scalars, objects, and those that have a value for older payloads."""

from __future__ import annotations

from typing import Any

import pytest

import vobj
from tests.requirements.exchange import CODEC, data_of, effects, node, received, refusal, sent
from vobj import Added, NoChange, OldestSupported, Refused


@vobj.register
class NovaImageMetaProps(vobj.VersionedObject):
    """Scalars that were added one by one; 1.26 changed no data of these fields."""

    VERSION = "1.27"
    history = [OldestSupported("1.22"), NoChange("1.26", "other fields")]

    hw_architecture: str
    hw_pmu: bool = vobj.field(Added(since="1.23"))
    hw_mem_encryption: bool = vobj.field(Added(since="1.24"))
    hw_pci_numa_affinity_policy: str = vobj.field(Added(since="1.25"))
    hw_tpm_model: str | None = vobj.field(Added(since="1.27"))
    hw_tpm_version: str = vobj.field(Added(since="1.27"))


IMAGE = {
    "hw_architecture": "x86_64",
    "hw_pmu": True,
    "hw_mem_encryption": False,
    "hw_pci_numa_affinity_policy": "preferred",
    "hw_tpm_model": "tpm-tis",
    "hw_tpm_version": "2.0",
}
IMAGE_1_25 = {
    "hw_architecture": "x86_64",
    "hw_pmu": True,
    "hw_mem_encryption": False,
    "hw_pci_numa_affinity_policy": "preferred",
}
IMAGE_1_24 = {"hw_architecture": "x86_64", "hw_pmu": True, "hw_mem_encryption": False}
IMAGE_1_23 = {"hw_architecture": "x86_64", "hw_pmu": True}
IMAGE_1_22 = {"hw_architecture": "x86_64"}
PARTIAL = {"hw_mem_encryption": True, "hw_tpm_model": None}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("1.27", IMAGE),
        ("1.26", IMAGE_1_25),
        ("1.25", IMAGE_1_25),
        ("1.24", IMAGE_1_24),
        ("1.23", IMAGE_1_23),
        ("1.22", IMAGE_1_22),
    ],
)
def test_a_field_is_left_out_below_the_version_that_added_it(
    target: str, expected: dict[str, Any]
) -> None:
    """An older version gets every field it has, and no other."""
    payload = sent(NovaImageMetaProps(**IMAGE), target)
    assert payload == node("NovaImageMetaProps", target, expected)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("1.27", PARTIAL),
        ("1.26", {"hw_mem_encryption": True}),
        ("1.24", {"hw_mem_encryption": True}),
        ("1.23", {}),
        ("1.22", {}),
    ],
)
def test_an_unset_field_stays_absent_and_none_is_a_value(
    target: str, expected: dict[str, Any]
) -> None:
    """Dropping asks whether a field is set: nothing appears for an unset one, None is sent."""
    payload = sent(NovaImageMetaProps(**PARTIAL), target)
    assert payload == node("NovaImageMetaProps", target, expected)


def test_an_old_payload_is_read_with_later_fields_unset() -> None:
    """Without a backfill, an upgrade raises the stamp and invents nothing."""
    old = node("NovaImageMetaProps", "1.22", IMAGE_1_22)
    assert CODEC.upgrade(old) == node("NovaImageMetaProps", "1.27", IMAGE_1_22)
    read = received(old)
    assert read.VERSION == "1.27"
    assert read.obj_received_version == "1.22"
    assert not read.obj_attr_is_set("hw_pmu")


def test_an_edit_by_an_older_caller_keeps_what_it_cannot_see() -> None:
    """Put-back changes the edited field and leaves the fields that were added later."""
    current = node("NovaImageMetaProps", "1.27", IMAGE, unchanged=IMAGE)
    edited = node("NovaImageMetaProps", "1.23", {"hw_architecture": "aarch64", "hw_pmu": True})
    merged = CODEC.merge(current, edited)
    assert data_of(merged) == {**IMAGE, "hw_architecture": "aarch64"}
    assert merged["versioned_object.changes"] == ["hw_architecture"]


def test_explain_names_what_would_be_left_out() -> None:
    """Each field that a target lacks is a finding with the version that added it."""
    found = CODEC.explain(NovaImageMetaProps(**PARTIAL), to="1.22")
    assert effects(found) == [
        ("$.hw_tpm_model", "dropped", "1.27"),
        ("$.hw_mem_encryption", "dropped", "1.24"),
    ]


@vobj.register
class NovaInstancePCIRequests(vobj.VersionedObject):
    """A child that refuses: whoever visits it below 1.1 gets an error."""

    VERSION = "1.1"

    instance_uuid: str = vobj.field(Refused({"not-before-1.1"}, since="1.1"))


@vobj.register
class NovaSchedulerRetries(vobj.VersionedObject):
    """A child that never changed."""

    VERSION = "1.0"

    num_attempts: int


@vobj.register
class NovaRequestSpec(vobj.VersionedObject):
    """Objects, single and in a list, that were added to an object."""

    VERSION = "1.3"

    project_id: str
    retry: NovaSchedulerRetries | None = vobj.field(Added(since="1.1"))
    pci_requests: NovaInstancePCIRequests = vobj.field(Added(since="1.2"))
    requested_resources: list[NovaInstancePCIRequests] = vobj.field(Added(since="1.3"))


def _request_spec() -> NovaRequestSpec:
    return NovaRequestSpec(
        project_id="p",
        retry=NovaSchedulerRetries(num_attempts=3),
        pci_requests=NovaInstancePCIRequests(instance_uuid="not-before-1.1"),
        requested_resources=[NovaInstancePCIRequests(instance_uuid="not-before-1.1")],
    )


def test_an_added_object_goes_while_the_target_has_it() -> None:
    """Objects stay in the versions that have them, at the version the manifest names."""
    peer = {
        "NovaRequestSpec": "1.3", "NovaInstancePCIRequests": "1.1", "NovaSchedulerRetries": "1.0"
    }  # fmt: skip
    pci = node("NovaInstancePCIRequests", "1.1", {"instance_uuid": "not-before-1.1"})
    retry = node("NovaSchedulerRetries", "1.0", {"num_attempts": 3})
    assert sent(_request_spec(), peer) == node(
        "NovaRequestSpec", "1.3",
        {"project_id": "p", "retry": retry, "pci_requests": pci, "requested_resources": [pci]},
    )  # fmt: skip
    assert sent(_request_spec(), {**peer, "NovaRequestSpec": "1.2"}) == node(
        "NovaRequestSpec", "1.2", {"project_id": "p", "retry": retry, "pci_requests": pci}
    )


@pytest.mark.parametrize(
    "peer",
    [
        {"NovaRequestSpec": "1.1", "NovaSchedulerRetries": "1.0", "NovaInstancePCIRequests": "1.0"},
        {"NovaRequestSpec": "1.1", "NovaSchedulerRetries": "1.0"},
        "1.1",
    ],
)
def test_what_is_dropped_is_never_backported(peer: Any) -> None:
    """A dropped child is not visited: neither its refusal nor its lack in the manifest matters."""
    retry = node("NovaSchedulerRetries", "1.0", {"num_attempts": 3})
    assert sent(_request_spec(), peer) == node(
        "NovaRequestSpec", "1.1", {"project_id": "p", "retry": retry}
    )


def test_a_child_that_stays_is_asked() -> None:
    """The same child refuses where the target keeps it, and the error says where it stands."""
    peer = {
        "NovaRequestSpec": "1.2", "NovaSchedulerRetries": "1.0", "NovaInstancePCIRequests": "1.0"
    }  # fmt: skip
    error = refusal(_request_spec(), peer, vobj.RefusedError, "not-before-1.1")
    assert error.path == ("pci_requests", "instance_uuid")
    assert error.rule == "refused/value"


def test_an_object_field_of_a_partial_object_is_dropped_when_none() -> None:
    """None in a field for objects is a value: it stays where the field exists, and goes below."""
    spec = NovaRequestSpec(retry=None)
    assert sent(spec, "1.1") == node("NovaRequestSpec", "1.1", {"retry": None})
    assert sent(spec, "1.0") == node("NovaRequestSpec", "1.0", {})
