"""Fields as native attributes: what can happen around a value while it is read, set or unset."""

from __future__ import annotations

import gc
import inspect
import io
import logging
import pydoc
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from tests.differential.compare import own_registry
from vobj import native

pytestmark = pytest.mark.skipif(not native.active, reason=str(native.reason))


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """What a test registers and accelerates is forgotten."""
    with own_registry():
        yield
        vobj.accelerate(base.VersionedObject).undo()


def accelerated(declared: dict[str, Any], **methods: Any) -> Any:
    """A registered class with these fields, accelerated."""
    cls = type("Thing", (base.VersionedObject,), {"fields": declared, **methods})
    base.VersionedObjectRegistry.register(cls)
    vobj.accelerate(base.VersionedObject, only=[cls])
    assert all(type(vars(cls)[name]).__name__ == "FieldAttribute" for name in declared)
    return cls


def test_class_attribute() -> None:
    """Seen from the class it is itself, names its field, and help knows it for what it is."""
    cls = accelerated({"size": fields.IntegerField(nullable=True)})
    assert cls.size is vars(cls)["size"]
    assert cls.size.oslo_field is cls.fields["size"]
    assert repr(cls.size).startswith("<field 'size': Integer(default=")
    assert inspect.isdatadescriptor(cls.size)
    assert cls.size.__doc__.startswith("The field size: Integer(")
    assert "size" in pydoc.plain(pydoc.render_doc(cls))


def test_unset() -> None:
    """Reading an unset field loads it, deleting it is an AttributeError with oslo's text."""
    cls = accelerated({"size": fields.IntegerField()})
    with pytest.raises(NotImplementedError, match="Cannot load 'size' in the base class"):
        _ = cls().size
    with pytest.raises(AttributeError, match="No such attribute `size'"):
        del cls().size
    one = cls(size=3)
    del one.size
    assert not one.obj_attr_is_set("size")
    assert one.obj_what_changed() == {"size"}


def test_loading_sets_other_fields() -> None:
    """What loads an attribute may set this one and others, or nothing at all."""

    def load(self: Any, name: str) -> None:
        if name == "size":
            self.size, self.name = 4, "loaded"
            del self.color

    declared = {
        "size": fields.IntegerField(),
        "name": fields.StringField(),
        "color": fields.StringField(),
    }
    cls = accelerated(declared, obj_load_attr=load)
    one = cls(color="red")
    assert (one.size, one.name) == (4, "loaded")
    with pytest.raises(AttributeError, match="_obj_color"):
        _ = one.color


def test_read_only() -> None:
    """A field that is set may be set to an equal value only, and is not counted as changed."""
    cls = accelerated({"size": fields.IntegerField(read_only=True)})
    one = cls(size=3)
    one.obj_reset_changes()
    one.size = "3"
    assert one.obj_what_changed() == set()
    with pytest.raises(exception.ReadOnlyFieldError, match="size"):
        one.size = 4
    assert one.size == 3


class Fickle(fields.Integer):
    """A type that looks at the object while it takes a value."""

    def coerce(self, obj: Any, attr: str, value: Any) -> int:
        if obj.obj_attr_is_set(attr):
            delattr(obj, attr)
        obj.other = value
        return super().coerce(obj, attr, value) + 1


def test_coerce_changes_the_object() -> None:
    """A type may delete the attribute and set another while it takes a value."""
    cls = accelerated({"size": fields.Field(Fickle()), "other": fields.IntegerField()})
    one = cls(size=1)
    one.size = 5
    assert (one.size, one.other) == (6, 5)
    with pytest.raises(ValueError, match="invalid literal"):
        one.size = "x"
    assert not one.obj_attr_is_set("size")


def plus_one(self: Any, obj: Any, attr: str, value: Any) -> Any:
    """A patch of some `coerce`."""
    return value + 1


def patch_type(cls: Any) -> None:
    """The type's class is patched."""
    type(cls.fields["size"]._type).coerce = plus_one


def patch_instance(cls: Any) -> None:
    """One type instance is patched."""
    cls.fields["size"]._type.coerce = lambda obj, attr, value: value + 1


def patch_field(cls: Any) -> None:
    """One field is patched."""
    cls.fields["size"].coerce = lambda obj, attr, value: value + 1


def swap_type(cls: Any) -> None:
    """One field gets another type."""
    swapped = type("Swapped", (fields.Integer,), {"coerce": plus_one})
    cls.fields["size"]._type = swapped()


@pytest.mark.parametrize("patch", [patch_type, patch_instance, patch_field, swap_type])
def test_patched(patch: Callable[[Any], None]) -> None:
    """Whatever of a field is patched at run time counts at once."""
    own = type("OwnInteger", (fields.Integer,), {"coerce": fields.Integer.coerce})
    cls = accelerated({"size": fields.Field(own())})
    one = cls(size=3)
    assert one.size == 3
    patch(cls)
    one.size = 3
    assert one.size == 4


def test_nullable_later() -> None:
    """A field that becomes nullable takes None from then on."""
    cls = accelerated({"size": fields.IntegerField()})
    one = cls(size=3)
    with pytest.raises(ValueError, match="Field `size' cannot be None"):
        one.size = None
    cls.fields["size"]._nullable = True
    one.size = None
    assert one.size is None


def test_value_that_cannot_be_stored() -> None:
    """What a class raises while the value is stored passes, and is logged as oslo does."""

    def refuse(self: Any, name: str, value: Any) -> None:
        if name == "_obj_size":
            raise TypeError("not here")
        object.__setattr__(self, name, value)

    cls = accelerated({"size": fields.IntegerField()}, __setattr__=refuse)
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    base.LOG.addHandler(handler)
    try:
        with pytest.raises(TypeError, match="not here"):
            cls(size=3)
    finally:
        base.LOG.removeHandler(handler)
    assert heard.getvalue().startswith("Error setting Thing.size\nTraceback")
    assert "TypeError: not here" in heard.getvalue()


def test_other_collections_of_changes() -> None:
    """`_changed_fields` may be something else than a set, as long as it can `add`."""

    class Log(list[Any]):
        add = list.append

    cls = accelerated({"size": fields.IntegerField()})
    one = cls()
    one._changed_fields = Log()
    one.size = 3
    one.size = 4
    assert one._changed_fields == ["size", "size"]
    del one._changed_fields
    with pytest.raises(AttributeError, match="_changed_fields"):
        one.size = 5


def test_no_leak() -> None:
    """Reading, setting, unsetting and failing keeps no memory and no reference."""
    cls = accelerated(
        {
            "size": fields.IntegerField(),
            "tags": fields.ListOfStringsField(),
            "when": fields.DateTimeField(nullable=True),
        }
    )
    one = cls()

    def round_trip() -> None:
        one.size = "7"
        one.tags = ["a", "b"]
        one.when = "2026-03-01T12:30:15Z"
        one.tags.append("c")
        _ = one.size, one.tags
        for wrong in ("x", None):
            try:
                one.size = wrong
            except ValueError:
                continue
        del one.tags

    for _ in range(200):
        round_trip()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(20_000):
        round_trip()
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000


def test_threads() -> None:
    """Objects of one class are used in many threads, one object in one thread."""
    cls = accelerated({"size": fields.IntegerField(), "name": fields.StringField()})
    wrong: list[object] = []

    def work(number: int) -> None:
        one = cls()
        for index in range(5000):
            one.size, one.name = str(number + index), index
            if one.size != number + index or one.name != str(index):
                wrong.append((number, index))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong
