"""What the native executor is told about a class: where its code is oslo's, and where its own.

Theory
    A value may take the short way only where every method that oslo would call on the long one is
    the method that the short way stands for. So each method is compared by identity with oslo's (or
    with ours, which does the same); anything else is called, or makes the class decline. What is
    compared here is watched afterwards: the program is void once one of these classes changes.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

import msgpack
import netaddr
from oslo_versionedobjects import base, fields

from vobj.fields import types as own_types
from vobj.fields import wire_type
from vobj.history import sort_key
from vobj.model import containers
from vobj.model.histories import VersionedClass, is_own
from vobj.native import program as native
from vobj.native.program import ClassProgram, Guard, Kind, Slot
from vobj.native.record import Record, StoredValue
from vobj.wires import packed_form

_AnyField = fields.Field[Any]
_Method = Callable[..., Any]

WRITERS: dict[_Method, int] = {
    fields.FieldType.to_primitive: native.WRITE_SAME,
    fields.DateTime.to_primitive: native.WRITE_DATETIME,
    fields.IPAddress.to_primitive: native.WRITE_TEXT,
    fields.IPNetwork.to_primitive: native.WRITE_TEXT,
    fields.Object.to_primitive: native.WRITE_OBJECT,
    fields.List.to_primitive: native.WRITE_LIST,
    fields.Set.to_primitive: native.WRITE_SET,
    fields.Dict.to_primitive: native.WRITE_DICT,
}

# What a type makes of a primitive: by its `coerce`, given the `from_primitive` it goes with.
READERS: dict[tuple[_Method, _Method], int] = {
    **{
        (coerce, fields.FieldType.from_primitive): read
        for coerce, read in (
            (fields.FieldType.coerce, native.READ_SAME),
            (fields.String.coerce, native.READ_TEXT),
            (fields.Enum.coerce, native.READ_CHOICE),
            (own_types.Enum.coerce, native.READ_CHOICE),
            (fields.UUID.coerce, native.READ_UUID),
            (fields.MACAddress.coerce, native.READ_MAC),
            (own_types.MACAddress.coerce, native.READ_MAC),
            (fields.Integer.coerce, native.READ_INT),
            (fields.NonNegativeInteger.coerce, native.READ_NOT_NEGATIVE),
            (fields.Float.coerce, native.READ_FLOAT),
            (fields.NonNegativeFloat.coerce, native.READ_NOT_NEGATIVE_FLOAT),
            (fields.Boolean.coerce, native.READ_BOOL),
            (fields.FlexibleBoolean.coerce, native.READ_BOOL),
        )
    },
    (fields.DateTime.coerce, fields.DateTime.from_primitive): native.READ_AWARE,
    (fields.IPAddress.coerce, fields.IPAddress.from_primitive): native.READ_ADDRESS,
    (fields.IPV4AndV6Address.coerce, fields.IPAddress.from_primitive): native.READ_ADDRESS,
    (fields.IPV4Address.coerce, fields.IPAddress.from_primitive): native.READ_ADDRESS_4,
    (fields.Object.coerce, fields.Object.from_primitive): native.READ_OBJECT,
    (fields.List.coerce, fields.List.from_primitive): native.READ_LIST,
    (fields.Set.coerce, fields.Set.from_primitive): native.READ_SET,
    (fields.Dict.coerce, fields.Dict.from_primitive): native.READ_DICT,
}
# vobj's own types share one `coerce`, so they are told apart by their class.
_OWN_ADDRESSES: dict[type[Any], int] = {
    own_types.IPAddress: native.READ_ADDRESS,
    own_types.IPV4Address: native.READ_ADDRESS_4,
}
_OWN_CODE = {cls: (cls.coerce, cls.from_primitive) for cls in _OWN_ADDRESSES}
_PLAIN_NEW = (object.__new__, Record.__new__)
_CONTAINERS = (native.READ_LIST, native.READ_SET, native.READ_DICT)

# Methods of a class that may stand in the way, and all functions that are known not to. Whoever
# puts a faster function in the place of one of oslo's adds it here.
HARMLESS: dict[str, set[object]] = {
    name: {getattr(base.VersionedObject, name)}
    for name in ("obj_to_primitive", "obj_what_changed", "obj_attr_is_set", "__init__")
}
HARMLESS |= {
    name: {getattr(base.VersionedObject, name).__func__}
    for name in (
        "obj_from_primitive",
        "_obj_from_primitive",
        "_obj_primitive_key",
        "_obj_primitive_field",
    )
}
HARMLESS["obj_fields"] = {base.VersionedObject.obj_fields}
HARMLESS |= {
    name: {getattr(base.VersionedObject, name)}
    for name in ("obj_get_changes", "obj_reset_changes", "obj_clone", "__deepcopy__")
}
HARMLESS |= {
    name: {getattr(base.VersionedObject, name).__func__}
    for name in ("obj_class_from_name", "obj_name")
}
_WRITING = ("obj_to_primitive", "obj_what_changed", "obj_attr_is_set", "obj_fields")
_READING = ("obj_from_primitive", "_obj_from_primitive", "_obj_primitive_field")
_FIELD_METHODS = ("coerce", "from_primitive", "to_primitive", "_null")
_TYPE_METHODS = ("coerce", "from_primitive", "to_primitive")


def program_of(cls: VersionedClass) -> ClassProgram | None:
    """The program of a class; None when its `fields` are no plain dict of fields."""
    if not isinstance(cls, type) or type(cls.fields) is not dict:
        return None
    own = is_own(cls)  # which notes the answer in the class
    # A change of the class from here on, in whatever thread, voids the program that is made of it.
    guard = Guard(tuple(dict.fromkeys(_watched(cls))), cls.fields)
    slots = tuple(
        _slot(cls, name, field, index) for index, (name, field) in enumerate(cls.fields.items())
    )
    plainly_found = not _looks_up_otherwise(cls)
    return ClassProgram(
        cls,
        slots,
        own=own,
        writes=plainly_found and all(is_harmless(cls, name) for name in _WRITING),
        reads=(
            plainly_found
            and cls.__setattr__ is object.__setattr__
            and all(is_harmless(cls, name) for name in _READING)
        ),
        made_plainly=is_harmless(cls, "__init__") and cls.__new__ in _PLAIN_NEW,
        object_name=cls.obj_name(),
        namespace=cls.OBJ_PROJECT_NAMESPACE,
        prefix=cls.OBJ_SERIAL_NAMESPACE,
        version=cls.VERSION,
        guard=guard,
    )


def is_harmless(cls: VersionedClass, name: str, after: type | None = None) -> bool:
    """Whether all that stands behind a method, down to oslo's, is known not to be in the way.

    after: only what comes behind this base of the class.
    """
    mro = cls.__mro__
    for owner in mro[0 if after is None else mro.index(after) + 1 :]:
        written = vars(owner).get(name)
        if written is not None and getattr(written, "__func__", written) not in HARMLESS[name]:
            return False
        if owner is base.VersionedObject:
            return True
    return False


def is_set_by_code(cls: VersionedClass, name: str) -> bool:
    """Whether code of others runs when an attribute is set; that of records is ours."""
    found = inspect.getattr_static(cls, name, None)
    return hasattr(type(found), "__set__") and found is not vars(Record).get(name)


def _looks_up_otherwise(cls: VersionedClass) -> bool:
    return (
        cls.__getattribute__ is not object.__getattribute__
        or hasattr(cls, "__getattr__")
        or not is_harmless(cls, "_obj_primitive_key")
    )


def _slot(cls: VersionedClass, name: str, field: _AnyField, index: int) -> Slot:
    plain = is_plain_property(cls, name, field) and _is_kept_plainly(cls, f"_obj_{name}")
    key: bytes = msgpack.packb(name)
    return Slot(name, kind_of(field), key, plain=plain, read_only=field.read_only, index=index)


def _is_kept_plainly(cls: VersionedClass, storage: str) -> bool:
    """Whether the attribute that keeps a value is that of any object, or ours."""
    return isinstance(getattr(cls, storage, None), StoredValue) or not hasattr(cls, storage)


def _code_of(name: str) -> types.CodeType:
    """The code of a function that oslo makes for each field: `getter`, `setter` or `deleter`."""
    constants = base._make_class_properties.__code__.co_consts
    return next(one for one in constants if isinstance(one, types.CodeType) and one.co_name == name)


_GETTER, _SETTER = _code_of("getter"), _code_of("setter")


def is_plain_property(cls: VersionedClass, name: str, field: _AnyField) -> bool:
    """Whether the attribute is what oslo (or we) made for this field."""
    found = next((vars(one)[name] for one in cls.__mro__ if name in vars(one)), None)
    if isinstance(found, property):
        get: Any = found.fget
        put: Any = found.fset
        return (
            getattr(get, "__code__", None) is _GETTER
            and getattr(put, "__code__", None) is _SETTER
            and get.__defaults__ == (name,)
            and put.__defaults__[0] == name
            and put.__defaults__[1] is field
        )
    return getattr(found, "oslo_field", None) is field


def kind_of(field: _AnyField) -> Kind:
    """How the values of a field, or of the elements in a container, are written and read."""
    kind = field._type
    if not _is_plain_field(field):
        return Kind(write=native.WRITE_CALL, read=native.READ_CALL, field=field)
    write = WRITERS.get(type(kind).to_primitive, native.WRITE_CALL)
    read = READERS.get((type(kind).coerce, type(kind).from_primitive), native.READ_CALL)
    if _OWN_CODE.get(type(kind)) == (type(kind).coerce, type(kind).from_primitive):
        read = _OWN_ADDRESSES[type(kind)]
    if any(name in vars(kind) for name in _TYPE_METHODS):
        write, read = native.WRITE_CALL, native.READ_CALL
    choices = None
    if read == native.READ_CHOICE:
        choices = _choices(kind)
        read = read if choices is not None else native.READ_CALL
    if read == native.READ_AWARE and not kind.tzinfo_aware:  # type: ignore[attr-defined]
        read = native.READ_NAIVE
    element = None
    if read in _CONTAINERS or write in (native.WRITE_LIST, native.WRITE_SET, native.WRITE_DICT):
        element = kind_of(kind._element_type)  # type: ignore[attr-defined]
    return Kind(
        write=write,
        read=read,
        pack=packed_form(wire_type(field).kind),
        nullable=field.nullable,
        field=field,
        element=element,
        choices=choices,
        object_name=getattr(kind, "_obj_name", None),
        polymorphic=bool(getattr(kind, "_subclasses", False)),
    )


def _is_plain_field(field: _AnyField) -> bool:
    cls = type(field)
    return (
        all(getattr(cls, name) is getattr(fields.Field, name) for name in _FIELD_METHODS)
        and cls.nullable is fields.Field.nullable
        and not any(name in vars(field) for name in _FIELD_METHODS)
    )


def _choices(kind: Any) -> frozenset[str] | None:
    """The values of an enum, when they are all text."""
    values = kind._valid_values
    if isinstance(values, str) or not all(type(one) is str for one in values):
        return None
    return frozenset(values)


def _watched(cls: VersionedClass) -> Iterator[type]:
    yield cls
    for field in cls.fields.values():
        inner: Any = field
        while isinstance(inner, fields.Field):
            yield type(inner)
            yield type(inner._type)
            inner = getattr(inner._type, "_element_type", None)


native.configure(
    versioned_object=base.VersionedObject,
    address=netaddr.IPAddress,
    address_4=netaddr.IPAddress("192.0.2.1")._module,
    coerced_list=fields.CoercedList,
    coerced_dict=fields.CoercedDict,
    coerced_set=fields.CoercedSet,
    own_list=containers.List,
    own_dict=containers.Dict,
    own_set=containers.Set,
    rank=sort_key,
    program_of=program_of,
)
