"""What a class body declares, and how its mistakes are told."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, ClassVar, Literal

import pytest
from oslo_versionedobjects import base, fields

import vobj
from vobj import Added, Converted, Mapped, NoChange, Refused, Removed, Renamed


def wire(cls: type[Any], version: str) -> dict[str, str]:
    """The fields of a class at a version, as text."""
    return {name: str(kind) for name, kind in vobj.history_of(cls).schema(version).fields.items()}


def test_annotations_are_fields() -> None:
    """Annotations become real oslo fields, in the order of the body."""

    @vobj.register
    class Server(vobj.VersionedObject):
        uuid: vobj.UUID = vobj.field(key=True)
        name: str = "unnamed"
        slot: int = fields.IntegerField(nullable=True)  # type: ignore[assignment]
        note: str = vobj.field(type=fields.SensitiveStringField())
        owner: str = vobj.field(default="root", read_only=True)

    assert list(Server.fields) == ["uuid", "name", "slot", "note", "owner"]
    assert all(isinstance(one, fields.Field) for one in Server.fields.values())
    assert Server.fields["name"].default == "unnamed"
    assert Server.fields["slot"].nullable
    assert isinstance(Server.fields["note"], fields.SensitiveStringField)
    assert Server.fields["owner"].read_only
    assert vobj.history_of(Server).key == "uuid"


def test_what_is_no_field() -> None:
    """ClassVar, private names, names of the base class and plain attributes are no fields."""

    @vobj.register
    class Server(vobj.VersionedObject):
        VERSION: str = "1.0"
        LIMIT: ClassVar[int] = 5
        QUOTED: "ClassVar[int]" = 6  # noqa: UP037 - the quotes are what is tested
        _cache: int
        plain = 7
        obj_extra_fields: list[str] = ["more"]  # type: ignore[misc]
        name: str

    assert list(Server.fields) == ["name"]
    assert (Server.LIMIT, Server.QUOTED, Server.plain) == (5, 6, 7)


def test_names_around_the_class_are_found() -> None:
    """Text in an annotation sees the names of the functions around the class."""

    class Colour(enum.Enum):
        RED = "red"

    def inner() -> type[vobj.VersionedObject]:
        Shade = Literal["dark"]  # noqa: N806 - a type, named in an annotation

        class Server(vobj.VersionedObject):
            colour: Colour
            shade: "Shade"  # noqa: UP037
            flavor: "list[Flavor]"  # type: ignore[name-defined]  # noqa: F821, UP037

        return Server

    assert wire(inner(), "1.0") == {
        "colour": "Enum<red>",
        "shade": "Enum<dark>",
        "flavor": "List<Object<Flavor>>",
    }


def test_a_field_may_be_called_like_its_type() -> None:
    """A field does not hide the module or type that its own annotation names."""

    class Server(vobj.VersionedObject):
        enum: "enum.Enum | None" = vobj.field(type=fields.StringField())  # noqa: UP037
        vobj: "vobj.UUID" = vobj.field()  # type: ignore[name-defined]  # noqa: UP037

    assert wire(Server, "1.0")["vobj"] == "UUID"


def test_oslo_fields_with_changes_beside_them() -> None:
    """oslo's `fields` keep working; `changes` dates them, and `field(...)` there gives the key."""

    @vobj.register
    class Server(vobj.VersionedObject):
        VERSION = "1.3"
        fields = {
            "uuid": fields.UUIDField(),
            "host": fields.StringField(),
            "quota": fields.IntegerField(),
        }
        changes = {
            "uuid": vobj.field(key=True),
            "host": Renamed("node", since="1.1"),
            "quota": [Removed(since="1.2", restore=0)],
        }
        history = [NoChange("1.3")]

    assert list(Server.fields) == ["uuid", "host"]
    assert wire(Server, "1.0") == {"uuid": "UUID", "node": "String", "quota": "Integer"}
    assert vobj.history_of(Server).key == "uuid"
    assert not hasattr(Server(), "quota")


def test_a_mixin_uses_fields() -> None:
    """Fields of a mixin are inherited through oslo, undated."""

    class Stamped:
        fields = {"stamp": fields.StringField()}

    @vobj.register
    class Server(Stamped, vobj.VersionedObject):  # type: ignore[misc]
        VERSION = "1.1"
        name: str = vobj.field(Added(since="1.1"))

    assert set(Server.fields) == {"name", "stamp"}
    assert wire(Server, "1.0") == {"stamp": "String"}


def test_older_types_are_resolved() -> None:
    """was= takes an annotation, an oslo field, or a value set; the older schemas show it."""

    class Size(enum.Enum):
        S = "s"
        L = "l"

    @vobj.register
    class Server(vobj.VersionedObject):
        VERSION = "1.4"
        speed: int = vobj.field(
            Converted(since="1.1", was=float, up=int, down=float),
            Converted(since="1.2", was=fields.StringField(), up=int, down=str),
        )
        size: Literal["s", "m", "l"] = vobj.field(Mapped({"m": "s"}, since="1.3", was=Size))
        mode: Literal["a", "b"] = vobj.field(Refused({"b"}, since="1.4", was={"a"}))

    assert wire(Server, "1.0")["speed"] == "Float"
    assert wire(Server, "1.1")["speed"] == "String"
    assert wire(Server, "1.2") == {"speed": "Integer", "size": "Enum<l|s>", "mode": "Enum<a>"}
    assert wire(Server, "1.4")["size"] == "Enum<l|m|s>"


def test_a_group_converter_dates_the_types_of_its_fields() -> None:
    """was= of a class-level converter maps fields to their older types, inherited fields too."""

    class Base(vobj.VersionedObject):
        low: int

    @vobj.register
    class Range(Base):
        VERSION = "1.1"
        high: int
        history = [
            Converted(
                since="1.1",
                fields=("low", "high"),
                was={"low": str, "high": str},
                up=lambda data, ctx: {name: int(data[name]) for name in data},
                down=lambda data, ctx: {name: str(data[name]) for name in data},
            )
        ]

    assert wire(Range, "1.0") == {"high": "String", "low": "String"}
    old = Range(low=1, high=2).obj_to_primitive("1.0")
    assert old["versioned_object.data"] == {"high": "2", "low": "1"}


def test_oslo_registration_does_not_check_the_first_use_does() -> None:
    """A class registered by oslo's decorator is compiled, and its mistakes told, at first use."""

    @base.VersionedObjectRegistry.register
    class Server(vobj.VersionedObject):
        VERSION = "1.2"
        name: str = vobj.field(Added(since="1.1"))

    with pytest.raises(vobj.DeclarationError, match="No change says what this version brought"):
        vobj.history_of(Server)


def test_a_class_that_says_nothing_is_taken_at_its_word() -> None:
    """Registered by oslo and without changes, a class has the same data in every version."""

    @base.VersionedObjectRegistry.register
    class Server(vobj.VersionedObject):
        VERSION = "1.2"
        name: str

    assert wire(Server, "1.0") == wire(Server, "1.2") == {"name": "String"}
    with pytest.raises(vobj.DeclarationError, match="declare/unexplained"):
        vobj.register(Server)


def bad_annotation() -> None:
    class Server(vobj.VersionedObject):
        blob: bytes


def bad_type_argument() -> None:
    class Server(vobj.VersionedObject):
        blob: bytes = vobj.field(type=fields.StringField)  # type: ignore[arg-type]


def reserved_name() -> None:
    class Server(vobj.VersionedObject):
        save: bool = vobj.field()


def declaring_name() -> None:
    class Server(vobj.VersionedObject):
        history: list[str] = vobj.field()


def no_annotation() -> None:
    class Server(vobj.VersionedObject):
        name = vobj.field()


def bad_older_type() -> None:
    class Server(vobj.VersionedObject):
        VERSION = "1.1"
        name: str = vobj.field(Converted(since="1.1", was=bytes, up=str, down=str))


def no_change() -> None:
    class Server(vobj.VersionedObject):
        name: str = vobj.field("1.1")  # type: ignore[arg-type]


def fact_at_a_field() -> None:
    class Server(vobj.VersionedObject):
        name: str = vobj.field(NoChange("1.1"))  # type: ignore[arg-type]


def change_as_a_fact() -> None:
    class Server(vobj.VersionedObject):
        VERSION = "1.1"
        history = [Added(since="1.1")]


def history_of_another_kind() -> None:
    class Server(vobj.VersionedObject):
        history = NoChange("1.1")


def changes_of_another_kind() -> None:
    class Server(vobj.VersionedObject):
        changes = [Added(since="1.1")]


def changes_twice() -> None:
    class Server(vobj.VersionedObject):
        VERSION = "1.1"
        name: str = vobj.field(Added(since="1.1"))
        changes = {"name": [Added(since="1.1")]}


def type_in_changes() -> None:
    class Server(vobj.VersionedObject):
        fields = {"name": fields.StringField()}
        changes = {"name": vobj.field(default="x")}


def unknown_field() -> None:
    @vobj.register
    class Server(vobj.VersionedObject):
        VERSION = "1.1"
        name: str
        changes = {"nane": [Added(since="1.1")]}


def two_keys() -> None:
    class Server(vobj.VersionedObject):
        name: str = vobj.field(key=True)
        uuid: vobj.UUID = vobj.field(key=True)


def older_values_not_text() -> None:
    class Server(vobj.VersionedObject):
        VERSION = "1.1"
        mode: Literal["a", "b"] = vobj.field(Refused({"b"}, since="1.1", was={1}))


def older_values_of_an_open_type() -> None:
    class Server(vobj.VersionedObject):
        VERSION = "1.1"
        mode: Literal["a", "b"] = vobj.field(Refused({"b"}, since="1.1", was=str))


def group_with_one_older_type() -> None:
    class Server(vobj.VersionedObject):
        VERSION = "1.1"
        low: int
        history = [
            Converted(since="1.1", fields=("low",), was=str, up=lambda *_: {}, down=lambda *_: {})
        ]


MISTAKES: list[tuple[Callable[[], None], str, str]] = [
    (bad_annotation, "declare/annotation", r"Server\.blob: bytes has no field type\. Write"),
    (bad_type_argument, "declare/annotation", r"Server\.blob: type=.*Give an instance"),
    (reserved_name, "declare/annotation", r"Server\.save: The name belongs to the base class"),
    (declaring_name, "declare/annotation", r"Server\.history: The name belongs"),
    (no_annotation, "declare/annotation", r"Server\.name: A field without .*Write name: TYPE"),
    (bad_older_type, "declare/annotation", r"Server\.name: was=: bytes has no field type"),
    (no_change, "declare/change", r"Server\.name: '1\.1' is no change of a field"),
    (fact_at_a_field, "declare/change", r"NoChange is about the whole class\. Put it into"),
    (change_as_a_fact, "declare/change", r"Added\(.*is no fact about a class"),
    (history_of_another_kind, "declare/change", "history is NoChange"),
    (changes_of_another_kind, "declare/change", "changes is list"),
    (changes_twice, "declare/change", "here and in changes"),
    (type_in_changes, "declare/change", "changes says more than changes and key"),
    (unknown_field, "declare/unknown-field", r"Server\.nane: .* The fields are name"),
    (two_keys, "declare/key", "Several keys: name, uuid"),
    (older_values_not_text, "declare/was", "is not a set of texts"),
    (older_values_of_an_open_type, "declare/was", "was= is String, which has no values"),
    (group_with_one_older_type, "declare/was", "for a group. Write was="),
]


@pytest.mark.parametrize(
    ("declare", "rule", "text"), MISTAKES, ids=[one[0].__name__ for one in MISTAKES]
)
def test_mistakes(declare: Callable[[], None], rule: str, text: str) -> None:
    """A wrong declaration names class, field and the mend, and carries its rule."""
    with pytest.raises(vobj.DeclarationError, match=text) as caught:
        declare()
    assert caught.value.rule == rule
    assert caught.value.object_name == "Server"


def test_methods_called_changes_and_history_are_left_alone() -> None:
    """Only what looks like a declaration is read as one."""

    @vobj.register
    class Server(vobj.VersionedObject):
        name: str

        def changes(self) -> str:
            return "mine"

        @property
        def history(self) -> str:
            return "too"

    assert (Server().changes(), Server().history) == ("mine", "too")


def test_what_is_wrong_is_not_registered() -> None:
    """A class whose declaration fails is not in the registry."""
    with pytest.raises(vobj.DeclarationError, match="declare/unexplained"):

        @vobj.register
        class NeverRegistered(vobj.VersionedObject):
            VERSION = "1.1"

    assert "NeverRegistered" not in base.VersionedObjectRegistry.obj_classes()
