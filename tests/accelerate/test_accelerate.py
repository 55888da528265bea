"""`vobj.accelerate`: what it puts where, that it can be taken back, and what it says of itself."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj
from tests.differential.compare import own_registry
from vobj import native

pytestmark = pytest.mark.skipif(not native.active, reason=str(native.reason))


class DockObject(base.VersionedObject):
    """The base of a project."""

    OBJ_PROJECT_NAMESPACE = "dock"


@pytest.fixture(autouse=True)
def dock() -> Iterator[None]:
    """Two classes, registered for one test; the base is given back as it was."""
    before = dict(vars(DockObject)), dict(vars(base.VersionedObject))
    with own_registry():
        make()
        yield
        vobj.accelerate(DockObject).undo()
    assert (dict(vars(DockObject)), dict(vars(base.VersionedObject))) == before


def make() -> None:
    """Registers Crate and Ship."""

    @base.VersionedObjectRegistry.register
    class Crate(DockObject):
        fields = {"weight": fields.IntegerField(), "marks": fields.ListOfStringsField()}

    @base.VersionedObjectRegistry.register
    class Ship(DockObject):
        VERSION = "1.1"
        fields = {
            "name": fields.StringField(),
            "crates": fields.ListOfObjectsField("Crate"),
            "first": fields.ObjectField("Crate", nullable=True),
        }

        def obj_what_changed(self) -> set[str]:
            return super().obj_what_changed() | {"name"}

        def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
            super().obj_make_compatible(primitive, target_version)
            if target_version == "1.0":
                primitive.pop("first", None)


def named(name: str) -> Any:
    """A registered class."""
    return base.VersionedObjectRegistry.obj_classes()[name][0]


def ship() -> Any:
    """An object with others inside."""
    crates = [named("Crate")(weight=one, marks=["x", "y"]) for one in (3, 4)]
    return named("Ship")(name="Ada", crates=crates, first=crates[0])


def test_live() -> None:
    """Objects that were there before are as fast as new ones, and hold what they held."""
    one = ship()
    before = one.obj_to_primitive("1.0", {"Crate": "1.0"})
    store = dict(vars(one))
    vobj.accelerate(DockObject)
    assert type(vars(type(one))["name"]).__name__ == "FieldAttribute"
    assert one.obj_to_primitive("1.0", {"Crate": "1.0"}) == before
    assert vars(one) == store
    one.name = 7
    assert (one.name, vars(one)["_obj_name"]) == ("7", "7")


def test_undo() -> None:
    """Everything is what it was, and objects made meanwhile live on."""
    classes = (DockObject, named("Ship"), named("Crate"))
    before = [dict(vars(cls)) for cls in classes]
    made = vobj.accelerate(DockObject)
    assert [dict(vars(cls)) for cls in classes] != before
    one = ship()
    made.undo()
    assert [dict(vars(cls)) for cls in classes] == before
    assert one.obj_clone().crates[1].weight == 4
    made.undo()
    assert [dict(vars(cls)) for cls in classes] == before


def test_undo_leaves_what_others_put_there() -> None:
    """A method or an attribute that was replaced since is not ours to take away."""
    made = vobj.accelerate(DockObject)

    def mine(self: Any) -> set[str]:
        return {"mine"}

    DockObject.obj_what_changed = mine  # type: ignore[method-assign]
    named("Crate").weight = 5
    made.undo()
    assert vars(DockObject)["obj_what_changed"] is mine
    assert named("Crate").weight == 5
    del DockObject.obj_what_changed


def test_again_adds_later_classes() -> None:
    """With the same arguments nothing changes, except for what was registered since."""
    made = vobj.accelerate(DockObject)
    before = dict(vars(named("Ship")))

    @base.VersionedObjectRegistry.register
    class Pier(DockObject):
        fields = {"length": fields.IntegerField()}

    assert isinstance(vars(Pier)["length"], property)
    assert vobj.accelerate(DockObject) is made
    assert not isinstance(vars(Pier)["length"], property)
    assert dict(vars(named("Ship"))) == before
    made.undo()
    assert isinstance(vars(Pier)["length"], property)


def test_class_by_class() -> None:
    """`only` takes classes or names, and more of them later; `skip` leaves some out."""
    made = vobj.accelerate(DockObject, only=["Crate"])
    assert kinds("weight", "Crate") == "FieldAttribute"
    assert kinds("name", "Ship") == "property"
    vobj.accelerate(DockObject, only=[named("Ship")])
    assert (kinds("weight", "Crate"), kinds("name", "Ship")) == ("FieldAttribute", "FieldAttribute")
    made.undo()
    made = vobj.accelerate(DockObject, skip=[named("Crate")])
    assert (kinds("weight", "Crate"), kinds("name", "Ship")) == ("property", "FieldAttribute")
    left = {one.name: dict(one.left) for one in made.report().classes}["Crate"]
    assert left == {"the class": "it was not chosen"}
    assert ship().obj_clone().crates[0].weight == 3


def kinds(field: str, name: str) -> str:
    """What the attribute of a field is."""
    return type(vars(named(name))[field]).__name__


@pytest.mark.parametrize("wrong", ["Boat", int, base.VersionedObject])
def test_wrong_choice(wrong: Any) -> None:
    """A class outside of the tree cannot be chosen, and nothing is done then."""
    with pytest.raises(vobj.UsageError, match="is no registered subclass of DockObject"):
        vobj.accelerate(DockObject, only=[wrong])
    assert "obj_to_primitive" not in vars(DockObject)


@pytest.mark.parametrize("wrong", [None, int, "DockObject"])
def test_wrong_base(wrong: Any) -> None:
    """Only versioned object classes can be accelerated."""
    with pytest.raises(vobj.UsageError, match="takes a versioned object class"):
        vobj.accelerate(wrong)


def test_overrides_stay_in_front() -> None:
    """A hand-written method is called, and reaches the native one with super()."""
    vobj.accelerate(DockObject)
    one = ship()
    one.obj_reset_changes(recursive=True)
    assert one.obj_what_changed() == {"name"}
    one.crates[0].weight = 8
    assert one.obj_what_changed() == {"name", "first"}
    assert set(one.obj_to_primitive()["versioned_object.changes"]) == {"name", "first"}


def test_what_stands_behind_the_base() -> None:
    """A mixin that a class has behind the base is asked, as it would be without us."""

    class Counting(base.VersionedObject):
        def obj_what_changed(self) -> set[str]:
            return super().obj_what_changed() | {"counted"}

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.made = True

    @base.VersionedObjectRegistry.register
    class Buoy(DockObject, Counting):
        fields = {"depth": fields.IntegerField(), "counted": fields.IntegerField()}

    vobj.accelerate(DockObject)
    one = Buoy(depth=3)
    assert one.made
    assert one.obj_what_changed() == {"depth", "counted"}
    assert one.obj_clone().made


def test_report() -> None:
    """It says per class what is native, and who wrote what is not."""
    report = vobj.accelerate(DockObject).report()
    by_name = {one.name: one for one in report.classes}
    assert report.reason is None
    assert by_name["Ship"].fields == ("name", "crates", "first")
    assert "obj_what_changed" not in by_name["Ship"].methods
    assert by_name["Ship"].left == {
        "obj_what_changed": "Ship.obj_what_changed is called; its super() reaches the native one"
    }
    assert by_name["Crate"].left == {}
    assert str(report).splitlines() == [
        "DockObject: 2 classes",
        "Crate 1.0: 2 fields, 9 methods",
        "Ship 1.1: 3 fields, 8 methods",
        "    obj_what_changed: Ship.obj_what_changed is called; its super() reaches the native one",
    ]


def test_report_of_what_cannot_be() -> None:
    """An attribute, a type and a base with code of their own are told, each with its reason."""

    class Loud(fields.String):
        def coerce(self, obj: Any, attr: str, value: Any) -> str:
            return super().coerce(obj, attr, value).upper()

    class Named(DockObject):
        def obj_clone(self) -> Any:
            return super().obj_clone()

    @base.VersionedObjectRegistry.register
    class Horn(Named):
        fields = {"call": fields.Field(Loud()), "tone": fields.StringField()}

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(name)

    Horn.tone = property(lambda self: "low")
    report = vobj.accelerate(Named).report()
    assert report.left == {
        "obj_clone": "Named.obj_clone is called; its super() reaches the native one"
    }
    left = dict(report.classes[0].left)
    assert left["call, setting and reading"] == "Loud has code of its own: it is called"
    assert left["tone"] == "the attribute is a property that oslo did not make"
    assert left["methods"].startswith("the class has __getattribute__ or __getattr__")
    assert Horn(call="a").call == "A"
    vobj.accelerate(Named).undo()


def test_threads() -> None:
    """Objects keep working in other threads while the tree is accelerated and given back."""
    stop = threading.Event()
    wrong: list[object] = []

    def work() -> None:
        while not stop.is_set():
            one = ship()
            one.first.weight = 9
            copied = one.obj_clone()
            node = copied.obj_to_primitive()
            read = DockObject.obj_from_primitive(node)
            if read.crates[1].weight != 4 or read.first.weight != 9:
                wrong.append(read)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(60):
        vobj.accelerate(DockObject).undo()
    stop.set()
    for worker in workers:
        worker.join()
    assert not wrong


def test_pure_executor() -> None:
    """Without the native executor nothing is done, and the report says why."""
    code = (
        "import vobj\n"
        "from oslo_versionedobjects import base\n"
        "before = dict(vars(base.VersionedObject))\n"
        "made = vobj.accelerate(base.VersionedObject)\n"
        "assert dict(vars(base.VersionedObject)) == before\n"
        "print(made.report())\n"
        "made.undo()\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "VOBJ_EXECUTOR": "python"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "VersionedObject: nothing is accelerated, VOBJ_EXECUTOR=python\n"
