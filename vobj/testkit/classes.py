"""Real classes from generated declarations: registered, with oslo fields, and gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from oslo_versionedobjects import base, fields

import vobj
from vobj.changes import ClassFact, Converted, FieldChange, Mapped, Refused
from vobj.evolve import Node
from vobj.history import FieldDeclaration, WireType
from vobj.testkit.stories import Family, Story

Classes = Mapping[str, type[base.VersionedObject]]

_SCALARS: dict[str, type[fields.FieldType[Any]]] = {
    "Integer": fields.Integer,
    "String": fields.String,
    "Boolean": fields.Boolean,
    "Float": fields.Float,
    "DateTime": fields.DateTime,
    "UUID": fields.UUID,
}


def field_type(kind: WireType) -> fields.FieldType[Any]:
    """The oslo type that has this wire type, its nullability left to the field."""
    if kind.element is not None:
        container = {"List": fields.List, "Set": fields.Set, "Dict": fields.Dict}[kind.kind]
        return container(field_type(kind.element), nullable=kind.element.nullable)
    if kind.object_name is not None:
        return fields.Object(kind.object_name, subclasses=kind.polymorphic)
    if kind.values is not None:
        return fields.Enum(list(kind.values))
    return _SCALARS[kind.kind]()


def oslo_field(kind: WireType) -> fields.Field[Any]:
    """The oslo field that has this wire type."""
    return fields.Field(field_type(kind), nullable=kind.nullable)


def _as_written(change: FieldChange) -> FieldChange:
    """A change as a class body has it: an older type is an oslo field there."""
    if isinstance(change, Converted | Mapped | Refused) and isinstance(change.was, WireType):
        return replace(change, was=oslo_field(change.was))
    return change


def make_class(story: Story, parents: Classes) -> type[vobj.VersionedObject]:
    """The class of a story, not registered yet. parents: the classes that it may derive from."""
    facts: list[ClassFact] = list(story.facts)
    body: dict[str, Any] = {
        "VERSION": f"1.{story.newest}",
        "fields": {one.name: oslo_field(one.type) for one in story.own},
        "changes": {one.name: _dated(one) for one in story.own if one.changes or one.key},
        "history": facts,
    }
    parent = vobj.VersionedObject if story.parent is None else parents[story.parent.name]
    made: type[vobj.VersionedObject] = type(story.name, (parent,), body)
    return made


def _dated(declared: FieldDeclaration) -> Any:
    return vobj.field(*map(_as_written, declared.changes), key=declared.key)


@contextmanager
def registered(family: Family) -> Iterator[Classes]:
    """The classes of a family in oslo's registry, by name; gone again when the block ends."""
    shared: Any = base.VersionedObjectRegistry()
    before = dict(shared.obj_classes())
    made: dict[str, type[base.VersionedObject]] = {}
    try:
        for story in family.stories:
            made[story.name] = vobj.register(make_class(story, made))
        yield made
    finally:
        for name in made:
            shared._obj_classes.pop(name, None)
            if name in before:
                shared._obj_classes[name] = before[name]


def object_of(classes: Classes, payload: Node) -> base.VersionedObject:
    """The object that an envelope in the newest versions stands for."""
    cls = classes[payload["versioned_object.name"]]
    made: base.VersionedObject = cls.obj_from_primitive(payload)
    return made
