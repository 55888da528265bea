"""Own and foreign classes, and existing oslo classes that take up changes."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from vobj import Added, Inherits, NoChange, Renamed
from vobj.model import is_own


class ProjectObject(base.VersionedObject):
    """The base class of a project, with a reader and a tracker of its own."""

    OBJ_SERIAL_NAMESPACE = "project_object"
    OBJ_PROJECT_NAMESPACE = "project"

    @classmethod
    def _obj_from_primitive(cls, context: Any, objver: str, primitive: Any) -> Any:
        made = super()._obj_from_primitive(context, objver, primitive)
        made.came = objver
        return made

    def obj_what_changed(self) -> set[str]:
        return super().obj_what_changed() | {"name"}


def node(primitive: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = primitive["project_object.data"]
    return found


def test_an_oslo_class_takes_up_changes() -> None:
    """changes beside `fields`, and vobj.register, make an existing class own; overrides stay."""

    @vobj.register
    class Item(ProjectObject):
        VERSION = "1.2"
        fields = {"name": fields.StringField(), "size": fields.IntegerField()}
        changes = {"size": [Added(since="1.1", backfill=3), Renamed("length", since="1.2")]}

    item = Item(name="a", size=5)
    assert is_own(Item)
    old = item.obj_to_primitive("1.1")
    assert node(old) == {"name": "a", "length": 5}
    assert old["project_object.changes"] == ["name", "length"]
    assert node(item.obj_to_primitive("1.0")) == {"name": "a"}
    read = ProjectObject.obj_from_primitive(item.obj_to_primitive("1.0"))
    assert (type(read), read.size, read.VERSION) == (Item, 3, "1.2")
    assert (read.came, read.obj_received_version) == ("1.0", "1.0")
    assert Item.supports("size", "1.1")


def test_binding_changes_nothing_else() -> None:
    """A bound class keeps its bases in front, its `==`, its hash, its repr and its annotations."""

    @vobj.register
    class Item(ProjectObject):
        VERSION = "1.1"
        fields = {"name": fields.StringField()}
        history = [NoChange("1.1")]
        size: int

    assert Item.__mro__[1] is ProjectObject
    assert Item.__mro__[-2] is base.VersionedObject
    assert Item.__eq__ is object.__eq__
    assert Item.__hash__ is object.__hash__
    assert repr(Item(name="a")) == "Item(name='a')"
    assert set(Item.fields) == {"name"}


def test_a_direct_subclass_of_oslos_base_is_bound() -> None:
    """The base class may be oslo's own, also with mixins and oslo's list class in front."""

    @vobj.register
    class Item(base.VersionedObjectDictCompat, base.VersionedObject):
        VERSION = "1.1"
        fields = {"name": fields.StringField()}
        changes = {"name": Added(since="1.1")}

    @vobj.register
    class ItemList(base.ObjectListBase, base.VersionedObject):
        VERSION = "1.1"
        fields = {"objects": fields.ListOfObjectsField("Item")}
        history = [NoChange("1.1", "Item 1.1")]

    items = ItemList(objects=[Item(name="a")])
    primitive = items.obj_to_primitive()["versioned_object.data"]
    items.obj_make_compatible_from_manifest(primitive, "1.0", {"Item": "1.0"})
    assert primitive["objects"][0]["versioned_object.data"] == {}


def test_a_subclass_of_a_bound_class_is_read_too() -> None:
    """A class below a bound one dates what it adds, and maps what it inherits."""

    @vobj.register
    class Item(ProjectObject):
        VERSION = "1.1"
        fields = {"name": fields.StringField()}
        changes = {"name": Added(since="1.1")}

    @vobj.register
    class Special(Item):
        VERSION = "1.1"
        fields = {"level": fields.IntegerField()}
        changes = {"level": Added(since="1.1")}
        history = [Inherits({"1.0": "1.0", "1.1": "1.1"})]

    assert node(Special(name="a", level=1).obj_to_primitive("1.0")) == {}


def test_a_subclass_made_before_the_binding_is_read_too() -> None:
    """Binding a parent later makes its subclasses own, and asks them for their dates."""

    class Item(ProjectObject):
        VERSION = "1.1"
        fields = {"name": fields.StringField()}
        changes = {"name": Added(since="1.1")}

    @base.VersionedObjectRegistry.register
    class Special(Item):
        VERSION = "1.0"

    vobj.register(Item)
    assert is_own(Special)
    with pytest.raises(vobj.DeclarationError, match=r"Special\.name: Item dated it"):
        vobj.history_of(Special)


def test_a_registry_of_the_project() -> None:
    """registry= is the project's own registry class, whose hook runs."""
    seen: list[str] = []

    class ProjectRegistry(base.VersionedObjectRegistry):
        def registration_hook(self, cls: type[base.VersionedObject], index: int) -> None:
            seen.append(cls.__name__)

    @vobj.register(registry=ProjectRegistry)
    class Item(vobj.VersionedObject):
        name: str

    assert seen == ["Item"]


def test_a_plain_class_is_registered_as_it_is() -> None:
    """Without changes an oslo class stays foreign, whatever else it calls changes or history."""

    @vobj.register
    class Item(ProjectObject):
        fields = {"name": fields.StringField()}

        def changes(self) -> None:
            """A method."""

    assert not is_own(Item)
    assert ProjectObject.obj_class_from_name("Item", "1.0") is Item
    with pytest.raises(vobj.UsageError, match="Item has no declared history") as caught:
        vobj.history_of(Item)
    assert caught.value.rule == "usage/argument"


class Hooked(vobj.VersionedObject):
    VERSION = "1.1"
    name: str
    size: int

    def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
        super().obj_make_compatible(primitive, target_version)
        if target_version == "1.0":
            del primitive["size"]


def test_a_hook_makes_a_class_foreign() -> None:
    """With a hand-written hook and no changes, oslo's rules hold, quirks included."""
    vobj.register(Hooked)
    assert not is_own(Hooked)
    item = Hooked(name="a", size=1)
    old = item.obj_to_primitive("1.0")
    assert old["versioned_object.data"] == {"name": "a"}
    read = vobj.VersionedObject.obj_from_primitive(old)
    assert (read.VERSION, read.obj_received_version) == ("1.0", None)
    assert read != item
    with pytest.raises(vobj.UsageError, match="Hooked has no declared history"):
        Hooked.supports("name", "1.0")


def hook_in_the_body() -> None:
    class Item(vobj.VersionedObject):
        VERSION = "1.1"
        name: str = vobj.field(Added(since="1.1"))

        def obj_make_compatible_from_manifest(self, *_: Any) -> None:
            """A hook."""


def hook_of_a_parent() -> None:
    class Item(Hooked):
        VERSION = "1.2"
        level: str = vobj.field(Added(since="1.2"))


def relationships() -> None:
    class Item(vobj.VersionedObject):
        VERSION = "1.1"
        obj_relationships = {"part": [("1.0", "1.0")]}
        history = [NoChange("1.1")]


def child_versions() -> None:
    class Item(base.ObjectListBase, vobj.VersionedObject):
        VERSION = "1.1"
        child_versions = {"1.0": "1.0"}
        history = [NoChange("1.1")]


def hook_of_an_oslo_class() -> None:
    @vobj.register
    class Item(ProjectObject):
        VERSION = "1.1"
        fields = {"name": fields.StringField()}
        changes = {"name": [Added(since="1.1")]}

        @classmethod
        def obj_make_compatible(cls, *_: Any) -> None:  # type: ignore[override]
            """A hook."""


@pytest.mark.parametrize(
    ("declare", "hook"),
    [
        (hook_in_the_body, "Item.obj_make_compatible_from_manifest"),
        (hook_of_a_parent, "Hooked.obj_make_compatible"),
        (relationships, "Item.obj_relationships"),
        (child_versions, "Item.child_versions"),
        (hook_of_an_oslo_class, "Item.obj_make_compatible"),
    ],
)
def test_a_hook_beside_changes_fails(declare: Any, hook: str) -> None:
    """Changes and a hand-written hook on one class are a declaration error that names the hook."""
    with pytest.raises(vobj.DeclarationError, match=f"hand-written {hook}") as caught:
        declare()
    assert caught.value.rule == "declare/hook"


def test_oslos_fingerprints_work() -> None:
    """ObjectVersionChecker sees the fields of an own class, and nothing of vobj's methods."""
    from oslo_versionedobjects import fixture

    @vobj.register
    class Ours(vobj.VersionedObject):
        name: str
        mode: int | None

    class Theirs(base.VersionedObject):
        fields = {"name": fields.StringField(), "mode": fields.IntegerField(nullable=True)}

    checker = fixture.ObjectVersionChecker({"Ours": [Ours], "Theirs": [Theirs]})
    hashes = checker.get_hashes()
    assert hashes["Ours"] == hashes["Theirs"]
    fixture.ObjectVersionChecker({"Ours": [Ours]}).test_compatibility_routines()
