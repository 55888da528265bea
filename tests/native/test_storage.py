"""Objects of oslo's shape whose `__dict__` is filled by place."""

from __future__ import annotations

import gc
import random
import weakref
from typing import Any

import pytest
from oslo_versionedobjects import base, fields

from tests.differential.compare import own_registry
from tests.native.decode_agreement import Readings, packed, written

NAMES = [f"f{number:02}" for number in range(40)]


def _many(**more: Any) -> type[Any]:
    held: dict[str, Any] = {name: fields.StringField() for name in NAMES}
    held["l"] = fields.ListOfStringsField()
    body = {"fields": {**held, **more}, "VERSION": "1.0"}
    return base.VersionedObjectRegistry.register(type("Many", (base.VersionedObject,), body))


def _made(cls: type[Any], names: list[str]) -> Any:
    return cls(l=["x"], **{name: f"of {name}" for name in names})


@pytest.mark.parametrize("share", [1.0, 0.9, 0.6, 0.4, 0.1, 0.0])
def test_what_is_not_set_is_not_there(share: float) -> None:
    """With all names, which begin as a copy of all, and with few, which do not."""
    with own_registry():
        cls = _many()
        readings = Readings()
        for seed in range(20):
            dice = random.Random(f"{share} {seed}")
            names = [name for name in NAMES if dice.random() < share]
            made = readings.taken(written(_made(cls, names)))
            assert [name for name in NAMES if made.obj_attr_is_set(name)] == names


def test_names_in_any_order_are_put_in_their_places() -> None:
    """Of a field that stands twice the last value counts, as in msgpack."""
    with own_registry():
        tree = _made(_many(), NAMES).obj_to_primitive()
        data = tree["versioned_object.data"]
        for seed in range(20):
            names = list(data)
            random.Random(seed).shuffle(names)
            tree["versioned_object.data"] = {name: data[name] for name in names}
            assert Readings().taken(packed(tree)).f07 == "of f07"


def test_an_object_in_a_cycle_is_collected() -> None:
    """oslo's containers hold their owner, so the collector has to know its `__dict__`."""
    with own_registry():
        made = Readings().taken(written(_made(_many(), NAMES)))
        assert made.l._obj is made
        assert gc.is_tracked(vars(made))
        gone = weakref.ref(made)
        del made
        gc.collect()
        assert gone() is None


class Meddling(fields.String):  # type: ignore[misc]
    """Gives its owner more attributes than it has room for, and takes some away."""

    @staticmethod
    def coerce(obj: Any, attr: str, value: Any) -> Any:
        """`value` as text."""
        if obj is not None and attr == "m":
            for number in range(200):
                obj.__dict__[f"more{number}"] = number
            obj.__dict__.pop("_obj_f03", None)
            obj.__dict__["_obj_f02"] = "meddled"
        return str(value)


def test_a_field_type_that_changes_its_owner_does_no_harm() -> None:
    """Neither a table that moved nor a name that was taken away is written over."""
    with own_registry():
        cls = _many(m=fields.Field(Meddling()))
        tree = _made(cls, NAMES).obj_to_primitive()
        data = tree["versioned_object.data"]
        tree["versioned_object.data"] = {"f00": data["f00"], "m": "m", **data}
        tree["versioned_object.changes"] = []
        readings = Readings()
        readings.agree(packed(tree))
        made = readings.codec.decode(packed(tree))
        assert (made.f02, made.more199) == ("meddled", 199)
