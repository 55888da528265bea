"""The history of one class: its declared fields and dated changes, and the schema at each version.

Theory
    A class states its newest form and, per field, the changes that led there. Everything about an
    older version is computed by walking the changes from the newest down to it: names, types,
    nullability, existence. A name belongs to one field for the whole explained history, so walking
    never meets two candidates for one name.

    The order in which the changes of one version act is fixed (`vobj.plan` has it); here it does
    not matter, because one version changes the value of a field in one way only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import assert_never

from vobj.changes import (
    Added,
    Admitted,
    ChildVersions,
    ClassFact,
    Converted,
    FieldChange,
    Inherits,
    Mapped,
    NoChange,
    Noted,
    NotNull,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)
from vobj.errors import RefusedError, RemoteError
from vobj.history.schema import Schema, WireType
from vobj.version import Version


@dataclass(frozen=True)
class FieldDeclaration:
    """One field of a class body: its newest name and type, and its dated changes, oldest first.

    was: `{since: older type}` for every change that says what the type was, resolved. key: pairs
    elements of lists in put-back.
    """

    name: str
    type: WireType
    changes: tuple[FieldChange, ...] = ()
    was: Mapping[str, WireType] = field(default_factory=dict)
    key: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "was", MappingProxyType(dict(self.was)))

    def child_versions(self) -> Mapping[str, str] | None:
        """The table of the field's `ChildVersions`, if it has one."""
        for change in self.changes:
            if isinstance(change, ChildVersions):
                return change.table
        return None


@dataclass(frozen=True)
class FieldState:
    """A field at one version: its name and type there, and whether it exists."""

    name: str
    type: WireType
    exists: bool


@dataclass(frozen=True, eq=False)
class History:
    """All changes of a class. Made by `declare`, which checks them; compared by identity.

    parent and inherits: the class that `Inherits` names and its table, for look-ups of a manifest
    that knows only the parent.
    """

    object_name: str
    version: Version
    oldest: Version
    fields: tuple[FieldDeclaration, ...]
    facts: tuple[ClassFact, ...] = ()
    parent: str | None = None
    inherits: Mapping[str, str] = field(default_factory=dict)
    _schemas: dict[tuple[int, int], Schema] = field(default_factory=dict, init=False, repr=False)

    @property
    def key(self) -> str | None:
        """The name of the key field, the same at every version in which it is not renamed."""
        for declared in self.fields:
            if declared.key:
                return declared.name
        return None

    def key_at(self, version: Version) -> str | None:
        """The name of the key field at a version."""
        for declared in self.fields:
            if declared.key:
                return state_at(declared, version).name
        return None

    def versions(self) -> Iterator[Version]:
        """Every X.Y from the oldest supported one to the newest."""
        for minor in range(self.oldest.minor, self.version.minor + 1):
            yield Version(self.version.major, minor)

    def schema(self, version: Version | str) -> Schema:
        """The fields at a version.

        Raises RemoteError (`version/unsupported`) for a version outside the explained history.
        """
        wanted = Version.parse(version)
        known = self._schemas.get(wanted.xy)
        if known is not None:
            return known
        if not Version(self.version.major, 0).xy <= wanted.xy <= self.version.xy:
            raise RemoteError(
                f"{self.object_name} is explained up to {self.version.short}, not {wanted}",
                rule="version/unsupported",
                object_name=self.object_name,
                version=str(wanted),
            )
        states = (state_at(declared, wanted) for declared in self.fields)
        found = {state.name: state.type for state in states if state.exists}
        made = self._schemas[wanted.xy] = Schema(self.object_name, wanted.short, found)
        return made

    def check_supported(self, target: Version) -> None:
        """Raises RefusedError (`refused/oldest`) for a target below the oldest supported one."""
        if target.xy < self.oldest.xy:
            raise RefusedError(
                f"{self.object_name} is not sent below {self.oldest.short}, asked for {target}",
                rule="refused/oldest",
                object_name=self.object_name,
                version=str(self.version),
                target=str(target),
            )

    def supports(self, name: str, version: Version | str) -> bool:
        """Whether the field with this newest name exists at a version, under any name."""
        wanted = Version.parse(version)
        for declared in self.fields:
            if declared.name == name:
                return state_at(declared, wanted).exists
        return False

    def changes_at(self, version: Version) -> list[tuple[str | None, FieldChange | ClassFact]]:
        """The changes dated at a version, with the field's newest name or None for the class."""
        found: list[tuple[str | None, FieldChange | ClassFact]] = []
        for declared in self.fields:
            found += [
                (declared.name, one) for one in declared.changes if since(one) == version.short
            ]
        found += [(None, fact) for fact in self.facts if version.short in fact_dates(fact)]
        return found

    def group_facts(self) -> Iterator[Refused | Converted]:
        """The class-level refusals and converters."""
        for fact in self.facts:
            if isinstance(fact, Refused | Converted):
                yield fact


def since(change: FieldChange) -> str | None:
    """The date of a change; None for the one that is a table."""
    return None if isinstance(change, ChildVersions) else change.since


def fact_dates(fact: ClassFact) -> tuple[str, ...]:
    """The versions that a class-level fact explains."""
    match fact:
        case NoChange() | Refused() | Converted():
            return (fact.since,)
        case Inherits():
            return tuple(fact.table)
        case OldestSupported():
            return ()
        case _:
            assert_never(fact)


def dates(declared: FieldDeclaration) -> Iterator[str]:
    """Every version that the changes of a field explain."""
    for change in declared.changes:
        if isinstance(change, ChildVersions):
            yield from change.table
        else:
            yield change.since


def state_at(declared: FieldDeclaration, version: Version) -> FieldState:
    """Walk the changes of a field from the newest down to `version`."""
    later = [one for one in declared.changes if not isinstance(one, ChildVersions)]
    state = FieldState(declared.name, declared.type, exists=not ends_removed(declared))
    marks = {Version.parse(one.since) for one in later} | {
        Version.parse(one) for one in declared.was
    }
    for mark in sorted(marks, reverse=True):
        if mark.xy <= version.xy:
            break
        dated = [change for change in later if change.since == mark.short]
        older = declared.was.get(mark.short)
        if older is not None:
            state = replace(state, type=_older_type(state.type, older, dated))
        for change in dated:
            state = _before(state, change)
    return state


def _older_type(now: WireType, was: WireType, dated: Sequence[FieldChange]) -> WireType:
    """What `was` says: a value set for a mapping or a refusal, else the whole type."""
    only_values = any(isinstance(change, Mapped | Refused) for change in dated)
    converted = any(isinstance(change, Converted) for change in dated)
    if only_values and not converted and now.values is not None and was.values is not None:
        return replace(now, values=was.values)
    return was


def ends_removed(declared: FieldDeclaration) -> bool:
    """True when the newest version does not have the field any more."""
    lifecycle = [one for one in declared.changes if isinstance(one, Added | Removed)]
    return bool(lifecycle) and isinstance(lifecycle[-1], Removed)


def _before(state: FieldState, change: FieldChange) -> FieldState:
    match change:
        case Added():
            return replace(state, exists=False)
        case Removed():
            return replace(state, exists=True)
        case Renamed():
            return replace(state, name=change.old)
        case Nullable():
            return replace(state, type=replace(state.type, nullable=False))
        case NotNull():
            return replace(state, type=replace(state.type, nullable=True))
        case Mapped() | Refused() | Converted() | ChildVersions() | Admitted() | Noted():
            return state
        case _:
            assert_never(change)
