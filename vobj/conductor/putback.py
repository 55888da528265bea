"""What a method runs on when its caller is older: today's object, with the caller's edits in it.

Theory
    A class that offers `obj_load_current(cls, context, received)` says what is stored. The caller's
    payload is merged into that: what it cannot see stays, what it did not change stays as it is
    today, and a real collision raises before the method is called.

    The merge needs to know what the caller was sent. Of the payloads remembered for that object,
    key and version, the base is the one whose backport reads most like what came, the newest of
    equals. One that differs in a plain value which the caller does not list as changed is not what
    it was sent, since oslo lists every assignment; lists and dicts may change in place, so they
    only count. Without a base, `vobj.conductor.touched` goes by what is listed.

    Only objects without pending changes are remembered: those stand for what is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oslo_versionedobjects import base as oslo

from vobj.changes import ABSENT
from vobj.codec import WIRES, Codec
from vobj.conductor.observed import Lowered
from vobj.conductor.remembered import InMemory, Place, Remembered
from vobj.conductor.touched import touched
from vobj.errors import UsageError, VobjError
from vobj.evolve import Node, Scope, Upgraded, iter_nodes
from vobj.evolve.backport import look_up
from vobj.evolve.compare import same, types_of
from vobj.evolve.merge_children import key_of
from vobj.evolve.views import Views
from vobj.history import CONTAINERS
from vobj.model import ClassCatalog, translated
from vobj.version import Version

_LOADER = "obj_load_current"
_WIRE = WIRES["msgpack"]


class PutBack:
    """Puts back what older callers edit, for the classes of one base."""

    def __init__(
        self, base: type[oslo.VersionedObject], codec: Codec, remembered: Remembered
    ) -> None:
        self._codec = codec
        self._catalog = ClassCatalog(base)
        self._envelope = self._catalog.envelope
        self._remembered = remembered

    @property
    def is_quick(self) -> bool:
        """Whether remembering waits for nobody."""
        return isinstance(self._remembered, InMemory)

    def remember_in(self, remembered: Remembered) -> None:
        """Remember elsewhere from now on."""
        self._remembered = remembered

    def subject(self, payload: Node, context: object) -> oslo.VersionedObject:
        """The object that a method runs on for the sender of a checked payload.

        Raises MergeConflict, UnrepresentableEdit, MergeError, and what decoding the payload raises;
        whatever `obj_load_current` raises passes through.
        """
        received: oslo.VersionedObject = self._codec.decode(payload, context=context)
        current = self._current(payload, received, context)
        if current is None:
            return received
        with translated():
            scope = Scope(self._catalog, context=context, policy="keep")
            base = self._base(payload, scope)
            edited = payload if base is not None else touched(payload, current, scope)
        merged = self._codec.merge(current, edited, base, context=context)
        stamp = self._envelope.version(payload)
        made: oslo.VersionedObject = self._codec.decode(Upgraded(merged, stamp), context=context)
        return made

    def note(self, payload: Node, speaks: Mapping[str, str]) -> None:
        """Remember the objects in a payload that leave for a caller which speaks older versions.

        payload: as it stands before the backport.
        """
        self.remember(self.noted(iter_nodes(payload, self._envelope), speaks))

    def remember(self, noted: Iterable[tuple[Place, bytes]]) -> None:
        """Remember once more what `noted` gave."""
        for place, kept in noted:
            self._remembered.note(place, kept)

    def noted(
        self, nodes: Iterable[Node], speaks: Mapping[str, str]
    ) -> Iterator[tuple[Place, bytes]]:
        """What there is to remember of objects that leave: places, and payloads as bytes.

        Objects without a key, or with pending changes, cannot be told from others, and are left
        out; so are those of classes that never say what is stored, since nothing is put back there.
        """
        with translated():
            scope = Scope(self._catalog, policy="keep")
            for node in nodes:
                named = speaks.get(self._envelope.name(node))
                version = self._envelope.version(node)
                if named is None or not self.is_minded(self._envelope.name(node), version):
                    continue
                if not self._is_older(node, speaks):
                    continue
                own, wanted = Version.parse(version), Version.parse(named)
                place = self._place(node, min(own, wanted, key=lambda one: one.xy), scope)
                if place is not None and not self._is_pending(node):
                    kept = _WIRE.encode(node)
                    assert isinstance(kept, bytes)
                    yield place, kept

    def is_minded(self, name: str, version: str) -> bool:
        """Whether a class says what is stored of its objects, so that edits are put back there."""
        return getattr(self._catalog.class_for(name, version), _LOADER, None) is not None

    def lowered(self, value: Any) -> Counter[Lowered]:
        """The objects in a structure of envelopes that are older than the class that reads them."""
        name, version = self._envelope.name, self._envelope.version
        found: Counter[Lowered] = Counter()
        for node in iter_nodes(value, self._envelope):
            newest = self._catalog.entry(name(node), version(node)).version
            own = Version.parse(version(node))
            if own.xy < newest.xy:
                found[Lowered(name(node), newest.short, own.short)] += 1
        return found

    def _current(
        self, payload: Node, received: oslo.VersionedObject, context: object
    ) -> Node | None:
        """Today's stored object as a payload, when there is one and the caller is older than it."""
        cls = type(received)
        loader = getattr(cls, _LOADER, None)
        if loader is None or not self.lowered(payload):
            return None
        current = loader(context, received)
        if current is None:
            return None
        if not isinstance(current, self._codec.base):
            raise UsageError(
                f"{cls.__name__}.{_LOADER} gives an object or None, not {type(current).__name__}",
                rule="usage/argument",
                object_name=cls.obj_name(),
            )
        made: Node = self._codec.encode(current, context=context)
        return made

    def _base(self, payload: Node, scope: Scope) -> Node | None:
        """The remembered payload that the caller was sent, as far as can be told."""
        _, version = look_up(payload, scope)
        place = self._place(payload, version, scope)
        if place is None:
            return None
        best: tuple[int, Node] | None = None
        for kept in self._remembered.recall(place):
            node = self._envelope.check(_WIRE.decode(kept, self._codec.limits))
            distance = self._distance(payload, node, scope)
            if distance is not None and (best is None or distance < best[0]):
                best = (distance, node)
        return None if best is None else best[1]

    def _distance(self, payload: Node, base: Node, scope: Scope) -> int | None:
        """How many fields differ that the caller does not list; None when it was sent another."""
        try:
            seen = self._envelope.data(Views(payload, base, scope).seen_at(None)(base))
        except VobjError:
            return None
        entry, _ = look_up(payload, scope)
        types = types_of(entry, self._envelope.version(payload))
        listed = set(self._envelope.changes(payload))
        found = 0
        for name, value in self._envelope.data(payload).items():
            kind = types.get(name)
            if name in listed or same(value, seen.get(name, ABSENT), kind, scope):
                continue
            if kind is None or (kind.kind not in CONTAINERS and kind.child() is None):
                return None
            found += 1
        return found

    def _place(self, node: Node, version: Version, scope: Scope) -> Place | None:
        key = key_of(node, version, scope)
        if key is None:
            return None
        return Place(self._envelope.name(node), repr(key), version.short)

    def _is_older(self, node: Node, speaks: Mapping[str, str]) -> bool:
        """Whether any object of a payload leaves below the version it has."""
        for inner in iter_nodes(node, self._envelope):
            named = speaks.get(self._envelope.name(inner))
            version = Version.parse(self._envelope.version(inner))
            if named is not None and Version.parse(named).xy < version.xy:
                return True
        return False

    def _is_pending(self, node: Node) -> bool:
        return any(self._envelope.changes(one) for one in iter_nodes(node, self._envelope))
