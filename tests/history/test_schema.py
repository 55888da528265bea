"""Wire types as text, schemas, and the difference between two of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.history.declaring import ARCH, NUMBER, OBJECT, OBJECTS, TEXT, enum, nullable
from vobj.history import Difference, Schema, WireType, diff

ANY_NIC = replace(OBJECT, polymorphic=True)
GRID = WireType("List", element=WireType("Dict", nullable=True, element=ANY_NIC))


@pytest.mark.parametrize(
    ("kind", "shown", "text"),
    [
        (TEXT, "String", "String"),
        (nullable(TEXT), "String?", "String?"),
        (ARCH, "Enum<arm|x86>", "Enum"),
        (nullable(ARCH), "Enum<arm|x86>?", "Enum?"),
        (OBJECT, "Object<Nic>", "Object"),
        (ANY_NIC, "Object<Nic+>", "Object"),
        (nullable(OBJECTS), "List<Object<Nic>>?", "List<Object>?"),
        (GRID, "List<Dict<Object<Nic+>>?>", "List<Dict<Object>?>"),
        (WireType("Set", element=NUMBER), "Set<Integer>", "Set<Integer>"),
        (WireType("Enum"), "Enum", "Enum"),
    ],
    ids=str,
)
def test_a_type_as_text(kind: WireType, shown: str, text: str) -> None:
    """`str` shows everything; `.text` leaves out children and members, as fingerprints do."""
    assert (str(kind), kind.text) == (shown, text)


@pytest.mark.parametrize(
    ("kind", "child", "shape"),
    [
        (TEXT, None, ()),
        (WireType("List", element=TEXT), None, ("List",)),
        (OBJECT, OBJECT, ()),
        (OBJECTS, OBJECT, ("List",)),
        (GRID, ANY_NIC, ("List", "Dict")),
    ],
    ids=str,
)
def test_what_a_type_holds(kind: WireType, child: WireType | None, shape: tuple[str, ...]) -> None:
    """The object at the end of the containers, and the containers, outermost first."""
    assert (kind.child(), kind.shape()) == (child, shape)


def test_a_set_is_found_inside_containers() -> None:
    """The order of a type has no meaning when a Set stands anywhere in it."""
    assert WireType("Set", element=TEXT).has_set()
    assert WireType("List", element=WireType("Dict", element=WireType("Set"))).has_set()
    assert not GRID.has_set()
    assert not TEXT.has_set()


def schema(**fields: WireType) -> Schema:
    """A schema of a Server."""
    return Schema("Server", "1.0", fields)


def test_a_fingerprint_covers_names_kinds_and_nullability() -> None:
    """Neither children, members, the version nor the order of fields have a part in it."""
    one = schema(a=OBJECTS, b=ARCH)
    disks = WireType("List", element=WireType("Object", object_name="Disk"))
    alike = Schema("Server", "1.4", {"b": enum("x"), "a": disks})
    assert one.fingerprint == alike.fingerprint
    others = [
        schema(a=OBJECTS),
        schema(a=OBJECTS, c=ARCH),
        schema(a=nullable(OBJECTS), b=ARCH),
        schema(a=OBJECT, b=ARCH),
        Schema("Client", "1.0", one.fields),
    ]
    assert len({one.fingerprint, *(other.fingerprint for other in others)}) == 6
    assert all(len(other.fingerprint) == 16 for other in others)


def test_a_schema_is_a_value() -> None:
    """It is frozen, hashable, and knows which fields hold objects."""
    fields = {"a": OBJECTS, "b": TEXT, "c": GRID}
    one = Schema("Server", "1.0", fields)
    fields.clear()
    assert one == schema(a=OBJECTS, b=TEXT, c=GRID)
    assert hash(one) == hash(schema(a=OBJECTS, b=TEXT, c=GRID))
    assert dict(one.children) == {"a": OBJECTS, "c": GRID}
    assert one.children is one.children
    with pytest.raises(TypeError, match="item assignment"):
        one.fields["b"] = NUMBER  # type: ignore[index]


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        (None, TEXT, ["field/added"]),
        (TEXT, None, ["field/removed"]),
        (TEXT, TEXT, []),
        (TEXT, nullable(TEXT), ["field/nullable"]),
        (nullable(TEXT), TEXT, ["field/not-null"]),
        (TEXT, NUMBER, ["field/type"]),
        (nullable(TEXT), NUMBER, ["field/not-null", "field/type"]),
        (ARCH, enum("arm"), ["field/values"]),
        (ARCH, nullable(enum("arm")), ["field/nullable", "field/values"]),
        (OBJECT, replace(OBJECT, object_name="Disk"), ["field/child"]),
        (OBJECT, ANY_NIC, ["field/child"]),
        (OBJECTS, WireType("List", element=ANY_NIC), ["field/child"]),
        (OBJECTS, OBJECT, ["field/type"]),
        (OBJECTS, WireType("List", element=nullable(OBJECT)), ["field/type"]),
    ],
)
def test_a_difference_has_a_rule(
    old: WireType | None, new: WireType | None, rules: list[str]
) -> None:
    """Each way in which a field of two schemas differs has a stable id."""
    before = schema() if old is None else schema(a=old)
    after = schema() if new is None else schema(a=new)
    found = diff(before, after)
    assert [one.rule for one in found] == rules
    for one in found:
        assert (one.field, one.old, one.new) == (
            "a", None if old is None else str(old), None if new is None else str(new),
        )  # fmt: skip


def test_differences_are_sorted_by_field() -> None:
    """Whatever the order of the schemas, the list is the same."""
    old, new = schema(c=TEXT, b=TEXT), schema(b=NUMBER, a=TEXT)
    assert [str(one) for one in diff(old, new)] == [
        "a: - -> String [field/added]",
        "b: String -> Integer [field/type]",
        "c: String -> - [field/removed]",
    ]
    assert diff(old, old) == []


def test_a_difference_is_a_value() -> None:
    """Two equal differences are one in a set."""
    one = Difference("field/type", "a", "String", "Integer")
    assert {one, replace(one)} == {one}
