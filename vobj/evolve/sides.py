"""The two sides of a put-back: one object in the newer form, and as the older caller sees it.

Theory
    A *unit* is a smallest set of fields that can only be put back together: one field, or the
    fields of one group converter. An edit on the older side of a unit is raised to its newer side.
    Fields that hold objects on both sides, unconverted, are no units: their objects are merged each
    by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from vobj.changes import Added, Admitted, Converted, Mapped, Removed, Renamed
from vobj.errors import LocalError, VobjError
from vobj.evolve.catalog import Entry, Node
from vobj.evolve.run import Data, only, run
from vobj.evolve.scope import Recorder
from vobj.evolve.views import Views, Where
from vobj.evolve.walk import map_children
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
    """A field of objects on both sides; hidden: the classes that the older side does not see.

    owner: the name of the class that has the field.
    """

    owner: str
    old: str
    new: str
    kind: WireType
    hidden: frozenset[str]

    @property
    def where(self) -> Where:
        """The field as the older side calls it."""
        return (self.owner, self.old)


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
                    seen = self._views.seen_at((self._object_name, name))
                    made[name] = _within(name, made[name], kind, self._views, seen)
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
    """The sides of an object with a hand-written hook: the names are the same on both.

    A name that the hook makes up has no newer side: nobody said what it was made of, so an edit of
    it cannot be represented.
    """

    def __init__(
        self, entry: Entry, node: Node, newer: Version, older: Version, views: Views
    ) -> None:
        self._entry, self._node, self._views = entry, node, views
        self._target = None if newer.xy == older.xy else str(older)
        self.old_types = self.new_types = entry.types
        self.child_fields = tuple(
            ChildField(entry.name, name, name, kind, frozenset())
            for name, kind in entry.types.items()
            if kind.child() is not None and kind.shape() in MERGED_SHAPES
        )
        merged = {one.new for one in self.child_fields}
        self._own = views.scope.envelope.data(node)
        self._seen = self._looked(self._own)
        made_up = self._seen.data.keys() - entry.types.keys() - self._own.keys()
        self.units = (
            *(Unit((name,), (name,)) for name in entry.types if name not in merged),
            *(Unit((name,), ()) for name in sorted(made_up)),
        )

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
        return self._seen if data is self._own else self._looked(data)

    def _looked(self, data: Data) -> View:
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
            yield ChildField(history.object_name, low.name, high.name, high.type, frozenset(hidden))


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
