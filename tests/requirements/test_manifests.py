"""What peers speak: releases, caps, pins and announcements, and what follows from them."""

from __future__ import annotations

from typing import Any

import pytest

import vobj
from tests.requirements.exchange import CODEC, data_of, node, sent
from vobj import Added, Codec, Manifest, NoChange, Removed, Renamed
from vobj.history import diff
from vobj.plan import compile_plan


@vobj.register
class CinderSnapshot(vobj.VersionedObject):
    """A child of the tests of manifests."""

    VERSION = "1.2"

    id: str
    metadata: dict[str, str] = vobj.field(Added(since="1.1"))
    use_quota: bool = vobj.field(Added(since="1.2", backfill=True))


@vobj.register
class CinderVolume(vobj.VersionedObject):
    """A parent with a rename, a removal, and a version of methods."""

    VERSION = "1.3"
    history = [NoChange("1.3", "get_latest_snapshot")]

    id: str
    snapshots: list[CinderSnapshot] = vobj.field(Added(since="1.2"))
    service_uuid: str = vobj.field(Renamed("service", since="1.1"))
    legacy: str = vobj.field(Removed(since="1.2"))


OCATA = Manifest({"CinderVolume": "1.1", "CinderSnapshot": "1.0"})
PIKE = OCATA | {"CinderVolume": "1.2", "CinderSnapshot": "1.1"}
RELEASES = {"1.11": OCATA, "1.21": PIKE, "1.38": PIKE | {"CinderVolume": "1.3"}}


def _volume() -> CinderVolume:
    snapshot = CinderSnapshot(id="s", metadata={"a": "b"}, use_quota=False)
    return CinderVolume(id="v", snapshots=[snapshot], service_uuid="x")


SNAPSHOT_1_1 = node("CinderSnapshot", "1.1", {"id": "s", "metadata": {"a": "b"}})


@pytest.mark.parametrize(
    ("release", "version", "expected"),
    [
        ("1.11", "1.1", {"id": "v", "service_uuid": "x"}),
        ("1.21", "1.2", {"id": "v", "snapshots": [SNAPSHOT_1_1], "service_uuid": "x"}),
        ("1.38", "1.3", {"id": "v", "snapshots": [SNAPSHOT_1_1], "service_uuid": "x"}),
    ],
)
def test_a_named_release_is_a_manifest_made_of_deltas(
    release: str, version: str, expected: dict[str, Any]
) -> None:
    """A cap names a release, a release is the one before it and what changed since."""
    assert sent(_volume(), RELEASES[release]) == node("CinderVolume", version, expected)


def test_a_delta_leaves_the_manifest_it_starts_from() -> None:
    """`|` makes a new manifest; equal content is equal, has one fingerprint, and is one key."""
    assert OCATA == {"CinderVolume": "1.1", "CinderSnapshot": "1.0"}
    again = Manifest({"CinderSnapshot": "1.0", "CinderVolume": "1.1"})
    assert again == OCATA
    assert again.fingerprint == OCATA.fingerprint != PIKE.fingerprint
    assert {OCATA: "ocata", PIKE: "pike"}[again] == "ocata"
    assert OCATA.to_dict() == {"CinderSnapshot": "1.0", "CinderVolume": "1.1"}


def test_of_several_versions_in_a_release_the_highest_counts() -> None:
    """A release that rolled through versions is held to the newest, numbers compared as numbers."""
    pin = Manifest({"CinderVolume": ["1.2", "1.10", "1.9"], "CinderSnapshot": "1.1"})
    assert pin == {"CinderVolume": "1.10", "CinderSnapshot": "1.1"}


def test_a_pin_is_followed_as_it_moves() -> None:
    """A codec that is held to a callable asks it for every payload, unless a peer is named."""
    pin = [OCATA]
    codec = Codec("primitive", to=lambda: pin[0])
    assert codec.encode(_volume())["versioned_object.version"] == "1.1"
    pin[0] = PIKE
    assert codec.encode(_volume())["versioned_object.version"] == "1.2"
    assert codec.encode(_volume(), to=OCATA)["versioned_object.version"] == "1.1"


def test_an_unknown_cap_is_the_callers_error_and_nothing_is_sent() -> None:
    """What a pin's callable raises passes through."""
    codec = Codec("primitive", to=lambda: RELEASES["9.99"])
    with pytest.raises(KeyError, match=r"9\.99"):
        codec.encode(_volume())


def test_what_a_peer_announces_is_what_it_reads() -> None:
    """The manifest of a process goes over a wire as a plain dict and comes back the same."""
    announced = Manifest.of(CinderVolume).to_dict()
    assert announced == {"CinderVolume": "1.3", "CinderSnapshot": "1.2"}
    assert sent(_volume(), announced) == CODEC.encode(_volume())


def test_one_object_for_many_peers_is_encoded_once_per_manifest() -> None:
    """Equal manifests are equal keys, so a fan-out needs as many payloads as there are kinds."""
    peers = [OCATA, Manifest(dict(OCATA)), PIKE, Manifest(PIKE.to_dict()), OCATA | {}]
    payloads = {peer: CODEC.encode(_volume(), to=peer) for peer in peers}
    assert len(payloads) == 2
    assert payloads[peers[3]]["versioned_object.version"] == "1.2"


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [("id", "1.0", None), ("snapshots", "1.2", None), ("service_uuid", "1.0", None),
     ("legacy", "1.0", "1.2")],
)  # fmt: skip
def test_support_of_a_field_can_be_asked(name: str, since: str, until: str | None) -> None:
    """`supports` is true from the version that added a field to the one that removed it."""
    for version in ("1.0", "1.1", "1.2", "1.3"):
        held = since <= version and (until is None or version < until)
        assert CinderVolume.supports(name, version) is held
    assert not CinderVolume.supports("never", "1.3")


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0", {"id", "service", "legacy"}),
        ("1.1", {"id", "service_uuid", "legacy"}),
        ("1.2", {"id", "service_uuid", "snapshots"}),
        ("1.3", {"id", "service_uuid", "snapshots"}),
    ],
)
def test_the_fields_of_a_version_are_known_beforehand(version: str, expected: set[str]) -> None:
    """The schema of each version is static: it follows from the declaration alone."""
    assert set(vobj.history_of(CinderVolume).schema(version).fields) == expected


def test_a_version_without_changes_has_the_schema_of_the_one_before() -> None:
    """NoChange means equal fields and an equal fingerprint, under another stamp."""
    history = vobj.history_of(CinderVolume)
    assert history.schema("1.3").fingerprint == history.schema("1.2").fingerprint
    assert history.schema("1.2").fingerprint != history.schema("1.1").fingerprint
    assert not diff(history.schema("1.2"), history.schema("1.3"))


def test_a_plan_is_compiled_once_for_a_pair_of_versions() -> None:
    """All objects of a class share one flat plan per target, whatever the third number."""
    history, parse = vobj.history_of(CinderVolume), vobj.Version.parse
    plan = compile_plan(history, parse("1.3"), parse("1.0"))
    assert compile_plan(history, parse("1.3.7"), parse("1.0.1")) is plan
    assert [(type(step).__name__, step.field) for step in plan.steps] == [
        ("Drop", "snapshots"),
        ("Rename", "service_uuid"),
    ]


def test_instance_and_class_version_are_one_for_own_objects() -> None:
    """An object read from an old payload is of the class's version, and says what it came as."""
    read = CODEC.decode(node("CinderSnapshot", "1.0", {"id": "s"}))
    assert read.VERSION == CinderSnapshot.VERSION == "1.2"
    assert read.obj_received_version == "1.0"
    assert data_of(CODEC.encode(read, to=PIKE)) == {"id": "s"}
