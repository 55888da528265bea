"""The repr of an object: `Server(uuid='...', nics=[Nic(mac='...')])`, unset fields left out."""

from __future__ import annotations

from typing import Any

from oslo_versionedobjects import base, fields


def shown(subject: base.VersionedObject) -> str:
    """The object with its set fields; what a field type masks stays masked."""
    parts = (
        f"{name}={_value(field._type, getattr(subject, name))}"
        for name, field in subject.fields.items()
        if subject.obj_attr_is_set(name)
    )
    return f"{subject.obj_name()}({', '.join(parts)})"


def _value(kind: Any, value: Any) -> str:
    if value is None or isinstance(value, base.VersionedObject):
        return repr(value)
    element = getattr(kind, "_element_type", None)
    if element is not None and isinstance(value, list):
        return f"[{', '.join(_value(element._type, one) for one in value)}]"
    if element is not None and isinstance(value, set):
        inner = sorted(_value(element._type, one) for one in value)
        return f"{{{', '.join(inner)}}}" if inner else "set()"
    if element is not None and isinstance(value, dict):
        inner = [f"{key!r}: {_value(element._type, one)}" for key, one in value.items()]
        return f"{{{', '.join(inner)}}}"
    if isinstance(kind, fields.SensitiveString):
        return kind.stringify(value)
    if isinstance(value, str | bool | int | float):
        return repr(value)
    return str(kind.stringify(value)) if isinstance(kind, fields.FieldType) else repr(value)
