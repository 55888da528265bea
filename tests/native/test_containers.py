"""The lists, dicts and sets of own objects are oslo's in every respect, with less memory."""

from __future__ import annotations

import copy
import gc
import operator
import os
import pickle
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from oslo_versionedobjects import fields

import vobj
from vobj import native
from vobj.model import containers

pytestmark = pytest.mark.skipif(not native.active, reason=str(native.reason))


@vobj.register
class Basket(vobj.VersionedObject):
    """One field with each container."""

    apples: list[str]
    prices: dict[str, int]
    marks: set[int]
    rows: list[list[str]]


OSLO = {"apples": fields.CoercedList, "prices": fields.CoercedDict, "marks": fields.CoercedSet}
GIVEN: dict[str, Any] = {"apples": ["a", "b"], "prices": {"a": 1}, "marks": {1, 2}}


def pair(name: str) -> tuple[Any, Any]:
    """The container of an own object, and oslo's with the same field and content."""
    one = Basket(**{name: GIVEN[name]})
    ours = getattr(one, name)
    theirs = OSLO[name]()
    theirs.enable_coercing(ours._element_type, one, name)
    theirs.extend(GIVEN[name]) if name == "apples" else theirs.update(GIVEN[name])
    return ours, theirs


def plus(held: Any, other: Any) -> Any:
    """`held += other`"""
    held += other
    return held


def put(held: Any, at: Any, value: Any) -> None:
    """`held[at] = value`"""
    held[at] = value


def take(held: Any, at: Any) -> None:
    """`del held[at]`"""
    del held[at]


def raised(call: Callable[[Any], Any], held: Any) -> Any:
    """What a call gives, or raises."""
    try:
        return call(held)
    except Exception as error:  # noqa: BLE001 - whatever a container raises is compared
        return type(error), str(error)


STEPS: dict[str, list[Callable[[Any], Any]]] = {
    "apples": [
        lambda held: held.append(3),
        lambda held: held.append(None),
        lambda held: held.append(object),
        lambda held: held.extend([1, "x"]),
        lambda held: held.extend(held),
        lambda held: held.extend([1, object]),
        lambda held: held.insert(0, 1.5),
        lambda held: held.insert(True, "t"),
        lambda held: held.insert("x", "t"),
        lambda held: put(held, 0, 9),
        lambda held: put(held, -1, True),
        lambda held: put(held, 99, "x"),
        lambda held: put(held, slice(0, 2), [5, 6, 7]),
        lambda held: put(held, slice(0, 2), [5, object]),
        lambda held: take(held, 0),
        lambda held: take(held, slice(1, 3)),
        lambda held: plus(held, [4]),
        lambda held: operator.add(held, [5, 6]),
        lambda held: operator.add(held, [object]),
        lambda held: held.pop(),
        lambda held: held.copy(),
        lambda held: held.sort(),
        lambda held: held.clear(),
    ],
    "prices": [
        lambda held: put(held, "b", "7"),
        lambda held: put(held, "c", "x"),
        lambda held: put(held, "c", None),
        lambda held: put(held, 3, 4),
        lambda held: held.setdefault("d", "8"),
        lambda held: held.setdefault("d", "x"),
        lambda held: held.setdefault("d", 9),
        lambda held: held.setdefault(4, 9),
        lambda held: held.update({"e": "1"}, f=2.5),
        lambda held: held.update(g="x"),
        lambda held: held | {"h": 3},
        lambda held: plus(held, {"h": 3}),
        lambda held: take(held, "a"),
        lambda held: take(held, "zz"),
        lambda held: held.pop("b"),
        lambda held: held.popitem(),
    ],
    "marks": [
        lambda held: held.add("3"),
        lambda held: held.add("x"),
        lambda held: held.add(None),
        lambda held: held.update(["4", 5]),
        lambda held: held.update(["y"]),
        lambda held: held | {"6"},
        lambda held: held ^ {"1"},
        lambda held: held & {1},
        lambda held: held - {1},
        lambda held: held.symmetric_difference_update(["2", 9]),
        lambda held: held.discard(1),
        lambda held: held.remove(77),
    ],
}


@pytest.mark.parametrize("name", OSLO)
def test_as_oslo(name: str) -> None:
    """Every step gives the same result, the same content and the same error."""
    ours, theirs = pair(name)
    assert type(ours) is not type(theirs)
    assert isinstance(ours, OSLO[name])
    for number, step in enumerate(STEPS[name]):
        one, other = raised(step, ours), raised(step, theirs)
        assert one == other, number
        assert type(one).__name__ == type(other).__name__, number
        assert repr(ours) == repr(theirs), number


@pytest.mark.parametrize("name", OSLO)
@pytest.mark.parametrize(
    "way",
    [
        copy.copy,
        copy.deepcopy,
        lambda held: pickle.loads(pickle.dumps(held)),
        lambda held: pickle.loads(pickle.dumps(held, 2)),
    ],
    ids=["copy", "deepcopy", "pickle", "pickle 2"],
)
def test_copies(name: str, way: Callable[[Any], Any]) -> None:
    """A copy is of the same type, knows its field, and coerces what is put into it."""
    ours, theirs = pair(name)
    ours.__dict__["extra"] = theirs.__dict__["extra"] = 1
    made, other = way(ours), way(theirs)
    assert type(made) is type(ours)
    assert (made, made.extra, made._field) == (other, other.extra, other._field)
    assert (made._obj is ours._obj) == (other._obj is theirs._obj)
    assert made._obj == ours._obj
    add = {"apples": "append", "prices": "update", "marks": "add"}[name]
    wrong = {"z": object} if name == "prices" else object
    with pytest.raises((TypeError, ValueError), match=r"A string is required|int\(\) argument"):
        getattr(made, add)(wrong)


def test_pickle_where_nothing_is_native() -> None:
    """What was pickled here is oslo's own container where the native modules do not run."""
    code = (
        "import pickle, sys\n"
        "for one in pickle.load(sys.stdin.buffer):\n"
        "    print(type(one).__module__, one, one._field)\n"
    )
    element = fields.Field(fields.Integer())
    held = [containers.List([1]), containers.Dict(a=1), containers.Set([1])]
    for one in held:
        one.enable_coercing(element, None, "f")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "VOBJ_EXECUTOR": "python"},
        input=pickle.dumps(held),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().splitlines() == [
        "oslo_versionedobjects.fields [1] f",
        "oslo_versionedobjects.fields {'a': 1} f",
        "oslo_versionedobjects.fields CoercedSet({1}) f",
    ]


def test_element_type_patched_later() -> None:
    """An element type that is patched at run time counts at once."""
    own = type("OwnText", (fields.String,), {"coerce": fields.String.coerce})
    held = containers.List()
    held.enable_coercing(fields.Field(own()), None, "f")
    held.append("a")
    own.coerce = lambda self, obj, attr, value: f"{attr}={value}"
    held.append("b")
    held.extend(["c"])
    assert held == ["a", "f[2]=b", "f[2]=c"]


def test_extend_by_what_changes_the_list() -> None:
    """An iterator may change the list that it extends."""
    ours, theirs = pair("apples")

    def walk(held: Any) -> Any:
        for one in range(3):
            held.append(one)
            yield one

    for held in (ours, theirs):
        held.extend(walk(held))
    assert ours == theirs


def test_memory() -> None:
    """A list of an own object takes less than half of what oslo's takes."""
    sizes = []
    for make in (fields.CoercedList, containers.List):
        element = fields.Field(fields.String())
        made: list[Any] = [None] * 2000
        gc.collect()
        tracemalloc.start()
        for index in range(len(made)):
            made[index] = make()
            made[index].enable_coercing(element, None, "f")
        sizes.append(tracemalloc.get_traced_memory()[0] / len(made))
        tracemalloc.stop()
    assert sizes[1] * 2 < sizes[0], sizes
