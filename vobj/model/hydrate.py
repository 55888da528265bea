"""From a checked payload of the newest version to an object, with the path of what does not fit.

Theory
    Each field reads its primitive and then takes the value, as in oslo: `from_primitive`, then
    `setattr`, which coerces. Containers of oslo's own types are walked here, one `try` per element,
    so that an error knows where it happened; a type with a `from_primitive` of its own is called.
    Whatever a value makes a type raise is the payload's fault, and becomes a FieldValueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oslo_versionedobjects import base, exception, fields

from vobj.errors import Key, Segment, VobjError
from vobj.evolve import Envelope, Node
from vobj.model.errors import FieldValueError, from_oslo

_AnyField = fields.Field[Any]

# What field types raise when a value does not fit; anything else is a bug and passes.
_UNFIT = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    exception.VersionedObjectsException,
)


def hydrate(cls: type[base.VersionedObject], context: object, node: Node) -> base.VersionedObject:
    """An object of `cls` with the fields and changes of a node; unknown names are ignored.

    Raises FieldValueError (`payload/value`) with the path.
    """
    envelope = Envelope.of(cls.OBJ_SERIAL_NAMESPACE)
    data = envelope.data(node)
    made = cls()
    made._context = context
    for name, field in made.fields.items():
        if name in data:
            try:
                _take(made, name, field, read(field, made, name, data[name]))
            except VobjError as error:
                raise error.within(name) from error.__cause__
    made._changed_fields = {name for name in envelope.changes(node) if name in made.fields}
    return made


def read(field: _AnyField, owner: base.VersionedObject, attr: str, value: Any) -> Any:
    """`field.from_primitive(owner, attr, value)`, with the path of an element that does not fit."""
    if value is None:
        return None
    kind = field._type
    if type(field).from_primitive is fields.Field.from_primitive:
        reader = type(kind).from_primitive
        if reader is fields.List.from_primitive:
            _expect(value, list | tuple, "a list")
            return [_element(kind, owner, attr, value, index) for index in range(len(value))]
        if reader is fields.Set.from_primitive:
            _expect(value, list | tuple | set | frozenset, "a list")
            items = list(value)
            return _guarded(
                lambda: {_element(kind, owner, attr, items, one) for one in range(len(items))}
            )
        if reader is fields.Dict.from_primitive:
            _expect(value, Mapping, "a dict")
            return {
                key: _element(kind, owner, f'{attr}["{key}"]', value, Key(key)) for key in value
            }
    return _guarded(lambda: field.from_primitive(owner, attr, value))


def _element(
    kind: Any, owner: base.VersionedObject, attr: str, value: Any, segment: Segment
) -> Any:
    try:
        return read(kind._element_type, owner, attr, value[segment])
    except VobjError as error:
        raise error.within(segment) from error.__cause__


def _expect(value: object, kind: Any, text: str) -> None:
    if not isinstance(value, kind):
        raise FieldValueError(f"Expected {text}, got {type(value).__name__}", rule="payload/value")


def _guarded(call: Any) -> Any:
    try:
        return call()
    except VobjError:
        raise
    except exception.VersionedObjectsException as error:
        name = str(error.kwargs.get("objname", error.kwargs.get("objtype", "The object")))
        raise from_oslo(error, name, str(error.kwargs.get("objver", ""))) from error
    except _UNFIT as error:
        raise _unfit(error) from error


def _unfit(error: Exception) -> FieldValueError:
    return FieldValueError(f"{type(error).__name__}: {error}", rule="payload/value")


def _take(owner: base.VersionedObject, name: str, field: _AnyField, value: Any) -> None:
    try:
        setattr(owner, name, value)
    except VobjError:
        raise
    except _UNFIT as error:
        segments, inner = _culprit(field, owner, name, value)
        raise _unfit(inner or error).within(*segments) from error


def _culprit(
    field: _AnyField, owner: base.VersionedObject, attr: str, value: Any
) -> tuple[tuple[Segment, ...], Exception | None]:
    """Which element a container does not take, and why; found by asking each, once one failed."""
    element = getattr(field._type, "_element_type", None)
    if element is None or not isinstance(value, list | dict):
        return (), None
    items: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for at, one in items:
        try:
            element.coerce(owner, f"{attr}[{at}]", one)
        except _UNFIT as error:
            segments, inner = _culprit(element, owner, f"{attr}[{at}]", one)
            return (Key(at) if isinstance(at, str) else at, *segments), inner or error
    return (), None
