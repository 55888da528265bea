"""Fields as native attributes, in the place of the properties that oslo makes.

Theory
    oslo makes a property for each field of a class when the class is registered. Where that
    property still is what the class has, the native attribute does the same, and keeps the value in
    the same place; anything else was put there by someone, and stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oslo_utils import excutils
from oslo_versionedobjects import base, exception

from vobj.model.histories import VersionedClass
from vobj.model.programs import is_plain_property, kind_of
from vobj.native import attributes, record
from vobj.native.attributes import FieldAttribute
from vobj.native.record import Record, StoredValue, columns_of_class


def plain_fields(cls: VersionedClass) -> Iterator[str]:
    """The fields whose property stands in the class itself as oslo made it."""
    for name, field in cls.fields.items():
        if isinstance(vars(cls).get(name), property) and is_plain_property(cls, name, field):
            yield name


def install(cls: VersionedClass) -> dict[str, object]:
    """Give a class native attributes; what stood there before, by name."""
    before = {name: vars(cls)[name] for name in plain_fields(cls)}
    columns = columns_of_class(cls) if issubclass(cls, Record) else None
    for name in before:
        setattr(cls, name, FieldAttribute(name, cls.fields[name], columns))
    return before


def lay_out_records(cls: VersionedClass) -> None:
    """Let objects of a class that are made from now on keep their values by number."""
    names = _names_of(cls) if issubclass(cls, Record) else None
    if names is not None:
        record.lay_out(cls, names)


def _names_of(cls: VersionedClass) -> tuple[str, ...] | None:
    """The fields of a class that was registered, unless it keeps their values in its own way."""
    classes = base.VersionedObjectRegistry.obj_classes()
    if type(cls.fields) is not dict or cls not in classes.get(cls.obj_name(), ()):
        return None
    found = (getattr(cls, f"_obj_{name}", None) for name in cls.fields)
    if any(one is not None and not isinstance(one, StoredValue) for one in found):
        return None
    return tuple(cls.fields)


def restore(cls: VersionedClass, before: dict[str, object]) -> None:
    """Undo `install`, where nothing else took the place since."""
    for name, found in before.items():
        if isinstance(vars(cls).get(name), FieldAttribute):
            setattr(cls, name, found)


def _failed(owner: Any, name: str) -> None:
    """Log as oslo does that a value could not be stored; called while that is handled."""
    with excutils.save_and_reraise_exception(reraise=False):
        attr = f"{owner.obj_name()}.{name}"
        base.LOG.exception("Error setting %(attr)s", {"attr": attr})


def _read_only_error(name: str) -> Exception:
    return exception.ReadOnlyFieldError(field=name)


record.configure(names_of=_names_of)
attributes.configure(
    kind_of=kind_of, failed=_failed, read_only_error=_read_only_error, oslo=vars(base)
)
