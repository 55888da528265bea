"""Texts that a table names on the way to an older version, on both wires."""

from __future__ import annotations

from typing import Any

import pytest

import vobj
from tests.differential.compare import own_registry
from tests.native.write_agreement import WIRES, Writings
from vobj.changes import ABSENT, Mapped, Nullable, Refused

ON_WIRES = pytest.mark.parametrize("wire", WIRES)


class Word(str):
    """Text to everyone but those who look at the exact type."""

    __slots__ = ()


VALUES = ["a", "b", "c", "d", "e", "f", "", "é", "other", "a" * 300]


def _class(*changes: Any, annotation: Any = str) -> type[Any]:
    body = {"VERSION": max(one.since for one in changes), "__annotations__": {"mode": annotation},
            "mode": vobj.field(*changes)}  # fmt: skip
    return vobj.register(type("Cased", (vobj.VersionedObject,), body))


@ON_WIRES
@pytest.mark.parametrize(
    "changes",
    [
        (Mapped({"a": "b", "b": "a"}, since="1.1"),),
        (Mapped({"b": "c", "d": "e"}, since="1.1"), Mapped({"a": "b", "c": "d"}, since="1.2")),
        (Mapped({"a": "c", "d": "e"}, since="1.1"), Refused(["c"], since="1.2")),
        (Refused(["c"], since="1.1"), Mapped({"a": "c"}, since="1.2")),
        (Mapped({"a": ABSENT, "b": "x" * 40}, since="1.1"),),
    ],
    ids=["swapped", "one after the other", "refused first", "refused after", "unset before"],
)
def test_each_text_becomes_what_python_makes_of_it(wire: str, changes: tuple[Any, ...]) -> None:
    """Chained tables look at what the table before gave; a refusal is left to Python."""
    with own_registry():
        cls = _class(*changes)
        writings = Writings(wire)
        for to in ("1.0", "1.1", cls.VERSION):
            for value in VALUES:
                writings.encode(cls(mode=value), to)
            obj = cls(mode="a")
            obj._obj_mode = Word("a")
            writings.encode(obj, to)
            writings.encode(cls(), to)
        assert writings.done["encode for a peer"] > 20, writings.summary()


@ON_WIRES
def test_none_is_filled_and_texts_are_mapped(wire: str) -> None:
    """What is no text goes through the operations themselves."""
    with own_registry():
        cls = _class(
            Nullable(since="1.1", none_as="none"), Mapped({"a": "b"}, since="1.2"),
            annotation=str | None,
        )  # fmt: skip
        writings = Writings(wire)
        for value in (*VALUES, None):
            writings.encode(cls(mode=value), "1.0")
        assert set(writings.done) == {"encode for a peer"}, writings.summary()


@ON_WIRES
def test_numbers_are_not_taken_for_truth_values(wire: str) -> None:
    """1 is not True, so a table of numbers is asked value by value."""
    with own_registry():
        cls = _class(Mapped({1: 7, 2: 1}, since="1.1"), annotation=int)
        writings = Writings(wire)
        for value in (0, 1, 2, 7, 70_000, 2**32, 2**63):
            writings.encode(cls(mode=value), "1.0")
        assert set(writings.done) == {"encode for a peer"}, writings.summary()


@ON_WIRES
@pytest.mark.parametrize("annotation", [set[str] | None, list[set[str]] | None])
def test_a_set_that_older_versions_do_without_is_sorted(wire: str, annotation: Any) -> None:
    """The order of a set in memory is not that of the wire, whatever is done with its value."""
    with own_registry():
        cls = _class(Nullable(since="1.1", none_as=["b", "a"]), annotation=annotation)
        writings = Writings(wire)
        words = {f"{at * 7919 % 100:02}" for at in range(60)}
        for value in (words, {"z", "a"}, set(), None):
            given = [value] if annotation != set[str] | None and value is not None else value
            writings.encode(cls(mode=given), "1.0")
        if wire == "msgpack" and annotation == set[str] | None:
            assert set(writings.done) == {"encode for a peer"}, writings.summary()
