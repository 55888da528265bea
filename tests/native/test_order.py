"""Objects whose attributes are not in the order in which those before them were."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
from oslo_versionedobjects import base, fields

import vobj
from tests.differential.compare import own_registry
from vobj import native

pytestmark = pytest.mark.skipif(not native.active, reason=str(native.reason))

CHANGES = "versioned_object.changes"
NAMES = tuple(f"name_{number}" for number in range(40))


@pytest.fixture(name="crate")
def registered_crate() -> Iterator[Any]:
    """A foreign class of many fields."""
    with own_registry():
        declared = {name: fields.IntegerField(nullable=True) for name in NAMES}
        made = type("Crate", (base.VersionedObject,), {"fields": declared})
        yield base.VersionedObjectRegistry.register(made)


class Pair:
    """Both executors, which have to agree."""

    def __init__(self) -> None:
        self.fast = vobj.Codec()
        self.slow = vobj.Codec(executor="python")

    def encode(self, one: base.VersionedObject) -> Any:
        """The payload, which the native executor gives itself."""
        assert self.fast._native is not None
        data = self.fast._native.encode(one)
        expected = self.slow.encode(one)
        if one.VERSION == type(one).VERSION:
            assert data == expected
        # At a version that is not registered Python has no order of the fields to write them in.
        assert _with_sets(data) == _with_sets(expected)
        return data


def _with_sets(data: bytes) -> dict[str, Any]:
    tree: dict[str, Any] = msgpack.unpackb(data)
    return {**tree, CHANGES: set(tree.get(CHANGES, ()))}


def test_every_order(crate: Any) -> None:
    """Some fields or all, set in any order, with values that tell them apart."""
    pair, dice = Pair(), random.Random(1)
    for turn in range(300):
        names = dice.sample(NAMES, dice.randrange(len(NAMES) + 1))
        one = crate()
        for name in names:
            setattr(one, name, turn * 100 + NAMES.index(name))
        for name in dice.sample(names, len(names) // 3):
            delattr(one, name)
            if dice.random() < 0.5:
                setattr(one, name, None)
        pair.encode(one)


def test_attributes_beside_the_fields(crate: Any) -> None:
    """They are no fields, wherever they stand; a version of its own is the one that is written."""
    pair = Pair()
    for name in ("other", "VERSION", "_obj_", "_obj_name_99", "name_1x"):
        for first in (True, False):
            one = crate()
            if first:
                setattr(one, name, "1.7")
            for number, field in enumerate(NAMES):
                setattr(one, field, number)
            setattr(one, name, "1.7")
            assert (b"1.7" in pair.encode(one)) == (name == "VERSION")


def test_text_that_only_equals_a_name(crate: Any) -> None:
    """Attributes and changes under names that are other objects than those of the fields."""
    pair = Pair()
    for turn in range(3):
        one = crate()
        for number, name in enumerate(NAMES):
            vars(one)[f"_obj_{name}"] = turn + number
            one._changed_fields.add("".join([*name]))
        data = pair.encode(one)
        assert data.count(b"name_39") == 2


def test_an_attribute_under_text_of_another_type(crate: Any) -> None:
    """What compares in its own way is left to Python, which asks it."""

    class Loud(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            vars(one).clear()
            return False

    codec = vobj.Codec()
    codec.encode(crate(name_1=1))
    one = crate()
    vars(one)[Loud("_obj_name_1")] = 1
    assert codec._native is not None
    assert codec._native.encode(one) is NotImplemented


def test_names_among_the_changes(crate: Any) -> None:
    """Taken out again, of no field, of a field that is not set; as text and as whatever else."""
    pair, dice = Pair(), random.Random(2)
    for _ in range(100):
        one = crate(**dict.fromkeys(dice.sample(NAMES, 20), 1))
        one.obj_reset_changes()
        for name in dice.sample(NAMES, dice.randrange(30)):
            one._changed_fields.add(name)
        for name in dice.sample(NAMES, 10):
            one._changed_fields.discard(name)
        if dice.random() < 0.3:
            one._changed_fields.add("elsewhere")
        pair.encode(one)
    one._changed_fields.add(7)
    assert pair.fast.encode(one) == pair.slow.encode(one)


def test_a_field_that_changes_the_object_it_is_in() -> None:
    """What is written is what is there when it is written, as with oslo."""

    class Restless(fields.FieldType[Any]):
        def coerce(self, obj: Any, attr: str, value: Any) -> Any:
            return value

        def to_primitive(self, obj: Any, attr: str, value: Any) -> Any:
            for name in NAMES:
                vars(obj).pop(f"_obj_{name}", None)
            obj.name_39 = [value] * 3 if value == "list" else 4
            return value

    with own_registry():
        declared = {
            "first": fields.Field(Restless()),
            **{name: fields.IntegerField() for name in NAMES},
        }
        declared["name_39"] = fields.Field(fields.FieldType())
        cls: Any = type("Restless", (base.VersionedObject,), {"fields": declared})
        base.VersionedObjectRegistry.register(cls)
        for value in ("list", "number"):
            made = [cls(first=value, **dict.fromkeys(NAMES, 1)) for _ in range(2)]
            fast, slow = vobj.Codec(), vobj.Codec(executor="python")
            assert fast._native is not None
            assert fast._native.encode(made[0]) == slow.encode(made[1])
