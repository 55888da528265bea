"""The wire type of any oslo field, also of those that projects define.

Theory
    Two releases must compute equal wire types from the same source, so nothing here depends on the
    identity of a class, on defaults or on order. A type is named after its class. Containers and
    objects keep the name of oslo's type when a project derives from them without touching what goes
    over the wire, because only then may a plan look inside; otherwise they are as opaque as a
    scalar.
"""

from __future__ import annotations

from typing import Any

from oslo_versionedobjects import fields

from vobj.history import OBJECT, WireType

_CONTAINERS: tuple[tuple[str, type[fields.CompoundFieldType[Any]]], ...] = (
    ("List", fields.List),
    ("Set", fields.Set),
    ("Dict", fields.Dict),
)


def wire_type(field: fields.Field[Any]) -> WireType:
    """The type of the field's values on the wire."""
    if not _same_wire(type(field), fields.Field):
        return WireType(type(field).__name__, nullable=field.nullable)
    kind = field._type
    for name, container in _CONTAINERS:
        if isinstance(kind, container) and _same_wire(type(kind), container):
            element = wire_type(kind._element_type)
            return WireType(name, nullable=field.nullable, element=element)
    if isinstance(kind, fields.Object) and _same_wire(type(kind), fields.Object):
        return WireType(
            OBJECT,
            nullable=field.nullable,
            object_name=kind._obj_name,
            polymorphic=bool(kind._subclasses),
        )
    values = None
    if isinstance(kind, fields.Enum) and _same_wire(type(kind), fields.Enum):
        values = tuple(sorted(str(value) for value in kind.valid_values))
    return WireType(type(kind).__name__, nullable=field.nullable, values=values)


def _same_wire(cls: type, oslo: type) -> bool:
    """True when `cls` writes and reads as the oslo class it derives from."""
    return all(
        getattr(cls, method) is getattr(oslo, method)
        for method in ("to_primitive", "from_primitive")
    )
