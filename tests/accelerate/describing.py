"""What came out of an operation, told in full: values with their types, stores, errors, warnings.

Two runs agree when what they tell is equal. Sets and `changes` are told without order, and equal
warnings once: to copy a list oslo coerces it twice, and warns twice of what it holds.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from oslo_versionedobjects import base


class Odd:
    """A value that no field takes, with the same text in every run."""

    def __repr__(self) -> str:
        return "Odd()"


class Text(str):
    """Text of a class of its own."""


class Number(int):
    """A number of a class of its own."""


class Table(dict[str, Any]):
    """A dict of a class of its own."""


class Row(list[Any]):
    """A list of a class of its own."""


class Once:
    """Can be walked, and is no list."""

    def __repr__(self) -> str:
        return "Once()"

    def __iter__(self) -> Iterator[Any]:
        return iter(["a", "b"])


def kept_by(obj: base.VersionedObject) -> dict[str, Any]:
    """All that an object keeps, under oslo's names; a record keeps it elsewhere than in a dict.

    That nothing was received is not told apart from saying so.
    """
    plain = type(obj).__getstate__ is object.__getstate__
    kept: dict[str, Any] = dict(vars(obj)) if plain else obj.__getstate__()
    if kept.get("_vobj_received", "") is None:
        del kept["_vobj_received"]
    return kept


def told(value: Any, owner: object = None, depth: int = 0) -> Any:
    """A value in a form that is equal for equal values of equal types, and only for these."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if depth > 12:
        return "..."
    if isinstance(value, base.VersionedObject):
        kept = sorted(kept_by(value).items())
        return kind, {key: told(one, value, depth + 1) for key, one in kept}
    if isinstance(value, dict):
        items = {repr(key): told(one, owner, depth + 1) for key, one in value.items()}
        for key, one in value.items():
            if str(key).endswith("_object.changes"):
                items[repr(key)] = sorted(one)
        return kind, items, _coerces(value, owner)
    if isinstance(value, set | frozenset):
        return (
            kind,
            sorted(repr(told(one, owner, depth + 1)) for one in value),
            _coerces(value, owner),
        )
    if isinstance(value, list | tuple):
        return kind, [told(one, owner, depth + 1) for one in value], _coerces(value, owner)
    return kind, repr(value)


def _coerces(value: Any, owner: object) -> Any:
    """What a coercing container knows of the field it is in."""
    if not hasattr(value, "_element_type"):
        return None
    return repr(value._element_type), value._field, value._obj is owner


def outcome(call: Callable[[], Any], owner: object = None) -> Any:
    """What a call gave, or what it raised and what it warned of."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            found = told(call(), owner)
        except Exception as error:  # noqa: BLE001 - fields and hooks raise what they like
            found = ("raised", type(error).__name__, str(error))
    return found, sorted({f"{one.category.__name__}: {one.message}" for one in heard})
