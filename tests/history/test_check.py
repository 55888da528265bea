"""Mistakes in a declaration: each fails, names its place and its rule, and says how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

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
    same,
)
from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    ClassFact,
    Converted,
    FieldChange,
    Inherits,
    Loss,
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
from vobj.errors import RULES, DeclarationError
from vobj.history import FieldDeclaration, WireType, declare


def mistake(
    version: str, fields: Iterable[FieldDeclaration], facts: Iterable[ClassFact] = ()
) -> DeclarationError:
    """The error that a declaration raises, its explained versions filled up."""
    with pytest.raises(DeclarationError, match=r"^Server") as caught:
        history(version, *fields, facts=facts)
    assert caught.value.object_name == "Server"
    assert caught.value.rule in RULES
    return caught.value


def of_field(
    *changes: FieldChange, kind: WireType = TEXT, was: dict[str, WireType] | None = None
) -> DeclarationError:
    """The error for the changes of one field `a`, in a class at 1.3."""
    error = mistake("1.3", [field("a", kind, *changes, was=was)])
    assert error.path == ("a",)
    return error


def told(error: DeclarationError) -> tuple[str, str | None]:
    """The rule and the version of an error."""
    return error.rule, error.version


@pytest.mark.parametrize(
    ("change", "rule", "version", "mend"),
    [
        (Added(since="1"), "declare/version", None, "since='X.Y'"),
        (Added(since=cast("str", 1.2)), "declare/version", None, "since='X.Y'"),
        (Added(since="1.2.3"), "declare/version", "1.2.3", "since='1.2'"),
        (Added(since="2.0"), "declare/version", "2.0", "a class of its own"),
        (Added(since="0.9"), "declare/version", "0.9", "a class of its own"),
        (Added(since="1.4"), "declare/future", "1.4", "Raise VERSION to 1.4"),
        (Added(since="1.0"), "declare/version", "1.0", "drop the change"),
        (ChildVersions({"1.4": "1.0"}), "declare/future", "1.4", "Raise VERSION"),
        (ChildVersions({"one": "1.0"}), "declare/version", None, "since='X.Y'"),
    ],
)
def test_a_date_that_cannot_be(
    change: FieldChange, rule: str, version: str | None, mend: str
) -> None:
    """A change is dated X.Y, above X.0, in the class's major, at or below its VERSION."""
    error = of_field(change, kind=OBJECT)
    assert told(error) == (rule, version)
    assert mend in error.message


@pytest.mark.parametrize(
    ("changes", "rule", "version"),
    [
        ([Noted("a", since="1.1"), Noted("b", since="1.1")], "declare/duplicate", "1.1"),
        ([Renamed("b", since="1.1"), Renamed("c", since="1.1")], "declare/duplicate", "1.1"),
        ([Noted("a", since="1.2"), Renamed("b", since="1.1")], "declare/order", "1.1"),
        ([Added(since="1.3"), Noted("a", since="1.1")], "declare/order", "1.1"),
        (
            [Mapped({"a": "b"}, since="1.1"), converted("1.1", was=TEXT)],
            "declare/overlap",
            "1.1",
        ),
        (
            [Mapped({"a": "b"}, since="1.1"), NotNull(since="1.1", fill="")],
            "declare/overlap",
            "1.1",
        ),
        ([Added(since="1.1"), Added(since="1.2")], "declare/lifecycle", "1.2"),
        ([Removed(since="1.1"), Removed(since="1.2")], "declare/lifecycle", "1.2"),
        ([Added(since="1.2"), Renamed("b", since="1.2")], "declare/lifecycle", "1.2"),
        ([Renamed("b", since="1.1"), Added(since="1.2")], "declare/lifecycle", "1.1"),
        ([Removed(since="1.1"), Noted("a", since="1.1")], "declare/lifecycle", "1.1"),
        ([Removed(since="1.1"), Refused({"x"}, since="1.2")], "declare/lifecycle", "1.2"),
        ([Refused({"x"}, since="1.1"), Added(since="1.2")], "declare/lifecycle", "1.1"),
        ([Nullable(since="1.1", none_as="")], "declare/change", "1.1"),
        ([Renamed("not a name", since="1.1")], "declare/change", "1.1"),
        ([Renamed("", since="1.1")], "declare/change", "1.1"),
        ([Admitted({"Disk"}, since="1.1")], "declare/change", "1.1"),
        ([ChildVersions({"1.0": "1.0"})], "declare/child-versions", None),
    ],
)
def test_changes_that_do_not_go_together(
    changes: Sequence[FieldChange], rule: str, version: str
) -> None:
    """Duplicates, wrong order, overlaps, changes of absent fields and misplaced changes."""
    assert told(of_field(*changes)) == (rule, version)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (NotNull(since="1.1", fill=""), nullable(TEXT)),
        (Admitted({"Disk"}, since="1.1"), OBJECT),
        (Admitted({"Disk"}, since="1.1"), WireType("List", element=TEXT)),
        (Admitted({"Disk"}, since="1.1"), WireType("Dict", element=OBJECT)),
        (Admitted({"Disk"}, since="1.1"), WireType("List", element=OBJECTS)),
    ],
    ids=str,
)
def test_a_change_on_a_field_of_another_type(change: FieldChange, kind: WireType) -> None:
    """NotNull needs a type without None, Admitted a list of objects."""
    assert told(of_field(change, kind=kind)) == ("declare/change", "1.1")


@pytest.mark.parametrize(
    ("table", "version", "text"),
    [
        ({"1.0": "one"}, "1.0", "Expected a version"),
        ({"1.0": "1.0", "1.2": "1.1", "1.1": "1.2"}, "1.1", "do not ascend"),
    ],
)
def test_a_table_of_children_that_cannot_be(table: dict[str, str], version: str, text: str) -> None:
    """ChildVersions names versions of the child, for ascending versions of its holder."""
    error = of_field(ChildVersions(table), kind=OBJECTS)
    assert told(error) == ("declare/child-versions", version)
    assert text in error.message


def test_two_tables_of_children() -> None:
    """A field has one ChildVersions."""
    two = [ChildVersions({"1.0": "1.0"}), ChildVersions({"1.1": "1.1"})]
    assert of_field(*two, kind=OBJECT).rule == "declare/duplicate"


@pytest.mark.parametrize(
    ("change", "was", "rule", "text"),
    [
        (converted("1.1", up=None), REAL, "declare/converter", "up= and down="),
        (converted("1.1", down=None), REAL, "declare/converter", "up= and down="),
        (converted("1.1", fields=("a",)), REAL, "declare/change", "history = [...]"),
        (converted("1.1"), None, "declare/converter", "Give was="),
        (converted("1.1"), nullable(REAL), "declare/converter", "nulls=True"),
    ],
)
def test_a_converter_that_cannot_be(
    change: Converted, was: WireType | None, rule: str, text: str
) -> None:
    """A converter has both directions, an older type, and a word about None where that changes."""
    error = of_field(change, kind=NUMBER, was={} if was is None else {"1.1": was})
    assert told(error) == (rule, "1.1")
    assert text in error.message


@pytest.mark.parametrize("flag", ["nulls", "peers"])
def test_a_converter_that_is_told_about_none(flag: str) -> None:
    """Nullability may change under a converter that sees None."""
    change = converted("1.1", **{flag: True})
    made = history("1.1", field("a", NUMBER, change, was={"1.1": nullable(REAL)}))
    assert str(made.schema("1.0").fields["a"]) == "Float?"


@pytest.mark.parametrize(
    ("changes", "kind", "was", "text"),
    [
        ([Mapped({"a": "b"}, since="1.1", was=["b"])], TEXT, None, "open type"),
        ([Refused({"a"}, since="1.1", was=["b"])], TEXT, None, "open type"),
        ([Mapped({"x86": "i686"}, since="1.1")], ARCH, None, "without was="),
        ([Refused({"x86"}, since="1.1")], ARCH, None, "without was="),
        ([Refused({"x86"}, since="1.1", was=str)], ARCH, TEXT, "without was="),
        ([Mapped({"x86": "i686"}, since="1.1", was=1)], ARCH, enum("arm", "i386"), "'i686'"),
        ([Mapped({"ppc": "arm"}, since="1.1", was=1)], ARCH, ARCH, "'ppc' is no value since"),
        ([Refused({"x86"}, since="1.1", was=1)], ARCH, enum("arm", "i386"), "any more"),
        ([Mapped({"x86": "arm"}, since="1.1", was=1)], enum("arm", "x86", "ppc"),
         enum("arm"), "no 'ppc'"),
        ([Refused({"x86"}, since="1.1", was=1)], enum("arm", "x86", "ppc"), enum("arm"),
         "no 'ppc'"),
    ],
)  # fmt: skip
def test_a_value_set_that_is_not_explained(
    changes: Sequence[FieldChange], kind: WireType, was: WireType | None, text: str
) -> None:
    """On a closed enum the older set is told, and every newer value is mapped or refused."""
    error = of_field(*changes, kind=kind, was={} if was is None else {"1.1": was})
    assert told(error) == ("declare/was", "1.1")
    assert text in error.message


@pytest.mark.parametrize(
    "changes",
    [
        [Mapped({"x86": "arm", "ppc": ABSENT}, since="1.1", was=1)],
        [Refused({"x86", "ppc"}, since="1.1", was=1)],
        [Mapped({"x86": "arm"}, since="1.1", was=1), Refused({"ppc"}, since="1.1", was=1)],
        [Refused(since="1.1", present=True)],
    ],
)
def test_a_value_set_that_is_explained(changes: Sequence[FieldChange]) -> None:
    """Mapping and refusing may share a version; refusing the field altogether explains all."""
    was = {} if cast("Any", changes[0]).was is ABSENT else {"1.1": enum("arm")}
    made = history("1.1", field("a", enum("arm", "ppc", "x86"), *changes, was=was))
    assert made.schema("1.1").fields["a"].values == ("arm", "ppc", "x86")


@pytest.mark.parametrize("kind", [nullable(TEXT), OBJECT, WireType("List", element=TEXT)], ids=str)
def test_a_key_is_a_scalar(kind: WireType) -> None:
    """A key is never None, never a container, never an object."""
    error = mistake("1.0", [field("a", kind, key=True)])
    assert told(error) == ("declare/key", None)


@pytest.mark.parametrize(
    ("change", "was"),
    [
        (Added(since="1.1"), {}),
        (Removed(since="1.1"), {}),
        (Mapped({"a": "b"}, since="1.1"), {}),
        (converted("1.1"), {"1.1": TEXT}),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_key_is_never_lost(change: FieldChange, was: dict[str, WireType]) -> None:
    """A change that older versions do not see through pairs the wrong elements."""
    error = mistake("1.1", [field("a", TEXT, change, was=was, key=True)])
    assert told(error) == ("declare/key", "1.1")


@pytest.mark.parametrize(
    ("kind", "change", "was"),
    [
        (TEXT, Renamed("b", since="1.1"), {}),
        (TEXT, Refused({"x"}, since="1.1"), {}),
        (TEXT, Noted("x", since="1.1"), {}),
        (TEXT, converted("1.1", down_loss=Loss.LOSSLESS), {"1.1": NUMBER}),
        (ARCH, Mapped({"x86": "i386"}, since="1.1", was=1), {"1.1": enum("arm", "i386")}),
    ],
)
def test_a_key_may_change_without_loss(
    kind: WireType, change: FieldChange, was: dict[str, WireType]
) -> None:
    """Renames, refusals, notes and lossless conversions keep a key a key."""
    assert history("1.1", field("a", kind, change, was=was, key=True)).key == "a"


@pytest.mark.parametrize(
    ("fact", "rule", "version", "text"),
    [
        (NoChange("1.0"), "declare/version", "1.0", "drop it"),
        (NoChange("1.4"), "declare/future", "1.4", "Raise VERSION"),
        (Refused({"x"}, since="1.0", fields=("a",)), "declare/version", "1.0", "drop it"),
        (OldestSupported("1.4"), "declare/future", "1.4", "Raise VERSION"),
        (OldestSupported("2.0"), "declare/version", "2.0", "class of its own"),
        (Refused({"x"}, since="1.1"), "declare/change", "1.1", "fields=(...)"),
        (converted("1.1", was={}), "declare/change", "1.1", "fields=(...)"),
        (Refused({"x"}, since="1.1", fields=("b",)), "declare/unknown-field", "1.1", "are a"),
        (converted("1.1", fields=("a", "b")), "declare/unknown-field", "1.1", "are a"),
        (converted("1.1", fields=("a",), up=None), "declare/converter", "1.1", "up= and down="),
    ],
)
def test_a_fact_that_cannot_be(fact: ClassFact, rule: str, version: str, text: str) -> None:
    """Facts of a class are dated as changes are, and groups name fields that exist."""
    error = mistake("1.3", [field("a")], [fact])
    assert told(error) == (rule, version)
    assert text in error.message
    assert error.path == ()


def test_inherits_may_start_at_the_first_version() -> None:
    """The first version of a class stands on some version of its parent."""
    made = history("1.1", field("a"), facts=[Inherits({"1.0": "1.0"})])
    assert made.version.xy == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([Mapped({"x": "y"}, since="1.1")], id="own"),
        pytest.param([], id="two groups"),
    ],
)
def test_a_group_that_overlaps(changes: list[FieldChange]) -> None:
    """What a group converts at a version, nothing else converts there."""
    facts = [converted("1.1", fields=("a", "b"))]
    if not changes:
        facts.append(converted("1.1", fields=("b", "c")))
    error = mistake("1.1", [field("a"), field("b", TEXT, *changes), field("c")], facts)
    assert told(error) == ("declare/overlap", "1.1")
    assert "'b'" in error.message


def test_a_change_beside_the_type_of_its_group() -> None:
    """A field whose older type a group states has no conversion of its own at that version."""
    of_group = field("a", TEXT, Mapped({"x": "y"}, since="1.1"), was={"1.1": NUMBER})
    other = field("a", TEXT, NotNull(since="1.1", fill=""), was={"1.1": NUMBER})
    group = converted("1.1", fields=("a",))
    assert told(mistake("1.1", [of_group], [group])) == ("declare/overlap", "1.1")
    assert told(mistake("1.1", [other], [group])) == ("declare/overlap", "1.1")


def test_groups_of_other_versions_do_not_overlap() -> None:
    """One field may belong to a group at one version and to another at the next."""
    refused = Refused({"x"}, since="1.1", fields=("a",))
    facts: list[ClassFact] = [
        converted("1.1", fields=("a", "b")),
        converted("1.2", fields=("b",)),
        refused,
    ]
    made = history("1.2", field("a"), field("b"), facts=facts)
    assert list(made.group_facts()) == [*facts[:2], refused]


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ([field("a"), field("b", TEXT, Renamed("a", since="1.1"))], "1.1"),
        ([field("b", TEXT, Renamed("a", since="1.1")), field("a")], None),
    ],
)
def test_a_name_that_two_fields_had(fields: list[FieldDeclaration], version: str | None) -> None:
    """A name belongs to one field for the whole history, also where the two never meet."""
    error = mistake("1.2", fields)
    assert told(error) == ("declare/clash", version)
    assert "'a'" in error.message


def test_a_field_may_take_its_own_name_back() -> None:
    """A field that is renamed away and back has one name once."""
    back = field("a", TEXT, Renamed("a", since="1.1"), Renamed("b", since="1.2"))
    made = history("1.2", back)
    assert [list(made.schema(one).fields) for one in ("1.0", "1.1", "1.2")] == [["a"], ["b"], ["a"]]


@pytest.mark.parametrize(
    ("version", "facts", "missing"),
    [
        ("1.2", [NoChange("1.2")], "1.1"),
        ("1.2", [NoChange("1.1")], "1.2"),
        ("1.3", [OldestSupported("1.1")], "1.2"),
        ("1.2", [Inherits({"1.0": "1.0", "1.2": "1.1"})], "1.1"),
    ],
)
def test_every_version_is_explained(version: str, facts: list[ClassFact], missing: str) -> None:
    """The first version that no change and no fact explains is told, with the way out."""
    with pytest.raises(DeclarationError, match="No change says what this version") as caught:
        declare("Server", version, [field("a")], facts)
    assert told(caught.value) == ("declare/unexplained", missing)
    assert f"NoChange('{missing}')" in caught.value.message


@pytest.mark.parametrize(
    ("version", "facts"),
    [
        ("2.0", []),
        ("1.3", [OldestSupported("1.3")]),
        ("1.3", [OldestSupported("1.1"), OldestSupported("1.3")]),
        ("1.1.7", [NoChange("1.1")]),
        ("1.2", [Inherits({"1.1": "1.0", "1.2": "1.1"})]),
    ],
)
def test_what_needs_no_more_explanation(version: str, facts: list[ClassFact]) -> None:
    """X.0, what is not supported any more, and what a fact dates are explained."""
    assert str(declare("Server", version, [field("a")], facts).version) == version


@pytest.mark.parametrize(("version", "facts"), [("one", []), ("1.1", [OldestSupported("one")])])
def test_a_version_of_a_class_that_cannot_be(version: str, facts: list[ClassFact]) -> None:
    """VERSION and OldestSupported are versions."""
    with pytest.raises(DeclarationError, match=r"Write VERSION = 'X\.Y'") as caught:
        declare("Server", version, [], facts)
    assert told(caught.value) == ("declare/version", None)


def test_all_changes_of_one_field_together() -> None:
    """A field that has every change there is, in order, is no mistake."""
    made = history(
        "1.9",
        field(
            "nics", nullable(OBJECTS),
            Added(since="1.1"), ChildVersions({"1.1": "1.0"}), Noted("n", since="1.2"),
            Renamed("cards", since="1.3"), Admitted({"VirtualNic"}, since="1.4"),
            Nullable(since="1.5", none_as=[]), Refused([[]], since="1.6"),
            Removed(since="1.7"), Added(since="1.8"),
            Converted(since="1.9", was=1, up=same, down=same),
            was={"1.9": nullable(OBJECTS)},
        ),
    )  # fmt: skip
    shown = {str(one): str(made.schema(one).fields.get("nics")) for one in made.versions()}
    assert shown["1.0"] == shown["1.7"] == "None"
    assert shown["1.8"] == shown["1.9"] == "List<Object<Nic>>?"
