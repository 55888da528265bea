"""What a history compiles to: which steps, in which order, under which names."""

from __future__ import annotations

import gc
import weakref

import pytest

from tests.history.declaring import (
    NUMBER,
    OBJECT,
    OBJECTS,
    TEXT,
    converted,
    field,
    history,
    nullable,
)
from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    FieldChange,
    Mapped,
    Noted,
    NotNull,
    Nullable,
    Refused,
    Removed,
    Renamed,
)
from vobj.errors import RemoteError
from vobj.history import History
from vobj.plan import (
    Backfill,
    ChildStep,
    Convert,
    ConvertGroup,
    Drop,
    FillNull,
    HideElements,
    MapValue,
    Note,
    Plan,
    Refuse,
    Rename,
    Restore,
    Snapshot,
    Step,
    compile_plan,
)
from vobj.version import Version


def plan(made: History, source: str, target: str) -> Plan:
    """The plan between two versions."""
    return compile_plan(made, Version.parse(source), Version.parse(target))


def kinds(steps: tuple[Step, ...]) -> list[str]:
    """The steps' names and fields, in order."""
    return [f"{type(one).__name__} {getattr(one, 'field', '')}".strip() for one in steps]


GROUP = converted("1.1", fields=("g", "h"))
GROUP_REFUSED = Refused({"x"}, since="1.1", fields=("g", "h"))
PLAIN = converted("1.1")
EVERYTHING = history(
    "1.1",
    field("added", TEXT, Added(since="1.1", backfill="b")),
    field("bare", TEXT, Added(since="1.1")),
    field("renamed", TEXT, Renamed("old", since="1.1")),
    field("hidden", OBJECTS, Admitted({"Nic"}, since="1.1")),
    field("mapped", TEXT, Mapped({"n": "o"}, since="1.1")),
    field("plain", NUMBER, PLAIN, was={"1.1": TEXT}),
    field("null", nullable(TEXT), Nullable(since="1.1", none_as="-", unset_too=True)),
    field("full", TEXT, NotNull(since="1.1", fill="+")),
    field("refused", TEXT, Refused({"x"}, since="1.1")),
    field("removed", TEXT, Removed(since="1.1", restore="r")),
    field("gone", TEXT, Removed(since="1.1")),
    field("noted", TEXT, Noted("n", since="1.1")),
    field("child", OBJECT, ChildVersions({"1.0": "1.0"})),
    field("g", TEXT, Renamed("old_g", since="1.1")),
    field("h"),
    facts=[GROUP, GROUP_REFUSED],
)


def test_the_order_of_one_version_down() -> None:
    """Note, restore, refuse, all values at once, hide, rename, drop, in whatever field order."""
    assert plan(EVERYTHING, "1.1", "1.0").steps == (
        Note("1.1", "noted", "n"),
        Restore("1.1", "removed", "r"),
        Refuse("1.1", ("refused",), Refused({"x"}, since="1.1")),
        Refuse("1.1", ("g", "h"), GROUP_REFUSED),
        Snapshot("1.1"),
        MapValue("1.1", "mapped", (("n", "o"),)),
        Convert("1.1", "plain", PLAIN.down, PLAIN),
        FillNull("1.1", "null", "-", unset_too=True),
        ConvertGroup("1.1", ("g", "h"), GROUP.down, GROUP),
        HideElements("1.1", "hidden", ("Nic",)),
        Rename("1.1", "renamed", "old"),
        Rename("1.1", "g", "old_g"),
        Drop("1.1", "added", "b"),
        Drop("1.1", "bare"),
    )


def test_the_order_of_one_version_up() -> None:
    """Backfill, un-rename, all values at once, drop."""
    assert plan(EVERYTHING, "1.0", "1.1").steps == (
        Backfill("1.1", "added", "b"),
        Rename("1.1", "old", "renamed"),
        Rename("1.1", "old_g", "g"),
        Snapshot("1.1"),
        MapValue("1.1", "mapped", (("o", "n"),)),
        Convert("1.1", "plain", PLAIN.up, PLAIN),
        FillNull("1.1", "full", "+"),
        ConvertGroup("1.1", ("g", "h"), GROUP.up, GROUP),
        Drop("1.1", "removed"),
        Drop("1.1", "gone"),
    )


SEVERAL = history(
    "1.4",
    field("a", TEXT, Added(since="1.1"), Renamed("b", since="1.3")),
    field("c", TEXT, Renamed("d", since="1.2"), Renamed("e", since="1.3")),
    field("f", TEXT, Noted("n", since="1.4")),
)


@pytest.mark.parametrize(
    ("source", "target", "steps"),
    [
        ("1.4", "1.0", ["Note f", "Rename a", "Rename c", "Rename e", "Drop b"]),
        ("1.3", "1.2", ["Rename a", "Rename c"]),
        ("1.2", "1.1", ["Rename e"]),
        ("1.1", "1.3", ["Rename d", "Rename b", "Rename e"]),
        ("1.0", "1.4", ["Rename d", "Rename b", "Rename e"]),
        ("1.4", "1.4", []),
        ("1.0", "1.0", []),
    ],
)
def test_a_change_acts_between_its_versions(source: str, target: str, steps: list[str]) -> None:
    """A change of V acts when target < V <= source; newest first down, oldest first up."""
    made = plan(SEVERAL, source, target)
    assert kinds(made.steps) == steps
    assert made.upward == (target > source)
    assert (str(made.source), str(made.target), made.object_name) == (source, target, "Server")


@pytest.mark.parametrize(
    ("source", "target", "names"),
    [
        ("1.4", "1.0", {"c": "d", "f": "f"}),
        ("1.0", "1.4", {"d": "c", "f": "f"}),
        ("1.4", "1.2", {"a": "b", "c": "e", "f": "f"}),
        ("1.2", "1.4", {"b": "a", "e": "c", "f": "f"}),
        ("1.1", "1.1", {"b": "b", "d": "d", "f": "f"}),
    ],
)
def test_the_names_on_both_sides(source: str, target: str, names: dict[str, str]) -> None:
    """`names` has every field that exists on both sides, from the source's name to the target's."""
    assert plan(SEVERAL, source, target).names == names


def test_names_are_those_of_the_moment() -> None:
    """A step calls its field as the data calls it when the step runs."""
    made = history(
        "1.3",
        field("a", TEXT, Mapped({"n": "o"}, since="1.1"), Renamed("b", since="1.2"),
              Mapped({"n": "o"}, since="1.3")),
        field("g", TEXT, Renamed("h", since="1.2")),
        facts=[converted("1.1", fields=("g",)), Refused({"x"}, since="1.3", fields=("g",))],
    )  # fmt: skip
    down = plan(made, "1.3", "1.0").steps
    assert kinds(down) == [
        "Refuse", "MapValue a", "Rename a", "Rename g", "Snapshot", "MapValue b", "ConvertGroup",
    ]  # fmt: skip
    assert [one.fields for one in down if isinstance(one, Refuse | ConvertGroup)] == [
        ("g",), ("h",),
    ]  # fmt: skip


@pytest.mark.parametrize("direction", [("1.1", "1.0"), ("1.0", "1.1")], ids=["down", "up"])
@pytest.mark.parametrize(
    ("change", "snapshot"),
    [
        (converted("1.1", peers=True), True),
        (converted("1.1"), False),
        (Mapped({"n": "o"}, since="1.1"), False),
    ],
    ids=["peers", "plain", "mapped"],
)
def test_data_is_remembered_for_who_reads_it(
    *, direction: tuple[str, str], change: FieldChange, snapshot: bool
) -> None:
    """A snapshot is taken only before converters that see other fields, and before any of them."""
    was = {"1.1": TEXT} if change != Mapped({"n": "o"}, since="1.1") else None
    made = history(
        "1.1", field("z", TEXT, Mapped({"n": "o"}, since="1.1")), field("a", TEXT, change, was=was)
    )
    found = kinds(plan(made, *direction).steps)
    assert found[:1] == (["Snapshot"] if snapshot else ["MapValue z"])
    assert found.count("Snapshot") == snapshot


@pytest.mark.parametrize(
    ("table", "pairs"),
    [
        ({"a": "x", "b": "x"}, (("x", "a"),)),
        ({"b": "x", "a": "x", "c": "y"}, (("x", "b"), ("y", "c"))),
        ({"a": ABSENT, "b": "x"}, (("x", "b"),)),
        ({"a": None}, ((None, "a"),)),
        ({"a": [1], "b": [1]}, (([1], "a"),)),
    ],
)
def test_the_first_key_is_the_way_up(
    table: dict[str, object], pairs: tuple[tuple[object, object], ...]
) -> None:
    """On the way up the first key listed for an old value counts; ABSENT has no way back."""
    made = history("1.1", field("a", TEXT, Mapped(table, since="1.1")))
    assert plan(made, "1.0", "1.1").steps == (MapValue("1.1", "a", pairs),)
    assert plan(made, "1.1", "1.0").steps == (MapValue("1.1", "a", tuple(table.items())),)


def test_only_data_that_the_target_cannot_see_is_reset() -> None:
    """A dropped field that exists again, or still, at the target has nothing to reset it to."""
    made = history(
        "1.3",
        field("a", TEXT, Added(since="1.2", backfill="x")),
        field("b", TEXT, Removed(since="1.1"), Added(since="1.2", backfill="x")),
        field("c", TEXT, Added(since="1.3")),
    )
    below, beside = plan(made, "1.3", "1.0"), plan(made, "1.3", "1.1")
    assert [(one.field, one.reset) for one in below.steps if isinstance(one, Drop)] == [
        ("c", ABSENT), ("a", "x"), ("b", ABSENT),
    ]  # fmt: skip
    assert (below.resets, beside.resets) == (("a",), ("a", "b"))
    assert plan(made, "1.0", "1.3").resets == ()


def test_names_are_those_of_fields_that_live_all_the_way() -> None:
    """One that was gone in between has a name on both sides, and no value that goes across."""
    made = history(
        "1.3",
        field("a", TEXT, Renamed("z", since="1.2")),
        field("b", TEXT, Removed(since="1.1"), Added(since="1.2", backfill="x")),
        field("c", TEXT, Added(since="1.3")),
    )
    assert plan(made, "1.0", "1.3").names == {"z": "a"}
    assert plan(made, "1.3", "1.0").names == {"a": "z"}
    assert plan(made, "1.2", "1.3").names == {"a": "a", "b": "b"}
    assert plan(made, "1.1", "1.2").names == {"z": "a"}


def test_children_are_those_of_the_older_side() -> None:
    """A child step has the names on both sides, the older type and the dated versions."""
    table = {"1.0": "1.0", "1.2": "1.1"}
    made = history(
        "1.2",
        field("nic", OBJECT, Renamed("card", since="1.1"), ChildVersions(table)),
        field("nics", OBJECTS, Added(since="1.1")),
        field("disk", OBJECT, Removed(since="1.2")),
        field("name"),
        field("flavor", TEXT, converted("1.2"), was={"1.2": OBJECT}),
    )
    for direction in (("1.2", "1.0"), ("1.0", "1.2")):
        assert plan(made, *direction).children == (
            ChildStep("card", "nic", OBJECT, table),
            ChildStep("disk", "disk", OBJECT, None),
            ChildStep("flavor", "flavor", OBJECT, None),
        )
    assert [one.field for one in plan(made, "1.2", "1.1").children] == [
        "nic", "nics", "disk", "flavor",
    ]  # fmt: skip
    assert [one.field for one in plan(made, "1.2", "1.2").children] == ["nic", "nics"]


def test_a_plan_is_compiled_once() -> None:
    """Pairs of versions are compared by X.Y; each history has plans of its own."""
    first, second = history("1.2", field("a")), history("1.2", field("a"))
    assert plan(first, "1.2", "1.0") is plan(first, "1.2.7", "1.0.1")
    assert plan(first, "1.2", "1.0") is not plan(first, "1.2", "1.1")
    assert plan(first, "1.2", "1.0") is not plan(second, "1.2", "1.0")
    assert str(plan(first, "1.2.7", "1.0").source) == "1.2"


def test_plans_do_not_keep_a_history_alive() -> None:
    """Plans of a class that is gone are gone."""
    made = history("1.1", field("a", TEXT, Added(since="1.1")))
    plan(made, "1.1", "1.0")
    known = weakref.ref(made)
    del made
    gc.collect()
    assert known() is None


@pytest.mark.parametrize(("source", "target"), [("1.5", "1.0"), ("1.4", "2.0"), ("2.1", "2.0")])
def test_a_version_that_nobody_explained(source: str, target: str) -> None:
    """There is no plan for a version that the history does not have."""
    with pytest.raises(RemoteError, match=r"Server is explained up to 1\.4") as caught:
        plan(SEVERAL, source, target)
    assert caught.value.rule == "version/unsupported"
