"""Walking the objects inside a value: single, in lists, in dicts, at any container depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vobj.errors import Key, PayloadError, Segment, VobjError
from vobj.evolve.catalog import Envelope, Node
from vobj.evolve.scope import Scope
from vobj.history import WireType

Visit = Callable[[Node], Any]


def map_children(value: Any, kind: WireType, scope: Scope, visit: Visit) -> Any:
    """`value` with every envelope in it replaced by `visit(envelope)`; None stays.

    A list gives a list, a tuple a tuple. Raises PayloadError (`payload/value`, `payload/envelope`)
    when the value is not of the shape of `kind`, and whatever `visit` raises, with the path.
    """
    if value is None:
        return None
    match kind.kind:
        case "List" | "Set":
            if not isinstance(value, list | tuple):
                raise _misshapen("a list", value)
            items = [_visit(index, one, kind, scope, visit) for index, one in enumerate(value)]
            return tuple(items) if isinstance(value, tuple) else items
        case "Dict":
            if not isinstance(value, dict):
                raise _misshapen("a dict", value)
            return {key: _visit(Key(key), one, kind, scope, visit) for key, one in value.items()}
        case _:
            return visit(scope.envelope.check(value))


def _visit(segment: Segment, value: Any, kind: WireType, scope: Scope, visit: Visit) -> Any:
    assert kind.element is not None
    try:
        with scope.inside(segment):
            return map_children(value, kind.element, scope, visit)
    except VobjError as error:
        raise error.within(segment) from None


def _misshapen(expected: str, value: object) -> PayloadError:
    return PayloadError(f"Expected {expected}, got {type(value).__name__}", rule="payload/value")


def iter_nodes(value: Any, envelope: Envelope) -> Iterator[Node]:
    """Every well-formed envelope in a tree, outermost first; found by form, not by type."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            if envelope.is_node(one):
                try:
                    yield envelope.check(one)
                except PayloadError:
                    continue
            stack.extend(one.values())
        elif isinstance(one, list | tuple):
            stack.extend(one)


def direct_nodes(value: Any, envelope: Envelope) -> Iterator[Node]:
    """The well-formed envelopes in a value that are inside no other."""
    if envelope.is_node(value):
        try:
            yield envelope.check(value)
        except PayloadError:
            return
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from direct_nodes(one, envelope)
