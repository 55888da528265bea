"""What an object looks like when no library is meant: names, types, values.

Theory
    Every contender has to hold the same data. So a data set is written once, as an oslo object, and
    its `Shape` is read from it: from that the classes of every other library are made. A field that
    is not set is left out of the shape, since most libraries know no unset fields.

    `value` and `comparable` bring results of any library into one form, to see that they are equal.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from oslo_versionedobjects import base, fields

_SCALARS: tuple[tuple[type[fields.Field], str], ...] = (
    (fields.BooleanField, "bool"),
    (fields.IntegerField, "int"),
    (fields.FloatField, "float"),
    (fields.DateTimeField, "time"),
)
_PYTHON = {"bool": bool, "int": int, "float": float, "str": str, "time": datetime.datetime}
_PREFIXES = ("Plain", "Dated", "Own")


@dataclass(frozen=True)
class Type:
    """Of one value. kind: bool, int, float, str, time, enum, list, dict or object.

    choices: of an enum. element: of a list or of the values of a dict. shape: of an object.
    """

    kind: str
    nullable: bool = False
    choices: tuple[str, ...] = ()
    element: Type | None = None
    shape: Shape | None = None


@dataclass(frozen=True)
class Shape:
    """The set fields of one class, in the order of their declaration. name: without a prefix."""

    name: str
    fields: Mapping[str, Type]


def bare(name: str) -> str:
    """The name of a class without what tells the families of classes apart."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def shape_of(obj: base.VersionedObject) -> Shape:
    """The shape of an object and of all objects in it. A list has the shape of its first one."""
    names = [name for name in obj.fields if obj.obj_attr_is_set(name)]
    types = {name: _type(getattr(obj, name), obj.fields[name]) for name in names}
    return Shape(bare(obj.obj_name()), types)


def _type(value: object, field: fields.Field | None = None) -> Type:
    nullable = field is not None and field.nullable
    if isinstance(value, base.VersionedObject):
        return Type("object", nullable, shape=shape_of(value))
    if isinstance(value, dict):
        return Type("dict", nullable, element=_type(next(iter(value.values()))))
    if isinstance(value, list | set):
        return Type("list", nullable, element=_type(next(iter(value))))
    if isinstance(field, fields.BaseEnumField):
        return Type("enum", nullable, choices=tuple(map(str, field.valid_values)))
    for cls, kind in _SCALARS:
        if isinstance(field, cls):
            return Type(kind, nullable)
    if field is None and type(value) in (bool, int, float):
        return Type(type(value).__name__, nullable)
    return Type("str", nullable)


def value(held: Any) -> Any:
    """A value as plain data: objects are dicts, sets lists, addresses text; times stay."""
    if isinstance(held, base.VersionedObject):
        return {name: value(getattr(held, name)) for name in held.fields if name in held}
    if isinstance(held, dict):
        return {str(key): value(one) for key, one in held.items()}
    if isinstance(held, list | tuple):
        return [value(one) for one in held]
    if isinstance(held, set | frozenset):
        return sorted(value(one) for one in held)
    if held is None or isinstance(held, bool | int | float | datetime.datetime):
        return held
    return str(held)


def comparable(held: Any) -> Any:
    """`value` with times as text in UTC, so that it can be written as JSON."""
    if isinstance(held, datetime.datetime):
        return primitive_time(held)
    if isinstance(held, dict):
        return {key: comparable(one) for key, one in held.items()}
    if isinstance(held, list):
        return [comparable(one) for one in held]
    return held


def primitive_time(moment: datetime.datetime) -> str:
    """As oslo writes it: `2026-03-14T15:09:26Z`."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC)
    return moment.replace(tzinfo=None).isoformat() + "Z"


def annotation(kind: Type, classes: Mapping[str, Any]) -> Any:
    """A type as annotations spell it. classes: by the names of shapes."""
    if kind.shape is not None:
        found = classes[kind.shape.name]
    elif kind.element is not None:
        inner = annotation(kind.element, classes)
        found = dict[str, inner] if kind.kind == "dict" else list[inner]  # type: ignore[valid-type]
    elif kind.kind == "enum":
        found = Literal[kind.choices]
    else:
        found = _PYTHON[kind.kind]
    return found | None if kind.nullable else found


def classes_of(shape: Shape, make: Callable[[Shape, Mapping[str, Any]], Any]) -> dict[str, Any]:
    """One class for each shape in a shape; make gets those of the objects inside."""
    made: dict[str, Any] = {}

    def visit(one: Shape) -> None:
        for kind in one.fields.values():
            inner = kind.element or kind
            if inner.shape is not None and inner.shape.name not in made:
                visit(inner.shape)
        made[one.name] = make(one, made)

    visit(shape)
    return made


def built(shape: Shape, classes: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """An object with these values, from classes that take them by name."""
    parts = {name: _part(kind, classes, values[name]) for name, kind in shape.fields.items()}
    return classes[shape.name](**parts)


def _part(kind: Type, classes: Mapping[str, Any], held: Any) -> Any:
    if held is None:
        return None
    if kind.shape is not None:
        return built(kind.shape, classes, held)
    if kind.element is not None and kind.element.shape is not None:
        return [_part(kind.element, classes, one) for one in held]
    return held


def constructor(
    shape: Shape, classes: Mapping[str, Any], values: Mapping[str, Any]
) -> Callable[[], Any]:
    """Work that builds the object as one expression, `Server(id=..., flavor=Flavor(...))`.

    So what is timed is the classes, and not a loop over fields.
    """
    bound: dict[str, Any] = {}

    def name_of(thing: Any) -> str:
        bound[f"v{len(bound)}"] = thing
        return f"v{len(bound) - 1}"

    def call(one: Shape, data: Mapping[str, Any]) -> str:
        cls = name_of(classes[one.name])
        return f"{cls}({', '.join(f'{n}={part(k, data[n])}' for n, k in one.fields.items())})"

    def part(kind: Type, held: Any) -> str:
        if held is not None and kind.shape is not None:
            return call(kind.shape, held)
        if kind.element is not None and kind.element.shape is not None:
            return f"[{', '.join(part(kind.element, one) for one in held)}]"
        return name_of(held)

    text = call(shape, values)
    made: Callable[[], Any] = eval(f"lambda {', '.join(f'{n}={n}' for n in bound)}: {text}", bound)
    return made


def reader(obj: object, names: tuple[str, ...]) -> Callable[[], None]:
    """Work that reads each of these attributes once."""
    return _statements(obj, [f"o.{name}" for name in names], {})


def writer(obj: object, values: Mapping[str, object]) -> Callable[[], None]:
    """Work that sets each of these attributes once."""
    bound = {f"v_{name}": held for name, held in values.items()}
    return _statements(obj, [f"o.{name} = v_{name}" for name in values], bound)


def _statements(obj: object, lines: list[str], bound: dict[str, Any]) -> Callable[[], None]:
    arguments = ", ".join(["o=o", *(f"{name}={name}" for name in bound)])
    namespace: dict[str, Any] = {"o": obj, **bound}
    body = "".join(f"    {line}\n" for line in lines)
    exec(f"def work({arguments}):\n{body}", namespace)
    made: Callable[[], None] = namespace["work"]
    return made
