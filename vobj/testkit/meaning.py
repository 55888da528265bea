"""What a payload means, in a form that can be compared and shown: the laws' own equality.

Theory
    Two payloads are equal when name, X.Y and data are, at every depth, with sets as sets; `changes`
    does not count, and True is not 1. This is written apart from `vobj.evolve.compare` on purpose,
    so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from vobj.evolve import Catalog, Envelope, Node
from vobj.history import WireType
from vobj.version import Version


class Bare(NamedTuple):
    """One object in a comparable form."""

    name: str
    version: str
    data: Mapping[str, Any]


def types_at(catalog: Catalog, node: Node) -> Mapping[str, WireType]:
    """The types of the data of an envelope."""
    envelope = Envelope.of(catalog.prefix)
    version = envelope.version(node)
    entry = catalog.entry(envelope.name(node), version)
    return entry.types if entry.history is None else entry.history.schema(version).fields


def meaning(catalog: Catalog, node: Node) -> Bare:
    """The comparable form of an envelope."""
    envelope = Envelope.of(catalog.prefix)
    types = types_at(catalog, node)
    return Bare(
        envelope.name(node),
        Version.parse(envelope.version(node)).short,
        {
            name: value_meaning(catalog, value, types.get(name))
            for name, value in envelope.data(node).items()
        },
    )


def value_meaning(catalog: Catalog, value: Any, kind: WireType | None) -> Any:
    """The comparable form of a value of a type."""
    inner = None if kind is None else kind.element
    if Envelope.of(catalog.prefix).is_node(value):
        return meaning(catalog, value)
    if isinstance(value, dict):
        return {key: value_meaning(catalog, one, inner) for key, one in value.items()}
    if isinstance(value, list | tuple):
        found = [value_meaning(catalog, one, inner) for one in value]
        if kind is not None and kind.kind == "Set":
            return {"set": sorted(set(found), key=repr)}
        return found
    return {"bool": value} if isinstance(value, bool) else value
