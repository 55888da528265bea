"""The two sides of a put-back: one object in the newer form, and as the older caller sees it.

Theory
    A *unit* is a smallest set of fields that can only be put back together: one field, or the
    fields of one group converter. An edit on the older side of a unit is raised to its newer side.
    Fields that hold objects on both sides, unconverted, are no units: their objects are merged each
    by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from vobj.changes import Added, Admitted, Converted, Mapped, Removed, Renamed
from vobj.errors import LocalError, VobjError
from vobj.evolve.backport import backport, look_up
from vobj.evolve.catalog import Entry, Envelope, Node
from vobj.evolve.run import Data, only, run
from vobj.evolve.scope import Recorder, Scope
from vobj.evolve.upgrade import upgrade
from vobj.evolve.walk import iter_nodes, map_children
from vobj.history import FieldDeclaration, History, WireType, state_at
from vobj.plan import Plan, compile_plan
from vobj.version import Version

MERGED_SHAPES = ((), ("List",), ("Dict",))


@dataclass(frozen=True)
class Unit:
    """Names that are put back together: what they are called on the older and the newer side."""

    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class ChildField:
    """A field of objects on both sides; hidden: the classes that the older side does not see."""

    old: str
    new: str
    kind: WireType
    hidden: frozenset[str]


@dataclass(frozen=True)
class View:
    """Newer data as the older side sees it; refused: the older names of what it may not see."""

    data: Data
    refused: frozenset[str] = frozenset()


class Sides(Protocol):
    """One object in two versions."""

    units: tuple[Unit, ...]
    child_fields: tuple[ChildField, ...]
    old_types: Mapping[str, WireType]
    new_types: Mapping[str, WireType]

    def look(self, data: Data) -> View:
        """The older side's view of newer data; what is refused stays as it is, and is told."""
        ...

    def up(self, data: Data, units: Iterable[Unit]) -> Data:
        """The newer side of older data; only what `units` need is certain to be converted."""
        ...


class Views:
    """How the tree of an edited payload sees newer objects: at the stamps it carries itself."""

    def __init__(self, edited: Node, current: Node, scope: Scope) -> None:
        self.scope = replace(scope, policy="keep", quiet=True, recorder=None)
        self.stamps = self._stamps(edited)
        self._current = self._stamps(current)

    def _stamps(self, tree: Node) -> dict[str, str]:
        envelope = self.scope.envelope
        found: dict[str, Version] = {}
        declared: dict[str, Version] = {}
        for node in iter_nodes(tree, envelope):
            try:
                entry, version = look_up(node, self.scope)
            except VobjError:
                continue
            _raise_to(found, entry.name, version)
            if entry.foreign is not None:
                for name, child in _children_of(entry, node, envelope):
                    _raise_to(declared, name, child)
        return {name: str(version) for name, version in {**declared, **found}.items()}

    def seen(self, node: Node) -> Node:
        """A newer envelope as the edited payload's sender sees it."""
        return backport(node, self.stamps, self.scope)

    def lifted(self, node: Node) -> Node:
        """An older envelope in the form that the current tree has for its class."""
        raised = upgrade(node, self.scope)
        return backport(raised, self._current, self.scope)

    def aligned(self, base: Node) -> Node:
        """The base in the versions of the current tree."""
        return base if self._stamps(base) == self._current else self.lifted(base)


def _raise_to(found: dict[str, Version], name: str, version: Version) -> None:
    """Keep the highest: a lower one is a payload that was lower before."""
    if name not in found or found[name].xy < version.xy:
        found[name] = version


def _children_of(entry: Entry, node: Node, envelope: Envelope) -> Iterator[tuple[str, Version]]:
    """The declared names of a foreign object's children: oslo looks those up in a manifest."""
    for name, kind in entry.types.items():
        child = kind.child()
        first = next(iter_nodes(envelope.data(node).get(name), envelope), None)
        if first is not None and child is not None and child.object_name is not None:
            yield child.object_name, Version.parse(envelope.version(first))


class OwnSides:
    """The sides of an object whose class has a history."""

    def __init__(self, history: History, newer: Version, older: Version, views: Views) -> None:
        self._views = views
        self._object_name = history.object_name
        self._down = compile_plan(history, newer, older)
        self._up = compile_plan(history, older, newer)
        self.old_types = history.schema(older).fields
        self.new_types = history.schema(newer).fields
        self._names = {declared.name: _all_names(declared) for declared in history.fields}
        self._old_names = {
            name: state_at(declared, older).name
            for declared in history.fields
            for name in self._names[declared.name]
        }
        grouped = _groups(history, newer, older)
        self.child_fields = tuple(_child_fields(history, newer, older, grouped))
        merged = {one.new for one in self.child_fields}
        self.units = tuple(_units(history, newer, older, grouped, merged))

    def look(self, data: Data) -> View:
        recorder = Recorder(object_names=[self._object_name])
        made = run(self._down, data, replace(self._views.scope, recorder=recorder))
        told = {
            str(one.path[0]) for one in recorder.findings if one.effect == "refused" and one.path
        }
        refused = {self._old_names.get(name, name) for name in told}
        for name, kind in self._plain_children():
            try:
                if made.get(name) is not None:
                    made[name] = _within(name, made[name], kind, self._views, self._views.seen)
            except LocalError:
                refused.add(name)
        return View(made, frozenset(refused))

    def up(self, data: Data, units: Iterable[Unit]) -> Data:
        made = dict(data)
        for name, kind in self._plain_children():
            if made.get(name) is not None:
                made[name] = _within(name, made[name], kind, self._views, self._views.lifted)
        names = {name for unit in units for name in (*unit.old, *unit.new)}
        wanted = {one for known in self._names.values() if known & names for one in known}
        plan: Plan = only(self._up, wanted)
        return run(plan, made, self._views.scope)

    def _plain_children(self) -> Iterable[tuple[str, WireType]]:
        """The fields that hold objects and are put back whole."""
        merged = {one.old for one in self.child_fields}
        return (
            (name, kind)
            for name, kind in self.old_types.items()
            if kind.child() is not None and name not in merged
        )


class ForeignSides:
    """The sides of an object with a hand-written hook: the names are the same on both."""

    def __init__(
        self, entry: Entry, node: Node, newer: Version, older: Version, views: Views
    ) -> None:
        self._entry, self._node, self._views = entry, node, views
        self._target = None if newer.xy == older.xy else str(older)
        self.old_types = self.new_types = entry.types
        self.child_fields = tuple(
            ChildField(name, name, kind, frozenset())
            for name, kind in entry.types.items()
            if kind.child() is not None and kind.shape() in MERGED_SHAPES
        )
        merged = {one.new for one in self.child_fields}
        self.units = tuple(Unit((name,), (name,)) for name in entry.types if name not in merged)

    def _down(self, data: Data) -> Data:
        if self._target is None:
            return dict(data)
        envelope, scope = self._views.scope.envelope, self._views.scope
        node = envelope.replaced(
            self._node, version=envelope.version(self._node), data=data, changes=[]
        )
        assert self._entry.foreign is not None
        made = self._entry.foreign.backport(
            node, self._target, self._views.stamps, scope.context, None
        )
        return envelope.data(made)

    def look(self, data: Data) -> View:
        try:
            return View(self._down(data))
        except Exception:  # noqa: BLE001 - a hook refuses with whatever exception it likes
            return View(data, frozenset(self.old_types))

    def up(self, data: Data, units: Iterable[Unit]) -> Data:  # noqa: ARG002 - a hook has no way up
        return data


def sides_of(entry: Entry, node: Node, newer: Version, older: Version, views: Views) -> Sides:
    """The sides of one object. Raises RemoteError (`version/unsupported`)."""
    if entry.history is None:
        return ForeignSides(entry, node, newer, older, views)
    return OwnSides(entry.history, newer, older, views)


def _within(name: str, value: Any, kind: WireType, views: Views, visit: Any) -> Any:
    try:
        return map_children(value, kind, views.scope, visit)
    except VobjError as error:
        raise error.within(name) from None


def _all_names(declared: FieldDeclaration) -> set[str]:
    return {declared.name} | {one.old for one in declared.changes if isinstance(one, Renamed)}


def _crossed(since: str, newer: Version, older: Version) -> bool:
    return older.xy < Version.parse(since).xy <= newer.xy


def _groups(history: History, newer: Version, older: Version) -> list[set[str]]:
    """Fields joined by the group converters on the way, transitively."""
    joined: list[set[str]] = []
    for fact in history.group_facts():
        if isinstance(fact, Converted) and _crossed(fact.since, newer, older):
            group = set(fact.fields)
            for other in [one for one in joined if one & group]:
                group |= other
                joined.remove(other)
            joined.append(group)
    return joined


def _child_fields(
    history: History, newer: Version, older: Version, grouped: list[set[str]]
) -> Iterable[ChildField]:
    for declared in history.fields:
        low, high = state_at(declared, older), state_at(declared, newer)
        dated = [
            one
            for one in declared.changes
            if hasattr(one, "since") and _crossed(one.since, newer, older)
        ]
        both = (
            low.exists
            and high.exists
            and not any(isinstance(one, Added | Removed | Converted | Mapped) for one in dated)
        )
        objects = low.type.child() is not None and high.type.child() is not None
        shaped = low.type.shape() == high.type.shape() and low.type.shape() in MERGED_SHAPES
        if both and objects and shaped and not any(declared.name in group for group in grouped):
            hidden = {name for one in dated if isinstance(one, Admitted) for name in one.classes}
            yield ChildField(low.name, high.name, high.type, frozenset(hidden))


def _units(
    history: History, newer: Version, older: Version, grouped: list[set[str]], merged: set[str]
) -> Iterable[Unit]:
    states = {
        declared.name: (state_at(declared, older), state_at(declared, newer))
        for declared in history.fields
    }
    single = [{name} for name in states if not any(name in group for group in grouped)]
    for group in [*single, *grouped]:
        pairs = [states[name] for name in states if name in group]
        unit = Unit(
            tuple(low.name for low, _ in pairs if low.exists),
            tuple(high.name for _, high in pairs if high.exists),
        )
        if not set(unit.new) & merged and (unit.old or unit.new):
            yield unit
