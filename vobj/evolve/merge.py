"""Put-back: an older caller's edits, applied to the newer object, and nothing lost.

Theory
    The older caller was sent `backport(base)`. Whatever in its payload differs by value from that is an
    edit; what it left out is untouched, and `changes` decides nothing. Per unit (see `vobj.evolve.sides`)
    there are three answers: only the older side edited, then its upgraded value replaces the newer one;
    only the newer side changed since, then it stays; both differently, then it is a conflict, unless a
    policy says who wins.

    Whatever is put back must look to the older caller as it wrote it. So the result is backported once
    more and compared: a unit that looks different because a converter read a field that was edited is
    put back as well; one that was edited and still looks different cannot be represented.

    Objects inside lists pair by key, else by content (`vobj.evolve.pairing`); what the older caller
    cannot see stays behind its nearest surviving left neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vobj.changes import ABSENT
from vobj.errors import (
    MergeConflict,
    MergeError,
    PayloadError,
    Segment,
    UnrepresentableEdit,
    UsageError,
    VobjError,
)
from vobj.evolve.backport import look_up
from vobj.evolve.catalog import Entry, Node
from vobj.evolve.compare import same
from vobj.evolve.merge_children import merge_field
from vobj.evolve.run import Data, run
from vobj.evolve.scope import Scope
from vobj.evolve.sides import Sides, Unit, Views, sides_of
from vobj.plan import compile_plan
from vobj.version import Version

CHOICES = {
    "on_conflict": ("raise", "current", "edited"),
    "absent": ("keep", "clear"),
    "unrepresentable": ("raise", "discard"),
}


def merge(
    current: Node,
    edited: Node,
    scope: Scope,
    *,
    base: Node | None = None,
    on_conflict: str = "raise",
    absent: str = "keep",
    unrepresentable: str = "raise",
) -> Node:
    """`current` with the edits that an older caller made, in a new envelope of `current`'s version.

    base: the newer payload whose backport the caller was sent; None says that it equals `current`.
    on_conflict: raise, or let `current` or `edited` win. absent: a field left out by the caller is
    kept, or cleared, which needs base. unrepresentable: raise, or discard such an edit. Raises
    MergeConflict, UnrepresentableEdit, MergeError (`merge/class`, `merge/newer`,
    `merge/duplicate-key`), PayloadError; then nothing was changed.
    """
    given = {"on_conflict": on_conflict, "absent": absent, "unrepresentable": unrepresentable}
    for name, value in given.items():
        if value not in CHOICES[name]:
            raise UsageError(
                f"{name}={value!r}: it is one of {', '.join(CHOICES[name])}", rule="usage/policy"
            )
    if absent == "clear" and base is None:
        raise UsageError("absent='clear' needs base", rule="usage/argument")
    for node in (current, edited, base):
        if node is not None:
            scope.envelope.check(node)
    merger = Merger(Views(edited, current, scope), on_conflict, absent, unrepresentable)
    return merger.node(current, edited, current if base is None else base)


@dataclass(frozen=True)
class Merger:
    """One put-back: the views of its payloads and the caller's choices."""

    views: Views
    on_conflict: str
    absent: str
    unrepresentable: str

    @property
    def scope(self) -> Scope:
        """The scope without policy, notes and recorder that all inner steps run in."""
        return self.views.scope

    def node(self, current: Node, edited: Node, base: Node) -> Node:
        """One object; `current` itself when nothing of it changes."""
        envelope = self.scope.envelope
        entry, newer = look_up(current, self.scope)
        _, older = look_up(edited, self.scope)
        _check_pair(entry, newer, older, {envelope.name(edited), envelope.name(base)})
        sides = sides_of(entry, current, newer, older, self.views)
        before = self._aligned(base, entry, newer)
        was, now = envelope.data(current), envelope.data(edited)
        try:
            seen = sides.down(before)
            merged = _Fields(self, sides, was, before, now, seen).merged()
            self._children(sides, merged, before, now, seen)
        except VobjError as error:
            if error.object_name is None:
                error.object_name, error.version, error.target = entry.name, str(newer), str(older)
            raise
        touched = [
            name
            for name in {**was, **merged}
            if merged.get(name, ABSENT) is not was.get(name, ABSENT)
            and not same(merged.get(name, ABSENT), was.get(name, ABSENT),
                         sides.new_types.get(name), self.scope)
        ]  # fmt: skip
        if not touched:
            return current
        changes = [*envelope.changes(current), *touched]
        order = [name for name in sides.new_types if name in changes and name in merged]
        return envelope.replaced(
            current, version=envelope.version(current), data=merged, changes=order
        )

    def _aligned(self, base: Node, entry: Entry, newer: Version) -> Data:
        """The data of the base in the version of the current object."""
        _, version = look_up(base, self.scope)
        data = self.scope.envelope.data(base)
        if entry.history is None or version.xy == newer.xy:
            return data
        return run(compile_plan(entry.history, version, newer), data, self.scope)

    def _children(self, sides: Sides, merged: Data, before: Data, now: Data, seen: Data) -> None:
        for field in sides.child_fields:
            if field.old not in now:
                if self.absent == "clear" and field.old in seen:
                    merged.pop(field.new, None)
                continue
            try:
                value = merge_field(
                    self, field, merged.get(field.new, ABSENT), now[field.old],
                    before.get(field.new, ABSENT),
                )  # fmt: skip
            except VobjError as error:
                raise error.within(field.new) from None
            if value is ABSENT:
                merged.pop(field.new, None)
            else:
                merged[field.new] = value

    def settle(self, current: Any, edited: Any, *path: Segment) -> Any:
        """The winner of a conflict by policy. Raises MergeConflict (`merge/conflict`)."""
        match self.on_conflict:
            case "current":
                return current
            case "edited":
                return edited
            case _:
                raise MergeConflict(
                    "The older caller and somebody else changed this differently",
                    rule="merge/conflict",
                    path=path,
                )


def _check_pair(entry: Entry, newer: Version, older: Version, names: set[str]) -> None:
    if names != {entry.name}:
        other = sorted(names - {entry.name})[0]
        raise MergeError(
            f"Cannot merge a {other} into a {entry.name}",
            rule="merge/class", object_name=entry.name,
        )  # fmt: skip
    if older.xy > newer.xy or older.major != newer.major:
        raise MergeError(
            f"The edited {entry.name} is {older}, the current one {newer}: upgrade it first",
            rule="merge/newer", object_name=entry.name, version=str(newer), target=str(older),
        )  # fmt: skip


class _Fields:
    """The put-back of the units of one object."""

    def __init__(
        self, merger: Merger, sides: Sides, was: Data, before: Data, now: Data, seen: Data
    ) -> None:
        self._merger, self._sides = merger, sides
        self._was, self._before, self._seen = was, before, seen
        self._wanted = self._overlay(now)
        self._settled: set[Unit] = set()

    def _overlay(self, now: Data) -> Data:
        """The older form that the result must show: what was sent, with the edits over it."""
        wanted = dict(self._seen)
        for name in (name for unit in self._sides.units for name in unit.old):
            if name in now:
                wanted[name] = now[name]
            elif self._merger.absent == "clear":
                wanted.pop(name, None)
        return wanted

    def merged(self) -> Data:
        """The newer data with the edits in it, children not yet merged."""
        edited = {unit for unit in self._sides.units if self._differs(unit, self._seen)}
        if not edited:
            return dict(self._was)
        while True:
            merged = self._apply(edited)
            wrong = self._wrong(merged, edited)
            if wrong - edited:
                edited |= wrong
                continue
            if not wrong:
                return merged
            unit = min(wrong, key=lambda one: one.old)
            if self._merger.unrepresentable == "raise":
                self._raise_unrepresentable(unit, merged)
            edited -= wrong
            self._settled |= wrong
            for name in (name for one in wrong for name in one.old):
                self._put(self._wanted, name, self._seen.get(name, ABSENT))

    def _apply(self, edited: set[Unit]) -> Data:
        merged = dict(self._was)
        if not edited:
            return merged
        raised = self._sides.up(self._wanted, edited)
        for unit in self._sides.units:
            if unit in edited:
                self._take(unit, raised, merged)
        return merged

    def _take(self, unit: Unit, raised: Data, merged: Data) -> None:
        values = {name: raised.get(name, ABSENT) for name in unit.new}
        if self._changed_since(unit):
            mine = {name: self._was.get(name, ABSENT) for name in unit.new}
            if self._equal(values, mine) or self._looks_right(unit, self._view(self._was)):
                self._settled.add(unit)
                return
            chosen = self._merger.settle(mine, values, (unit.new or unit.old)[0])
            if chosen is mine:
                self._settled.add(unit)
                return
        for name, value in values.items():
            self._put(merged, name, value)

    def _wrong(self, merged: Data, edited: set[Unit]) -> set[Unit]:
        view = self._view(merged)
        return {
            unit
            for unit in self._sides.units
            if unit not in self._settled
            and (unit in edited or not self._changed_since(unit))
            and not self._looks_right(unit, view)
        }

    def _view(self, data: Data) -> Data:
        try:
            return self._sides.down(data)
        except PayloadError:
            raise
        except Exception as error:
            path = error.path if isinstance(error, VobjError) else ()
            raise UnrepresentableEdit(
                f"What the older caller wrote cannot be sent back to it: {error}",
                rule="merge/unrepresentable",
                path=path,
            ) from error

    def _raise_unrepresentable(self, unit: Unit, merged: Data) -> None:
        view = self._view(merged)
        name = next(one for one in unit.old if self._name_differs(one, view))
        raise UnrepresentableEdit(
            f"The older caller wrote {self._wanted.get(name, ABSENT)!r}, but what the newer version"
            f" makes of it reads {view.get(name, ABSENT)!r} there",
            rule="merge/unrepresentable",
            path=(name,),
        )

    def _differs(self, unit: Unit, view: Data) -> bool:
        return any(self._name_differs(name, view) for name in unit.old)

    def _looks_right(self, unit: Unit, view: Data) -> bool:
        return not self._differs(unit, view)

    def _name_differs(self, name: str, view: Data) -> bool:
        kind = self._sides.old_types.get(name)
        mine, theirs = self._wanted.get(name, ABSENT), view.get(name, ABSENT)
        return mine is not theirs and not same(mine, theirs, kind, self._merger.scope)

    def _changed_since(self, unit: Unit) -> bool:
        names = unit.new
        if self._was is self._before:
            return False
        return not self._equal(
            {name: self._was.get(name, ABSENT) for name in names},
            {name: self._before.get(name, ABSENT) for name in names},
        )

    def _equal(self, one: Data, other: Data) -> bool:
        types, scope = self._sides.new_types, self._merger.scope
        return all(same(one[name], other[name], types.get(name), scope) for name in one)

    @staticmethod
    def _put(data: Data, name: str, value: Any) -> None:
        if value is ABSENT:
            data.pop(name, None)
        else:
            data[name] = value
