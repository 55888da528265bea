"""The vobj twin of an oslo object: the same fields and data in classes of vobj."""

from __future__ import annotations

import copy
from typing import Any

from oslo_versionedobjects import base, fields

import vobj
from benchmarks.shapes import bare
from vobj import OldestSupported

_made: dict[str, type[base.VersionedObject]] = {}


def own_twin(obj: base.VersionedObject) -> base.VersionedObject:
    """An object of a vobj class, made anew, with the set fields of an oslo object."""
    values = {name: _value(getattr(obj, name)) for name in obj.fields if name in obj}
    return _class(obj)(**values)


def _value(held: Any) -> Any:
    if isinstance(held, base.VersionedObject):
        return own_twin(held)
    if isinstance(held, list):
        return [_value(one) for one in held]
    return held


def _class(obj: base.VersionedObject) -> type[base.VersionedObject]:
    name = f"Own{bare(obj.obj_name())}"
    if name not in _made:
        declared = {
            at: _field(field, getattr(obj, at)) for at, field in obj.fields.items() if at in obj
        }
        body = {
            "VERSION": obj.VERSION,
            "fields": declared,
            "history": [OldestSupported(obj.VERSION)],
        }
        _made[name] = vobj.register(type(name, (vobj.VersionedObject,), body))
    return _made[name]


def _field(field: fields.Field, held: Any) -> fields.Field:
    """A field like it that names the twins of classes."""
    if isinstance(held, base.VersionedObject):
        return fields.ObjectField(_class(held).__name__, nullable=field.nullable)
    if isinstance(held, list) and held and isinstance(held[0], base.VersionedObject):
        return fields.ListOfObjectsField(_class(held[0]).__name__, nullable=field.nullable)
    return copy.copy(field)
