"""Every field type of oslo's does with every value what it did, once the tree is accelerated.

The same questions are put to the same classes as they are, accelerated, and after `undo`.
"""

from __future__ import annotations

import copy
import datetime
import functools
from collections.abc import Callable, Iterator
from typing import Any

import netaddr
import pytest
from oslo_versionedobjects import base
from oslo_versionedobjects import fields as oslo_fields

import vobj
from tests.accelerate.describing import Number, Odd, Once, Row, Table, Text, outcome
from tests.differential.compare import own_registry
from tests.differential.field_types import LEAVES
from vobj import native

UUID = "29f2b9b6-6eb4-4b55-8b8f-3f7a4ec7ce44"
MAC = "fa:16:3e:00:00:01"
DAY = datetime.datetime(2026, 3, 1, 12, 30, 15)
EAST = datetime.timezone(datetime.timedelta(hours=2))
ODD = Odd()

# Made anew for each use: some can be used up or changed.
VALUES: list[Callable[[], Any]] = [
    *[
        functools.partial(copy.copy, one)
        for one in (
            *(None, True, False, 0, 1, -1, 2**70, 1.5, -0.0, float("nan"), float("inf"), ""),
            *("x", "on", "done", "queued", "vepa", "a", "é☃", "1", "-3", "1.5", "yes", " 7 "),
            *(UUID, UUID.upper(), UUID.replace("-", ""), MAC, MAC.upper(), MAC.replace(":", "-")),
            *("0000:02:00.0", ">=1.0", "10.0.0.1", "010.0.0.1", "fe80::a", "10.0.0.0/8", "::/64"),
            *("2026-03-01T12:30:15Z", "2026-03-01T12:30:15+02:00", "2026-02-30T00:00:00Z"),
            *(DAY, DAY.replace(tzinfo=datetime.UTC), DAY.replace(tzinfo=EAST), DAY.date()),
            *(b"x", Text("on"), Text(UUID), Number(3), ODD, int, 3 + 4j),
        )
    ],
    list,
    lambda: ["a", "b"],
    lambda: ["a", None, 3],
    lambda: [1, 2, "3", True],
    lambda: [[], ["a"], [1]],
    lambda: [{"k": None}, {"k": 1}],
    lambda: [{1, 2}, {"3"}],
    lambda: [UUID, "x"],
    lambda: ["10.0.0.1", "x"],
    lambda: ("a", "b"),
    lambda: Row(["a", "b"]),
    Once,
    lambda: {"a", "b"},
    lambda: {1, 2},
    lambda: frozenset({"a"}),
    lambda: {MAC},
    dict,
    lambda: {"k": "v", "l": "w"},
    lambda: {"k": None},
    lambda: {"k": 1, "l": "2"},
    lambda: {"k": ["a"], "l": []},
    lambda: {"k": {1, 2}},
    lambda: {1: "v"},
    lambda: Table(k="v"),
    lambda: netaddr.IPAddress("10.0.0.1"),
    lambda: netaddr.IPAddress("fe80::a"),
    lambda: netaddr.IPNetwork("10.0.0.0/30"),
]
NAMES = ("value", "maybe", "fixed", "filled")


def leaf(make: Callable[..., oslo_fields.Field[Any]]) -> type[base.VersionedObject]:
    """A class with a field of each sort of one type."""

    @base.VersionedObjectRegistry.register
    class Leaf(base.VersionedObject):
        VERSION = "1.2"
        fields = {
            "value": make(),
            "maybe": make(nullable=True),
            "fixed": make(read_only=True),
            "filled": make(default="on"),
        }

    return Leaf


def answers(cls: Any, step: int = 1) -> Iterator[Any]:
    """What an empty object, and every value, comes to. step: tries one of that many values."""
    empty = cls()
    for name in NAMES:
        yield outcome(lambda name=name: getattr(empty, name))
        yield outcome(lambda name=name: delattr(empty, name))
    yield outcome(lambda: cls(other=1))
    for index, make in enumerate(VALUES[::step]):
        for name in NAMES if index % 5 == 0 else NAMES[index % 2 :: 2]:
            yield index, name, list(life(cls, name, make))


def life(cls: Any, name: str, make: Callable[[], Any]) -> Iterator[Any]:
    """One value in one field, from the first `set` to the last `del`."""
    one = cls(context="c")
    yield outcome(lambda: setattr(one, name, make()), one)
    yield outcome(lambda: one, one)
    yield outcome(lambda: cls(**{name: make()}))
    yield outcome(lambda: cls.obj_from_primitive(envelope({name: make()}), "ctx"))
    yield outcome(lambda: cls.obj_from_primitive(envelope({name: make()}, [name, "x"])))
    yield outcome(lambda: one.obj_attr_is_set(name))
    if not one.obj_attr_is_set(name):
        return
    yield outcome(lambda: getattr(one, name), one)
    yield outcome(one.obj_to_primitive)
    yield outcome(lambda: cls.obj_from_primitive(one.obj_to_primitive()))
    yield outcome(one.obj_clone)
    yield outcome(lambda: copy.deepcopy([one, one]))
    yield outcome(one.obj_what_changed)
    yield outcome(lambda: one.obj_reset_changes([name, "value"], recursive=True))
    yield outcome(lambda: setattr(one, name, "other"))
    yield outcome(lambda: setattr(one, name, make()))
    yield outcome(lambda: one, one)
    yield outcome(lambda: delattr(one, name))


def envelope(data: dict[str, Any], changes: list[str] | None = None) -> dict[str, Any]:
    """An envelope with this data."""
    found: dict[str, Any] = {
        "versioned_object.name": "Leaf",
        "versioned_object.namespace": "versionedobjects",
        "versioned_object.version": "1.2",
        "versioned_object.data": data,
    }
    return found if changes is None else {**found, "versioned_object.changes": changes}


@pytest.mark.skipif(not native.active, reason=str(native.reason))
@pytest.mark.parametrize("name", LEAVES)
def test_fields(name: str) -> None:
    """Every value, valid or not, has the same outcome: value, store, error and warning."""
    with own_registry():
        cls = leaf(LEAVES[name])
        assert cls.fields["filled"].default is not oslo_fields.UnspecifiedDefault
        before, untouched = list(answers(cls)), list(answers(cls, step=9))
        made = vobj.accelerate(base.VersionedObject, only=[cls])
        try:
            assert not isinstance(vars(cls)["value"], property)
            during = list(answers(cls))
        finally:
            made.undo()
        assert isinstance(vars(cls)["value"], property)
        assert during == before
        assert list(answers(cls, step=9)) == untouched
