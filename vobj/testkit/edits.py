"""Strategies: what a caller does to a payload in its own version before it sends it back."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from vobj.evolve import Node
from vobj.history import WireType
from vobj.testkit.stories import Family
from vobj.testkit.strategies import distinct, field_values, key_of, parts
from vobj.testkit.telling import Draw

LIST_EDITS = ("edit", "edit", "insert", "delete", "swap")


@st.composite
def edits(
    draw: Draw,
    family: Family,
    payload: Node,
    at: Mapping[str, int],
    *,
    fields: frozenset[str] | None = None,
    clear: bool = True,
    structural: bool = True,
) -> Node:
    """`payload` after a few edits: fields set and cleared, elements edited, inserted, moved, gone.

    at: the versions that the caller speaks. fields: the names at the top that may be touched.
    clear: fields may be unset. structural: lists and dicts may get other elements.
    """
    editor = _Editor(draw, family, at, clear=clear, structural=structural)
    made = copy.deepcopy(payload)
    editor.edit(made, fields)
    return made


class _Editor:
    """One session of editing; works on what it is given."""

    def __init__(
        self, draw: Draw, family: Family, at: Mapping[str, int], *, clear: bool, structural: bool
    ) -> None:
        self._draw, self._family, self._at = draw, family, at
        self._clear, self._structural = clear, structural

    def edit(self, node: Node, fields: frozenset[str] | None = None) -> None:
        """Touch up to three fields of one object."""
        name, version, data = parts(node)
        at = {**self._at, name: int(version.split(".")[1])}
        story = self._family.story(name)
        moment = story.moments[at[name]]
        key = key_of(node, self._family)
        free = sorted(one for one in moment.fields if fields is None or one in fields)
        if key is not None:
            free = [one for one in free if data.get(one) != key[1]]
        if not free:
            return
        for field in self._draw(st.lists(st.sampled_from(free), min_size=1, max_size=3)):
            kind = moment.fields[field]
            value = data.get(field)
            choice = self._draw(st.integers(0, 9))
            if self._clear and choice == 9:
                data.pop(field, None)
            elif kind.child() is not None and value and choice > 1:
                data[field] = self._child(value, kind, (name, field), at)
            else:
                data[field] = self._draw(field_values(self._family, at, name, field, max_size=2))

    def _child(
        self, value: Any, kind: WireType, where: tuple[str, str], at: Mapping[str, int]
    ) -> Any:
        if kind.kind == "List":
            return distinct(self._list(list(value), where, at), kind, self._family)
        if kind.kind == "Dict":
            return self._dict(value, where, at)
        self.edit(value)
        return value

    def _list(self, value: list[Any], where: tuple[str, str], at: Mapping[str, int]) -> list[Any]:
        for _ in range(self._draw(st.integers(1, 2))):
            doing = self._draw(st.sampled_from(LIST_EDITS)) if self._structural else "edit"
            if doing == "insert" or not value:
                place = self._draw(st.integers(0, len(value)))
                fresh = self._draw(field_values(self._family, at, *where, max_size=2)) or []
                value[place:place] = fresh if self._structural else []
                continue
            index = self._draw(st.integers(0, len(value) - 1))
            if doing == "delete":
                del value[index]
            elif doing == "swap":
                other = self._draw(st.integers(0, len(value) - 1))
                value[index], value[other] = value[other], value[index]
            else:
                self.edit(value[index])
        return value

    def _dict(self, value: dict[str, Any], where: tuple[str, str], at: Mapping[str, int]) -> Any:
        key = self._draw(st.sampled_from(sorted(value)))
        doing = self._draw(st.sampled_from(("edit", "edit", "delete", "insert")))
        if doing == "edit" or not self._structural:
            self.edit(value[key])
        elif doing == "delete":
            del value[key]
        else:
            value.update(self._draw(field_values(self._family, at, *where, max_size=2)) or {})
        return value


def rearranged(
    family: Family, elements: list[Node], fresh: st.SearchStrategy[list[Node]]
) -> st.SearchStrategy[list[Node]]:
    """A list after deletions, moves and insertions, but no edit of an element."""
    return st.tuples(
        st.permutations(elements), st.sets(st.integers(0, 5)), st.integers(0, 5), fresh
    ).map(lambda one: _rearranged(family, *one))


def _rearranged(
    family: Family, elements: list[Node], gone: set[int], place: int, fresh: list[Node]
) -> list[Node]:
    known = {key_of(one, family) for one in elements}
    kept = [copy.deepcopy(one) for index, one in enumerate(elements) if index not in gone]
    kept[place:place] = [one for one in fresh if key_of(one, family) not in known]
    return kept
