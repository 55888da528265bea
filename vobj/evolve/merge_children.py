"""Put-back of the objects inside a field: single, in a list, in a dict.

Theory
    Three versions of a list meet: `base`, `current` (maybe changed since) and `edited` (of what the
    older caller saw of base). Elements are paired edited-base and base-current. An element present
    in all three is merged; one that a single side added is added, one that a single side removed is
    removed; removed on one side and changed on the other is a conflict. If the caller kept the
    order it saw, current's order stays; else the caller's order counts, and every element it does
    not know (hidden, or new since) is put behind its nearest left neighbour that is still there.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any, Protocol

from vobj.changes import ABSENT
from vobj.errors import Key, LocalError, MergeError, Segment, VobjError
from vobj.evolve.backport import look_up
from vobj.evolve.catalog import Node
from vobj.evolve.compare import frozen, frozen_node, same
from vobj.evolve.pairing import pair_by_content
from vobj.evolve.run import only, run
from vobj.evolve.scope import Scope
from vobj.evolve.sides import ChildField
from vobj.evolve.views import Views
from vobj.evolve.walk import map_children
from vobj.plan import compile_plan
from vobj.version import Version


class NodeMerger(Protocol):
    """What merges one object, and settles conflicts."""

    @property
    def views(self) -> Views: ...

    @property
    def scope(self) -> Scope: ...

    def node(self, current: Node, edited: Node, base: Node) -> Node: ...

    def lost(self, what: str, *path: Segment) -> None: ...

    def settle(self, current: Any, edited: Any, *path: Segment) -> Any: ...


def merge_field(merger: NodeMerger, field: ChildField, current: Any, edited: Any, base: Any) -> Any:
    """The merged value of a field of objects, `ABSENT` for unset; `current` when unchanged."""
    kind = field.kind.kind
    values = (current, edited, base)
    is_node = merger.scope.envelope.is_node
    if kind == "List" and all(_nodes_in(one, merger) for one in values):
        return _List(merger, field, current, edited, base).merged()
    if kind == "Dict" and all(isinstance(one, dict) and not is_node(one) for one in values):
        return _merge_dict(merger, field, current, edited, base)
    if (
        not field.kind.shape()
        and all(is_node(one) for one in values)
        and _may_be_one(merger, edited, base)
        and _may_be_one(merger, edited, current)
    ):
        return merger.node(current, edited, base)
    return _whole(merger, field, current, edited, base)


def _nodes_in(value: Any, merger: NodeMerger) -> bool:
    is_node = merger.scope.envelope.is_node
    return isinstance(value, list | tuple) and all(is_node(one) for one in value)


def _whole(merger: NodeMerger, field: ChildField, current: Any, edited: Any, base: Any) -> Any:
    """The field as one value, when there are no three objects or containers to compare."""
    kind, scope = field.kind, merger.scope
    if _looks_like(merger, field, base, edited):
        return current
    changed = current is not base and not same(current, base, kind, scope)
    if changed and _looks_like(merger, field, current, edited):
        return current
    lifted = _lifted(merger, field, edited)
    if lifted is _LOST:
        return current
    return merger.settle(current, lifted) if changed else lifted


_LOST = object()


def _lifted(merger: NodeMerger, field: ChildField, edited: Any) -> Any:
    """What the caller wrote, in the newer form; `_LOST` when that cannot hold it."""
    lifted = _mapped(edited, replace(field, hidden=frozenset()), merger.scope, merger.views.lifted)
    if _looks_like(merger, field, lifted, edited):
        return lifted
    merger.lost("The newer version cannot hold the object that the older caller wrote")
    return _LOST


def _looks_like(merger: NodeMerger, field: ChildField, newer: Any, edited: Any) -> bool:
    """Whether the older caller sees a newer value as what it wrote."""
    try:
        seen = _mapped(newer, field, merger.scope, merger.views.seen_at(field.where))
    except LocalError:
        return False
    return same(seen, edited, field.kind, merger.scope)


def _mapped(value: Any, field: ChildField, scope: Scope, visit: Any) -> Any:
    if value is ABSENT:
        return ABSENT
    is_node, name = scope.envelope.is_node, scope.envelope.name
    if field.hidden and is_node(value) and name(value) in field.hidden:
        return ABSENT
    if field.hidden and isinstance(value, list | tuple):
        value = [one for one in value if not (is_node(one) and name(one) in field.hidden)]
    return map_children(value, field.kind, scope, visit)


def _may_be_one(merger: NodeMerger, edited: Node, newer: Node) -> bool:
    """Same class, and not two different keys."""
    if merger.scope.envelope.name(edited) != merger.scope.envelope.name(newer):
        return False
    mine, theirs = key_of(edited, edited, merger.scope), key_of(newer, edited, merger.scope)
    return mine is None or theirs is None or mine == theirs


def key_of(node: Node, like: Node | Version | None, scope: Scope) -> Hashable | None:
    """The value of a node's key field as the version of `like` has it; None without one."""
    entry, version = look_up(node, scope)
    history = entry.history
    if history is None or history.key is None:
        return None
    if like is None:
        target = version
    else:
        target = like if isinstance(like, Version) else look_up(like, scope)[1]
    data = scope.envelope.data(node)
    name = str(history.key_at(target))
    if target.xy < version.xy:
        names = {str(history.key_at(one)) for one in history.versions()}
        data = run(only(compile_plan(history, version, target), names), data, scope)
    value = data.get(name, ABSENT)
    return None if value is ABSENT or value is None else frozen(value, None, scope)


class _List:
    """The put-back of one list of objects."""

    def __init__(
        self, merger: NodeMerger, field: ChildField, current: Any, edited: Any, base: Any
    ) -> None:
        self._merger, self._scope, self._field = merger, merger.scope, field
        self._one = replace(field, kind=field.kind.element or field.kind)
        self._whole_current = current
        self._current: list[Node] = list(current)
        self._edited: list[Node] = [self._scope.envelope.check(one) for one in edited]
        self._base: list[Node] = list(base)
        name = self._scope.envelope.name
        visible = [i for i, one in enumerate(self._base) if name(one) not in field.hidden]
        self._visible = visible
        self._seen = {i: self._seen_or_newer(self._base[i]) for i in visible}
        back = self._pair(self._edited, [self._seen[i] for i in visible])
        self._back = {one: visible[other] for one, other in back.items()}
        if current is base:
            self._across = {i: i for i in range(len(self._base))}
        else:
            self._across = self._pair(self._base, self._current)

    def _seen_or_newer(self, node: Node) -> Node:
        """What the caller was sent; when its versions are not known any more, what was there."""
        try:
            return self._merger.views.seen_at(self._field.where)(node)
        except LocalError:
            return node

    def _pair(self, left: list[Node], right: list[Node]) -> dict[int, int]:
        """Elements with a key by key, the others by content."""
        mine, theirs = self._keys(left), self._keys(right)
        found = {key: index for index, key in theirs.items()}
        pairs = {index: found[key] for index, key in mine.items() if key in found}
        here = [index for index in range(len(left)) if index not in mine]
        there = [index for index in range(len(right)) if index not in theirs]
        name = self._scope.envelope.name
        by_content = pair_by_content(
            [frozen_node(left[index], self._scope) for index in here],
            [frozen_node(right[index], self._scope) for index in there],
            lambda one, other: name(left[here[one]]) == name(right[there[other]]),
        )
        return pairs | {here[one]: there[other] for one, other in by_content.items()}

    def _keys(self, nodes: list[Node]) -> dict[int, Hashable]:
        """Class and key of every element that has one. Raises MergeError for one that is twice."""
        keys: dict[int, Hashable] = {}
        seen: dict[Hashable, int] = {}
        for index, node in enumerate(nodes):
            key = self._whole_key(node)
            if key is None:
                continue
            if key in seen:
                raise MergeError(
                    f"Elements {seen[key]} and {index} have the same key",
                    rule="merge/duplicate-key",
                    path=(index,),
                )
            seen[key] = index
            keys[index] = key
        return keys

    def _whole_key(self, node: Node) -> Hashable | None:
        key = key_of(node, None, self._scope)
        return None if key is None else (self._scope.envelope.name(node), key)

    def merged(self) -> Any:
        """The merged list; the current one itself when nothing changed."""
        kept_order = len(self._edited) == len(self._visible) and all(
            self._back.get(index) == self._visible[index] for index in range(len(self._edited))
        )
        unmoved = len(self._across) == len(self._base) == len(self._current) and all(
            one == other for one, other in self._across.items()
        )
        if not unmoved and _looks_like(
            self._merger, self._field, self._whole_current, self._edited
        ):
            return self._whole_current
        if (
            not kept_order
            and not unmoved
            and self._unkeyed()
            and self._merger.settle(self._whole_current, self._edited) is self._whole_current
        ):
            return self._whole_current
        placed = self._placed()
        made = self._in_current_order(placed) if kept_order else self._in_edited_order(placed)
        same_elements = len(made) == len(self._current) and all(
            one is other for one, other in zip(made, self._current, strict=True)
        )
        return self._whole_current if same_elements else made

    def _unkeyed(self) -> bool:
        return any(
            key_of(one, None, self._scope) is None for one in (*self._edited, *self._current)
        )

    def _placed(self) -> list[tuple[int | None, Node]]:
        """What survives of the caller's elements, in its order, each with its current index."""
        placed: list[tuple[int | None, Node]] = []
        fresh = {
            key: index
            for index, node in enumerate(self._current)
            if index not in self._across.values() and (key := self._whole_key(node)) is not None
        }
        for index, edited in enumerate(self._edited):
            try:
                found = self._element(index, edited, fresh)
            except VobjError as error:
                raise error.within(index) from None
            if found is not None:
                placed.append(found)
        return placed

    def _element(
        self, index: int, edited: Node, fresh: dict[Hashable, int]
    ) -> tuple[int | None, Node] | None:
        base = self._back.get(index)
        if base is None:
            return self._inserted(edited, fresh)
        current = self._across.get(base)
        if current is not None:
            whole = self._merger.node(self._current[current], edited, self._base[base])
            return (current, whole)
        if same(self._seen[base], edited, None, self._scope):
            return None
        return self._settled(None, edited)

    def _inserted(self, edited: Node, fresh: dict[Hashable, int]) -> tuple[int | None, Node] | None:
        """A new element, unless somebody else inserted one of the same key meanwhile."""
        twin = fresh.get(self._whole_key(self._merger.views.lifted(edited)))
        if twin is not None and _looks_like(self._merger, self._one, self._current[twin], edited):
            return (twin, self._current[twin])
        if twin is not None:
            return self._settled(twin, edited)
        lifted = _lifted(self._merger, self._one, edited)
        return None if lifted is _LOST else (None, lifted)

    def _settled(self, current: int | None, edited: Node) -> tuple[int | None, Node] | None:
        """A conflict about one element: the current one, maybe none, or what the caller wrote."""
        mine: tuple[int | None, Node] | None = None
        if current is not None:
            mine = (current, self._current[current])
        if self._merger.settle(mine, edited) is not edited:
            return mine
        lifted = _lifted(self._merger, self._one, edited)
        return mine if lifted is _LOST else (current, lifted)

    def _in_current_order(self, placed: list[tuple[int | None, Node]]) -> list[Node]:
        """The caller kept the order: current's order, each element in its merged form."""
        merged = {index: node for index, node in placed if index is not None}
        added = [node for index, node in placed if index is None]
        return [*(merged.get(i, node) for i, node in enumerate(self._current)), *added]

    def _in_edited_order(self, placed: list[tuple[int | None, Node]]) -> list[Node]:
        """The caller's order, with what it does not know behind its nearest left neighbour."""
        out = list(placed)
        there = {index for index, _ in placed if index is not None}
        for index in range(len(self._current)):
            if index in there or not self._stays(index):
                continue
            left = max((one for one in there if one < index), default=None)
            at = 0
            if left is not None:
                at = next(place for place, (one, _) in enumerate(out) if one == left) + 1
            out.insert(at, (index, self._current[index]))
            there.add(index)
        return [node for _, node in out]

    def _stays(self, current: int) -> bool:
        """Whether a current element that the caller's list lacks is kept."""
        base = next((one for one, other in self._across.items() if other == current), None)
        if base is None or base not in self._seen:
            return True
        if same(self._current[current], self._base[base], None, self._scope):
            return False
        return bool(self._merger.settle(True, False, current))


def _merge_dict(merger: NodeMerger, field: ChildField, current: Any, edited: Any, base: Any) -> Any:
    """Dicts of objects pair by their keys."""
    inner = replace(field, kind=field.kind.element or field.kind)
    made: dict[str, Any] = {}
    for key in {**current, **edited}:
        values = (current.get(key, ABSENT), edited.get(key, ABSENT), base.get(key, ABSENT))
        try:
            value = merge_field(merger, inner, *values)
        except VobjError as error:
            raise error.within(Key(key)) from None
        if value is not ABSENT:
            made[key] = value
    unchanged = len(made) == len(current) and all(
        made.get(key, ABSENT) is one for key, one in current.items()
    )
    return current if unchanged else made
