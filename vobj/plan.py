"""Plans: a history, a source and a target, compiled once to a flat tuple of steps.

Theory
    A change acts when target < V <= source. Down (to older), for each V from the newest: note;
    restore what was removed; refuse; convert all values at once, each converter reading the data as
    it stood at V under V's names; hide list elements; rename; drop what was added. Up is the
    mirror, from the oldest V: backfill, un-rename, convert, drop what was removed. So converters
    always see the names of V and every field that exists on either side of it.

    A refusal stands before the drop of its own version, so it beats it; children come after all
    steps on the way down and before all on the way up, so what is dropped is never visited. Steps
    name fields as they are called at that moment, hold all they need, and are pure data except for
    converters. `Snapshot` stands before converters that read their peers.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    Converted,
    FieldChange,
    Mapped,
    Noted,
    NotNull,
    Nullable,
    Refused,
    Removed,
    Renamed,
)
from vobj.history import (
    FieldDeclaration,
    FieldState,
    History,
    WireType,
    comparable_pairs,
    comparing,
    on_wire,
    since,
    state_at,
)
from vobj.version import Version

__all__ = [
    "Backfill",
    "ChildStep",
    "Convert",
    "ConvertGroup",
    "Drop",
    "FillNull",
    "HideElements",
    "MapValue",
    "Note",
    "Plan",
    "Refuse",
    "Rename",
    "Restore",
    "Snapshot",
    "Step",
    "compile_plan",
]


@dataclass(frozen=True)
class Note:
    """Log `text` when the field is set."""

    at: str
    field: str
    text: str


@dataclass(frozen=True)
class Restore:
    """Set a removed field, whatever is there."""

    at: str
    field: str
    value: Any


@dataclass(frozen=True)
class Backfill:
    """Set an added field where it is absent."""

    at: str
    field: str
    value: Any


@dataclass(frozen=True)
class Refuse:
    """Raise when one of the fields holds one of the values, or is set at all."""

    at: str
    fields: tuple[str, ...]
    rule: Refused


@dataclass(frozen=True)
class Snapshot:
    """Remember the data as it stands, for converters that read their peers."""

    at: str


@dataclass(frozen=True)
class MapValue:
    """Replace a value by the one it is paired with; `ABSENT` unsets the field."""

    at: str
    field: str
    pairs: tuple[tuple[Any, Any], ...]


@dataclass(frozen=True)
class Convert:
    """Run a converter of one field."""

    at: str
    field: str
    call: Callable[..., Any]
    change: Converted


@dataclass(frozen=True)
class ConvertGroup:
    """Run a converter of several fields, named here as they are called at V."""

    at: str
    fields: tuple[str, ...]
    call: Callable[..., Any]
    change: Converted


@dataclass(frozen=True)
class FillNull:
    """Replace None."""

    at: str
    field: str
    value: Any
    unset_too: bool = False


@dataclass(frozen=True)
class HideElements:
    """Leave out list elements of these classes."""

    at: str
    field: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Rename:
    """Move a value to another name; a value already there under the newer spelling wins."""

    at: str
    field: str
    to: str


@dataclass(frozen=True)
class Drop:
    """Leave the field out; where hidden fields are reset, set it to `reset` unless that is
    `ABSENT`.
    """

    at: str
    field: str
    reset: Any = ABSENT


Step = (
    Note
    | Restore
    | Backfill
    | Refuse
    | Snapshot
    | MapValue
    | Convert
    | ConvertGroup
    | FillNull
    | HideElements
    | Rename
    | Drop
)


@dataclass(frozen=True)
class ChildStep:
    """A field that holds objects: `field` in the older form, `newer` in the newer one."""

    field: str
    newer: str
    type: WireType
    table: Mapping[str, str] | None


@dataclass(frozen=True)
class Plan:
    """What to do with the data of one object between two versions of it.

    children: the fields of the older side that hold objects; each child has a plan of its own.
    names: `{name in the source: name in the target}` of every field that both have and all versions
    between them; one that was gone meanwhile comes back with another value.
    """

    object_name: str
    source: Version
    target: Version
    steps: tuple[Step, ...]
    children: tuple[ChildStep, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def resets(self) -> tuple[str, ...]:
        """The fields that are set to their backfill where hidden fields are reset."""
        drops = (step for step in self.steps if isinstance(step, Drop))
        return tuple(step.field for step in drops if step.reset is not ABSENT)

    @property
    def upward(self) -> bool:
        """True for an upgrade."""
        return self.target.xy > self.source.xy


_plans: weakref.WeakKeyDictionary[History, dict[tuple[Version, Version], Plan]] = (
    weakref.WeakKeyDictionary()
)


def compile_plan(history: History, source: Version, target: Version) -> Plan:
    """The plan between two versions of the history's major, compiled once per pair.

    Versions are compared and cached by X.Y. Raises RemoteError (`version/unsupported`) for a
    version that the history does not explain. Safe to call from several threads: two may compile
    the same plan, and either result serves.
    """
    pair = (Version(*source.xy), Version(*target.xy))
    plans = _plans.setdefault(history, {})
    plan = plans.get(pair)
    if plan is None:
        plan = plans[pair] = _compile(history, *pair)
    return plan


def _compile(history: History, source: Version, target: Version) -> Plan:
    history.schema(source)
    history.schema(target)
    older, newer = sorted((source, target))
    upward = target.xy > source.xy
    crossed = [Version(source.major, minor) for minor in range(older.minor + 1, newer.minor + 1)]
    steps: list[Step] = []
    for version in crossed if upward else reversed(crossed):
        steps += _up(history, version) if upward else _down(history, version, older)
    names = {}
    children = []
    for declared in history.fields:
        low, high = state_at(declared, older), state_at(declared, newer)
        if low.exists and low.type.child() is not None:
            children.append(ChildStep(low.name, high.name, low.type, declared.child_versions()))
        if low.exists and all(state_at(declared, between).exists for between in crossed):
            one, other = (low.name, high.name) if upward else (high.name, low.name)
            names[one] = other
    return Plan(history.object_name, source, target, tuple(steps), tuple(children), names)


_Dated = tuple[FieldDeclaration, str, FieldChange, WireType]


def _dated(history: History, version: Version) -> Iterator[_Dated]:
    """The changes dated at a version, each with its field, and its name and type at that version.

    A field that ends there has the type it had before.
    """
    for declared in history.fields:
        for change in declared.changes:
            if since(change) == version.short:
                state = state_at(declared, version)
                yield declared, state.name, change, state.type


def _groups(
    history: History, version: Version
) -> Iterator[tuple[Refused | Converted, tuple[FieldState, ...]]]:
    for fact in history.group_facts():
        if fact.since == version.short:
            by_name = {declared.name: declared for declared in history.fields}
            yield fact, tuple(state_at(by_name[name], version) for name in fact.fields)


def _down(history: History, version: Version, target: Version) -> Iterator[Step]:
    at = version.short
    phases: list[list[Step]] = [[] for _ in range(7)]
    notes, restores, refusals, values, hidden, renames, drops = phases
    for declared, name, change, kind in _dated(history, version):
        match change:
            case Noted():
                notes.append(Note(at, name, change.text))
            case Removed():
                if change.restore is not ABSENT:
                    restores.append(Restore(at, name, on_wire(change.restore, kind)))
            case Refused():
                refusals.append(Refuse(at, (name,), comparing(change, kind)))
            case Mapped():
                values.append(MapValue(at, name, comparable_pairs(change.table.items(), kind)))
            case Converted():
                values.append(Convert(at, name, change.down, change))
            case Nullable():
                fill = on_wire(change.none_as, kind)
                values.append(FillNull(at, name, fill, change.unset_too))
            case Admitted():
                hidden.append(HideElements(at, name, tuple(change.classes)))
            case Renamed():
                renames.append(Rename(at, name, change.old))
            case Added():
                hidden_there = not state_at(declared, target).exists
                reset = on_wire(change.backfill, kind) if hidden_there else ABSENT
                drops.append(Drop(at, name, reset))
            case NotNull() | ChildVersions():
                pass
            case _:
                assert_never(change)
    for fact, states in _groups(history, version):
        if isinstance(fact, Refused):
            refusals += _group_refusals(at, fact, states)
        else:
            names = tuple(state.name for state in states)
            values.append(ConvertGroup(at, names, fact.down, fact))
    _put_snapshot(at, values)
    for phase in phases:
        yield from phase


def _up(history: History, version: Version) -> Iterator[Step]:
    at = version.short
    phases: list[list[Step]] = [[] for _ in range(4)]
    backfills, renames, values, drops = phases
    for _, name, change, kind in _dated(history, version):
        match change:
            case Added():
                if change.backfill is not ABSENT:
                    backfills.append(Backfill(at, name, on_wire(change.backfill, kind)))
            case Renamed():
                renames.append(Rename(at, change.old, name))
            case Mapped():
                values.append(MapValue(at, name, comparable_pairs(_reversed(change), kind)))
            case Converted():
                values.append(Convert(at, name, change.up, change))
            case NotNull():
                values.append(FillNull(at, name, on_wire(change.fill, kind)))
            case Removed():
                drops.append(Drop(at, name))
            case Refused() | Nullable() | Admitted() | Noted() | ChildVersions():
                pass
            case _:
                assert_never(change)
    for fact, states in _groups(history, version):
        if isinstance(fact, Converted):
            names = tuple(state.name for state in states)
            values.append(ConvertGroup(at, names, fact.up, fact))
    _put_snapshot(at, values)
    for phase in phases:
        yield from phase


def _group_refusals(at: str, rule: Refused, states: tuple[FieldState, ...]) -> Iterator[Refuse]:
    """One step for all fields to whose types the values mean the same."""
    names: list[tuple[Refused, list[str]]] = []
    for state in states:
        settled = comparing(rule, state.type)
        if not names or names[-1][0] != settled:
            names.append((settled, []))
        names[-1][1].append(state.name)
    for settled, some in names:
        yield Refuse(at, tuple(some), settled)


def _put_snapshot(at: str, values: list[Step]) -> None:
    if any(isinstance(step, ConvertGroup) or (isinstance(step, Convert) and step.change.peers)
           for step in values):  # fmt: skip
        values.insert(0, Snapshot(at))


def _reversed(change: Mapped) -> tuple[tuple[Any, Any], ...]:
    """Old to new; the first key listed for an old value counts, and ABSENT has no way back."""
    pairs: list[tuple[Any, Any]] = []
    for new, old in change.table.items():
        if old is not ABSENT and all(old != seen for seen, _ in pairs):
            pairs.append((old, new))
    return tuple(pairs)
