"""Put-back: an older caller's edits, applied to the newer object, and nothing lost.

Theory
    The older caller was sent `backport(base)`. Whatever in its payload differs by value from that
    is an edit; what it left out is untouched, and `changes` decides nothing. Per unit (see
    `vobj.evolve.sides`)
    there are three answers: only the older side edited, then its upgraded value replaces the newer
    one; only the newer side changed since, then it stays; both differently, then it is a conflict,
    unless a policy says who wins.

    Whatever is put back must look to the older caller as it wrote it (`vobj.evolve.merge_fields`).
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
    Segment,
    UnrepresentableEdit,
    UsageError,
    VobjError,
)
from vobj.evolve.backport import look_up
from vobj.evolve.catalog import Entry, Node
from vobj.evolve.compare import same
from vobj.evolve.merge_children import merge_field
from vobj.evolve.merge_fields import Fields, put
from vobj.evolve.run import Data
from vobj.evolve.scope import Scope
from vobj.evolve.sides import Sides, sides_of
from vobj.evolve.views import Views
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
            look_up(scope.envelope.check(node), scope)
    views = Views(edited, current, scope)
    merger = Merger(views, on_conflict, absent, unrepresentable)
    return merger.node(current, edited, current if base is None else views.aligned(base))


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
        was, now = envelope.data(current), envelope.data(edited)
        before = was if base is current else envelope.data(base)
        try:
            seen = sides.look(before)
            merged = Fields(self, sides, was, before, now, seen).merged()
            self._children(sides, merged, before, now, seen.data)
            self._check_refusals(sides, was, merged)
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
            put(merged, field.new, value)

    def _check_refusals(self, sides: Sides, was: Data, merged: Data) -> None:
        """Objects may be there now in a field that the older caller must not see."""
        moved = [
            one
            for one in sides.child_fields
            if merged.get(one.new, ABSENT) is not was.get(one.new, ABSENT)
        ]
        refused = sides.look(merged).refused - sides.look(was).refused if moved else frozenset()
        for field in moved:
            if field.old in refused:
                self.lost("What the older caller wrote would be refused to it", field.new)
                put(merged, field.new, was.get(field.new, ABSENT))

    def lost(self, what: str, *path: Segment) -> None:
        """An edit that the newer version cannot hold: raises, unless it is to be discarded."""
        if self.unrepresentable == "raise":
            raise UnrepresentableEdit(what, rule="merge/unrepresentable", path=path)

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
        other = min(names - {entry.name})
        raise MergeError(
            f"Cannot merge a {other} into a {entry.name}",
            rule="merge/class", object_name=entry.name,
        )  # fmt: skip
    if older.xy > newer.xy or older.major != newer.major:
        raise MergeError(
            f"The edited {entry.name} is {older}, the current one {newer}: upgrade it first",
            rule="merge/newer", object_name=entry.name, version=str(newer), target=str(older),
        )  # fmt: skip
