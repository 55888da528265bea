"""What it means that vobj and oslo agree: on payloads, on objects and on errors.

Theory
    Each case asks oslo and vobj the same thing, and both answers become an `Outcome`: a value or an
    exception. Values are compared by meaning: `changes` and the fields of a Set type without order,
    everything else exactly, types included. An exception agrees when oslo's is of the class that
    vobj raised, or of a parent of it, so that code which catches oslo's exceptions goes on working.
    Where oslo stumbles over a bad payload with an AttributeError or a TypeError, that nobody
    catches by class, vobj may say that the payload is wrong.

    Every text wire is compared with what oslo.serialization makes of oslo's primitive, the packed
    one with what it makes of it itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from oslo_serialization import jsonutils, msgpackutils
from oslo_versionedobjects import base, fields

from vobj.codec import Codec
from vobj.errors import RemoteError
from vobj.version import Version

# What oslo raises when it stumbles over a payload that it did not check.
STUMBLED = (AttributeError, TypeError)

Node = dict[str, Any]
To = Mapping[str, str] | str

WIRES: Mapping[str, tuple[Callable[[Node], Any], Callable[[Any], Node]]] = {
    "primitive": (copy.deepcopy, lambda tree: tree),
    "json": (lambda tree: jsonutils.dumps(tree).encode(), jsonutils.loads),
    "msgpack": (msgpackutils.dumps, msgpackutils.loads),
}


@dataclass(frozen=True)
class Outcome:
    """What a call gave: a value, or the exception it raised."""

    value: Any = None
    error: Exception | None = None

    @classmethod
    def of(cls, call: Callable[[], Any]) -> Outcome:
        """Run the call. An exception of any class is an answer here."""
        try:
            return cls(call())
        except Exception as error:  # noqa: BLE001 - hooks raise what they like
            return cls(error=error)


@contextmanager
def own_registry() -> Iterator[None]:
    """What is registered inside is forgotten afterwards."""
    before = base.VersionedObjectRegistry()._obj_classes
    registry: Any = base.VersionedObjectRegistry._registry
    registry._obj_classes = before.copy()
    for name, classes in before.items():
        registry._obj_classes[name] = list(classes)
    try:
        yield
    finally:
        registry._obj_classes = before


def sent(obj: base.VersionedObject, to: To) -> Node:
    """What oslo sends to a peer.

    The target is the lower one of the object's version and the one the peer speaks: asked for a
    newer one, oslo raises InvalidTargetVersion where vobj sends what it has.
    """
    if isinstance(to, str):
        return obj.obj_to_primitive(_lower(obj.VERSION, to))
    wanted = to.get(obj.obj_name(), obj.VERSION)
    return obj.obj_to_primitive(_lower(obj.VERSION, wanted), dict(to))


def _lower(version: str, wanted: str) -> str:
    newer = Version.parse(wanted).xy >= Version.parse(version).xy
    return version if newer else wanted


def by_meaning(tree: Any, root: type[base.VersionedObject]) -> Any:
    """A payload in a form that is equal for payloads that mean the same."""
    prefix = root.OBJ_SERIAL_NAMESPACE
    if isinstance(tree, dict) and f"{prefix}.name" in tree:
        cls = _newest(tree[f"{prefix}.name"], root)
        held = {} if cls is None else cls.fields
        made = {key: by_meaning(value, root) for key, value in tree.items()}
        made[f"{prefix}.data"] = {
            name: _field(value, held.get(name), root)
            for name, value in tree[f"{prefix}.data"].items()
        }
        made[f"{prefix}.changes"] = frozenset(tree.get(f"{prefix}.changes", ()))
        return made
    if isinstance(tree, dict):
        return {key: by_meaning(value, root) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree).__name__, [by_meaning(value, root) for value in tree]
    return type(tree).__name__, tree


def _newest(name: str, root: type[base.VersionedObject]) -> type[base.VersionedObject] | None:
    classes = base.VersionedObjectRegistry.obj_classes().get(name)
    return classes[0] if classes else None


def _field(value: Any, kind: fields.Field[Any] | None, root: type[base.VersionedObject]) -> Any:
    inner = None if kind is None else getattr(kind._type, "_element_type", None)
    if inner is not None and isinstance(value, dict):
        return {key: _field(one, inner, root) for key, one in value.items()}
    if inner is not None and isinstance(value, list | tuple):
        items = [_field(one, inner, root) for one in value]
        if isinstance(kind._type, fields.Set):
            items.sort(key=repr)
        return type(value).__name__, items
    return by_meaning(value, root)


def described(value: Any) -> Any:
    """An object, or a value in one, as plain data: classes, versions, what is set, `changes`."""
    if isinstance(value, base.VersionedObject):
        kept = {
            name: described(getattr(value, name))
            for name in value.fields
            if value.obj_attr_is_set(name)
        }
        return {
            "class": (type(value).__qualname__, type(value).VERSION),
            "version": value.VERSION,
            "fields": kept,
            "changes": value.obj_what_changed(),
            "context": value._context,
        }
    if isinstance(value, dict):
        return {key: described(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value).__name__, [described(one) for one in value]
    if isinstance(value, set):
        return type(value).__name__, sorted((described(one) for one in value), key=repr)
    return type(value).__name__, value


def disagreement(oslo: Outcome, vobj: Outcome) -> str | None:
    """What to say when two outcomes, already by meaning, are not the same; else None."""
    if oslo.error is not None and isinstance(vobj.error, type(oslo.error)):
        return None
    if isinstance(oslo.error, STUMBLED) and isinstance(vobj.error, RemoteError):
        return None
    if oslo.error is None and vobj.error is None and oslo.value == vobj.value:
        return None
    return f"oslo: {_told(oslo)}\nvobj: {_told(vobj)}"


def _told(outcome: Outcome) -> str:
    if outcome.error is None:
        return repr(outcome.value)
    return f"raised {type(outcome.error).__name__}: {outcome.error}"


@dataclass
class Comparison:
    """Asks oslo and vobj the same questions about the objects of one base.

    context: what objects are decoded with. cases: how many (object, target) pairs were compared,
    each on all wires and in all directions.
    """

    root: type[base.VersionedObject]
    context: object = None
    cases: int = 0
    codecs: dict[str, Codec] = field(init=False)
    wires: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = field(init=False)

    def __post_init__(self) -> None:
        self.codecs = {wire: Codec(wire, base=self.root) for wire in [*WIRES, "packed"]}
        packed = self.codecs["packed"]._wire
        self.wires = {**WIRES, "packed": (packed.encode, packed.decode)}

    def case(self, obj: base.VersionedObject, to: To) -> Node | None:
        """Encode for a target, backport the payload to it, and decode what comes out.

        Returns oslo's primitive for the target, or None when oslo raised.
        """
        self.cases += 1
        expected = Outcome.of(lambda: sent(obj, to))
        self._encoded(obj, to, expected)
        self._backported(obj, to)
        if expected.error is None:
            self.decoded(expected.value)
        return expected.value

    def current(self, obj: base.VersionedObject) -> None:
        """Encode at the object's own version, and decode that."""
        self.cases += 1
        expected = Outcome.of(obj.obj_to_primitive)
        for wire, codec in self.codecs.items():
            got = Outcome.of(lambda codec=codec: codec.encode(obj))
            self._same_payload(f"encode, {wire}", wire, expected, got)
        if expected.error is None:
            self.decoded(expected.value)

    def received(self, tree: Node, to: To) -> None:
        """Encode what arrived at an older version: oslo keeps that version on the object."""
        arrived = Outcome.of(lambda: self.root.obj_from_primitive(tree, self.context)).value
        if arrived is not None:
            self._encoded(arrived, to, Outcome.of(lambda: sent(arrived, to)))

    def _encoded(self, obj: base.VersionedObject, to: To, expected: Outcome) -> None:
        before = described(obj)
        for wire, codec in self.codecs.items():
            got = Outcome.of(lambda codec=codec: codec.encode(obj, to=to))
            self._same_payload(f"encode to {to!r}, {wire}", wire, expected, got)
        assert described(obj) == before, "encode changed the caller's object"

    def _backported(self, obj: base.VersionedObject, to: To) -> None:
        newest = Outcome.of(obj.obj_to_primitive)
        if newest.error is not None:
            return
        for wire, codec in self.codecs.items():
            dump, load = self.wires[wire]
            payload = dump(newest.value)
            expected = Outcome.of(
                lambda load=load, payload=payload: sent(
                    self.root.obj_from_primitive(load(payload), self.context), to
                )
            )
            got = Outcome.of(
                lambda codec=codec, payload=payload: codec.backport(
                    payload, to=to, context=self.context
                )
            )
            self._same_payload(f"backport to {to!r}, {wire}", wire, expected, got)

    def decoded(self, tree: Node) -> None:
        """Decode a payload of oslo's on each wire."""
        for wire, codec in self.codecs.items():
            dump, load = self.wires[wire]
            payload = dump(tree)
            expected = Outcome.of(
                lambda load=load, payload=payload: described(
                    self.root.obj_from_primitive(load(payload), self.context)
                )
            )
            got = Outcome.of(
                lambda codec=codec, payload=payload: described(
                    codec.decode(payload, context=self.context)
                )
            )
            told = disagreement(expected, got)
            assert told is None, f"decode, {wire}, of {tree}\n{told}"

    def _same_payload(self, what: str, wire: str, expected: Outcome, got: Outcome) -> None:
        dump, load = self.wires[wire]
        if expected.error is None:
            expected = Outcome(by_meaning(load(dump(expected.value)), self.root))
        if got.error is None:
            got = Outcome(by_meaning(load(got.value), self.root))
        told = disagreement(expected, got)
        assert told is None, f"{what}\n{told}"
