"""Put-back of the units of one object: everything but the objects inside it.

Theory
    The caller was sent `seen`, the older view of the base, and sent back an edit of it. Meanwhile
    the newer object may have changed; `shown` is the older view of what it is now. The edits are
    carried over: `wanted` is `shown` with the edited units as the caller wrote them, and the result
    must look like `wanted` to the caller. So the result is viewed once more. A unit that looks
    different because its converter reads an edited field is put back as well; one that was put back
    and still looks different, or is now refused, cannot be represented.

    What the declaration refuses of the current object is no fault of the caller: such values are
    looked at as they are.
"""

from __future__ import annotations

from typing import Any, Protocol

from vobj.changes import ABSENT
from vobj.errors import Segment, UnrepresentableEdit
from vobj.evolve.compare import same
from vobj.evolve.run import Data
from vobj.evolve.scope import Scope
from vobj.evolve.sides import Sides, Unit, View


class Arbiter(Protocol):
    """The choices of one put-back."""

    @property
    def scope(self) -> Scope: ...

    @property
    def absent(self) -> str: ...

    @property
    def unrepresentable(self) -> str: ...

    def settle(self, current: Any, edited: Any, *path: Segment) -> Any: ...


class Fields:
    """The units of one object on their way back."""

    def __init__(
        self, arbiter: Arbiter, sides: Sides, current: Data, base: Data, edited: Data, seen: View
    ) -> None:
        self._arbiter, self._sides = arbiter, sides
        self._current, self._base = current, base
        written = self._written(edited, seen.data)
        self._edited = [unit for unit in sides.units if self._differ(unit, written, seen.data)]
        if not self._edited:
            return
        self._shown = seen if current is base else sides.look(current)
        self._wanted = dict(self._shown.data)
        for unit in self._edited:
            self._copy(unit, written)
        self._settle_conflicts()

    def _written(self, edited: Data, seen: Data) -> Data:
        """What the caller means: what it was sent, with what it sent back over it."""
        written = dict(seen)
        for name in (name for unit in self._sides.units for name in unit.old):
            if name in edited:
                written[name] = edited[name]
            elif self._arbiter.absent == "clear":
                written.pop(name, None)
        return written

    def merged(self) -> Data:
        """The newer data with the edits in it. Raises UnrepresentableEdit, MergeConflict."""
        taken = list(self._edited)
        while self._edited:
            made = self._taken(taken)
            view = self._sides.look(made)
            refused = view.refused - self._shown.refused
            wrong = [
                unit
                for unit in self._sides.units
                if self._differ(unit, view.data, self._wanted) or refused & set(unit.old)
            ]
            dragged = [unit for unit in wrong if unit not in taken]
            if dragged:
                taken += dragged
                continue
            if not wrong and not refused:
                return made
            self._discard(wrong, view, refused)
            taken = list(self._edited)
        return dict(self._current)

    def _settle_conflicts(self) -> None:
        raised = self._sides.up(self._wanted, self._edited)
        for unit in list(self._edited):
            if not self._changed_since(unit):
                continue
            mine = {name: self._current.get(name, ABSENT) for name in unit.new}
            theirs = {name: raised.get(name, ABSENT) for name in unit.new}
            alike = not self._differ(unit, self._wanted, self._shown.data)
            name = (unit.new or unit.old)[0]
            if (
                alike
                or self._equal(mine, theirs)
                or self._arbiter.settle(mine, theirs, name) is mine
            ):
                self._drop(unit)

    def _drop(self, unit: Unit) -> None:
        self._edited.remove(unit)
        self._copy(unit, self._shown.data)

    def _discard(self, wrong: list[Unit], view: View, refused: frozenset[str]) -> None:
        """Forget the edits that cannot be held; all of them when no single one is to blame."""
        if self._arbiter.unrepresentable == "raise":
            raise self._unrepresentable(wrong, view, refused)
        for unit in [one for one in wrong if one in self._edited] or list(self._edited):
            self._drop(unit)

    def _unrepresentable(
        self, wrong: list[Unit], view: View, refused: frozenset[str]
    ) -> UnrepresentableEdit:
        name = min(
            [name for unit in wrong for name in unit.old if self._name_differs(name, view.data)]
            or refused
        )
        reads = "is refused" if name in refused else f"reads {view.data.get(name, ABSENT)!r}"
        return UnrepresentableEdit(
            f"The older caller wrote {self._wanted.get(name, ABSENT)!r}, but what the newer version"
            f" makes of it {reads} there",
            rule="merge/unrepresentable",
            path=(name,),
        )

    def _taken(self, units: list[Unit]) -> Data:
        made = dict(self._current)
        raised = self._sides.up(self._wanted, units)
        for unit in units:
            for name in unit.new:
                put(made, name, raised.get(name, ABSENT))
        return made

    def _copy(self, unit: Unit, source: Data) -> None:
        for name in unit.old:
            put(self._wanted, name, source.get(name, ABSENT))

    def _differ(self, unit: Unit, one: Data, other: Data) -> bool:
        types, scope = self._sides.old_types, self._arbiter.scope
        return not all(
            _same(one.get(name, ABSENT), other.get(name, ABSENT), types.get(name), scope)
            for name in unit.old
        )

    def _name_differs(self, name: str, view: Data) -> bool:
        return self._differ(Unit((name,), ()), view, self._wanted)

    def _changed_since(self, unit: Unit) -> bool:
        if self._current is self._base:
            return False
        now = {name: self._current.get(name, ABSENT) for name in unit.new}
        return not self._equal(now, {name: self._base.get(name, ABSENT) for name in unit.new})

    def _equal(self, one: Data, other: Data) -> bool:
        types, scope = self._sides.new_types, self._arbiter.scope
        return all(same(one[name], other[name], types.get(name), scope) for name in one)


def _same(one: Any, other: Any, kind: Any, scope: Scope) -> bool:
    return one is other or same(one, other, kind, scope)


def put(data: Data, name: str, value: Any) -> None:
    """Set a field, or unset it for `ABSENT`."""
    if value is ABSENT:
        data.pop(name, None)
    else:
        data[name] = value
