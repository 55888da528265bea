"""Each step of a plan, on the data of one object, down and up."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from tests.evolve.fleet import listed, one_class, told
from tests.history.declaring import NUMBER, OBJECT, TEXT, converted, field, history, nullable
from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ClassFact,
    Converted,
    ConverterContext,
    FieldChange,
    Mapped,
    Noted,
    NotNull,
    Nullable,
    Refused,
    Removed,
    Renamed,
)
from vobj.errors import (
    ConversionError,
    LimitError,
    PayloadError,
    RefusedError,
)
from vobj.evolve import Scope
from vobj.evolve.run import only, run
from vobj.history import FieldDeclaration, History, WireType, means
from vobj.plan import compile_plan
from vobj.testkit.bare import node
from vobj.version import Version

OLD, NEW = Version(1, 0), Version(1, 1)
SCOPE = one_class().scope()
Data = dict[str, Any]


def ran(made: History, source: Version, target: Version, data: Data, scope: Scope = SCOPE) -> Data:
    """The data in the other version; what was given stays as it was."""
    before = copy.deepcopy(data)
    after = run(compile_plan(made, source, target), data, scope)
    assert data == before
    assert after is not data
    return after


def down(*fields: FieldDeclaration, data: Data, facts: Any = (), scope: Scope = SCOPE) -> Data:
    """1.1 to 1.0."""
    return ran(history("1.1", *fields, facts=facts), NEW, OLD, data, scope)


def up(*fields: FieldDeclaration, data: Data, facts: Any = (), scope: Scope = SCOPE) -> Data:
    """1.0 to 1.1."""
    return ran(history("1.1", *fields, facts=facts), OLD, NEW, data, scope)


@pytest.mark.parametrize(
    ("kind", "change", "newer", "older"),
    [
        (TEXT, Added(since="1.1"), {"a": 1}, {}),
        (TEXT, Added(since="1.1"), {"a": None}, {}),
        (TEXT, Added(since="1.1"), {}, {}),
        (TEXT, Removed(since="1.1", restore="r"), {}, {"a": "r"}),
        (TEXT, Removed(since="1.1", restore="r"), {"a": "stray"}, {"a": "r"}),
        (TEXT, Removed(since="1.1", restore=None), {}, {"a": None}),
        (TEXT, Removed(since="1.1"), {}, {}),
        (TEXT, Renamed("b", since="1.1"), {"a": 1}, {"b": 1}),
        (TEXT, Renamed("b", since="1.1"), {"a": None}, {"b": None}),
        (TEXT, Renamed("b", since="1.1"), {}, {}),
        (TEXT, Renamed("b", since="1.1"), {"a": 1, "b": 2}, {"b": 1}),
        (TEXT, Mapped({"n": "o"}, since="1.1"), {"a": "n"}, {"a": "o"}),
        (TEXT, Mapped({"n": "o"}, since="1.1"), {"a": "x"}, {"a": "x"}),
        (TEXT, Mapped({"n": "o"}, since="1.1"), {"a": None}, {"a": None}),
        (TEXT, Mapped({"n": "o"}, since="1.1"), {}, {}),
        (TEXT, Mapped({"n": ABSENT}, since="1.1"), {"a": "n"}, {}),
        (TEXT, Mapped({1: 2}, since="1.1"), {"a": True}, {"a": True}),
        (TEXT, Mapped({True: 2}, since="1.1"), {"a": 1}, {"a": 1}),
        (TEXT, Mapped({None: "none"}, since="1.1"), {"a": None}, {"a": "none"}),
        (nullable(TEXT), Nullable(since="1.1", none_as="-"), {"a": None}, {"a": "-"}),
        (nullable(TEXT), Nullable(since="1.1", none_as="-"), {"a": "x"}, {"a": "x"}),
        (nullable(TEXT), Nullable(since="1.1", none_as="-"), {}, {}),
        (nullable(TEXT), Nullable(since="1.1", none_as="-", unset_too=True), {}, {"a": "-"}),
        (nullable(TEXT), Nullable(since="1.1", none_as=0, unset_too=True), {"a": 1}, {"a": 1}),
        (TEXT, NotNull(since="1.1", fill="+"), {"a": "x"}, {"a": "x"}),
        (TEXT, Noted("n", since="1.1"), {"a": "x"}, {"a": "x"}),
        (TEXT, Refused({"x"}, since="1.1"), {"a": "y"}, {"a": "y"}),
        (TEXT, Refused({"x"}, since="1.1"), {}, {}),
        (TEXT, Refused({1}, since="1.1"), {"a": True}, {"a": True}),
        (TEXT, Refused(since="1.1", present=True), {}, {}),
    ],
)
def test_a_change_on_the_way_down(
    kind: WireType, change: FieldChange, newer: Data, older: Data
) -> None:
    """What each change makes of a value, of None and of an unset field for older versions."""
    assert down(field("a", kind, change), data=newer) == older


@pytest.mark.parametrize(
    ("kind", "change", "older", "newer"),
    [
        (TEXT, Added(since="1.1", backfill="b"), {}, {"a": "b"}),
        (TEXT, Added(since="1.1", backfill=None), {}, {"a": None}),
        (TEXT, Added(since="1.1", backfill="b"), {"a": "x"}, {"a": "x"}),
        (TEXT, Added(since="1.1", backfill="b"), {"a": None}, {"a": None}),
        (TEXT, Added(since="1.1"), {}, {}),
        (TEXT, Removed(since="1.1", restore="r"), {"a": "x"}, {}),
        (TEXT, Removed(since="1.1"), {"a": None}, {}),
        (TEXT, Renamed("b", since="1.1"), {"b": 1}, {"a": 1}),
        (TEXT, Renamed("b", since="1.1"), {"b": 1, "a": 2}, {"a": 2}),
        (TEXT, Renamed("b", since="1.1"), {}, {}),
        (TEXT, Mapped({"n": "o"}, since="1.1"), {"a": "o"}, {"a": "n"}),
        (TEXT, Mapped({"n": "o", "m": "o"}, since="1.1"), {"a": "o"}, {"a": "n"}),
        (TEXT, Mapped({"n": ABSENT}, since="1.1"), {}, {}),
        (TEXT, NotNull(since="1.1", fill="+"), {"a": None}, {"a": "+"}),
        (TEXT, NotNull(since="1.1", fill="+"), {}, {}),
        (nullable(TEXT), Nullable(since="1.1", none_as="-"), {"a": "-"}, {"a": "-"}),
        (TEXT, Refused({"x"}, since="1.1"), {"a": "x"}, {"a": "x"}),
        (TEXT, Refused(since="1.1", present=True), {"a": "x"}, {"a": "x"}),
    ],
)
def test_a_change_on_the_way_up(
    kind: WireType, change: FieldChange, older: Data, newer: Data
) -> None:
    """What each makes of an older payload; backfill never overwrites, refusals are silent."""
    assert up(field("a", kind, change), data=older) == newer


def test_unknown_fields_are_carried() -> None:
    """What no change is about is in the result as it was."""
    assert down(field("a", TEXT, Added(since="1.1")), data={"a": 1, "z": [1]}) == {"z": [1]}


@pytest.mark.parametrize(
    ("change", "data", "rule", "text"),
    [
        (Refused({"x"}, since="1.1"), {"a": "x"}, "refused/value", "a is 'x', which versions"),
        (Refused({None}, since="1.1"), {"a": None}, "refused/value", "a is None"),
        (Refused(since="1.1", present=True), {"a": None}, "refused/present", "a is set, which"),
        (Refused({"x"}, since="1.1", reason="no x there"), {"a": "x"}, "refused/value",
         "Server: no x there"),
        (Refused({"x" * 200}, since="1.1"), {"a": "x" * 200}, "refused/value", r"xxx\.\.\., which"),
    ],
)  # fmt: skip
def test_a_refusal(change: Refused, data: Data, rule: str, text: str) -> None:
    """A refused value names its field, its version and the reason."""
    with pytest.raises(RefusedError, match=text) as caught:
        down(field("a", TEXT, change), data=data)
    assert told(caught.value) == (rule, "$.a")
    assert (caught.value.object_name, caught.value.version, caught.value.target) == (
        "Server", "1.1", "1.0",
    )  # fmt: skip


def test_a_refusal_of_a_group_names_the_one_at_fault() -> None:
    """A rule for several fields refuses the first that holds one of the values."""
    fact = Refused({"x"}, since="1.1", fields=("a", "b", "c"))
    fields = [field("a"), field("b"), field("c")]
    assert down(*fields, data={"b": "y", "c": "z"}, facts=[fact]) == {"b": "y", "c": "z"}
    with pytest.raises(RefusedError, match="c is 'x'") as caught:
        down(*fields, data={"a": "y", "c": "x"}, facts=[fact])
    assert told(caught.value) == ("refused/value", "$.c")


def test_a_refusal_beats_a_later_drop() -> None:
    """What is refused at 1.2 is refused also where 1.1 would have dropped the field."""
    made = history("1.2", field("a", TEXT, Added(since="1.1"), Refused({"x"}, since="1.2")))
    with pytest.raises(RefusedError, match=r"versions below 1\.2 cannot express"):
        ran(made, Version(1, 2), OLD, {"a": "x"})
    assert ran(made, NEW, OLD, {"a": "x"}) == {}


class TooOld(Exception):
    """A service's own exception."""


def test_a_refusal_with_an_exception_of_the_service() -> None:
    """The exception that the declaration names leaves as it is, with the text."""
    with pytest.raises(TooOld, match=r"^no x there$"):
        down(
            field("a", TEXT, Refused({"x"}, since="1.1", exception=TooOld, reason="no x there")),
            data={"a": "x"},
        )


def test_values_of_a_declaration_are_copied() -> None:
    """A default in a result can be changed without changing the next result."""
    default: dict[str, list[int]] = {"l": []}
    changes: list[tuple[FieldChange, Any]] = [
        (Removed(since="1.1", restore=default), {}),
        (Mapped({"n": default}, since="1.1"), {"a": "n"}),
        (Nullable(since="1.1", none_as=default), {"a": None}),
    ]
    for change, data in changes:
        kind = nullable(TEXT)
        down(field("a", kind, change), data=data)["a"]["l"].append(1)
        assert down(field("a", kind, change), data=data) == {"a": {"l": []}}
    added = field("a", TEXT, Added(since="1.1", backfill=default))
    up(added, data={})["a"]["l"].append(1)
    assert up(added, data={}) == {"a": {"l": []}}


def number(**more: Any) -> tuple[FieldDeclaration, ...]:
    """A number that was a text."""
    kind, was = (NUMBER, TEXT) if not more.get("nulls") else (nullable(NUMBER), nullable(TEXT))
    return (field("a", kind, converted("1.1", **{"up": int, "down": str, **more}),
                  was={"1.1": was}),)  # fmt: skip


def test_a_plain_converter() -> None:
    """It takes the value; None and unset fields pass by."""
    assert down(*number(), data={"a": 1}) == {"a": "1"}
    assert up(*number(), data={"a": "1"}) == {"a": 1}
    assert down(*number(), data={"a": None}) == {"a": None}
    assert up(*number(), data={}) == {}


def test_a_converter_that_is_told_about_none_and_absence() -> None:
    """nulls=True gives it None, absent=True gives it ABSENT, which it may also return."""

    def swap(value: object) -> object:
        table: dict[object, object] = {None: "null", ABSENT: "unset", "null": None}
        return table.get(value, ABSENT)

    both = number(up=swap, down=swap, nulls=True, absent=True)
    assert down(*both, data={"a": None}) == {"a": "null"}
    assert down(*both, data={}) == {"a": "unset"}
    assert down(*both, data={"a": "x"}) == {}
    assert up(*both, data={"a": "null"}) == {"a": None}
    nulls = number(up=swap, down=swap, nulls=True)
    assert down(*nulls, data={}) == {}


def test_a_converter_gets_a_copy() -> None:
    """One that changes its argument in place harms neither the payload nor its own result."""

    def emptied(value: list[int]) -> int:
        value.clear()
        return 0

    declared = field("a", NUMBER, converted("1.1", down=emptied), was={"1.1": TEXT})
    assert down(declared, data={"a": [1, 2]}) == {"a": 0}


def test_a_converter_with_peers_sees_all_data_as_it_stood() -> None:
    """It reads the newer values under the newer names, whatever stands before it, and no writes."""
    seen: list[tuple[Any, Mapping[str, Any], ConverterContext]] = []

    def look(value: Any, data: Mapping[str, Any], ctx: ConverterContext) -> Any:
        seen.append((value, data, ctx))
        return "converted"

    fields = [
        field("b", TEXT, Mapped({"n": "o"}, since="1.1")),
        field("c", TEXT, Renamed("d", since="1.1")),
        field("a", nullable(TEXT), converted("1.1", down=look, peers=True),
              was={"1.1": nullable(TEXT)}),
    ]  # fmt: skip
    scope = Scope(SCOPE.catalog, context="the request")
    made = down(*fields, data={"a": None, "b": "n", "c": [1]}, scope=scope)
    assert made == {"a": "converted", "b": "o", "d": [1]}
    value, data, ctx = seen[0]
    assert (value, dict(data)) == (None, {"a": None, "b": "n", "c": [1]})
    assert ctx == ConverterContext(object_name="Server", target="1.0", context="the request")
    with pytest.raises(TypeError, match="item assignment"):
        data["a"] = 1  # type: ignore[index]


def test_a_converter_knows_manifest_and_object() -> None:
    """Whoever runs a plan may hand in the manifest and the live object."""
    seen: list[ConverterContext] = []

    def look(_value: Any, _data: Mapping[str, Any], ctx: ConverterContext) -> Any:
        seen.append(ctx)
        return ABSENT

    made = history(
        "1.1", field("a", TEXT, converted("1.1", down=look, peers=True), was={"1.1": TEXT})
    )
    live = object()
    plan = compile_plan(made, NEW, OLD)
    assert run(plan, {"a": "x"}, SCOPE, manifest={"Server": "1.0"}, live=live) == {}
    assert seen[0].manifest == {"Server": "1.0"}
    assert seen[0].obj is live


def total(data: Mapping[str, Any], _ctx: ConverterContext) -> dict[str, Any]:
    return {"a": data.get("a", 0) + data.get("b", 0), "b": ABSENT}


def split(data: Mapping[str, Any], _ctx: ConverterContext) -> dict[str, Any]:
    return {"a": data["a"] // 2, "b": data["a"] - data["a"] // 2}


GROUP = converted("1.1", fields=("a", "b"), down=total, up=split)
GROUPED = [field("a", NUMBER), field("b", NUMBER), field("c", NUMBER)]


def test_a_converter_of_a_group() -> None:
    """It reads the group and writes its fields; ABSENT unsets one; without any of them it rests."""
    assert down(*GROUPED, data={"a": 1, "b": 2, "c": 3}, facts=[GROUP]) == {"a": 3, "c": 3}
    assert up(*GROUPED, data={"a": 5}, facts=[GROUP]) == {"a": 2, "b": 3}
    assert down(*GROUPED, data={"c": 3}, facts=[GROUP]) == {"c": 3}


def test_a_converter_of_a_group_that_makes_something_of_nothing() -> None:
    """absent=True runs it also when none of its fields is set."""
    always = converted("1.1", fields=("a",), down=lambda _data, _ctx: {"a": 0}, absent=True)
    assert down(*GROUPED, data={}, facts=[always]) == {"a": 0}


@pytest.mark.parametrize("result", [None, 1, ["a"], {"c": 1}, {"a": 1, "x": 2}], ids=repr)
def test_a_converter_of_a_group_returns_its_fields(result: object) -> None:
    """Anything but a mapping of its own fields is a mistake of the converter."""
    wrong = converted("1.1", fields=("a", "b"), down=lambda _data, _ctx: result)
    with pytest.raises(ConversionError, match="not a mapping of these fields") as caught:
        down(*GROUPED, data={"a": 1}, facts=[wrong])
    assert told(caught.value) == ("convert/failed", "$")


def fails(*_: Any) -> Any:
    raise OSError("disk is gone")


@pytest.mark.parametrize("fact", [None, converted("1.1", fields=("a",), up=fails, down=fails)])
def test_a_converter_that_fails(fact: ClassFact | None) -> None:
    """Down it is a local error, up the payload's; both name the exception and keep it as cause."""
    fields = number(up=fails, down=fails) if fact is None else (field("a"),)
    facts = () if fact is None else (fact,)
    where = "$.a" if fact is None else "$"
    with pytest.raises(ConversionError, match=r"converter of 1\.1 failed: OSError: disk") as local:
        down(*fields, data={"a": 1}, facts=facts)
    assert told(local.value) == ("convert/failed", where)
    assert isinstance(local.value.__cause__, OSError)
    with pytest.raises(PayloadError, match="OSError: disk is gone") as remote:
        up(*fields, data={"a": "1"}, facts=facts)
    assert told(remote.value) == ("payload/convert", where)
    assert (remote.value.version, remote.value.target) == ("1.0", "1.1")


@pytest.mark.parametrize(
    "error",
    [
        RefusedError("no such speed there"),
        LimitError("no such speed there", rule="payload/count", object_name="Other"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_converter_may_raise_errors_of_its_own(error: RefusedError | LimitError) -> None:
    """A refusal, or any error of vobj, leaves with the path of the field before its own."""

    def refuse(_value: int) -> str:
        error.path = ("inside",)
        raise error

    with pytest.raises(type(error), match="no such speed there") as caught:
        down(*number(down=refuse), data={"a": 1})
    assert caught.value is error
    assert caught.value.path == ("a", "inside")
    assert caught.value.object_name == ("Server" if isinstance(error, RefusedError) else "Other")


NICS = field("nics", listed(OBJECT), Admitted({"Virtual", "Ghost"}, since="1.1"))


def test_elements_of_newer_classes_are_left_out() -> None:
    """Older versions get the list without them; what is no envelope, and no list, stays."""
    real, virtual, ghost = (
        node("Nic", "1.0", {}),
        node("Virtual", "1.0", {}),
        node("Ghost", "1.0", {}),
    )
    assert down(NICS, data={"nics": [virtual, real, ghost, 7]}) == {"nics": [real, 7]}
    assert down(NICS, data={"nics": (real, virtual)}) == {"nics": [real]}
    for value in ([real], None, "text", virtual):
        assert down(NICS, data={"nics": value}) == {"nics": value}
    assert up(NICS, data={"nics": [virtual]}) == {"nics": [virtual]}


NOTED = field("a", TEXT, Noted("older nodes ignore it", since="1.1"))


def test_a_note_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A note is a warning when the field is set, and only on the way down."""
    loud = Scope(SCOPE.catalog)
    with caplog.at_level(logging.WARNING, logger="vobj"):
        down(NOTED, data={}, scope=loud)
        up(NOTED, data={"a": 1}, scope=loud)
        down(NOTED, data={"a": 1}, scope=SCOPE)
        assert caplog.messages == []
        down(NOTED, data={"a": None}, scope=loud)
    assert caplog.messages == ["Server.a sent below 1.1: older nodes ignore it"]


def test_hidden_data_is_reset_for_a_store() -> None:
    """hidden="reset" writes the backfill, copied, where the target cannot see the field."""
    scope = Scope(SCOPE.catalog, hidden="reset")
    default: list[int] = []
    fields = [
        field("a", TEXT, Added(since="1.1", backfill=default)),
        field("b", TEXT, Added(since="1.1")),
    ]
    made = down(*fields, data={"a": [1], "b": 2}, scope=scope)
    assert made == {"a": []}
    assert made["a"] is not default
    assert down(*fields, data={}, scope=scope) == {}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [(1, 1, True), (1, 1.0, True), (1, True, False), (True, True, True), (0, False, False),
     (0, None, False), ("a", "a", True), (ABSENT, None, False), ([1], [1], True)],
)  # fmt: skip
def test_what_a_table_means(*, one: object, other: object, equal: bool) -> None:
    """Values of a table are compared as values, but True is not 1."""
    assert means(one, other) is equal
    assert means(other, one) is equal


def _peered(name: str, *before: FieldChange, **more: Any) -> FieldDeclaration:
    change = converted("1.2", peers=True, **more)
    return field(name, TEXT, *before, change, was={"1.2": TEXT})


def test_a_part_of_a_plan() -> None:
    """Only steps about these fields are left, and all before a converter that reads its peers."""
    refused = Refused({"x"}, since="1.1", fields=("b", "c"))
    made = history(
        "1.2",
        field("b", TEXT, Mapped({"n": "o"}, since="1.1")),
        field("c", TEXT, Mapped({"n": "o"}, since="1.1")),
        _peered("a"),
        facts=[refused],
    )
    newest = compile_plan(made, OLD, Version(1, 2))
    kinds = [[(type(one).__name__, one.at) for one in only(newest, names).steps]
             for names in ({"b"}, {"a"}, set[str]())]  # fmt: skip
    assert kinds == [
        [("MapValue", "1.1")],
        [("MapValue", "1.1"), ("MapValue", "1.1"), ("Snapshot", "1.2"), ("Convert", "1.2")],
        [],
    ]
    older = compile_plan(made, Version(1, 2), OLD)
    assert [type(one).__name__ for one in only(older, {"c"}).steps] == ["Refuse", "MapValue"]


def test_a_part_of_a_plan_with_a_group() -> None:
    """A group converter stays, with all that it may read, when one of its fields is asked for."""
    group = Converted(since="1.1", was={}, up=split, down=total, fields=("a", "b"))
    made = history("1.1", field("c", TEXT, Renamed("d", since="1.1")), *GROUPED[:2], facts=[group])
    plan = compile_plan(made, OLD, NEW)
    assert only(plan, {"b"}).steps == plan.steps
    assert [type(one).__name__ for one in only(plan, {"d"}).steps] == ["Rename"]
