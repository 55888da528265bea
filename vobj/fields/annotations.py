"""From an annotation to an oslo field.

Theory
    Each annotation is resolved alone, so one that cannot be read names itself and spoils no other.
    Text (quoted, or all of it under `from __future__ import annotations`) is evaluated with the
    names of the class body, of the functions around it that still run, of its module, and the
    builtins, in that order. A bare name that none of them has is the registry name of an object:
    services refer to classes they never import. Such a name becomes a class of its own that derives
    from `RegistryName`, so that it may stand wherever a class may: in `list[...]`, beside `| None`.

    `Annotated[X, F]` with an oslo field or field class `F` means F; type checkers see X. That is
    how `vobj.UUID` and its like are made, and how a project names its own field types.
"""

from __future__ import annotations

import builtins
import copy
import datetime
import enum
import inspect
import ipaddress
import sys
import types
import typing
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union

import netaddr
from oslo_versionedobjects import base, fields

from vobj.changes import ABSENT
from vobj.fields import types as own

T = TypeVar("T")


class Unfit(Exception):
    """An annotation has no field; `what` says why, `mend` what to write."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}. {mend}")
        self.what = what
        self.mend = mend


class RegistryName:
    """Stands for a class that is known by its registry name only."""


class _Subclasses:
    """The mark of `Polymorphic`."""


UUID: TypeAlias = Annotated[str, fields.UUIDField]
MACAddress: TypeAlias = Annotated[str, own.MACAddressField]
IPAddress: TypeAlias = Annotated[netaddr.IPAddress, own.IPAddressField]
IPv4Address: TypeAlias = Annotated[netaddr.IPAddress, own.IPV4AddressField]
IPv6Address: TypeAlias = Annotated[netaddr.IPAddress, own.IPV6AddressField]
IPNetwork: TypeAlias = Annotated[netaddr.IPNetwork, own.IPNetworkField]
IPv4Network: TypeAlias = Annotated[netaddr.IPNetwork, own.IPV4NetworkField]
IPv6Network: TypeAlias = Annotated[netaddr.IPNetwork, own.IPV6NetworkField]
Polymorphic: TypeAlias = Annotated[T, _Subclasses]

_LEAVES: Mapping[type, Any] = {
    str: fields.StringField,
    int: fields.IntegerField,
    float: fields.FloatField,
    bool: fields.BooleanField,
    datetime.datetime: fields.DateTimeField,
    uuid.UUID: fields.UUIDField,
    netaddr.EUI: own.MACAddressField,
    netaddr.IPAddress: own.IPAddressField,
    netaddr.IPNetwork: own.IPNetworkField,
    ipaddress.IPv4Address: own.IPV4AddressField,
    ipaddress.IPv6Address: own.IPV6AddressField,
    ipaddress.IPv4Network: own.IPV4NetworkField,
    ipaddress.IPv6Network: own.IPV6NetworkField,
}
_EITHER: Mapping[frozenset[Any], Any] = {
    frozenset({ipaddress.IPv4Address, ipaddress.IPv6Address}): own.IPAddressField,
    frozenset({ipaddress.IPv4Network, ipaddress.IPv6Network}): own.IPNetworkField,
}
_NONE = type(None)
_UNREADABLE = (AttributeError, LookupError, NameError, SyntaxError, TypeError, ValueError)


def annotations_of(cls: type) -> dict[str, Any]:
    """The annotations of a class body, unresolved where they cannot be read yet."""
    if sys.version_info >= (3, 14):
        import annotationlib

        return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
    return dict(inspect.get_annotations(cls))


def registry_name(name: str) -> type[RegistryName]:
    """A class that stands for the object registered as `name`."""
    return type(name, (RegistryName,), {})


class Names(dict[str, Any]):
    """The names that text in an annotation may use; what is missing is a registry name."""

    def __init__(self, *layers: Mapping[str, Any]) -> None:
        super().__init__()
        self._layers = layers

    def __missing__(self, name: str) -> Any:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        return getattr(builtins, name, None) or registry_name(name)

    @classmethod
    def of(cls, owner: type) -> Names:
        """The names around a class that is being created: its body, its functions, its module."""
        typed = set(annotations_of(owner))
        body = {name: value for name, value in vars(owner).items() if name not in typed}
        module = sys.modules.get(owner.__module__)
        return cls(body, *_function_locals(owner), {} if module is None else vars(module))

    def resolve(self, annotation: Any) -> Any:
        """The annotation as an object; text and forward references are evaluated.

        Raises Unfit when the text is no expression, or fails.
        """
        extra: Mapping[str, Any] = {}
        if isinstance(annotation, typing.ForwardRef):
            extra = getattr(annotation, "__extra_names__", None) or {}
            annotation = annotation.__forward_arg__
        if not isinstance(annotation, str):
            return annotation
        try:
            return self.resolve(eval(annotation, {}, Names(extra, self, *self._layers)))
        except _UNREADABLE as error:
            raise Unfit(
                f"The annotation {annotation!r} cannot be read ({error})",
                "Write a type, or the bare registry name of an object.",
            ) from None


def _function_locals(owner: type) -> list[Mapping[str, Any]]:
    """The local variables of the functions around a class, innermost first, while they run."""
    found: list[Mapping[str, Any]] = []
    around = owner.__qualname__
    while "<locals>" in around:
        around = around.rpartition(".<locals>")[0]
        frame = sys._getframe(1)
        while frame is not None and not (
            frame.f_code.co_qualname == around
            and frame.f_globals.get("__name__") == owner.__module__
        ):
            frame = frame.f_back  # type: ignore[assignment]
        if frame is not None:
            found.append(frame.f_locals)
    return found


def build(
    annotation: Any,
    names: Names,
    *,
    nullable: bool = False,
    default: Any = ABSENT,
    read_only: bool = False,
) -> fields.Field[Any]:
    """The oslo field of an annotation.

    Raises Unfit when there is none.
    """
    annotation = names.resolve(annotation)
    options: dict[str, Any] = {"nullable": nullable, "read_only": read_only}
    if default is not ABSENT:
        options["default"] = default
    if isinstance(annotation, fields.Field):
        return _adjusted(annotation, options)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        return _from_union(arguments, names, options)
    if origin is Annotated:
        return _from_annotated(arguments, names, options)
    if origin is Literal:
        options["nullable"] = nullable or None in arguments
        return _enum([one for one in arguments if one is not None], options)
    if origin in (list, set, dict):
        return _container(origin, arguments, names, options)
    if isinstance(annotation, typing.NewType):
        return build(annotation.__supertype__, names, **options)
    if hasattr(annotation, "__value__"):  # `type X = ...`
        return build(annotation.__value__, names, **options)
    if isinstance(annotation, type):
        return _from_class(annotation, options)
    raise _no_field(annotation)


def _from_union(
    members: tuple[Any, ...], names: Names, options: dict[str, Any]
) -> fields.Field[Any]:
    some = [one for one in members if one is not _NONE and one is not None]
    if len(some) < len(members):
        options["nullable"] = True
    if len(some) == 1:
        return build(some[0], names, **options)
    either = _EITHER.get(frozenset(some)) if all(isinstance(one, type) for one in some) else None
    if either is None:
        shown = " | ".join(_shown(one) for one in some)
        raise Unfit(
            f"{shown} is more than one type",
            "Write one type, or X | None, or give an oslo field with vobj.field(type=...).",
        )
    made: fields.Field[Any] = either(**options)
    return made


def _from_annotated(
    arguments: tuple[Any, ...], names: Names, options: dict[str, Any]
) -> fields.Field[Any]:
    inner, *marks = arguments
    for mark in marks:
        if isinstance(mark, fields.Field) or _is_field_class(mark):
            return build(mark, names, **options)
        if mark is _Subclasses:
            made = build(inner, names, **options)
            if not isinstance(made, fields.ObjectField):
                raise Unfit(
                    f"Polymorphic[{_shown(inner)}] is not about a versioned object",
                    "Write Polymorphic[Base] with the class whose subclasses may stand there.",
                )
            return fields.ObjectField(made.objname, subclasses=True, **options)
    return build(inner, names, **options)


def _from_class(annotation: type, options: dict[str, Any]) -> fields.Field[Any]:
    made: fields.Field[Any]
    if issubclass(annotation, RegistryName):
        made = fields.ObjectField(annotation.__name__, **options)
    elif issubclass(annotation, base.VersionedObject):
        made = fields.ObjectField(annotation.obj_name(), **options)
    elif issubclass(annotation, enum.Enum):
        made = _enum([member.value for member in annotation], options)
    elif issubclass(annotation, fields.Field):
        made = _instance(annotation, options)
    elif annotation in _LEAVES:
        made = _LEAVES[annotation](**options)
    else:
        raise _no_field(annotation)
    return made


def _enum(values: list[Any], options: dict[str, Any]) -> fields.Field[Any]:
    odd = [value for value in values if not isinstance(value, str)]
    if odd or not values:
        what = f"the value {odd[0]!r}, which is not text" if odd else "no values"
        raise Unfit(f"An enum has {what}", "Give every member of the enum a text value.")
    plain = [str(one.value) if isinstance(one, enum.Enum) else one for one in values]
    if isinstance(options.get("default"), enum.Enum):
        options["default"] = options["default"].value
    return own.EnumField(plain, **options)


def _container(
    origin: Any, arguments: tuple[Any, ...], names: Names, options: dict[str, Any]
) -> fields.Field[Any]:
    if origin is dict and names.resolve(arguments[0]) is not str:
        raise Unfit(f"The keys of a dict are {_shown(arguments[0])}", "Write dict[str, ...].")
    inner = build(arguments[-1], names)
    kind = inner._type
    if origin is list and isinstance(inner, fields.ObjectField) and not inner.nullable:
        return fields.ListOfObjectsField(inner.objname, inner._type._subclasses, **options)  # type: ignore[attr-defined]
    if origin is set and isinstance(kind, fields.Object | fields.CompoundFieldType):
        raise Unfit(
            f"A set of {_shown(arguments[-1])} has elements that cannot be hashed",
            "Write list[...].",
        )
    compound: Any = {list: fields.List, set: fields.Set, dict: fields.Dict}[origin]
    return fields.Field(compound(kind, nullable=inner.nullable), **options)


def _is_field_class(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, fields.Field)


def _instance(cls: type[fields.Field[Any]], options: dict[str, Any]) -> fields.Field[Any]:
    try:
        return cls(**options)
    except (AttributeError, TypeError) as error:
        raise Unfit(
            f"{cls.__name__} cannot be made without arguments ({error})",
            "Give an instance of it with vobj.field(type=...).",
        ) from None


def _adjusted(field: fields.Field[Any], options: dict[str, Any]) -> fields.Field[Any]:
    """The field itself, or a copy with what was said beside it."""
    wanted = {
        "_nullable": field.nullable or options["nullable"],
        "_read_only": field.read_only or options["read_only"],
        "_default": options.get("default", field.default),
    }
    if all(getattr(field, name) is value for name, value in wanted.items()):
        return field
    twin = copy.copy(field)
    for name, value in wanted.items():
        setattr(twin, name, value)
    return twin


def _no_field(annotation: object) -> Unfit:
    bare = {list: "list[...]", dict: "dict[str, ...]", set: "set[...]"}
    if isinstance(annotation, type) and annotation in bare:
        return Unfit(f"{_shown(annotation)} does not say of what", f"Write {bare[annotation]}.")
    return Unfit(
        f"{_shown(annotation)} has no field type",
        "Write a type that has one, or give an oslo field with vobj.field(type=...).",
    )


def _shown(annotation: object) -> str:
    return annotation.__name__ if isinstance(annotation, type) else repr(annotation)
