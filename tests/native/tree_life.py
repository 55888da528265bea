"""What own objects do, told as JSON on standard output, for a comparison of the executors.

Run by test_tree.py in a process of its own, with VOBJ_EXECUTOR in the environment.
"""

from __future__ import annotations

import copy
import datetime
import enum
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from oslo_versionedobjects import base, fields

import vobj
from tests.accelerate.describing import Number, Odd, Row, Table, Text, told
from vobj import Added, Mapped, Renamed


class Color(enum.Enum):
    """A closed set."""

    RED = "red"
    BLUE = "blue"


@base.VersionedObjectRegistry.register
class Foreign(base.VersionedObject):
    """A child that oslo rules."""

    VERSION = "1.3"
    fields = {"size": fields.IntegerField(), "tags": fields.SetOfIntegersField()}


@vobj.register
class Leaf(vobj.VersionedObject):
    """A child of ours."""

    VERSION = "1.1"
    mac: vobj.MACAddress = vobj.field(Renamed("address", since="1.1"))
    speed: int = vobj.field(Added(since="1.1", backfill=7))


@vobj.register
class Tree(vobj.VersionedObject):
    """One field of each kind."""

    VERSION = "1.2"
    name: str
    count: int | None
    ratio: float
    fixed: str = vobj.field(read_only=True)
    on: bool = vobj.field(Added(since="1.1", backfill=True))
    color: Color = vobj.field(Mapped({"blue": "red"}, since="1.2", was={"red"}))
    when: datetime.datetime
    uuid: vobj.UUID
    address: vobj.IPAddress
    marks: set[int]
    groups: dict[str, set[str]]
    rows: list[list[str]]
    leaf: Leaf
    leaves: list[Leaf]
    table: dict[str, Leaf]
    other: Foreign


@vobj.register
class Leaves(base.ObjectListBase, vobj.VersionedObject):
    """A list of ours."""

    VERSION = "1.0"
    objects: list[Leaf]


@vobj.register
class Lazy(vobj.VersionedObject):
    """A class with methods of its own."""

    VERSION = "1.0"
    name: str
    size: int

    def obj_load_attr(self, attrname: str) -> None:
        setattr(self, attrname, "7")

    def obj_what_changed(self) -> set[str]:
        return super().obj_what_changed() | {"size"}


MOMENT = datetime.datetime(2026, 3, 1, 12, 30, 15)
VALUES: tuple[Any, ...] = (
    *(None, True, 3, -2.5, "a", "red", b"x", Text("red"), Number(3), Odd(), Color.BLUE),
    *("29f2b9b6-6eb4-4b55-8b8f-3f7a4ec7ce44", "10.0.0.1", "FA:16:3E:00:00:01"),
    *(MOMENT, MOMENT.replace(tzinfo=datetime.UTC), "2026-03-01T12:30:15Z", "2026-03-01"),
    *([], ["a"], [["a", 1]], [[object]], (1, "2"), Row(["a"]), {1, 2}, {"a"}, {3, "x"}),
    *({}, {"k": {"b", "a"}}, {"k": "v"}, {1: {"a"}}, Table(k={"a"}), {"k": None}),
)


def built() -> Any:
    """A tree with everything set."""
    leaf = Leaf(mac="fa:16:3e:00:00:01", speed=3)
    return Tree(
        name="oak",
        count=None,
        ratio=2,
        fixed="f",
        on=True,
        color="blue",
        when=MOMENT,
        uuid="29f2b9b6-6eb4-4b55-8b8f-3f7a4ec7ce44",
        address="10.0.0.1",
        marks={30, 4, 100},
        groups={"g": {"z", "y", "x"}},
        rows=[["a"], []],
        leaf=leaf,
        leaves=[leaf, Leaf(mac="fa:16:3e:00:00:02")],
        table={"t": leaf},
        other=Foreign(size=3, tags={9, 1}),
    )


def answer(call: Callable[[], Any]) -> Any:
    """What a call gives or raises; the rule and the path of our errors count."""
    try:
        found = told(call())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        found = [type(error).__name__, str(error), str(getattr(error, "path", ""))]
    return json.loads(
        json.dumps(found).replace("vobj.model.containers", "oslo_versionedobjects.fields")
    )


def values() -> Iterator[Callable[[], Any]]:
    """Every value in every field: set, given, read; then the whole object again."""
    for name in Tree.fields:
        for value in VALUES:
            one = built()
            yield lambda one=one, name=name, value=value: setattr(one, name, copy.deepcopy(value))
            yield lambda one=one: one
            yield lambda one=one: one.obj_to_primitive()
            yield lambda name=name, value=value: Tree(**{name: copy.deepcopy(value)})
            yield lambda name=name, value=value: read(name, copy.deepcopy(value))


def read(name: str, value: Any) -> Any:
    """A tree from an envelope with one value."""
    node = built().obj_to_primitive()
    node["versioned_object.data"][name] = value
    return Tree.obj_from_primitive(node, "context")


def bent() -> Iterator[Callable[[], Any]]:
    """Envelopes that are not as they should be."""
    node = built().obj_to_primitive()
    key = "versioned_object."
    for part, wrong in (
        *((f"{key}name", one) for one in (None, 3, "Leaf", "Nothing", Text("Tree"))),
        *((f"{key}namespace", one) for one in (None, "x", 3)),
        *((f"{key}version", one) for one in (None, "1.0", "1.1", "1.9", "2.0", "1.2.1", "x", 1.2)),
        *((f"{key}data", one) for one in (None, {}, [], Table(name="t"), {"name": "t", "q": 1})),
        *((f"{key}changes", one) for one in (None, ["name", "q"], ("name",), "name", [3])),
    ):
        yield lambda part=part, wrong=wrong: Tree.obj_from_primitive({**node, part: wrong}, "c")
        short = {name: value for name, value in node.items() if name != part}
        yield lambda short=short: Tree.obj_from_primitive(short)
    older = built().obj_to_primitive("1.0", {"Leaf": "1.0", "Foreign": "1.3"})
    yield lambda: older
    yield lambda: Tree.obj_from_primitive(older)
    yield lambda: Tree.obj_from_primitive(3)


def lives() -> Iterator[Callable[[], Any]]:
    """Changes, copies and loads."""
    one = built()
    yield one.obj_what_changed
    yield lambda: one.obj_reset_changes(["name"])
    yield lambda: one.obj_reset_changes(recursive=True)
    yield lambda: one
    yield lambda: setattr(one.leaf, "speed", 9)
    yield one.obj_what_changed
    yield one.obj_clone
    yield lambda: copy.deepcopy([one, one.leaf])
    yield one.obj_get_changes
    yield lambda: (one == one.obj_clone(), one == built())
    yield lambda: delattr(one, "name")
    yield lambda: one.name
    yield lambda: one.obj_attr_is_set("name")
    yield lambda: one.obj_attr_is_set("nothing")
    yield lambda: setattr(one, "fixed", "g")
    yield lambda: Tree(nothing=1)
    yield lambda: Tree.obj_from_primitive(one.obj_to_primitive("1.0", {"Leaf": "1.0"}))
    several = Leaves(objects=[Leaf(mac="fa:16:3e:00:00:01", speed=3), Leaf()])
    yield several.obj_to_primitive
    yield several.obj_clone
    yield several.obj_what_changed
    yield lambda: several.obj_reset_changes(recursive=True)
    yield lambda: Leaves.obj_from_primitive(several.obj_to_primitive())
    lazy = Lazy()
    yield lambda: (lazy.size, lazy.name)
    yield lazy.obj_to_primitive
    yield lambda: Lazy.obj_from_primitive(lazy.obj_to_primitive())
    one.obj_what_changed = lambda: {"name", "color"}
    yield one.obj_to_primitive


def main() -> None:
    """Prints all answers."""
    found = [answer(call) for part in (values, bent, lives) for call in part()]
    json.dump({"executor": vobj.native.active, "answers": found}, sys.stdout)


if __name__ == "__main__":
    main()
