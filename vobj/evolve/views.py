"""How the two callers of a put-back see each other's objects, told from the trees they sent.

Theory
    The manifest that the older caller gave is not at hand any more, and need not be: its payload
    carries a stamp on every object. A class may stand at one version in one field and at another in
    the next (`ChildVersions`), so the stamps are known per field; for what a field does not hold,
    the highest stamp of the class in the tree counts, and a class that is nowhere in the tree stays
    as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from vobj.errors import VobjError
from vobj.evolve.backport import Goal, Place, backport, look_up
from vobj.evolve.catalog import Entry, Envelope, Node
from vobj.evolve.compare import types_of
from vobj.evolve.scope import Scope
from vobj.evolve.upgrade import upgrade
from vobj.evolve.walk import direct_nodes, iter_nodes
from vobj.history import WireType
from vobj.version import Manifest, Version

_K = TypeVar("_K")
Where = tuple[str, str]
"""An object name and the older name of a field of it."""


class Views:
    """What the sender of `edited` sees of newer objects, and `current` of older ones."""

    def __init__(self, edited: Node, current: Node, scope: Scope) -> None:
        self.scope = replace(scope, policy="keep", quiet=True, recorder=None)
        self.stamps, self._places = self._stamps(edited)
        self._current, _ = self._stamps(current)

    def seen_at(self, where: Where | None) -> Callable[[Node], Node]:
        """What gives a newer envelope as the edited payload's sender sees it in that field."""

        def seen(node: Node) -> Node:
            name = self.scope.envelope.name(node)
            placed = None if where is None else self._places.get((*where, name))
            goal = Goal(self.stamps, version=placed, places=self._places)
            return backport(node, goal, self.scope)

        return seen

    def lifted(self, node: Node) -> Node:
        """An older envelope in the form that the current tree has for its class."""
        raised = upgrade(node, self.scope)
        known, _ = self._stamps(raised)
        return backport(raised, known | self._current, self.scope)

    def aligned(self, base: Node) -> Node:
        """The base in the versions of the current tree; itself when it has them."""
        known, _ = self._stamps(base)
        if all(self._current.get(name, version) == version for name, version in known.items()):
            return base
        return self.lifted(base)

    def _stamps(self, tree: Node) -> tuple[Manifest, dict[Place, Version]]:
        """The highest stamp of each class in a tree, and in each field that holds it."""
        envelope = self.scope.envelope
        found: dict[str, Version] = {}
        declared: dict[str, Version] = {}
        places: dict[Place, Version] = {}
        for node in iter_nodes(tree, envelope):
            try:
                entry, version = look_up(node, self.scope)
                held = list(_children(entry, node, envelope))
            except VobjError:
                continue
            _raise_to(found, entry.name, version)
            for name, kind, child, stamp in held:
                _raise_to(places, (entry.name, name, child), stamp)
                if entry.foreign is not None and kind.object_name is not None:
                    _raise_to(declared, kind.object_name, stamp)
        stamps = {name: str(version) for name, version in {**declared, **found}.items()}
        return Manifest(stamps), places


def _children(
    entry: Entry, node: Node, envelope: Envelope
) -> Iterator[tuple[str, WireType, str, Version]]:
    """Field, declared type, class and stamp of every object that an object itself holds."""
    for name, kind in types_of(entry, envelope.version(node)).items():
        child = kind.child()
        if child is not None:
            for inner in direct_nodes(envelope.data(node).get(name), envelope):
                version = Version.parse(envelope.version(inner))
                yield name, child, envelope.name(inner), version


def _raise_to(found: dict[_K, Version], key: _K, version: Version) -> None:
    """Keep the highest: a lower one was lower before it was sent."""
    if key not in found or found[key].xy < version.xy:
        found[key] = version
