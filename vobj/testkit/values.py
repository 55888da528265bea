"""Strategies for wire values, by wire type."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from vobj.history import OBJECT, WireType

WORDS = ("", "a", "b", "c", "igb", "7", "-1", "ü", "日本", "\U0001f680", 'q"\\', "x" * 40)
NUMBERS = (-1, 0, 1, 2, 3, 10, 19, 1001, -(2**31), 2**53)
KEYS = ("a", "b", "ü", "a.b", "")

Nodes = Callable[[WireType], st.SearchStrategy[Any]]


def texts() -> st.SearchStrategy[str]:
    """Text from a small pool, so that equal values meet, and any other text JSON can hold."""
    anything = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
    return st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), anything)


def integers() -> st.SearchStrategy[int]:
    """Small and large integers, from a pool most of the time."""
    return st.one_of(st.sampled_from(NUMBERS), st.integers(-100, 100))


def floats() -> st.SearchStrategy[float]:
    """Finite floats, which JSON gives back as they were."""
    return st.one_of(
        st.sampled_from((0.0, -0.5, 1.0, 1e300)),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
    )


def instants() -> st.SearchStrategy[str]:
    """Instants as oslo writes them: ISO text in UTC, to the second."""
    start, end = datetime.datetime(1970, 1, 1), datetime.datetime(2100, 1, 1)
    found = st.datetimes(start, end).map(lambda one: one.replace(microsecond=0))
    return found.map(lambda one: one.isoformat() + "Z")


SCALARS: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
    "Integer": integers,
    "String": texts,
    "Boolean": st.booleans,
    "Float": floats,
    "DateTime": instants,
    "UUID": lambda: st.uuids(version=4).map(str),
}


def _no_nodes(kind: WireType) -> st.SearchStrategy[Any]:
    raise AssertionError(f"{kind} holds objects, and no strategy for those was given")


def values(
    kind: WireType, nodes: Nodes = _no_nodes, *, max_size: int = 3
) -> st.SearchStrategy[Any]:
    """Wire values of a type; `nodes` gives the envelopes for the objects in it."""
    match kind.kind:
        case "List":
            assert kind.element is not None
            found = _lists(kind.element, nodes, max_size)
        case "Set":
            assert kind.element is not None
            inner = values(kind.element, nodes)
            found = st.lists(inner, unique_by=_type_and_value, max_size=max_size).map(
                lambda one: sorted(one, key=_type_and_value)
            )
        case "Dict":
            assert kind.element is not None
            keys = st.sampled_from(KEYS)
            found = st.dictionaries(keys, values(kind.element, nodes), max_size=max_size)
        case "Object":
            found = nodes(kind)
        case _:
            found = st.sampled_from(kind.values) if kind.values else SCALARS[kind.kind]()
    return st.one_of(found, found, found, st.none()) if kind.nullable else found


def _lists(element: WireType, nodes: Nodes, max_size: int) -> st.SearchStrategy[Any]:
    inner = values(element, nodes)
    size = max_size + 1 if element.kind == OBJECT else max_size
    return st.lists(inner, max_size=size)


def _type_and_value(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value
