"""Every field type of `oslo_versionedobjects.fields`, some that projects write, and their values.

`LEAVES` names fields without objects. `values` and `sample` give a value for any field, looking at
its type alone: drawn by hypothesis, or by dice for classes that somebody else wrote. Objects inside
a field come from the caller.
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from oslo_versionedobjects import fields

Objects = Callable[[str, object], st.SearchStrategy[Any]]
Maker = Callable[[str, object], Any]


class ModeField(fields.BaseEnumField):
    """An enum as projects write it: a field class around a type instance."""

    AUTO_TYPE = fields.Enum(valid_values=("vepa", "bridge"))


class TaskState(fields.StateMachine):
    """A value that may only go one way."""

    ALLOWED_TRANSITIONS = {"queued": {"done"}, "done": set()}

    def __init__(self, **options: Any) -> None:
        super().__init__(("queued", "done"), **options)


class JsonText(fields.FieldType[Any]):
    """A dict that travels as JSON text."""

    def coerce(self, obj: Any, attr: str, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"{attr} takes a dict, not {value!r}")
        return value

    def to_primitive(self, obj: Any, attr: str, value: Any) -> str:
        return json.dumps(value, sort_keys=True)

    def from_primitive(self, obj: Any, attr: str, value: Any) -> Any:
        return json.loads(value)


class ShoutedText(fields.String):
    """Normalizes what it is given, and so whatever is decoded as well."""

    def coerce(self, obj: Any, attr: str, value: Any) -> str:
        return super().coerce(obj, attr, value).upper()


class LooseDict(fields.FieldType[Any]):
    """Takes text for a dict; its contents are anything."""

    def coerce(self, obj: Any, attr: str, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else dict(value)


class LooseDictField(fields.AutoTypedField[Any]):
    """Reads None as an empty dict."""

    AUTO_TYPE = LooseDict()

    def _null(self, obj: Any, attr: str) -> Any:
        return {}


class EnvironmentField(fields.StringField):
    """Adds to the value on the way out, and takes it off on the way in, as a field."""

    def to_primitive(self, obj: Any, attr: str, value: Any) -> Any:
        return None if value is None else f"env:{value}"

    def from_primitive(self, obj: Any, attr: str, value: Any) -> Any:
        return None if value is None else value.removeprefix("env:")


class PlainIntegerField(fields.IntegerField):
    """An empty subclass."""


LEAVES: Mapping[str, Callable[..., fields.Field[Any]]] = {
    "string": fields.StringField,
    "sensitive": fields.SensitiveStringField,
    "predicate": fields.VersionPredicateField,
    "enum": lambda **options: fields.EnumField(["on", "off"], **options),
    "base_enum": ModeField,
    "state": TaskState,
    "uuid": fields.UUIDField,
    "mac": fields.MACAddressField,
    "pci": fields.PCIAddressField,
    "integer": fields.IntegerField,
    "natural": fields.NonNegativeIntegerField,
    "float": fields.FloatField,
    "weight": fields.NonNegativeFloatField,
    "boolean": fields.BooleanField,
    "flexible_boolean": fields.FlexibleBooleanField,
    "datetime": fields.DateTimeField,
    "naive_datetime": lambda **options: fields.DateTimeField(tzinfo_aware=False, **options),
    "dict_str": fields.DictOfStringsField,
    "dict_nullable": fields.DictOfNullableStringsField,
    "dict_int": fields.DictOfIntegersField,
    "list_str": fields.ListOfStringsField,
    "set_str": fields.SetOfStringsField,
    "list_list_str": fields.ListOfListsOfStringsField,
    "dict_list_str": fields.DictOfListOfStringsField,
    "dict_set_int": fields.DictOfSetOfIntegersField,
    "list_enum": lambda **options: fields.ListOfEnumField(["a", "b", "c"], **options),
    "set_int": fields.SetOfIntegersField,
    "list_set_int": fields.ListOfSetsOfIntegersField,
    "list_int": fields.ListOfIntegersField,
    "list_dict_nullable": fields.ListOfDictOfNullableStringsField,
    "list_uuid": fields.ListOfUUIDField,
    "ip": fields.IPAddressField,
    "ipv4": fields.IPV4AddressField,
    "ipv6": fields.IPV6AddressField,
    "ip_any": fields.IPV4AndV6AddressField,
    "network": fields.IPNetworkField,
    "ipv4_network": fields.IPV4NetworkField,
    "ipv6_network": fields.IPV6NetworkField,
    "list_ip": lambda **options: fields.Field(fields.List(fields.IPAddress()), **options),
    "set_mac": lambda **options: fields.Field(fields.Set(fields.MACAddress()), **options),
    "list_maybe_int": lambda **options: fields.Field(
        fields.List(fields.Integer(), nullable=True), **options
    ),
    "raw": lambda **options: fields.Field(fields.FieldType(), **options),
    "json_text": lambda **options: fields.Field(JsonText(), **options),
    "shouted": lambda **options: fields.Field(ShoutedText(), **options),
    "loose_dict": LooseDictField,
    "environment": EnvironmentField,
    "plain_integer": PlainIntegerField,
}

_UUIDS = ("29f2b9b6-6eb4-4b55-8b8f-3f7a4ec7ce44", "d2b9e1aa-1b7c-4f0d-9f4f-1c7c9e1b2f3a")
_MACS = ("fa:16:3e:00:00:01", "FA:16:3E:AB:CD:EF", "52:54:00:12:34:56")
_V4, _V6 = ("10.0.0.1", "192.168.7.254"), ("2001:db8::1", "fe80::a")
_V4_NETS, _V6_NETS = ("10.0.0.0/8", "192.168.7.1/24"), ("2001:db8::/64", "fe80::1/10")
_WHEN = datetime.datetime(2026, 3, 1, 12, 30, 15)
_WHENS = (
    _WHEN,
    _WHEN.replace(tzinfo=datetime.UTC),
    datetime.datetime(1999, 12, 31, 23, 59, 59, 5, tzinfo=datetime.UTC),
)
_TEXTS = ("", "a", "vz", "parallels", "naïve ☃", 'q"\\', "x" * 40)

# The first type that a field's type is an instance of says which values it takes.
_SAMPLES: tuple[tuple[type[Any], tuple[Any, ...]], ...] = (
    (fields.VersionPredicate, (">=1.0", "<2.0, !=1.5")),
    (fields.String, _TEXTS),
    (fields.UUID, _UUIDS),
    (fields.MACAddress, _MACS),
    (fields.PCIAddress, ("0000:02:00.0", "ffff:1f:1f.7")),
    (fields.NonNegativeInteger, (0, 1, 2**40)),
    (fields.Integer, (0, 1, -7, 2**40)),
    (fields.NonNegativeFloat, (0.0, 0.1, 1e300)),
    (fields.Float, (0.0, -2.5, 0.1, 1e300)),
    (fields.Boolean, (True, False)),
    (fields.DateTime, _WHENS),
    (fields.IPV4Address, _V4),
    (fields.IPV6Address, _V6),
    (fields.IPAddress, _V4 + _V6),
    (fields.IPV4Network, _V4_NETS),
    (fields.IPV6Network, _V6_NETS),
    (fields.IPNetwork, _V4_NETS + _V6_NETS),
    (JsonText, ({}, {"a": [1, None], "b": {"c": "ü"}})),
    (LooseDict, ({}, {"a": 1}, '{"b": [true]}')),
)
_RAW = (7, "text", [1, [2]], {"k": {"n": None}}, True, 1.5)


def values(field: fields.Field[Any], objects: Objects) -> st.SearchStrategy[Any]:
    """Values for a field, None among them where it is allowed; sets and lists stay short.

    objects: gives the strategy for objects of a registry name, and of its subclasses if told so.
    """
    some = _of_type(field._type, objects)
    return st.one_of(st.none(), some) if field.nullable else some


def _of_type(kind: Any, objects: Objects) -> st.SearchStrategy[Any]:
    match kind:
        case fields.Object():
            return objects(kind._obj_name, kind._subclasses)
        case fields.List():
            return st.lists(values(kind._element_type, objects), max_size=3)
        case fields.Set():
            return st.sets(values(kind._element_type, objects), max_size=3)
        case fields.Dict():
            keys = st.sampled_from(("a", "b.c", "ü"))
            return st.dictionaries(keys, values(kind._element_type, objects), max_size=2)
        case _:
            return st.sampled_from(_plain(kind))


def _plain(kind: Any) -> Sequence[Any]:
    if isinstance(kind, fields.Enum):
        return list(kind.valid_values)
    return next((samples for type_, samples in _SAMPLES if isinstance(kind, type_)), _RAW)


def sample(field: fields.Field[Any], dice: random.Random, make: Maker) -> Any:
    """A value for a field, None now and then where it is allowed.

    make: gives an object of a registry name, or of its subclasses if told so.
    """
    if field.nullable and dice.random() < 0.15:
        return None
    return _sampled(field._type, dice, make)


def _sampled(kind: Any, dice: random.Random, make: Maker) -> Any:
    match kind:
        case fields.Object():
            return make(kind._obj_name, kind._subclasses)
        case fields.List():
            return [sample(kind._element_type, dice, make) for _ in range(dice.randint(0, 3))]
        case fields.Set():
            return {sample(kind._element_type, dice, make) for _ in range(dice.randint(0, 3))}
        case fields.Dict():
            return {key: sample(kind._element_type, dice, make) for key in ("a", "b.c")}
        case _:
            return dice.choice(_plain(kind))
