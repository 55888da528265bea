"""What a caller changed, as far as its own `changes` tell: for objects nobody remembers sending.

Theory
    Without the payload that an older caller was sent, a value that differs from today's may be its
    edit, or somebody else's that it has not seen. Its `changes` tell: a field that they do not list
    is as the caller found it, and is left out, which in a put-back means untouched.

    oslo lists a field when it is assigned, and when an object standing in it was changed; it does
    not list changes inside lists and dicts of objects. There each element speaks for itself: one
    with changes is the caller's, one without that is not stored any more was deleted by somebody
    else. Only one question stays open: an element that is stored and is missing in the payload was
    removed by the caller, or added by somebody since. That is a conflict, never a guess.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from vobj.errors import Key, MergeConflict, VobjError
from vobj.evolve import Node, Scope, iter_nodes
from vobj.evolve.backport import look_up
from vobj.evolve.compare import same
from vobj.evolve.merge_children import key_of
from vobj.evolve.sides import ChildField, sides_of
from vobj.evolve.views import Views


def touched(edited: Node, current: Node, scope: Scope) -> Node:
    """`edited` without the fields that its sender did not change, at every depth.

    current: today's object, not older than `edited`. Raises MergeConflict (`merge/conflict`) when
    it cannot be told, and what looking at the payloads raises.
    """
    return _Touched(Views(edited, current, scope)).node(edited, current)


class _Touched:
    def __init__(self, views: Views) -> None:
        self._views = views
        self._scope = views.scope
        self._envelope = views.scope.envelope

    def node(self, edited: Node, current: Node) -> Node:
        entry, newer = look_up(current, self._scope)
        _, older = look_up(edited, self._scope)
        fields = {
            one.old: one for one in sides_of(entry, current, newer, older, self._views).child_fields
        }
        listed = set(self._envelope.changes(edited))
        key = None if entry.history is None else entry.history.key_at(older)
        theirs = self._envelope.data(current)
        data: dict[str, Any] = {}
        for name, value in self._envelope.data(edited).items():
            if name in listed or name == key:
                data[name] = value
            if name in fields:
                try:
                    found = self._field(fields[name], value, theirs, listed=name in listed)
                except VobjError as error:
                    raise error.within(name) from None
                data.pop(name, None)
                data.update(found)
        return self._envelope.replaced(
            edited,
            version=self._envelope.version(edited),
            data=data,
            changes=self._envelope.changes(edited),
        )

    def _field(
        self, field: ChildField, value: Any, theirs: Mapping[str, Any], *, listed: bool
    ) -> dict[str, Any]:
        """`{field: what the caller changed in it}`; empty when it changed nothing."""
        other: Any = theirs.get(field.new)
        if isinstance(value, dict) and not self._envelope.is_node(value):
            return self._dict(field, value, other, listed=listed)
        if isinstance(value, list | tuple):
            return self._list(field, list(value), other, listed=listed)
        if not (self._envelope.is_node(value) and self._envelope.is_node(other)):
            return {field.old: value} if listed else {}
        if listed:
            return {field.old: self._single(value, other)}
        same_one = self._identity(value) == self._identity(other, value)
        return {field.old: self.node(value, other)} if same_one else {}

    def _single(self, edited: Node, current: Node) -> Node:
        """A child that was assigned or changed; when it was assigned, it is the caller's, whole."""
        mine, theirs = self._identity(edited), self._identity(current, edited)
        if mine != theirs or (mine[1] is None and not self._is_changed(edited)):
            return edited
        return self.node(edited, current)

    def _dict(
        self, field: ChildField, value: dict[str, Any], other: Any, *, listed: bool
    ) -> dict[str, Any]:
        stored = other if isinstance(other, dict) else {}
        made: dict[str, Any] = {}
        for key, one in value.items():
            twin: Any = stored.get(key)
            if self._envelope.is_node(one) and self._envelope.is_node(twin):
                try:
                    if listed or self._is_changed(one):
                        made[key] = self._single(one, twin)
                    else:
                        made[key] = self._views.seen_at(field.where)(twin)
                except VobjError as error:
                    raise error.within(Key(key)) from None
            elif listed or self._is_changed(one):
                made[key] = one
        if not listed and any(key not in made for key in stored):
            raise _open_question()
        return {field.old: made}

    def _list(
        self, field: ChildField, value: list[Any], other: Any, *, listed: bool
    ) -> dict[str, Any]:
        stored = [
            one
            for one in (other if isinstance(other, list | tuple) else ())
            if self._envelope.is_node(one) and self._envelope.name(one) not in field.hidden
        ]
        if not self._all_keyed([*value, *stored]):
            return self._unkeyed(field, value, stored, listed=listed)
        made: list[Any] = []
        like = {self._envelope.name(one): one for one in value}
        twins = {self._identity(one, like.get(self._envelope.name(one))): one for one in stored}
        for index, one in enumerate(value):
            twin = twins.pop(self._identity(one), None)
            if twin is not None:
                try:
                    made.append(self.node(one, twin))
                except VobjError as error:
                    raise error.within(index) from None
            elif listed or self._is_changed(one):
                made.append(one)
        if twins and not listed:
            raise _open_question()
        return {field.old: made}

    def _unkeyed(
        self, field: ChildField, value: list[Any], stored: list[Node], *, listed: bool
    ) -> dict[str, Any]:
        """Elements that nothing tells apart: the list counts as one value."""
        if not listed and not self._is_changed(value):
            seen = [self._views.seen_at(field.where)(one) for one in stored]
            if not same(value, seen, field.kind, self._scope):
                raise _open_question()
            return {}
        return {field.old: value}

    def _all_keyed(self, nodes: list[Any]) -> bool:
        return all(self._envelope.is_node(one) and self._identity(one)[1] is not None
                   for one in nodes)  # fmt: skip

    def _identity(self, node: Node, like: Node | None = None) -> tuple[str, Hashable | None]:
        """The class and the key of a node, as the version of `like`, of the same class, has it."""
        name = self._envelope.name(node)
        if like is not None and self._envelope.name(like) != name:
            like = None
        return (name, key_of(node, like, self._scope))

    def _is_changed(self, value: Any) -> bool:
        return any(self._envelope.changes(one) for one in iter_nodes(value, self._envelope))


def _open_question() -> MergeConflict:
    return MergeConflict(
        "Elements are stored that this list or dict lacks: it may be older than they are, or its"
        " caller removed them. Read the object anew before changing it",
        rule="merge/conflict",
    )
