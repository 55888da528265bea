"""From an object to its envelope, in the one order that vobj writes.

Theory
    As in oslo, each set field gives its primitive, unset fields are left out, and `changes` is what
    `obj_what_changed` says of the fields that are there; projects override it, so it is asked, not
    guessed. On top of that `changes` stand in field order and sets are sorted, so that equal
    objects give equal bytes. Nested objects write themselves, own ones likewise in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from oslo_versionedobjects import base

from vobj.evolve import Envelope, Node
from vobj.history import WireType, sort_key
from vobj.model.histories import by_vobj, is_own
from vobj.model.lookup import types_of


def dehydrate(subject: base.VersionedObject) -> Node:
    """The envelope of an own object at its own version, as plain data."""
    types = types_of(type(subject))
    data: dict[str, Any] = {}
    for name, field in subject.fields.items():
        if subject.obj_attr_is_set(name):
            value = field.to_primitive(subject, name, getattr(subject, name))
            data[name] = in_order(value, types.get(name))
    key = Envelope.of(subject.OBJ_SERIAL_NAMESPACE).key
    node: Node = {
        key("name"): subject.obj_name(),
        key("namespace"): subject.OBJ_PROJECT_NAMESPACE,
        key("version"): subject.VERSION,
        key("data"): data,
    }
    changed = subject.obj_what_changed()
    changes = [name for name in data if name in changed]
    if changes:
        node[key("changes")] = changes
    return node


def in_order(value: Any, kind: WireType | None) -> Any:
    """`value` with every set in it sorted; a set is a tuple here, as oslo writes it."""
    if value is None or kind is None or not kind.has_set():
        return value
    if kind.kind == "Dict":
        return {key: in_order(one, kind.element) for key, one in value.items()}
    items = [in_order(one, kind.element) for one in value]
    if kind.kind == "Set":
        return tuple(sorted(items, key=sort_key))
    return items


def writes_in_order(subject: base.VersionedObject) -> bool:
    """Whether the whole envelope of an object is in the order that vobj writes.

    It is when the object and all inside are own, with our writer; others write in any order.
    """
    waiting: list[Any] = [subject]
    while waiting:
        match waiting.pop():
            case base.VersionedObject() as one:
                cls = type(one)
                if not is_own(cls) or not by_vobj(cls.obj_to_primitive):
                    return False
                for name, kind in types_of(cls).items():
                    if kind.child() is not None and one.obj_attr_is_set(name):
                        waiting.append(getattr(one, name))
            case dict() as held:
                waiting += held.values()
            case list() | tuple() | set() as several:
                waiting += several
            case _:
                pass
    return True


def held_objects(value: Any) -> Iterator[base.VersionedObject]:
    """Every object in a value, itself first, in set fields and containers; nothing is loaded."""
    match value:
        case base.VersionedObject():
            yield value
            for name in value.fields:
                if value.obj_attr_is_set(name):
                    yield from held_objects(getattr(value, name))
        case dict():
            for one in value.values():
                yield from held_objects(one)
        case list() | tuple() | set():
            for one in value:
                yield from held_objects(one)
        case _:
            pass


def live_nodes(subject: base.VersionedObject, node: Mapping[str, Any]) -> dict[int, object]:
    """`id(envelope)` to the object it was made from, for a tree: converters and hooks see objects.

    node: the envelope of the subject, or its bare data.
    """
    found: dict[int, object] = {id(node): subject}
    waiting: list[tuple[Any, Any]] = []
    data = node.get(f"{subject.OBJ_SERIAL_NAMESPACE}.data", node)
    _pair_fields(subject, data, waiting)
    while waiting:
        value, primitive = waiting.pop()
        match value, primitive:
            case base.VersionedObject(), dict():
                found[id(primitive)] = value
                inner = primitive.get(f"{value.OBJ_SERIAL_NAMESPACE}.data")
                if isinstance(inner, dict):
                    _pair_fields(value, inner, waiting)
            case dict(), dict():
                waiting += [(one, primitive[key]) for key, one in value.items() if key in primitive]
            case list(), list() | tuple() if len(value) == len(primitive):
                waiting += zip(value, primitive, strict=True)
            case _:
                pass
    return found


def _pair_fields(
    subject: base.VersionedObject, data: Mapping[str, Any], waiting: list[tuple[Any, Any]]
) -> None:
    for name, kind in types_of(type(subject)).items():
        if kind.child() is not None and name in data and subject.obj_attr_is_set(name):
            waiting.append((getattr(subject, name), data[name]))
