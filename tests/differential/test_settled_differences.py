"""Where vobj and oslo differ on purpose, and that the comparison itself sees what it should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from tests.differential.compare import (
    Comparison,
    Outcome,
    by_meaning,
    described,
    disagreement,
    own_registry,
)
from vobj.codec import Codec


@pytest.fixture
def disk() -> Iterator[base.VersionedObject]:
    """An object of a foreign class that dropped a field on the way to 1.0."""
    with own_registry():

        @base.VersionedObjectRegistry.register
        class Disk(base.VersionedObject):
            VERSION = "1.2"
            fields = {
                "size": fields.IntegerField(),
                "bus": fields.StringField(),
                "tags": fields.SetOfStringsField(),
            }

            def obj_make_compatible(self, primitive: dict, target_version: str) -> None:
                super().obj_make_compatible(primitive, target_version)
                if target_version == "1.0":
                    primitive.pop("bus", None)

        yield Disk(size=1, bus="scsi", tags={"a", "b", "c"})


def test_newer_target(disk: base.VersionedObject) -> None:
    """For a peer that speaks a newer version vobj sends its own; oslo raises."""
    with pytest.raises(exception.InvalidTargetVersion, match=r"1\.7"):
        disk.obj_to_primitive("1.7", {"Disk": "1.7"})
    assert Codec().encode(disk, to={"Disk": "1.7"}) == Codec().encode(disk)


def test_another_major(disk: base.VersionedObject) -> None:
    """Another major version is an error; oslo stamps whatever is below."""
    assert disk.obj_to_primitive("0.9")["versioned_object.version"] == "0.9"
    with pytest.raises(vobj.ManifestError, match="manifest/major"):
        Codec().encode(disk, to={"Disk": "0.9"})


def test_patch_version(disk: base.VersionedObject) -> None:
    """A version X.Y.Z is read as X.Y, as oslo's serializer does; `obj_from_primitive` raises."""
    payload = {**disk.obj_to_primitive(), "versioned_object.version": "1.2.5"}
    with pytest.raises(exception.IncompatibleObjectVersion, match=r"1\.2\.5"):
        base.VersionedObject.obj_from_primitive(payload)
    serializer = base.VersionedObjectSerializer()
    expected = described(serializer.deserialize_entity(None, dict(payload)))
    assert described(Codec("primitive").decode(payload)) == expected


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("name", "Nobody", "payload/class"),
        ("namespace", "elsewhere", "payload/namespace"),
        ("version", "1.3", "version/newer"),
        ("version", "2.0", "version/newer"),
        ("data", {"size": "large"}, "payload/value"),
        ("data", None, "payload/envelope"),
    ],
)
def test_errors_of_bad_payloads(
    disk: base.VersionedObject, key: str, value: object, rule: str
) -> None:
    """A bad payload is a RemoteError, and of the class that callers of oslo catch."""
    payload = {**disk.obj_to_primitive(), f"versioned_object.{key}": value}
    oslo = Outcome.of(lambda: base.VersionedObject.obj_from_primitive(payload))
    got = Outcome.of(lambda: Codec("primitive").decode(payload))
    assert isinstance(got.error, vobj.RemoteError)
    assert got.error.rule == rule
    assert disagreement(oslo, got) is None


class _Wrong(Codec):
    """Sends something else than oslo."""

    def encode(self, obj: base.VersionedObject, to: object = None, **options: object) -> dict:
        tree = super().encode(obj, to, **options)
        tree["versioned_object.data"].pop("size", None)
        return tree


def test_comparison_sees_a_wrong_payload(disk: base.VersionedObject) -> None:
    """A codec that loses a field is caught at the current version and at an older one."""
    comparison = Comparison(base.VersionedObject)
    comparison.codecs = {"primitive": _Wrong("primitive")}
    with pytest.raises(AssertionError, match="encode, primitive"):
        comparison.current(disk)
    with pytest.raises(AssertionError, match="encode to"):
        comparison.case(disk, "1.0")


def test_comparison_of_meaning(disk: base.VersionedObject) -> None:
    """Order counts in lists, not in sets and `changes`; types, keys and objects always count."""
    one = disk.obj_to_primitive()
    other = disk.obj_to_primitive()
    other["versioned_object.changes"].reverse()
    data = other["versioned_object.data"]
    data["tags"] = tuple(reversed(data["tags"]))
    assert by_meaning(one, base.VersionedObject) == by_meaning(other, base.VersionedObject)
    data["size"] = True
    assert by_meaning(one, base.VersionedObject) != by_meaning(other, base.VersionedObject)
    assert by_meaning({"a": [1, 2]}, base.VersionedObject) != by_meaning(
        {"a": [2, 1]}, base.VersionedObject
    )
    assert described(disk) != described(type(disk)(size=1, bus="scsi"))


def test_comparison_of_errors() -> None:
    """An error agrees with the same or a narrower one, never with a value or a wider one."""
    narrow, wide = Outcome(error=KeyError("a")), Outcome(error=LookupError("a"))
    assert disagreement(wide, narrow) is None
    assert disagreement(narrow, wide) is not None
    assert disagreement(narrow, Outcome(1)) is not None
    assert disagreement(Outcome(1), narrow) is not None
    assert disagreement(Outcome(None), Outcome(None)) is None
