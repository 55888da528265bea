"""How a generated class is told: one version after the other, a few changes in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from hypothesis import strategies as st

from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    ClassFact,
    Converted,
    Mapped,
    NoChange,
    Noted,
    NotNull,
    Nullable,
    Refused,
    Removed,
    Renamed,
)
from vobj.history import WireType
from vobj.testkit.converters import (
    INTEGER,
    RECIPES,
    SAFE,
    STRING,
    STRING_DICT,
    beside,
    folded,
    swapped,
    unfolded,
)
from vobj.testkit.stories import FieldStory, Moment
from vobj.testkit.values import WORDS, values

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]
Doing = Callable[[FieldStory], None]

PLAIN_TYPES = (
    INTEGER,
    STRING,
    WireType("Boolean"),
    WireType("Float"),
    WireType("DateTime"),
    WireType("UUID"),
    WireType("Enum", values=("e0", "e1", "e2")),
    WireType("List", element=INTEGER),
    WireType("List", element=STRING),
    WireType("Set", element=STRING),
    STRING_DICT,
)
ENUM_VALUES = tuple(f"e{number}" for number in range(40))


class Telling:
    """One class while it is told. `draw` is hypothesis's; `child_types` are what it may hold."""

    def __init__(
        self, draw: Draw, prefix: str, child_types: Sequence[WireType], *, linked: bool
    ) -> None:
        self._draw = draw
        self._prefix = prefix
        self._child_types = tuple(child_types)
        self._linked = linked
        self._names = 0
        self._minor = 0
        self._touched: dict[FieldStory, set[str]] = {}
        self.fields: list[FieldStory] = []
        self.facts: list[ClassFact] = []
        self._group_facts: list[tuple[Refused | Converted, tuple[FieldStory, ...]]] = []
        self.moments: list[Moment] = []

    def tell(
        self,
        versions: int,
        *,
        key: bool,
        admits: Callable[[WireType], list[str]],
        first: Sequence[WireType] = (),
    ) -> None:
        """Tell `versions` versions after the first.

        admits: the subclasses a list may get later. first: types of fields there must be.
        """
        if key:
            self._new_field(self._pick((INTEGER, STRING)), key=True)
        for kind in first:
            self._begin_hidden(self._new_field(kind), admits)
        for _ in range(self._number(1, 4)):
            self._begin_hidden(self._new_field(self._any_type()), admits)
        self._remember()
        for _ in range(versions):
            self._minor += 1
            self._touched = {}
            for told in [one for one in self.fields if one.exists and one.hidden]:
                if self._number(0, 1):
                    self._admit(told)
            for _ in range(self._number(0, 3)):
                self._pick(self._doings())()
            if not self._touched:
                self.facts.append(NoChange(self.since))
            self._remember()
        self.facts += [
            replace(fact, fields=tuple(one.name for one in group))
            for fact, group in self._group_facts
        ]

    @property
    def since(self) -> str:
        """The version that is told now."""
        return f"1.{self._minor}"

    def date_children(self, newest: Callable[[WireType], int], *, every: bool) -> None:
        """Give fields of objects a table of the child's versions: every one, or most of them."""
        for told in self.fields:
            if told.type.child() is None or not (every or self._number(0, 3)):
                continue
            last = newest(told.type)
            table: dict[str, str] = {}
            version = self._number(0, last)
            for minor in range(self._minor + 1):
                if minor == 0 or self._number(0, 1):
                    table[f"1.{minor}"] = f"1.{version}"
                    version = min(last, version + self._number(0, 1))
            told.changes.append(ChildVersions(table))

    def _pick(self, among: Sequence[T]) -> T:
        found: T = self._draw(st.sampled_from(among))
        return found

    def _number(self, low: int, high: int) -> int:
        return int(self._draw(st.integers(low, high)))

    def _any_type(self) -> WireType:
        found = self._pick((*PLAIN_TYPES, *self._child_types, *self._child_types))
        if found.kind == "List" and found.child() is not None:
            return found
        return replace(found, nullable=self._number(0, 2) == 0)

    def _new_field(self, kind: WireType, *, key: bool = False) -> FieldStory:
        told = FieldStory(self._new_name(), kind, key=key)
        self.fields.append(told)
        return told

    def _new_name(self) -> str:
        self._names += 1
        return f"{self._prefix}{self._names}"

    def _begin_hidden(self, told: FieldStory, admits: Callable[[WireType], list[str]]) -> None:
        child = told.type.child()
        if told.type.shape() == ("List",) and child is not None and child.polymorphic:
            later = admits(child)
            told.hidden = tuple(later) if later and self._number(0, 3) else ()

    def _remember(self) -> None:
        there = [one for one in self.fields if one.exists]
        self.moments.append(
            Moment(
                {one.name: one.type for one in there},
                {one.name: frozenset(one.hidden) for one in there if one.hidden},
            )
        )

    def _free(self, kind: str, *besides: str) -> list[FieldStory]:
        """The fields that may still get a change of this kind in this version."""
        taken = {kind, "life", *besides}
        if kind in ("value", "name", "life"):
            taken.add("peer")
        return [
            one for one in self.fields if one.exists and not taken & self._touched.get(one, set())
        ]

    def _touch(self, told: FieldStory, kind: str, *changes: Any) -> None:
        self._touched.setdefault(told, set()).add(kind)
        told.changes.extend(changes)

    def _value(self, kind: WireType) -> Any:
        return self._draw(values(kind))

    def _doings(self) -> list[Callable[[], None]]:
        """What can happen now; the common things more often."""
        found: list[Callable[[], None]] = [self._add, self._add]
        chances: tuple[tuple[Doing, str, Callable[[FieldStory], bool]], ...] = (
            (self._remove, "life", lambda one: one not in self._touched),
            (self._rename, "name", lambda _: True),
            (self._rename, "name", lambda _: True),
            (self._refuse, "refuse", lambda one: not one.type.values),
            (self._note, "note", lambda _: True),
            (self._convert, "value", lambda one: bool(self._recipes(one))),
            (self._convert, "value", lambda one: bool(self._recipes(one))),
            (self._convert_beside, "value", lambda one: self._linked and bool(self._peers(one))),
            (self._map_open, "value", lambda one: one.type.kind in ("Integer", "String")),
            (self._grow_enum, "value", lambda one: bool(one.type.values)),
            (self._null, "value", lambda one: one.type.child() is None),
        )
        for doing, kind, fits in chances:
            found += self._on_one(doing, [one for one in self._free(kind) if fits(one)])
        if self._linked:
            found += [self._swap, self._fold, self._refuse_group]
        return found

    def _on_one(self, doing: Doing, fields: Iterable[FieldStory]) -> list[Callable[[], None]]:
        chosen = [one for one in fields if not one.key or doing in self._key_safe()]
        return [lambda: doing(self._pick(chosen))] if chosen else []

    def _key_safe(self) -> tuple[Doing, ...]:
        return (self._rename, self._note, self._convert)

    @staticmethod
    def _is(told: FieldStory, kind: WireType) -> bool:
        return replace(told.type, nullable=False) == kind

    def _add(self) -> None:
        gone = [one for one in self.fields if not one.exists and one not in self._touched]
        again = gone and self._number(0, 2) == 0
        told = self._pick(gone) if again else self._new_field(self._any_type())
        told.exists = True
        plain = told.type.child() is None
        fill = self._value(told.type) if plain and self._number(0, 1) else ABSENT
        self._touch(told, "life", Added(since=self.since, backfill=fill))
        if plain and not told.type.values and self._number(0, 5) == 0:
            self._touch(told, "refuse", Refused([self._value(told.type)], since=self.since))

    def _remove(self, told: FieldStory) -> None:
        plain = told.type.child() is None
        restore = self._value(told.type) if plain and self._number(0, 1) else ABSENT
        told.exists = False
        self._touch(told, "life", Removed(since=self.since, restore=restore))

    def _rename(self, told: FieldStory) -> None:
        old, told.name = told.name, self._new_name()
        self._touch(told, "name", Renamed(old, since=self.since))

    def _note(self, told: FieldStory) -> None:
        self._touch(told, "note", Noted("older versions do without", since=self.since))

    def _admit(self, told: FieldStory) -> None:
        self._touch(told, "admit", Admitted(told.hidden, since=self.since))
        told.hidden = ()

    def _refuse(self, told: FieldStory) -> None:
        if told.type.child() is not None or self._number(0, 3) == 0:
            change = Refused(since=self.since, present=True)
        else:
            change = Refused([self._value(replace(told.type, nullable=False))], since=self.since)
        self._touch(told, "refuse", change)

    def _recipes(self, told: FieldStory) -> list[Any]:
        return [
            one
            for one in RECIPES
            if self._is(told, one.old)
            and not (one.makes_nullable and told.type.nullable)
            and not (told.key and (one.up_loss, one.down_loss) != (SAFE, SAFE))
        ]

    def _convert(self, told: FieldStory) -> None:
        recipe = self._pick(self._recipes(told))
        nullable = told.type.nullable or recipe.makes_nullable
        self._touch(told, "value", recipe.change(self.since, told.type))
        told.was[self.since], told.type = told.type, replace(recipe.new, nullable=nullable)

    def _peers(self, told: FieldStory) -> list[FieldStory]:
        """Integers beside an integer that are as they were since X.0."""
        return [
            one
            for one in self.fields
            if self._is(told, INTEGER)
            and one is not told
            and one.exists
            and self._is(one, INTEGER)
            and not self._moved(one)
        ]

    def _convert_beside(self, told: FieldStory) -> None:
        peer = self._pick(self._peers(told))
        self._touch(peer, "peer")
        change = Converted(
            since=self.since, was=told.type, peers=True, up=beside(peer.name, 1),
            down=beside(peer.name, -1), up_loss=SAFE, down_loss=SAFE,
        )  # fmt: skip
        self._touch(told, "value", change)
        told.was[self.since] = told.type

    def _map_open(self, told: FieldStory) -> None:
        pool = WORDS if told.type.kind == "String" else (0, 1, 2, 3, 10)
        new = self._draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique=True))
        old = (*pool, ABSENT)
        table = {one: self._pick(old) for one in new}
        self._touch(told, "value", Mapped(table, since=self.since))

    def _grow_enum(self, told: FieldStory) -> None:
        before = told.type.values or ()
        fresh = [one for one in ENUM_VALUES if one not in before][: self._number(1, 2)]
        gone = before[0] if len(before) > 1 and self._number(0, 1) else None
        table: dict[str, Any] = {} if gone is None else {fresh[0]: gone}
        refused = [one for one in fresh if one not in table and self._number(0, 1)]
        for one in fresh:
            if one not in table and one not in refused:
                table[one] = self._pick((*before, ABSENT))
        changes: list[Any] = [Mapped(table, since=self.since, was=told.type)] if table else []
        if refused:
            changes.append(Refused(refused, since=self.since, was=told.type))
        self._touch(told, "value", *changes)
        self._touch(told, "refuse")
        kept = [one for one in before if one != gone]
        told.was[self.since] = told.type
        told.type = replace(told.type, values=tuple(sorted([*kept, *fresh])))

    def _null(self, told: FieldStory) -> None:
        filled = self._value(replace(told.type, nullable=False))
        if told.type.nullable:
            self._touch(told, "value", NotNull(since=self.since, fill=filled))
        else:
            too = self._number(0, 2) == 0
            change = Nullable(since=self.since, none_as=filled, unset_too=too)
            self._touch(told, "value", change)
        told.type = replace(told.type, nullable=not told.type.nullable)

    def _swap(self) -> None:
        free = [
            one for one in self._free("value", "name") if not one.key and one.type.child() is None
        ]
        pairs = [(a, b) for a in free for b in free if a is not b and a.type == b.type]
        if pairs:
            one, other = self._pick(pairs)
            both = swapped(one.name, other.name)
            self._group(
                (one, other), Converted(since=self.since, was={}, up=both, down=both,
                                        up_loss=SAFE, down_loss=SAFE)
            )  # fmt: skip

    def _fold(self) -> None:
        free = [one for one in self._free("value", "name") if self._is(one, STRING_DICT)]
        into = [one for one in free if not one.type.nullable]
        if into:
            told, chosen = self._new_field(INTEGER), self._pick(into)
            self._touch(told, "life", Added(since=self.since))
            names = (told.name, chosen.name)
            change = Converted(since=self.since, was={}, up=unfolded(*names), down=folded(*names))
            self._group((told, chosen), change)

    def _group(self, told: tuple[FieldStory, ...], change: Converted) -> None:
        for one in told:
            self._touch(one, "value")
            self._touch(one, "name")
        self._group_facts.append((change, told))

    def _refuse_group(self) -> None:
        free = [one for one in self._free("refuse") if not one.key]
        if free:
            told = tuple(
                self._draw(st.lists(st.sampled_from(free), min_size=1, max_size=2, unique=True))
            )
            present = self._number(0, 1) == 0
            change = Refused(() if present else ("igb", 1001), since=self.since, present=present)
            for one in told:
                self._touch(one, "refuse")
            self._group_facts.append((change, told))

    def _moved(self, told: FieldStory) -> bool:
        """True when an older version may not have the value as it is now."""
        kept = Renamed | Noted | ChildVersions | Refused
        grouped = any(
            told in group for fact, group in self._group_facts if isinstance(fact, Converted)
        )
        return grouped or any(not isinstance(one, kept) for one in told.changes)
