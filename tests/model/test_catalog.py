"""Which class reads a payload, and what a manifest of classes says."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from vobj.errors import UnknownClassError
from vobj.model import ClassCatalog


class Wheel(vobj.VersionedObject):
    VERSION = "1.1"
    size: int = vobj.field(vobj.Added(since="1.1"))


class Spoked(Wheel):
    VERSION = "1.0"
    spokes: int
    history = [vobj.Inherits({"1.0": "1.1"})]


class Bell(base.VersionedObject):
    VERSION = "1.3.1"
    fields = {"tone": fields.StringField()}


class Bike(vobj.VersionedObject):
    VERSION = "1.0"
    front: vobj.Polymorphic[Wheel]
    spare: dict[str, list[Bell]]
    parent: Bike | None


@pytest.fixture(autouse=True)
def declared() -> None:
    """The classes of this module are registered for each test."""
    for cls in (Wheel, Spoked, Bell, Bike):
        base.VersionedObjectRegistry.register(cls)


def test_entries() -> None:
    """An entry is own, with a history, or foreign, with oslo's code; it has types and ancestors."""
    catalog = ClassCatalog(base.VersionedObject)
    spoked, bell = catalog.entry("Spoked", "1.0"), catalog.entry("Bell", "1.0")
    assert (spoked.name, str(spoked.version), spoked.ancestors) == ("Spoked", "1.0", ("Wheel",))
    assert spoked.history is vobj.history_of(Spoked)
    assert spoked.foreign is None
    assert (bell.history, bell.ancestors, str(bell.version)) == (None, (), "1.3.1")
    assert bell.foreign is not None
    assert {name: str(kind) for name, kind in bell.types.items()} == {"tone": "String"}
    assert catalog.prefix == "versioned_object"


def test_parents() -> None:
    """parent gives the newest class of a name, or None for a name that nobody registered."""
    catalog = ClassCatalog(vobj.VersionedObject)
    found = catalog.parent("Wheel")
    assert found is not None
    assert str(found.version) == "1.1"
    assert catalog.parent("Nobody") is None


def test_a_class_outside_the_base_is_unknown() -> None:
    """What the registry has, but the base has not, is refused as if it were not registered."""
    catalog = ClassCatalog(vobj.VersionedObject)
    with pytest.raises(UnknownClassError, match="Bell is not a VersionedObject") as caught:
        catalog.entry("Bell", "1.0")
    assert caught.value.rule == "payload/class"
    assert ClassCatalog(vobj.VersionedObject, within=base.VersionedObject).entry("Bell", "1.0")


def test_fix_versions() -> None:
    """An unknown X.Y.Z is looked up as X.Y."""
    catalog = ClassCatalog(base.VersionedObject)
    assert catalog.class_for("Wheel", "1.1.7") is Wheel
    assert catalog.class_for("Bell", "1.3.9") is Bell


def test_an_unregistered_class_is_known_on_request() -> None:
    """also= names one class that is known beside the registered ones, up to its own version."""

    class Loose(vobj.VersionedObject):
        VERSION = "1.2"

    class Newer(vobj.VersionedObject):
        VERSION = "1.7"

        @classmethod
        def obj_name(cls) -> str:
            return "Wheel"

    catalog = ClassCatalog(Loose, within=base.VersionedObject, also=Loose)
    assert catalog.class_for("Loose", "1.0") is Loose
    catalog = ClassCatalog(Newer, within=base.VersionedObject, also=Newer)
    assert catalog.class_for("Wheel", "1.6") is Newer
    assert catalog.class_for("Wheel", "1.0") is Wheel
    with pytest.raises(vobj.NewerVersionError, match=r"Wheel 1\.8 is newer than 1\.1"):
        catalog.class_for("Wheel", "1.8")


def test_a_registry_of_its_own_is_asked() -> None:
    """Look-ups go through obj_class_from_name of the root, also where a project overrides it."""

    class Private(vobj.VersionedObject):
        a: int

    class Root(base.VersionedObject):
        @classmethod
        def obj_class_from_name(cls, objname: str, objver: str) -> Any:
            if objname != "Private":
                raise exception.UnsupportedObjectError(objtype=objname)
            return Private

    catalog = ClassCatalog(Root, within=base.VersionedObject)
    assert catalog.class_for("Private", "1.0") is Private
    with pytest.raises(UnknownClassError, match="No class is registered as Wheel"):
        catalog.class_for("Wheel", "1.0")


def test_manifest_of_a_tree() -> None:
    """Children in dicts and lists, subclasses where they may stand, and cycles are included."""
    whole = {"Bike": "1.0", "Wheel": "1.1", "Spoked": "1.0", "Bell": "1.3.1"}
    assert vobj.Manifest.of(Bike) == whole
    assert vobj.Manifest.of("Bike") == whole
    assert vobj.Manifest.of(Bike()) == whole
    assert vobj.Manifest.of(Wheel, "Bell") == {"Wheel": "1.1", "Bell": "1.3.1"}


def test_unregistered_subclasses_are_left_out() -> None:
    """A subclass that is not registered cannot arrive, so no manifest names it."""

    class Solid(Wheel):
        VERSION = "1.0"
        history = [vobj.Inherits({"1.0": "1.1"})]

    assert "Solid" not in vobj.Manifest.of(Bike)


@pytest.mark.parametrize("root", ["Nobody", 5, int])
def test_manifest_of_nothing(root: object) -> None:
    """What is no registered object, and no class or instance of one, has no manifest."""
    with pytest.raises(vobj.ManifestError, match="no registered versioned object") as caught:
        vobj.Manifest.of(root)
    assert caught.value.rule == "manifest/unknown-class"


def test_manifest_with_an_unregistered_child() -> None:
    """A field whose class nobody registered is named, with its class."""

    @vobj.register
    class Trailer(vobj.VersionedObject):
        load: Cargo  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(vobj.ManifestError, match=r"Trailer\.load holds Cargo") as caught:
        vobj.Manifest.of(Trailer)
    assert caught.value.rule == "manifest/unknown-class"
    assert caught.value.path == ("load",)
