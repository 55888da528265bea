"""What each annotation becomes, and what is said about those that become nothing."""

from __future__ import annotations

import datetime
import enum
import ipaddress
import typing
import uuid
from typing import Annotated, Any, Literal, Optional

import netaddr
import pytest
from oslo_versionedobjects import base, fields

import vobj
from vobj.fields import Names, Unfit, build, wire_type


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Mood(enum.StrEnum):
    GOOD = "good"
    BAD = "bad"


class Old(str, enum.Enum):  # noqa: UP042 - its str() is not its value
    YES = "yes"


class Number(enum.IntEnum):
    ONE = 1


class Wheel(base.VersionedObject):
    @classmethod
    def obj_name(cls) -> str:
        return "RegisteredWheel"


UserId = typing.NewType("UserId", int)
NAMES = Names({"Colour": Colour, "Wheel": Wheel, "vobj": vobj, "fields": fields})


def made(annotation: Any, **options: Any) -> fields.Field[Any]:
    return build(annotation, NAMES, **options)


SCALARS = [
    (str, fields.StringField, "String"),
    (int, fields.IntegerField, "Integer"),
    (float, fields.FloatField, "Float"),
    (bool, fields.BooleanField, "Boolean"),
    (datetime.datetime, fields.DateTimeField, "DateTime"),
    (uuid.UUID, fields.UUIDField, "UUID"),
    (vobj.UUID, fields.UUIDField, "UUID"),
    (vobj.MACAddress, fields.MACAddressField, "MACAddress"),
    (netaddr.EUI, fields.MACAddressField, "MACAddress"),
    (vobj.IPAddress, fields.IPAddressField, "IPAddress"),
    (netaddr.IPAddress, fields.IPAddressField, "IPAddress"),
    (ipaddress.IPv4Address, fields.IPV4AddressField, "IPV4Address"),
    (vobj.IPv4Address, fields.IPV4AddressField, "IPV4Address"),
    (ipaddress.IPv6Address, fields.IPV6AddressField, "IPV6Address"),
    (vobj.IPv6Address, fields.IPV6AddressField, "IPV6Address"),
    (ipaddress.IPv4Address | ipaddress.IPv6Address, fields.IPAddressField, "IPAddress"),
    (vobj.IPNetwork, fields.IPNetworkField, "IPNetwork"),
    (netaddr.IPNetwork, fields.IPNetworkField, "IPNetwork"),
    (ipaddress.IPv4Network, fields.IPV4NetworkField, "IPV4Network"),
    (vobj.IPv4Network, fields.IPV4NetworkField, "IPV4Network"),
    (ipaddress.IPv6Network, fields.IPV6NetworkField, "IPV6Network"),
    (vobj.IPv6Network, fields.IPV6NetworkField, "IPV6Network"),
    (ipaddress.IPv4Network | ipaddress.IPv6Network, fields.IPNetworkField, "IPNetwork"),
    (UserId, fields.IntegerField, "Integer"),
    (Annotated[str, "a remark"], fields.StringField, "String"),
    (Annotated[str, fields.SensitiveStringField], fields.SensitiveStringField, "SensitiveString"),
    (fields.PCIAddressField, fields.PCIAddressField, "PCIAddress"),
]


@pytest.mark.parametrize(("annotation", "field", "kind"), SCALARS)
def test_scalars(annotation: Any, field: type, kind: str) -> None:
    """A scalar annotation is the oslo field of that type, and has its wire type."""
    found = made(annotation)
    assert isinstance(found, field)
    assert str(wire_type(found)) == kind
    assert not found.nullable


WIRES = [
    (str | None, "String?"),
    (Optional[int], "Integer?"),  # noqa: UP045 - both spellings are in use
    (list[str], "List<String>"),
    (list[str | None], "List<String?>"),
    (list[str] | None, "List<String>?"),
    (set[int], "Set<Integer>"),
    (dict[str, str | None], "Dict<String?>"),
    (dict[str, list[set[int]]], "Dict<List<Set<Integer>>>"),
    (typing.List[int], "List<Integer>"),  # noqa: UP006 - both spellings are in use
    (list[vobj.UUID], "List<UUID>"),
    (Colour, "Enum<blue|red>"),
    (Mood | None, "Enum<bad|good>?"),
    (list[Colour], "List<Enum<blue|red>>"),
    (Literal["b", "a"], "Enum<a|b>"),
    (Literal["a", None], "Enum<a>?"),
    (Wheel, "Object<RegisteredWheel>"),
    (Wheel | None, "Object<RegisteredWheel>?"),
    (list[Wheel], "List<Object<RegisteredWheel>>"),
    (list[Wheel | None], "List<Object<RegisteredWheel>?>"),
    (dict[str, Wheel], "Dict<Object<RegisteredWheel>>"),
    (vobj.Polymorphic[Wheel], "Object<RegisteredWheel+>"),
    (vobj.Polymorphic[Wheel] | None, "Object<RegisteredWheel+>?"),
    (list[vobj.Polymorphic[Wheel]], "List<Object<RegisteredWheel+>>"),
    (dict[str, vobj.Polymorphic["Elsewhere"]], "Dict<Object<Elsewhere+>>"),  # noqa: F821
    ("int", "Integer"),
    ("Wheel", "Object<RegisteredWheel>"),
    ("Elsewhere", "Object<Elsewhere>"),
    ("Elsewhere | None", "Object<Elsewhere>?"),
    ("list[Elsewhere]", "List<Object<Elsewhere>>"),
    ("list['Elsewhere | None']", "List<Object<Elsewhere>?>"),
    ("vobj.Polymorphic[Elsewhere]", "Object<Elsewhere+>"),
    (list["Elsewhere"], "List<Object<Elsewhere>>"),  # noqa: F821
    (Optional["Elsewhere"], "Object<Elsewhere>?"),  # noqa: F821
    ("fields.StringField()", "String"),
    (fields.DictOfListOfStringsField(), "Dict<List<String>>"),
    (list[fields.StringField(nullable=True)], "List<String?>"),  # type: ignore[misc]
]


@pytest.mark.parametrize(("annotation", "wire"), WIRES, ids=[str(one) for one, _ in WIRES])
def test_wire_types(annotation: Any, wire: str) -> None:
    """Nullability, containers, enums, objects and text nest as they are written."""
    assert str(wire_type(made(annotation))) == wire


def test_lists_of_objects_are_oslo_lists_of_objects() -> None:
    """oslo's code finds lists of objects by the field class, so that one is used."""
    assert type(made(list[Wheel])) is fields.ListOfObjectsField
    assert made(list[Wheel]).objname == "RegisteredWheel"  # type: ignore[attr-defined]
    assert type(made(Wheel)) is fields.ObjectField


def test_options_reach_the_field() -> None:
    """default and read_only are those of the field, also beside an instance of one."""
    found = made(int, default=5, read_only=True)
    assert (found.default, found.read_only) == (5, True)
    given = fields.StringField(nullable=True)
    assert made(given) is given
    copy = made(given, default="x")
    assert (copy.default, copy.nullable, given.default) == ("x", True, fields.UnspecifiedDefault)


@pytest.mark.parametrize(
    ("annotation", "given", "value"),
    [
        (Colour, Colour.RED, "red"),
        (Colour, "blue", "blue"),
        (Mood, Mood.BAD, "bad"),
        (Old, Old.YES, "yes"),
        (netaddr.EUI, netaddr.EUI("00-1B-77-49-54-FD"), "00:1b:77:49:54:fd"),
        (vobj.IPAddress, ipaddress.ip_address("::1"), netaddr.IPAddress("::1")),
        (ipaddress.IPv4Address, "10.0.0.1", netaddr.IPAddress("10.0.0.1")),
        (vobj.IPv4Network, ipaddress.ip_network("10.0.0.0/8"), netaddr.IPNetwork("10.0.0.0/8")),
        (uuid.UUID, uuid.UUID(int=5), str(uuid.UUID(int=5))),
    ],
)
def test_values_of_the_annotated_type_are_taken(annotation: Any, given: Any, value: Any) -> None:
    """A field takes what its annotation names, and reads as oslo's type does."""
    assert made(annotation).coerce(None, "it", given) == value


def test_enum_defaults_are_their_values() -> None:
    """A default may be a member of the enum class."""
    assert made(Colour, default=Colour.RED).default == "red"


def test_an_enum_refuses_other_values() -> None:
    """Text that is no value of the enum is refused as oslo refuses it."""
    with pytest.raises(ValueError, match="green is invalid"):
        made(Colour).coerce(None, "it", "green")


def test_a_class_fingerprint_does_not_depend_on_who_made_the_field() -> None:
    """oslo's fingerprints hash the repr of fields; ours has the text of oslo's."""
    assert repr(made(Literal["a", "b"])) == repr(fields.EnumField(["a", "b"]))
    assert repr(made(vobj.MACAddress)) == repr(fields.MACAddressField())
    assert repr(made(list[Wheel])) == repr(fields.ListOfObjectsField("RegisteredWheel"))


@pytest.mark.parametrize(
    ("annotation", "what"),
    [
        (bytes, "bytes has no field type"),
        (Any, "has no field type"),
        (None, "has no field type"),
        (list, "list does not say of what. Write list"),
        (dict, "Write dict"),
        (dict[int, str], "The keys of a dict are int"),
        (tuple[int, int], "has no field type"),
        (int | str, "int | str is more than one type"),
        (Number, "the value 1, which is not text"),
        (Literal[1], "the value 1, which is not text"),
        (enum.Enum("Empty", []), "An enum has no values"),
        (set[Wheel], "cannot be hashed"),
        (set[list[str]], "cannot be hashed"),  # type: ignore[type-var]
        (vobj.Polymorphic[int], "is not about a versioned object"),
        ("list[", "cannot be read"),
        ("fields.NoSuchField", "cannot be read"),
        ("Elsewhere.Inner", "cannot be read"),
        ("int[str]", "cannot be read"),
        (fields.ObjectField, "cannot be made without arguments"),
    ],
    ids=str,
)
def test_what_has_no_field(annotation: Any, what: str) -> None:
    """An annotation without a field type says why, and what to write instead."""
    with pytest.raises(Unfit, match=what.replace("[", r"\[").replace("|", r"\|")):
        made(annotation)
