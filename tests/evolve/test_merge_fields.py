"""An older caller's edit of the fields of one object, put back into the newer one."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from tests.evolve.fleet import FLEET, data, nic, one_class, server, told, world
from tests.evolve.foreign import foreign
from tests.history.declaring import NUMBER, TEXT, converted, field, history, nullable
from vobj.changes import (
    ABSENT,
    Added,
    ConverterContext,
    Mapped,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)
from vobj.errors import (
    MergeConflict,
    MergeError,
    PayloadError,
    RefusedError,
    RemoteError,
    UnrepresentableEdit,
    UsageError,
    VobjError,
)
from vobj.history import FieldDeclaration
from vobj.testkit.bare import BareCodec, node

Data = dict[str, Any]


def merged(
    codec: BareCodec, current: Data, edited: Data, base: Data | None = None, **how: Any
) -> Any:
    """The data of a Server 1.1 with an edit of 1.0 in it; nothing that was given changes."""
    given = (server("1.1", **current), server("1.0", **edited),
             None if base is None else server("1.1", **base))  # fmt: skip
    before = copy.deepcopy(given)
    made = codec.merge(*given, **how)
    assert given == before
    return data(made)


def refused(codec: BareCodec, kind: type[VobjError], *args: Any, **how: Any) -> VobjError:
    """The error of such a put-back."""
    with pytest.raises(kind, match=r"\[\S+/\S+\]$") as caught:
        merged(codec, *args, **how)
    return caught.value


def halved(value: int) -> int:
    return value // 2


def doubled(value: int) -> int:
    return value * 2


HALF = converted("1.1", up=doubled, down=halved)


def half(name: str) -> FieldDeclaration:
    """A number that older versions see halved."""
    return field(name, NUMBER, HALF, was={"1.1": NUMBER})


ONE_OF_EACH = one_class(
    field("plain"),
    field("renamed", TEXT, Renamed("old", since="1.1")),
    field("added", TEXT, Added(since="1.1")),
    field("removed", TEXT, Removed(since="1.1", restore="r")),
    field("mapped", TEXT, Mapped({"n": "o", "m": "o"}, since="1.1")),
    field("null", nullable(TEXT), Nullable(since="1.1", none_as="-")),
    half("half"),
)
CURRENT = {"plain": "p", "renamed": "q", "added": "a", "mapped": "m", "null": None, "half": 7}


@pytest.mark.parametrize(
    ("edit", "change"),
    [
        ({}, {}),
        ({"plain": "p", "old": "q", "removed": "r", "mapped": "o", "null": "-", "half": 3}, {}),
        ({"plain": "x"}, {"plain": "x"}),
        ({"plain": None}, {"plain": None}),
        ({"old": "x"}, {"renamed": "x"}),
        ({"mapped": "x"}, {"mapped": "x"}),
        ({"null": "x"}, {"null": "x"}),
        ({"half": 4}, {"half": 8}),
        ({"unknown": 1}, {}),
        ({"added": "guess"}, {}),
        ({"renamed": "guess"}, {}),
        ({"plain": "x", "old": "y", "half": 0}, {"plain": "x", "renamed": "y", "half": 0}),
    ],
)
def test_only_edits_are_put_back(edit: Data, change: Data) -> None:
    """What the caller left as it was sent is untouched, though it looks different from today's."""
    assert merged(ONE_OF_EACH, CURRENT, edit) == {**CURRENT, **change}


def test_an_edit_of_an_unset_field_sets_it() -> None:
    """What today's object does not have, the caller may give it."""
    assert merged(ONE_OF_EACH, {}, {"plain": "x", "half": 1}) == {"plain": "x", "half": 2}


def test_what_was_edited_is_a_change() -> None:
    """`changes` grows by the fields that differ now, in field order, and keeps what it had."""
    current = server("1.1", ["added"], **CURRENT)
    made = ONE_OF_EACH.merge(current, server("1.0", ["plain"], old="x", plain="p", half=9))
    assert made == server("1.1", ["renamed", "added", "half"], **{
        **CURRENT, "renamed": "x", "half": 18})  # fmt: skip
    untouched = ONE_OF_EACH.merge(current, server("1.0", ["plain", "half"], plain="p"))
    assert untouched == current


def test_a_field_left_out_may_mean_cleared() -> None:
    """absent="clear" unsets what the caller was sent and left out; the hidden stays."""
    sent = {"plain": "p", "old": "q", "removed": "r", "mapped": "o", "null": "-", "half": 3}
    without = {name: value for name, value in sent.items() if name != "old"}
    assert merged(ONE_OF_EACH, CURRENT, without, CURRENT, absent="clear") == {
        name: value for name, value in CURRENT.items() if name != "renamed"
    }
    assert merged(ONE_OF_EACH, CURRENT, sent, CURRENT, absent="clear") == CURRENT
    error = refused(ONE_OF_EACH, UsageError, CURRENT, without, absent="clear")
    assert told(error) == ("usage/argument", "$")


@pytest.mark.parametrize("name", ["on_conflict", "absent", "unrepresentable"])
def test_a_choice_that_does_not_exist(name: str) -> None:
    """Each choice is one of those the call names."""
    error = refused(ONE_OF_EACH, UsageError, CURRENT, {}, **{name: "guess"})
    assert told(error) == ("usage/policy", "$")
    assert f"{name}='guess'" in error.message


@pytest.mark.parametrize(
    ("edit", "field_name", "text"),
    [
        ({"removed": "x"}, "removed", "wrote 'x', but .* reads 'r'"),
        ({"mapped": "n"}, "mapped", "wrote 'n', but .* reads 'o'"),
        ({"removed": None}, "removed", "wrote None"),
    ],
)
def test_an_edit_that_the_newer_version_cannot_hold(edit: Data, field_name: str, text: str) -> None:
    """It is an error that shows what was written and what would be read, or is discarded."""
    with pytest.raises(UnrepresentableEdit, match=text) as caught:
        merged(ONE_OF_EACH, CURRENT, edit)
    assert told(caught.value) == ("merge/unrepresentable", f"$.{field_name}")
    assert (caught.value.object_name, caught.value.version, caught.value.target) == (
        "Server", "1.1", "1.0",
    )  # fmt: skip
    kept = merged(ONE_OF_EACH, CURRENT, {**edit, "plain": "x"}, unrepresentable="discard")
    assert kept == {**CURRENT, "plain": "x"}


def test_an_edit_that_is_refused() -> None:
    """What older versions are refused cannot be brought back by one of them."""
    codec = one_class(field("a", TEXT, Refused({"x"}, since="1.1")), field("b"))
    error = refused(codec, UnrepresentableEdit, {"a": "y", "b": "b"}, {"a": "x"})
    assert told(error) == ("merge/unrepresentable", "$.a")
    assert "is refused" in error.message
    kept = merged(codec, {"a": "y", "b": "b"}, {"a": "x", "b": "c"}, unrepresentable="discard")
    assert kept == {"a": "y", "b": "c"}


def test_what_is_refused_of_the_current_object_is_no_fault_of_the_caller() -> None:
    """The rest of an object that could not be sent any more can still be edited."""
    codec = one_class(field("a", TEXT, Refused({"x"}, since="1.1")), field("b"))
    assert merged(codec, {"a": "x", "b": "b"}, {"a": "x", "b": "c"}) == {"a": "x", "b": "c"}
    assert merged(codec, {"a": "x", "b": "b"}, {"b": "c"}, {"a": "y", "b": "b"}) == {
        "a": "x", "b": "c",
    }  # fmt: skip


def test_a_converter_that_fails_on_the_edit() -> None:
    """A value that its own version does not allow is the payload's fault."""
    codec = one_class(
        field("a", NUMBER, converted("1.1", up=int, down=str), was={"1.1": TEXT}), field("b")
    )
    error = refused(codec, PayloadError, {"a": 1, "b": "b"}, {"a": "many"})
    assert told(error) == ("payload/convert", "$.a")
    assert merged(codec, {"a": 1, "b": "b"}, {"a": "2"}) == {"a": 2, "b": "b"}


def scaled(value: int, data: Mapping[str, Any], _ctx: ConverterContext) -> Any:
    return value * data["scale"]


def unscaled(value: int, data: Mapping[str, Any], _ctx: ConverterContext) -> Any:
    return value // data["scale"]


SCALED = one_class(
    field("size", NUMBER, converted("1.1", up=scaled, down=unscaled, peers=True),
          was={"1.1": NUMBER}),
    field("scale", NUMBER),
)  # fmt: skip


def test_a_value_that_reads_an_edited_peer_is_put_back_as_well() -> None:
    """The caller sees what it wrote, so what it left alone is converted anew beside it."""
    assert merged(SCALED, {"size": 60, "scale": 10}, {"size": 6, "scale": 2}) == {
        "size": 12, "scale": 2,
    }  # fmt: skip
    assert merged(SCALED, {"size": 60, "scale": 10}, {"size": 7, "scale": 10}) == {
        "size": 70, "scale": 10,
    }  # fmt: skip


def total(data: Mapping[str, Any], _ctx: ConverterContext) -> Data:
    return {"a": data["a"] + data["b"], "b": ABSENT}


def split(data: Mapping[str, Any], _ctx: ConverterContext) -> Data:
    return {"a": data["a"] // 2, "b": data["a"] - data["a"] // 2}


GROUPED = one_class(
    field("a", NUMBER), field("b", NUMBER), field("c", NUMBER),
    facts=[
        Refused({99}, since="1.1", fields=("a", "c")),
        converted("1.1", fields=("a", "b"), up=split, down=total),
    ],
)  # fmt: skip


def test_a_group_is_put_back_as_one() -> None:
    """An edit of one field of a group converts the group; without one its fields stay."""
    current = {"a": 1, "b": 9, "c": 0}
    assert merged(GROUPED, current, {"a": 10, "c": 5}) == {"a": 1, "b": 9, "c": 5}
    assert merged(GROUPED, current, {"a": 7, "c": 0}) == {"a": 3, "b": 4, "c": 0}
    error = refused(GROUPED, UnrepresentableEdit, current, {"a": 10, "b": 3})
    assert told(error) == ("merge/unrepresentable", "$.b")
    error = refused(GROUPED, MergeConflict, {"a": 2, "b": 9, "c": 0}, {"a": 7}, current)
    assert told(error) == ("merge/conflict", "$.a")


def test_groups_that_meet_are_one() -> None:
    """Fields that two group converters share at different versions are one unit."""

    def moved(source: str, target: str) -> Any:
        return lambda data, _ctx: {target: data.get(source, 0), source: data.get(target, 0)}

    made = history(
        "1.3",
        *(field(name, NUMBER) for name in "abcd"),
        facts=[
            converted("1.1", fields=("a", "b"), up=moved("a", "b"), down=moved("a", "b")),
            converted("1.2", fields=("c", "d"), up=moved("c", "d"), down=moved("c", "d")),
            converted("1.3", fields=("b", "c"), up=moved("b", "c"), down=moved("b", "c")),
        ],
    )
    codec = world(made)
    newest = server("1.3", a=1, b=2, c=3, d=4)
    older = codec.backport(newest, "1.0")
    edited = {**data(older), "a": 50}
    made_of = codec.merge(newest, server("1.0", **edited))
    assert data(codec.backport(made_of, "1.0")) == edited


@pytest.mark.parametrize(
    ("current", "edit", "change"),
    [
        ({"plain": "c"}, {"plain": "e"}, "conflict"),
        ({"plain": "c"}, {"plain": "p"}, {"plain": "c"}),
        ({"plain": "c"}, {}, {"plain": "c"}),
        ({"plain": "c"}, {"plain": "c"}, {"plain": "c"}),
        ({"plain": "c"}, {"old": "e"}, {"plain": "c", "renamed": "e"}),
        ({"half": 8}, {"half": 4}, {"half": 8}),
        ({"half": 9}, {"half": 4}, {"half": 9}),
        ({"half": 6}, {"half": 4}, "conflict"),
        ({"half": 6}, {"half": 3}, {"half": 6}),
        ({"mapped": "n"}, {"mapped": "o"}, {"mapped": "n"}),
        ({"null": "x"}, {"null": "x"}, {"null": "x"}),
        ({"added": "z"}, {"plain": "e"}, {"added": "z", "plain": "e"}),
    ],
)
def test_two_callers(current: Data, edit: Data, change: Data | str) -> None:
    """One side's edit stands; equal edits stand; different ones are a conflict."""
    now = {**CURRENT, **current}
    if isinstance(change, str):
        error = refused(ONE_OF_EACH, MergeConflict, now, edit, CURRENT)
        assert error.rule == "merge/conflict"
        assert len(error.path) == 1
    else:
        assert merged(ONE_OF_EACH, now, edit, CURRENT) == {**CURRENT, **change}


def test_a_policy_settles_a_conflict() -> None:
    """The side that the policy names wins each conflict, and only those."""
    now = {**CURRENT, "plain": "c", "renamed": "c"}
    edit = {"plain": "e", "half": 0}
    assert merged(ONE_OF_EACH, now, edit, CURRENT, on_conflict="current") == {**now, "half": 0}
    assert merged(ONE_OF_EACH, now, edit, CURRENT, on_conflict="edited") == {
        **now, "plain": "e", "half": 0,
    }  # fmt: skip


def test_a_field_that_is_gone_meanwhile() -> None:
    """Cleared by one and edited by the other is a conflict as any."""
    now = {name: value for name, value in CURRENT.items() if name != "plain"}
    assert refused(ONE_OF_EACH, MergeConflict, now, {"plain": "e"}, CURRENT).path == ("plain",)
    assert merged(ONE_OF_EACH, now, {"plain": "p"}, CURRENT) == now


def test_a_restored_field_cannot_be_cleared() -> None:
    """What older versions always get is there again, so leaving it out clears nothing."""
    sent = {"plain": "p", "old": "q", "mapped": "o", "null": "-", "half": 3}
    error = refused(ONE_OF_EACH, UnrepresentableEdit, CURRENT, sent, CURRENT, absent="clear")
    assert told(error) == ("merge/unrepresentable", "$.removed")


@pytest.mark.parametrize(
    ("current", "edited", "base", "rule"),
    [
        (server("1.3"), nic("a"), None, "merge/class"),
        (server("1.3"), server("1.2"), nic("a"), "merge/class"),
        (server("1.2"), server("1.3"), None, "merge/newer"),
    ],
)
def test_payloads_that_do_not_belong_together(
    current: Any, edited: Any, base: Any, rule: str
) -> None:
    """All are of one object, and the edited one is the older."""
    with pytest.raises(MergeError, match=r"Cannot merge|upgrade it first") as caught:
        FLEET.merge(current, edited, base)
    assert told(caught.value) == (rule, "$")
    assert caught.value.object_name == "Server"


def test_another_major_is_never_merged() -> None:
    """Majors do not talk to each other, also where a process has both."""
    two = world(history("1.0", field("a")), history("2.0", field("a")))
    assert two.merge(server("1.0", a="x"), server("1.0", a="y")) == server("1.0", ["a"], a="y")
    with pytest.raises(MergeError, match="upgrade it first") as caught:
        two.merge(server("2.0", a="x"), server("1.0", a="y"))
    assert told(caught.value) == ("merge/newer", "$")


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("wrong", "rule"),
    [(7, "payload/envelope"), (server("1.9"), "version/newer"), (server("x"), "version/malformed"),
     (node("Rack", "1.0", {}), "payload/class")],
)  # fmt: skip
def test_a_payload_that_cannot_be_read(place: int, wrong: Any, rule: str) -> None:
    """Each of the three is checked before anything is merged."""
    given: list[Any] = [server("1.3"), server("1.2"), server("1.3")]
    given[place] = wrong
    with pytest.raises(RemoteError, match=r"\[\S+/\S+\]$") as caught:
        FLEET.merge(*given)
    assert caught.value.rule == rule


def test_a_base_of_another_version_is_aligned() -> None:
    """The base may be older than what is current by now; its fields are raised first."""
    base = server("1.0", name="s", node="h")
    now = server("1.3", name="t", host="h", secret="none")
    made = FLEET.merge(now, server("1.0", name="s", node="i"), base)
    assert data(made) == {"name": "t", "host": "i", "secret": "none"}


def test_an_edit_below_the_oldest_is_refused_by_what_is_sent_back() -> None:
    """A caller below the floor was never sent anything; its edit is read all the same."""
    codec = world(
        history("1.3", field("a"), field("b", TEXT, Added(since="1.3")),
                facts=[OldestSupported("1.2")])
    )  # fmt: skip
    made = codec.merge(server("1.3", a="x", b="y"), server("1.0", a="z"))
    assert data(made) == {"a": "z", "b": "y"}
    with pytest.raises(RefusedError, match=r"not sent below 1\.2"):
        codec.backport(made, "1.0")


def hook(found: Data, target: tuple[int, ...]) -> None:
    """`speed` is new in 1.1; below, `label` is made of the name, and `bad` is refused."""
    if found.get("name") == "bad":
        raise LookupError("too old")
    if target < (1, 1):
        found.pop("speed", None)
        found["label"] = found.get("name", "").upper()


TYPES = {"name": TEXT, "speed": NUMBER}
HOOKED = world(foreign=[foreign("Server", "1.1", TYPES, hook)])


@pytest.mark.parametrize(
    ("edit", "change"),
    [
        ({"name": "n", "label": "N"}, {}),
        ({"name": "n"}, {}),
        ({"unknown": 1}, {}),
        ({"speed": 3}, {"speed": 3}),
    ],
)
def test_a_foreign_object_keeps_what_its_hook_hides(edit: Data, change: Data) -> None:
    """A hand-written hook is looked through as it is: what differs from its result is an edit."""
    current = {"name": "n", "speed": 9}
    if change:
        error = refused(HOOKED, UnrepresentableEdit, current, edit)
        assert told(error) == ("merge/unrepresentable", "$.speed")
    else:
        assert merged(HOOKED, current, edit) == current


def test_a_name_that_a_hook_makes_up_has_no_way_back() -> None:
    """Nobody said what it was made of, so an edit of it cannot be held, or is discarded."""
    current = {"name": "n", "speed": 9}
    error = refused(HOOKED, UnrepresentableEdit, current, {"name": "n", "label": "X"})
    assert told(error) == ("merge/unrepresentable", "$.label")
    assert merged(HOOKED, current, {"label": "X"}, unrepresentable="discard") == current


def test_a_foreign_object_that_its_hook_refuses() -> None:
    """An object that could not be sent is looked at as it is; an edit into one is refused."""
    bad = {"name": "bad", "speed": 9}
    assert merged(HOOKED, bad, {"name": "bad"}) == bad
    error = refused(HOOKED, UnrepresentableEdit, {"name": "n", "speed": 9}, {"name": "bad"})
    assert told(error)[0] == "merge/unrepresentable"


def test_a_foreign_object_of_one_version() -> None:
    """At equal X.Y no hook runs, and an edit is what differs."""
    made = HOOKED.merge(server("1.1", name="n", speed=9), server("1.1", name="bad"))
    assert data(made) == {"name": "bad", "speed": 9}
