"""The wire types of fields that projects define."""

from __future__ import annotations

from typing import Any

from oslo_versionedobjects import fields

from vobj.fields import wire_type


class Resource(fields.String):
    def coerce(self, obj: Any, attr: str, value: Any) -> str:
        return super().coerce(obj, attr, value).upper()


class Json(fields.FieldType[Any]):
    def to_primitive(self, obj: Any, attr: str, value: Any) -> object:
        return repr(value)


class Power(fields.Enum):
    def __init__(self) -> None:
        super().__init__(valid_values=("on", "off"))


class Names(fields.List[str]):
    pass


class JoinedNames(fields.List[str]):
    def to_primitive(self, obj: Any, attr: str, value: Any) -> Any:
        return ",".join(value)


class PowerField(fields.BaseEnumField):
    AUTO_TYPE = Power()


class HexField(fields.IntegerField):
    def to_primitive(self, obj: Any, attr: str, value: Any) -> object:
        return hex(value)


class EmptyField(fields.IntegerField):
    pass


def text(field: fields.Field[Any]) -> str:
    return str(wire_type(field))


def test_a_project_type_is_named_after_its_class() -> None:
    """Two releases with the same source compute the same name, and others a different one."""
    assert text(fields.Field(Resource())) == "Resource"
    assert text(fields.Field(Json(), nullable=True)) == "Json?"
    assert wire_type(fields.Field(Resource())) == wire_type(fields.Field(Resource()))


def test_an_enum_gives_its_values_sorted() -> None:
    """The order in which a project lists values means nothing."""
    assert text(PowerField()) == "Power<off|on>"
    assert text(fields.EnumField(["b", "a"], nullable=True)) == "Enum<a|b>?"
    assert wire_type(fields.EnumField(["b", "a"])) == wire_type(fields.EnumField(("a", "b")))


def test_a_container_is_looked_into_only_if_it_writes_as_oslo_does() -> None:
    """A list that is text on the wire is not a list there."""
    assert text(fields.Field(Names(fields.String()))) == "List<String>"
    assert text(fields.Field(JoinedNames(fields.String()))) == "JoinedNames"


def test_elements_have_their_own_nullability() -> None:
    """Whether an element may be None is part of the element's type."""
    assert text(fields.DictOfNullableStringsField()) == "Dict<String?>"
    assert text(fields.ListOfDictOfNullableStringsField()) == "List<Dict<String?>>"


def test_a_field_class_that_writes_by_itself_names_the_type() -> None:
    """What a Field subclass puts on the wire is its own; an empty subclass changes nothing."""
    assert text(HexField()) == "HexField"
    assert text(EmptyField()) == "Integer"


def test_objects_give_their_declared_name() -> None:
    """An object field names the registered class, and whether its subclasses may stand there."""
    found = wire_type(fields.ListOfObjectsField("VIFBase", subclasses=True, nullable=True))
    assert found.nullable
    child = found.child()
    assert child is not None
    assert (child.object_name, child.polymorphic) == ("VIFBase", True)
