"""Walking plain data: dicts, lists, tuples and sets, with something to change inside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vobj.errors import Key, Segment, VobjError
from vobj.wires import Limits
from vobj.wires.limits import over_depth

Change = Callable[[Any], Any]

CONTAINERS = (dict, list, tuple, set, frozenset)


def with_parts(value: Any, change: Change) -> Any:
    """A container with each of its parts changed.

    Dicts, lists and tuples stay what they are, sets become lists, since their parts may become
    dicts. Raises what `change` does, with the path.
    """
    match value:
        case dict():
            return {key: _part(key, one, change) for key, one in value.items()}
        case tuple():
            return tuple(_part(index, one, change) for index, one in enumerate(value))
        case _:
            return [_part(index, one, change) for index, one in enumerate(value)]


def received(
    value: Any, stands_for_object: Callable[[Any], bool], read: Change, limits: Limits
) -> Any:
    """`value` with `read` of everything in it that stands for an object; nothing in a set does.

    Raises what `read` does, with the path, and LimitError (`payload/depth`).
    """

    def visit(one: Any, depth: int) -> Any:
        if stands_for_object(one):
            return read(one)
        if not isinstance(one, dict | list | tuple):
            return one
        if depth > limits.max_depth:
            raise over_depth(limits)
        return with_parts(one, lambda part: visit(part, depth + 1))

    return visit(value, 1)


def _part(segment: object, value: Any, change: Change) -> Any:
    try:
        return change(value)
    except VobjError as error:
        raise error.within(_segment(segment)) from None


def _segment(segment: object) -> Segment:
    return segment if type(segment) is int else Key(str(segment))
