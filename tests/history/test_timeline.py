"""The schema of a class at each of its versions, walked down from the newest."""

from __future__ import annotations

import pytest

from tests.history.declaring import (
    ARCH,
    NUMBER,
    OBJECT,
    OBJECTS,
    REAL,
    TEXT,
    converted,
    enum,
    field,
    history,
    nullable,
)
from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    ClassFact,
    FieldChange,
    Inherits,
    Mapped,
    NoChange,
    Noted,
    NotNull,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)
from vobj.errors import RefusedError, RemoteError
from vobj.history import FieldDeclaration, History, WireType, ends_removed, since, state_at
from vobj.version import Version


def shown(made: History) -> dict[str, dict[str, str]]:
    """The schema at every version, as text."""
    return {
        str(one): {name: str(kind) for name, kind in made.schema(one).fields.items()}
        for one in made.versions()
    }


def test_what_each_change_means_for_older_schemas() -> None:
    """Existence, name, nullability, value set and type follow from the changes."""
    made = history(
        "1.3",
        field("added", TEXT, Added(since="1.1")),
        field("removed", TEXT, Removed(since="1.2")),
        field("renamed", TEXT, Renamed("older", since="1.1"), Renamed("old", since="1.3")),
        field("nullable", nullable(TEXT), Nullable(since="1.1", none_as="")),
        field("not_null", TEXT, NotNull(since="1.2", fill="")),
        field("arch", ARCH, Mapped({"x86": "i386"}, since="1.1", was=1),
              was={"1.1": enum("arm", "i386")}),
        field("speed", NUMBER, converted("1.2"), was={"1.2": REAL}),
        field("grouped", NUMBER, was={"1.2": REAL}),
        facts=[converted("1.2", fields=("grouped",))],
    )  # fmt: skip
    first = {
        "removed": "String", "older": "String", "nullable": "String", "not_null": "String?",
        "arch": "Enum<arm|i386>", "speed": "Float", "grouped": "Float",
    }  # fmt: skip
    assert shown(made)["1.0"] == first
    second = {
        "added": "String", "removed": "String", "old": "String", "nullable": "String?",
        "not_null": "String?", "arch": "Enum<arm|x86>", "speed": "Float", "grouped": "Float",
    }  # fmt: skip
    assert shown(made)["1.1"] == second
    assert shown(made)["1.3"] == {
        "added": "String", "renamed": "String", "nullable": "String?", "not_null": "String",
        "arch": "Enum<arm|x86>", "speed": "Integer", "grouped": "Integer",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [Refused({"x"}, since="1.1"), Noted("n", since="1.1"), Mapped({"x": ABSENT}, since="1.1")],
    ids=lambda one: type(one).__name__,
)
def test_changes_of_values_leave_an_open_type(change: FieldChange) -> None:
    """What happens to single values is not seen in the type."""
    made = history("1.1", field("a", TEXT, change))
    assert shown(made) == {"1.0": {"a": "String"}, "1.1": {"a": "String"}}


def test_admitted_leaves_the_type_of_its_list() -> None:
    """The declared class of the elements stays."""
    made = history("1.1", field("nics", OBJECTS, Admitted({"VirtualNic"}, since="1.1")))
    assert shown(made)["1.0"] == shown(made)["1.1"] == {"nics": "List<Object<Nic>>"}


def test_an_older_value_set_says_nothing_of_nullability() -> None:
    """`was` of a mapping gives values; whether None was allowed is said by other changes."""
    kind = nullable(ARCH)
    mapped = Mapped({"x86": "i386"}, since="1.2", was=1)
    made = history(
        "1.2", field("a", kind, Nullable(since="1.1", none_as="arm"), mapped,
                     was={"1.2": enum("arm", "i386")}),
    )  # fmt: skip
    assert shown(made) == {
        "1.0": {"a": "Enum<arm|i386>"},
        "1.1": {"a": "Enum<arm|i386>?"},
        "1.2": {"a": "Enum<arm|x86>?"},
    }


def test_an_enum_that_was_open() -> None:
    """Where `was` is no closed set it is the whole older type."""
    made = history(
        "1.1",
        field("a", ARCH, converted("1.1"), Refused(since="1.1", present=True), was={"1.1": TEXT}),
    )
    assert shown(made)["1.0"] == {"a": "String"}


def test_a_field_may_come_and_go() -> None:
    """Added and Removed alternate as often as they like."""
    lives = field("a", TEXT, Added(since="1.1"), Removed(since="1.2"), Added(since="1.3"))
    made = history("1.4", lives)
    assert [bool(fields) for fields in shown(made).values()] == [False, True, False, True, True]
    assert [made.supports("a", one) for one in ("1.0", "1.1", "1.2", "1.3")] == [
        False, True, False, True,
    ]  # fmt: skip
    assert not ends_removed(lives)
    assert ends_removed(field("a", TEXT, Removed(since="1.1")))
    assert not ends_removed(field("a"))


def test_a_field_is_supported_under_any_name() -> None:
    """`supports` asks for the newest name; a name that is no field is not supported."""
    made = history("1.1", field("a", TEXT, Renamed("old", since="1.1")), field("b"))
    assert made.supports("a", "1.0")
    assert made.supports("b", Version(1, 0))
    assert not made.supports("old", "1.0")
    assert not made.supports("c", "1.1")


@pytest.mark.parametrize("version", ["1.3", "1.10", "2.0", "0.9"])
def test_a_schema_that_nobody_explained(version: str) -> None:
    """Versions above the newest and of other majors have no schema."""
    made = history("1.2", field("a"))
    with pytest.raises(RemoteError, match=r"Server is explained up to 1\.2") as caught:
        made.schema(version)
    assert caught.value.rule == "version/unsupported"
    assert (caught.value.object_name, caught.value.version) == ("Server", version)


def test_a_schema_below_the_oldest_is_still_known() -> None:
    """Nothing is sent below the oldest supported version, but what is dated there is known."""
    made = history("1.3", field("a", TEXT, Added(since="1.1")), facts=[OldestSupported("1.2")])
    assert [str(one) for one in made.versions()] == ["1.2", "1.3"]
    assert not made.schema("1.0").fields
    made.check_supported(Version(1, 2))
    with pytest.raises(RefusedError, match=r"not sent below 1\.2, asked for 1\.1") as caught:
        made.check_supported(Version(1, 1))
    assert caught.value.rule == "refused/oldest"
    assert (caught.value.version, caught.value.target) == ("1.3", "1.1")


def test_a_schema_is_made_once() -> None:
    """Versions are compared by X.Y, and one of them has one schema."""
    made = history("1.2.4", field("a"))
    assert made.schema("1.2") is made.schema("1.2.9") is made.schema(Version(1, 2))
    assert made.schema("1.1") is not made.schema("1.2")


def test_the_key_has_a_name_at_every_version() -> None:
    """A key that was renamed pairs elements under each of its names."""
    made = history(
        "1.2", field("a"), field("uuid", TEXT, Renamed("id", since="1.1"), key=True)
    )  # fmt: skip
    assert (made.key, made.key_at(Version(1, 0)), made.key_at(Version(1, 2))) == (
        "uuid", "id", "uuid",
    )  # fmt: skip
    without = history("1.0", field("a"))
    assert (without.key, without.key_at(Version(1, 0))) == (None, None)


def test_the_changes_of_a_version() -> None:
    """The changes of each field and the facts of the class, each under its version."""
    renamed, nullable_, group = (
        Renamed("old", since="1.1"),
        Nullable(since="1.2", none_as=""),
        converted("1.1", fields=("b",)),
    )
    facts: list[ClassFact] = [
        group,
        Inherits({"1.0": "1.0", "1.2": "1.1"}),
        OldestSupported("1.0"),
        NoChange("1.3"),
    ]
    table = ChildVersions({"1.0": "1.0", "1.2": "1.1"})
    made = history(
        "1.3",
        field("a", nullable(TEXT), renamed, nullable_), field("b"), field("c", OBJECT, table),
        facts=facts,
    )  # fmt: skip
    assert made.changes_at(Version(1, 1)) == [("a", renamed), (None, group)]
    assert made.changes_at(Version(1, 2)) == [("a", nullable_), (None, facts[1])]
    assert made.changes_at(Version(1, 3)) == [(None, facts[3])]
    assert (since(table), since(renamed)) == (None, "1.1")


def test_the_table_of_children() -> None:
    """A field knows its ChildVersions, wherever it stands among the changes."""
    table = {"1.0": "1.0"}
    assert field("a", OBJECT, Noted("n", since="1.1")).child_versions() is None
    two = field("a", OBJECT, Noted("n", since="1.1"), ChildVersions(table))
    assert two.child_versions() == table


def test_a_declaration_keeps_its_own_was() -> None:
    """The older types of a field cannot be changed from outside."""
    was = {"1.1": TEXT}
    declared = FieldDeclaration("a", NUMBER, (converted("1.1"),), was)
    was.clear()
    assert state_at(declared, Version(1, 0)).type == TEXT
    with pytest.raises(TypeError, match="item assignment"):
        declared.was["1.1"] = REAL  # type: ignore[index]


def test_histories_compare_by_identity() -> None:
    """Two classes with the same history are not one class."""
    one, other = history("1.0", field("a")), history("1.0", field("a"))
    assert one != other
    assert len({one, other}) == 2


@pytest.mark.parametrize("kind", [TEXT, OBJECT, OBJECTS, ARCH], ids=str)
def test_types_survive_changes_that_are_not_about_them(kind: WireType) -> None:
    """A rename, a note and a life of its own leave the type alone."""
    changes = (Added(since="1.1"), Renamed("b", since="1.2"), Noted("", since="1.3"))
    made = history("1.3", field("a", kind, *changes))
    assert made.schema("1.1").fields == {"b": kind}
    assert made.schema("1.3").fields == {"a": kind}
