"""In which order the changes on the way act, and what they are about: presence, stamps, notes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

import vobj
from tests.requirements.exchange import CODEC, data_of, effects, node, refusal, rule_of, sent
from vobj import (
    Added,
    Converted,
    ConverterContext,
    Mapped,
    NoChange,
    Noted,
    NotNull,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)


@vobj.register
class OrderedValue(vobj.VersionedObject):
    """One field that changes its form at three versions."""

    VERSION = "1.3"

    value: str = vobj.field(
        Mapped({"c": "b"}, since="1.1"),
        Mapped({"d": "c"}, since="1.2"),
        Mapped({"e": "d"}, since="1.3"),
    )


@pytest.mark.parametrize(
    ("target", "expected"), [("1.3", "e"), ("1.2", "d"), ("1.1", "c"), ("1.0", "b")]
)
def test_versions_are_walked_from_the_newest_down(target: str, expected: str) -> None:
    """Each change reads what the newer ones left, so three steps carry a value all the way."""
    assert data_of(sent(OrderedValue(value="e"), target)) == {"value": expected}
    old = node("OrderedValue", target, {"value": expected})
    assert data_of(CODEC.upgrade(old)) == {"value": "e"}


def _read(name: str) -> Any:
    def convert(value: Any, data: Mapping[str, Any], ctx: ConverterContext) -> Any:
        return f"{value}+{data.get(name, 'absent')}"

    return convert


@vobj.register
class OrderedSteps(vobj.VersionedObject):
    """Everything happens at one version."""

    VERSION = "1.1"

    state: str = vobj.field(Refused({"new"}, since="1.1"))
    one: str = vobj.field(
        Converted(since="1.1", was=str, peers=True, down=_read("other"), up=_read("other"))
    )
    other: str = vobj.field(
        Renamed("another", since="1.1"),
        Converted(since="1.1", was=str, peers=True, down=_read("one"), up=_read("one")),
    )
    added: str = vobj.field(Added(since="1.1"))
    gone: str = vobj.field(Removed(since="1.1", restore="back"))
    watcher: str = vobj.field(
        Converted(
            since="1.1", was=str, peers=True,
            down=lambda value, data, ctx: f"{data['added']},{data['gone']}",
            up=lambda value, data, ctx: value,
        )
    )  # fmt: skip


STEPS = {"state": "old", "one": "1", "other": "2", "added": "a", "watcher": "w"}


def test_inside_one_version_it_is_restore_refuse_convert_rename_drop() -> None:
    """Converters read the same moment: before renames and drops, after restores, not each other."""
    payload = sent(OrderedSteps(**STEPS), "1.0")
    assert payload == node(
        "OrderedSteps", "1.0",
        {"state": "old", "one": "1+2", "another": "2+1", "watcher": "a,back", "gone": "back"},
        unchanged=["gone"],
    )  # fmt: skip


def test_a_refusal_comes_before_any_converter_of_its_version() -> None:
    """A converter is not asked about an object that will not be sent."""
    without_peers = OrderedSteps(state="new", watcher="w")
    error = refusal(without_peers, "1.0", vobj.RefusedError, "'new'")
    assert rule_of(error) == ("refused/value", "$.state")


def test_the_way_up_is_the_mirror() -> None:
    """Up, a converter reads the names of its version and all that it added or removed."""
    old = node("OrderedSteps", "1.0", {"one": "1", "another": "2", "gone": "g"})
    assert data_of(CODEC.upgrade(old)) == {"one": "1+2", "other": "2+1"}


@vobj.register
class ManyVersions(vobj.VersionedObject):
    """So many versions that text does not sort them."""

    VERSION = "1.12"
    history = [OldestSupported("1.8")]

    name: str
    nine: str = vobj.field(Added(since="1.9"))
    ten: str = vobj.field(Added(since="1.10"))
    eleven: str = vobj.field(Added(since="1.11"))
    twelve: str = vobj.field(Added(since="1.12"))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("1.12", ["name", "nine", "ten", "eleven", "twelve"]),
        ("1.11", ["name", "nine", "ten", "eleven"]), ("1.10", ["name", "nine", "ten"]),
        ("1.9", ["name", "nine"]), ("1.8", ["name"]),
    ],
)  # fmt: skip
def test_versions_are_numbers(target: str, expected: list[str]) -> None:
    """1.10 is newer than 1.9, wherever versions are compared."""
    obj = ManyVersions(name="", nine="", ten="", eleven="", twelve="")
    assert list(data_of(sent(obj, target))) == expected


@vobj.register
class MethodsOnly(vobj.VersionedObject):
    """Versions that brought methods, and one release number that brought nothing."""

    VERSION = "1.2.3"
    history = [NoChange("1.1", "added get_by_host"), NoChange("1.2", "remotable save")]

    name: str


def test_a_version_without_a_change_of_data_differs_in_the_stamp_alone() -> None:
    """The data of every such version is the same."""
    for target in ("1.0", "1.1"):
        assert sent(MethodsOnly(name="n"), target) == node("MethodsOnly", target, {"name": "n"})


def test_the_third_number_never_triggers_a_backport() -> None:
    """Peers that know X.Y know X.Y.Z: the sender's stamp stays, whatever Z was asked for."""
    for target in ("1.2", "1.2.0", "1.2.9"):
        assert sent(MethodsOnly(name="n"), target) == node("MethodsOnly", "1.2.3", {"name": "n"})
    assert CODEC.decode(node("MethodsOnly", "1.2.1", {"name": "n"})).VERSION == "1.2.3"


@vobj.register
class NovaNoticedTopology(vobj.VersionedObject):
    """A field whose loss an operator should hear of."""

    VERSION = "1.2"
    history = [NoChange("1.1")]

    id: int
    emulator_threads_policy: str = vobj.field(
        Added(since="1.2"), Noted("the policy is lost", since="1.2")
    )


def test_a_note_is_logged_when_a_set_field_goes_below_its_version(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One warning per object that is sent, and the data as without the note."""
    obj = NovaNoticedTopology(id=1, emulator_threads_policy="share")
    with caplog.at_level(logging.WARNING, "vobj"):
        payload = CODEC.encode(obj, to="1.1")
    assert payload == node("NovaNoticedTopology", "1.1", {"id": 1})
    assert caplog.messages == [
        "NovaNoticedTopology.emulator_threads_policy sent below 1.2: the policy is lost"
    ]
    caplog.clear()
    with caplog.at_level(logging.WARNING, "vobj"):
        CODEC.backport(CODEC.encode(obj), to="1.0")
    assert len(caplog.messages) == 1


def test_a_note_is_silent_for_unset_fields_newer_targets_and_explanations(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody is warned of what does not happen; `explain` tells it as a finding."""
    obj = NovaNoticedTopology(id=1, emulator_threads_policy="share")
    with caplog.at_level(logging.DEBUG, "vobj"):
        sent(NovaNoticedTopology(id=1), "1.0")
        sent(obj, "1.2")
        found = CODEC.explain(obj, to="1.1")
        CODEC.merge(CODEC.encode(obj), node("NovaNoticedTopology", "1.1", {"id": 2}))
    assert not caplog.messages
    assert effects(found) == [
        ("$.emulator_threads_policy", "noted", "1.2"),
        ("$.emulator_threads_policy", "dropped", "1.2"),
    ]


@vobj.register
class EveryRule(vobj.VersionedObject):
    """A field of each kind, to be left unset."""

    VERSION = "1.1"

    added: str = vobj.field(Added(since="1.1"))
    renamed: str = vobj.field(Renamed("older", since="1.1"))
    mapped: str = vobj.field(Mapped({"a": "b"}, since="1.1"))
    refused: str = vobj.field(Refused({"a"}, since="1.1"))
    converted: str = vobj.field(Converted(since="1.1", was=int, up=str, down=int))
    filled: str = vobj.field(NotNull(since="1.1", fill=""))
    removed: str = vobj.field(Removed(since="1.1"))


def test_nothing_appears_for_unset_fields_in_any_direction() -> None:
    """Objects are routinely partial: an empty one is empty in every version."""
    for target in ("1.1", "1.0"):
        assert sent(EveryRule(), target) == node("EveryRule", target, {})
        assert CODEC.upgrade(node("EveryRule", target, {})) == node("EveryRule", "1.1", {})


def test_a_null_of_an_older_version_is_filled_where_null_is_no_more() -> None:
    """NotNull replaces None on the way up, and leaves values and unset fields."""
    for old, new in (({"filled": None}, {"filled": ""}), ({"filled": "x"}, {"filled": "x"})):
        assert CODEC.upgrade(node("EveryRule", "1.0", old)) == node("EveryRule", "1.1", new)


def test_the_newer_spelling_wins_where_a_payload_has_both() -> None:
    """A sender that writes both names of a renamed field means what stands under the newer one."""
    both = node("EveryRule", "1.0", {"renamed": "new", "older": "old"})
    assert data_of(CODEC.upgrade(both)) == {"renamed": "new"}
    both = node("EveryRule", "1.1", {"renamed": "new", "older": "old"})
    assert data_of(CODEC.backport(both, to="1.0")) == {"older": "new"}


def test_changes_follow_renames_and_forget_what_is_gone() -> None:
    """The names of changed fields are those of the version that is sent, in both directions."""
    obj = EveryRule(added="a", renamed="r", converted="1")
    payload = CODEC.encode(obj, to="1.0")
    assert payload["versioned_object.changes"] == ["older", "converted"]
    assert CODEC.upgrade(payload)["versioned_object.changes"] == ["renamed", "converted"]
