"""One object for many peers: each gets what it reads, and equal payloads are made once."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from tests.fleet.yard import NEW, OLD, YardCrane, YardDock, YardLamp, YardSign, a_dock
from vobj.errors import ManifestError, RefusedError
from vobj.fleet import Fleet, encode_for


class Counting(vobj.Codec):
    """Counts what is made for a target."""

    made = 0

    def encode(self, *arguments: Any, **named: Any) -> Any:
        self.made += 1
        return super().encode(*arguments, **named)


@pytest.fixture
def codec() -> Counting:
    return Counting("json")


MIDDLE = vobj.Manifest({"YardDock": "1.3", "YardCrane": "1.1"})


def test_each_peer_gets_what_it_reads(codec: Counting) -> None:
    """What is shared is what each target would have got alone, byte for byte."""
    targets: dict[str, Any] = {
        "a": NEW, "b": OLD, "c": MIDDLE, "d": dict(OLD), "e": NEW | {"YardDock": "1.1"},
        "f": {"YardDock": "1.0"},
    }  # fmt: skip
    found = encode_for(codec, a_dock(), targets)
    assert found == {peer: codec.encode(a_dock(), to=one) for peer, one in targets.items()}
    assert found["a"] != found["b"] != found["c"]


def test_equal_targets_share_one_payload(codec: Counting) -> None:
    """A thousand peers of two releases cost two payloads."""
    targets = {number: NEW if number % 2 else OLD for number in range(1000)}
    found = encode_for(codec, a_dock(), targets)
    assert codec.made == 2
    assert found[0] is found[2]
    assert found[1] is found[999]


def test_what_is_not_in_the_tree_does_not_count(codec: Counting) -> None:
    """Targets that differ in other classes, or above what there is, share a payload."""
    targets = {
        "same": OLD, "other": OLD | {"YardPort": "1.0"}, "patch": OLD | {"YardDock": "1.2.3"},
        "now": NEW, "later": NEW | {"YardDock": "1.9", "YardCrane": "1.7"},
    }  # fmt: skip
    found = encode_for(codec, a_dock(), targets)
    assert codec.made == 2
    assert found["same"] is found["other"] is found["patch"]
    assert found["now"] is found["later"]


def test_by_fingerprint(codec: Counting) -> None:
    """Bare manifests come back under their fingerprints."""
    found = encode_for(codec, a_dock(), [NEW, OLD])
    assert list(found) == [NEW.fingerprint, OLD.fingerprint]
    assert encode_for(codec, a_dock(), []) == {}


def test_versions_of_the_top_object(codec: Counting) -> None:
    """A version alone is a target as well, and differs from a manifest that says the same."""
    lamp = YardLamp(watts=60)
    found = encode_for(codec, lamp, {"a": "1.0", "b": "1.0", "c": {"YardLamp": "1.0"}})
    assert codec.made == 2
    assert found["a"] == found["c"]


def test_a_refusal_names_its_peers(codec: Counting) -> None:
    """What cannot be sent to one peer is an error that says to whom."""
    with pytest.raises(RefusedError, match="flooded") as caught:
        encode_for(codec, a_dock(state="flooded"), {"new": NEW, "o1": {"YardDock": "1.1"},
            "o2": {"YardDock": "1.1", "YardPort": "1.0"}})  # fmt: skip
    assert caught.value.__notes__ == ["It was to be sent to o1, o2"]


def test_an_object_that_a_target_does_not_name(codec: Counting) -> None:
    with pytest.raises(ManifestError, match="does not name YardLamp"):
        encode_for(codec, YardLamp(watts=1), {"a": {"YardDock": "1.0"}})


@vobj.register
class YardScale(vobj.VersionedObject):
    """Its converter looks at the manifest of the target."""

    VERSION = "1.1"

    grams: int = vobj.field(
        vobj.Converted(
            since="1.1",
            was=str,
            peers=True,
            up=lambda value, data, ctx: int(value),
            down=lambda value, data, ctx: f"{value} {sorted(ctx.manifest or {})}",
        )
    )


def test_a_converter_that_looks_around(codec: Counting) -> None:
    """Targets of one converter that sees the manifest share only when they are equal."""
    plain, more = {"YardScale": "1.0"}, {"YardScale": "1.0", "Other": "1.0"}
    found = encode_for(codec, YardScale(grams=5), {"a": plain, "b": more, "c": dict(plain)})
    assert found["a"] is found["c"]
    assert b"Other" in found["b"]
    assert b"Other" not in found["a"]


@base.VersionedObjectRegistry.register
class YardBuoy(base.VersionedObject):
    """A foreign class whose hook is handed the manifest."""

    VERSION = "1.1"
    fields = {"light": fields.StringField()}

    def obj_make_compatible_from_manifest(
        self, primitive: dict[str, Any], target_version: str, version_manifest: Any
    ) -> None:
        primitive["light"] = ",".join(sorted(version_manifest))


def test_a_hook_that_looks_around(codec: Counting) -> None:
    plain, more = {"YardBuoy": "1.0"}, {"YardBuoy": "1.0", "Other": "1.0"}
    found = encode_for(codec, YardBuoy(light="red"), {"a": plain, "b": more, "c": dict(plain)})
    assert codec.made == 2
    assert b"Other,YardBuoy" in found["b"]


def test_for_every_live_service(fleet: Fleet, codec: Counting) -> None:
    """Without targets there is one payload per live service."""
    fleet.announce("new", NEW, host="h1")
    fleet.announce("old", OLD, host="h2")
    found = fleet.encode_for(codec, a_dock())
    assert found == {
        ("new", "h1"): codec.encode(a_dock(), to=NEW),
        ("old", "h2"): codec.encode(a_dock(), to=OLD),
    }
    assert fleet.encode_for(codec, a_dock(), [OLD]) == {OLD.fingerprint: found["old", "h2"]}


def test_the_object_stays_as_it_was(codec: Counting) -> None:
    dock = a_dock()
    before = codec.encode(dock)
    encode_for(codec, dock, [NEW, OLD])
    assert codec.encode(dock) == before
    assert isinstance(dock, YardDock)
    assert isinstance(dock.crane, YardCrane)


def test_children_in_a_tree_without_dates(codec: Counting) -> None:
    sign = YardSign(text="x", lamp=YardLamp(watts=1))
    targets = {"a": {"YardSign": "1.0", "YardLamp": "1.0"}, "b": {"YardSign": "1.0"}}
    with pytest.raises(ManifestError, match="does not name YardLamp") as caught:
        encode_for(codec, sign, targets)
    assert caught.value.__notes__ == ["It was to be sent to b"]
