"""The values that a declaration names, in the form in which payloads hold them.

Theory
    A table, a `restore` or a `backfill` speaks of what is on the wire, where a set is a list whose
    order means nothing. Users write it as a set, a tuple or a list. What is put into data becomes a
    sorted list, as vobj writes every set; what data is compared with becomes a frozenset wherever
    the type has a set, so that the order in which a peer wrote does not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from vobj.changes import ABSENT, Refused
from vobj.history.schema import WireType

_SEQUENCES = (list, tuple, set, frozenset)


def sort_key(value: object) -> tuple[str, Any]:
    """The order of the elements of a set, whatever they are: by type, then by value."""
    kind = type(value).__name__
    return (kind, value) if isinstance(value, str | int | float) else (kind, repr(value))


def on_wire(value: Any, kind: WireType | None) -> Any:
    """A declared value as a payload holds it: containers are dicts and lists, sets are sorted."""
    if value is ABSENT:
        return value
    inner = None if kind is None else kind.element
    if isinstance(value, dict):
        return {key: on_wire(one, inner) for key, one in value.items()}
    if not isinstance(value, _SEQUENCES):
        return value
    items = [on_wire(one, inner) for one in value]
    if isinstance(value, set | frozenset) or (kind is not None and kind.kind == "Set"):
        items.sort(key=sort_key)
    return items


def comparable(value: Any, kind: WireType | None) -> Any:
    """A declared value for `means`: a frozenset wherever the type has a set."""
    inner = None if kind is None else kind.element
    if isinstance(value, dict):
        return {key: comparable(one, inner) for key, one in value.items()}
    if not isinstance(value, _SEQUENCES):
        return value
    if kind is not None and kind.kind == "Set":
        return frozenset(_hashable(on_wire(one, inner)) for one in value)
    return [comparable(one, inner) for one in value]


def comparing(rule: Refused, kind: WireType) -> Refused:
    """The rule with values that `means` takes, for a field of this type."""
    values = tuple(comparable(value, kind) for value in rule.values)
    return rule if values == rule.values else replace(rule, values=values)


def comparable_pairs(
    pairs: Iterable[tuple[Any, Any]], kind: WireType
) -> tuple[tuple[Any, Any], ...]:
    """A table: what values are compared with, and what is put in their place."""
    return tuple((comparable(one, kind), on_wire(other, kind)) for one, other in pairs)


def means(value: object, declared: object) -> bool:
    """Whether a value of a payload or an object is the declared one: see `comparable`.

    True is not 1 here, and a tuple is what its list is.
    """
    if isinstance(declared, frozenset):
        return isinstance(value, _SEQUENCES) and frozenset(map(_hashable, value)) == declared
    if isinstance(declared, list):
        return (
            isinstance(value, list | tuple)
            and len(value) == len(declared)
            and all(map(means, value, declared))
        )
    if isinstance(declared, dict):
        return (
            isinstance(value, dict)
            and value.keys() == declared.keys()
            and all(means(value[key], one) for key, one in declared.items())
        )
    return isinstance(value, bool) == isinstance(declared, bool) and bool(value == declared)


def _hashable(value: Any) -> tuple[str, Any]:
    """An element of a set, told apart by what it means."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, dict):
        return ("dict", frozenset((key, _hashable(one)) for key, one in value.items()))
    if isinstance(value, list | tuple):
        return ("list", tuple(map(_hashable, value)))
    return ("", value)
