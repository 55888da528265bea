"""Comparing and ordering values by what they mean: sets without order, True is not 1.

Theory
    Two payloads are equal when name, version and data are, at every depth, with sets as sets;
    `changes` does not count. `frozen` turns a value into something hashable that is equal exactly
    when the values are, which serves comparison and the pairing of list elements alike. `canonical`
    writes a tree in the one order that vobj writes: `changes` in field order, sets sorted.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from vobj.changes import ABSENT
from vobj.errors import Key, Segment, VobjError
from vobj.evolve.catalog import Entry, Node
from vobj.evolve.scope import Scope
from vobj.history import WireType, sort_key
from vobj.version import Version


def types_of(entry: Entry, version: str) -> Mapping[str, WireType]:
    """The wire types of an envelope's data: of its version if own, the newest if foreign."""
    if entry.history is None or Version.parse(version).xy == entry.history.version.xy:
        return entry.types
    return entry.history.schema(version).fields


def frozen(value: object, kind: WireType | None, scope: Scope) -> Hashable:
    """A hashable stand-in: equal for values that mean the same on the wire."""
    if value is None or value is ABSENT:
        return ("", value)
    if isinstance(value, bool):
        return ("b", value)
    if isinstance(value, float) and value != value:
        return ("nan",)
    if isinstance(value, dict):
        if scope.envelope.is_node(value):
            return frozen_node(value, scope)
        inner = kind.element if kind is not None else None
        return ("d", frozenset((key, frozen(one, inner, scope)) for key, one in value.items()))
    if isinstance(value, list | tuple | set | frozenset):
        inner = kind.element if kind is not None else None
        items = [frozen(one, inner, scope) for one in value]
        unordered = isinstance(value, set | frozenset) or (kind is not None and kind.kind == "Set")
        return ("s", frozenset(items)) if unordered else ("l", tuple(items))
    try:
        hash(value)
    except TypeError:
        return ("r", repr(value))
    return ("v", value)


def frozen_node(node: Node, scope: Scope) -> Hashable:
    """`frozen` of an envelope: name, X.Y and data; by form when the class is not registered."""
    envelope = scope.envelope
    try:
        envelope.check(node)
        version = envelope.version(node)
        types = types_of(scope.catalog.entry(envelope.name(node), version), version)
        stamp: Hashable = Version.parse(version).xy
    except VobjError:
        return ("d", frozenset((key, frozen(one, None, scope)) for key, one in _parts(node, scope)))
    data = envelope.data(node)
    return (
        "n",
        envelope.name(node),
        stamp,
        frozenset((name, frozen(one, types.get(name), scope)) for name, one in data.items()),
    )


def _parts(node: Node, scope: Scope) -> list[tuple[str, Any]]:
    """The parts of an envelope that cannot be read, with the name in a form that is no envelope."""
    name = scope.envelope.key("name")
    return [*((key, one) for key, one in node.items() if key != name), ("", repr(node[name]))]


def same(one: object, other: object, kind: WireType | None, scope: Scope) -> bool:
    """Whether two values of a type mean the same."""
    return frozen(one, kind, scope) == frozen(other, kind, scope)


def canonical(node: Node, scope: Scope) -> Node:
    """The tree in the order vobj writes: `changes` in field order, sets sorted, at every depth.

    Raises PayloadError (`payload/envelope`) for an envelope that no plan has looked into: one under
    a name that the version of the payload lacks, and that a newer one has.
    """
    envelope = scope.envelope
    try:
        entry = scope.catalog.entry(envelope.name(node), envelope.version(node))
    except VobjError:
        # oslo stamps a foreign child with whatever a manifest names, known here or not.
        return node
    types = types_of(entry, envelope.version(node))
    data = {
        name: _ordered_in(name, value, types.get(name), scope)
        for name, value in envelope.data(node).items()
    }
    order = {name: index for index, name in enumerate(types)}
    changes = sorted(envelope.changes(node), key=lambda one: (order.get(one, len(order)), one))
    return envelope.replaced(node, version=envelope.version(node), data=data, changes=changes)


def _ordered_in(segment: Segment, value: Any, kind: WireType | None, scope: Scope) -> Any:
    try:
        return _ordered(value, kind, scope)
    except VobjError as error:
        raise error.within(segment) from None


def _ordered(value: Any, kind: WireType | None, scope: Scope) -> Any:
    if value is None or kind is None or not (kind.has_set() or kind.child() is not None):
        return value
    if kind.element is None:
        if not scope.envelope.is_node(value):
            return value
        return canonical(scope.envelope.check(value), scope)
    if isinstance(value, dict):
        return {key: _ordered_in(Key(key), one, kind.element, scope) for key, one in value.items()}
    if not isinstance(value, list | tuple):
        return value
    items = [_ordered_in(index, one, kind.element, scope) for index, one in enumerate(value)]
    if kind.kind == "Set":
        items.sort(key=sort_key)
    return tuple(items) if isinstance(value, tuple) else items
