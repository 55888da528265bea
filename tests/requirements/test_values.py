"""Values that were spelled, typed or placed otherwise in older versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import vobj
from tests.requirements.exchange import CODEC, data_of, effects, node, received, sent
from vobj import (
    ABSENT,
    Added,
    Converted,
    Loss,
    Mapped,
    NoChange,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)


def _policies_of(policy: Any) -> list[str]:
    return [] if policy is ABSENT or policy is None else [policy]


def _policy_of(policies: Any) -> Any:
    if policies is ABSENT:
        return ABSENT
    return policies[0] if policies else None


@vobj.register
class NovaInstanceGroup(vobj.VersionedObject):
    """A list that became a scalar of another name, and a dict that was removed."""

    VERSION = "1.11"
    history = [OldestSupported("1.6"), *(NoChange(f"1.{minor}") for minor in (8, 9, 10))]

    uuid: str
    policy: str | None = vobj.field(
        Renamed("policies", since="1.11"),
        Converted(
            since="1.11", was=list[str], up=_policy_of, down=_policies_of, nulls=True, absent=True
        ),
    )
    metadetails: dict[str, str] = vobj.field(Removed(since="1.7", restore={}))


@pytest.mark.parametrize(
    ("values", "target", "expected"),
    [
        ({"uuid": "u", "policy": "affinity"}, "1.11", {"uuid": "u", "policy": "affinity"}),
        ({"uuid": "u", "policy": "affinity"}, "1.10", {"uuid": "u", "policies": ["affinity"]}),
        ({"uuid": "u", "policy": "affinity"}, "1.7", {"uuid": "u", "policies": ["affinity"]}),
        (
            {"uuid": "u", "policy": "affinity"}, "1.6",
            {"uuid": "u", "policies": ["affinity"], "metadetails": {}},
        ),
        ({"policy": None}, "1.11", {"policy": None}),
        ({"policy": None}, "1.10", {"policies": []}),
    ],
)  # fmt: skip
def test_a_renamed_field_goes_under_its_older_name_and_type(
    values: dict[str, Any], target: str, expected: dict[str, Any]
) -> None:
    """Below its rename a field has the older name, and the value in the form it had there."""
    payload = sent(NovaInstanceGroup(**values), target)
    assert payload == node("NovaInstanceGroup", target, expected, unchanged=["metadetails"])


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("1.11", {}),
        ("1.10", {"policies": []}),
        ("1.7", {"policies": []}),
        ("1.6", {"policies": [], "metadetails": {}}),
    ],
)
def test_a_converter_that_takes_absence_and_a_restored_field_emit_when_unset(
    target: str, expected: dict[str, Any]
) -> None:
    """What older versions cannot do without is written for an unset field as well."""
    payload = sent(NovaInstanceGroup(), target)
    assert payload == node("NovaInstanceGroup", target, expected, unchanged=expected)


@pytest.mark.parametrize(
    ("version", "data", "expected"),
    [
        ("1.10", {"uuid": "u", "policies": ["soft"]}, {"uuid": "u", "policy": "soft"}),
        ("1.6", {"policies": [], "metadetails": {"a": "b"}}, {"policy": None}),
        ("1.6", {"uuid": "u"}, {"uuid": "u"}),
    ],
)
def test_an_older_name_and_type_are_read_as_the_newer_field(
    version: str, data: dict[str, Any], expected: dict[str, Any]
) -> None:
    """An upgrade renames, converts, and forgets what was removed."""
    upgraded = CODEC.upgrade(node("NovaInstanceGroup", version, data))
    assert upgraded == node("NovaInstanceGroup", "1.11", expected)


def test_an_edit_under_the_older_name_is_put_back_under_the_newer_one() -> None:
    """Put-back follows a rename, and a restored field takes no edit."""
    current = node("NovaInstanceGroup", "1.11", {"uuid": "u", "policy": "affinity"})
    seen = {"uuid": "u", "policies": ["soft"], "metadetails": {}}
    edited = node("NovaInstanceGroup", "1.6", seen)
    assert data_of(CODEC.merge(current, edited)) == {"uuid": "u", "policy": "soft"}
    edited["versioned_object.data"]["metadetails"] = {"k": "v"}
    with pytest.raises(vobj.UnrepresentableEdit, match="metadetails"):
        CODEC.merge(current, edited)


def test_an_old_field_may_stay_declared_beside_its_successor() -> None:
    """Where both are fields, a converter of the group writes the older one from the newer one."""

    @vobj.register
    class KeptInstanceGroup(vobj.VersionedObject):
        VERSION = "1.1"
        history = [
            Converted(
                since="1.1", was={}, fields=("policies", "policy"), absent=True,
                down=lambda data, ctx: {"policies": _policies_of(data.get("policy"))},
                up=lambda data, ctx: {"policy": _policy_of(data.get("policies", ABSENT))},
            )
        ]  # fmt: skip

        policies: list[str] = vobj.field(read_only=True)
        policy: str | None = vobj.field(Added(since="1.1"))

    for values, policies in (({"policy": "soft"}, ["soft"]), ({"policy": None}, []), ({}, [])):
        assert data_of(sent(KeptInstanceGroup(**values), "1.0")) == {"policies": policies}
    read = received(node("KeptInstanceGroup", "1.0", {"policies": ["soft"]}))
    assert (read.policy, read.policies) == ("soft", ["soft"])


def _fold(data: Mapping[str, Any], ctx: vobj.ConverterContext) -> dict[str, Any]:
    if data.get("parent_addr") is None:
        return {}
    return {"extra_info": {**data.get("extra_info", {}), "phys_function": data["parent_addr"]}}


def _unfold(data: Mapping[str, Any], ctx: vobj.ConverterContext) -> dict[str, Any]:
    extra = dict(data.get("extra_info", {}))
    if "phys_function" not in extra:
        return {}
    parent = extra.pop("phys_function")
    return {"extra_info": extra, "parent_addr": parent}


@vobj.register
class NovaPciDevice(vobj.VersionedObject):
    """A field whose value older versions hold under a key of a dict."""

    VERSION = "1.5"
    history = [
        OldestSupported("1.4"),
        Converted(since="1.5", was={}, fields=("extra_info", "parent_addr"), up=_unfold, down=_fold,
                  down_loss=Loss.LOSSLESS),
    ]  # fmt: skip

    address: str
    extra_info: dict[str, str]
    parent_addr: str | None = vobj.field(Added(since="1.5"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"address": "a", "extra_info": {"caps": "c"}, "parent_addr": "p"},
            {"address": "a", "extra_info": {"caps": "c", "phys_function": "p"}},
        ),
        ({"parent_addr": "p"}, {"extra_info": {"phys_function": "p"}}),
        ({"extra_info": {"caps": "c"}, "parent_addr": None}, {"extra_info": {"caps": "c"}}),
        ({"address": "a"}, {"address": "a"}),
    ],
)
def test_a_value_folds_into_a_dict_of_older_versions(
    values: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A converter of a group moves a value into its neighbour before its own field is dropped."""
    changed = [name for name in expected if name in values]
    assert sent(NovaPciDevice(**values), "1.5") == node("NovaPciDevice", "1.5", values)
    assert sent(NovaPciDevice(**values), "1.4") == node(
        "NovaPciDevice", "1.4", expected, unchanged=set(expected) - set(changed)
    )


def test_a_folded_value_comes_back() -> None:
    """The upgrade unfolds; an edit of the dict and the folded value are put back together."""
    old = node("NovaPciDevice", "1.4", {"extra_info": {"caps": "c", "phys_function": "p"}})
    assert data_of(CODEC.upgrade(old)) == {"extra_info": {"caps": "c"}, "parent_addr": "p"}
    current = node("NovaPciDevice", "1.5", {"extra_info": {"caps": "c"}, "parent_addr": "p"})
    edited = node("NovaPciDevice", "1.4", {"extra_info": {"caps": "d", "phys_function": "q"}})
    merged = CODEC.merge(current, edited)
    assert data_of(merged) == {"extra_info": {"caps": "d"}, "parent_addr": "q"}


@vobj.register
class NovaHVSpec(vobj.VersionedObject):
    """A value that had another spelling, and one that did not exist."""

    VERSION = "1.2"

    arch: str
    hv_type: str = vobj.field(Mapped({"vz": "parallels"}, since="1.1"))
    watchdog_action: str = vobj.field(Mapped({"disabled": ABSENT}, since="1.2"))


@pytest.mark.parametrize(
    ("values", "target", "expected"),
    [
        ({"arch": "x", "hv_type": "vz"}, "1.2", {"arch": "x", "hv_type": "vz"}),
        ({"arch": "x", "hv_type": "vz"}, "1.1", {"arch": "x", "hv_type": "vz"}),
        ({"arch": "x", "hv_type": "vz"}, "1.0", {"arch": "x", "hv_type": "parallels"}),
        ({"hv_type": "qemu"}, "1.0", {"hv_type": "qemu"}),
        ({"arch": "x"}, "1.0", {"arch": "x"}),
        ({"watchdog_action": "disabled"}, "1.2", {"watchdog_action": "disabled"}),
        ({"watchdog_action": "disabled"}, "1.1", {}),
        ({"watchdog_action": "reset"}, "1.1", {"watchdog_action": "reset"}),
        ({"watchdog_action": "disabled", "hv_type": "vz"}, "1.0", {"hv_type": "parallels"}),
    ],
)
def test_a_newer_value_goes_as_an_older_one_or_unsets_the_field(
    values: dict[str, Any], target: str, expected: dict[str, Any]
) -> None:
    """A mapped value is replaced or, where it means unset, its field left out; others stay."""
    payload = sent(NovaHVSpec(**values), target)
    assert payload == node("NovaHVSpec", target, expected)


def test_an_older_value_is_read_as_the_newer_one() -> None:
    """Up, the first new value listed for an old one is taken; an unset field stays unset."""
    old = node("NovaHVSpec", "1.0", {"arch": "x", "hv_type": "parallels"})
    assert CODEC.upgrade(old) == node("NovaHVSpec", "1.2", {"arch": "x", "hv_type": "vz"})


def test_a_mapped_value_that_was_not_edited_is_kept() -> None:
    """Put-back sees through a mapping: an echo of the older value is no edit, a new value is."""
    current = node("NovaHVSpec", "1.2", {"hv_type": "vz", "watchdog_action": "disabled"})
    echo = node("NovaHVSpec", "1.0", {"hv_type": "parallels"})
    assert CODEC.merge(current, echo) == current
    edit = node("NovaHVSpec", "1.0", {"hv_type": "parallels", "watchdog_action": "pause"})
    assert data_of(CODEC.merge(current, edit)) == {"hv_type": "vz", "watchdog_action": "pause"}


def _cpuset_down(data: Mapping[str, Any], ctx: vobj.ConverterContext) -> dict[str, Any]:
    moved = data.get("cpu_policy") == "dedicated" and "pcpuset" in data
    return {"cpuset": data["pcpuset"]} if moved else {}


def _cpuset_up(data: Mapping[str, Any], ctx: vobj.ConverterContext) -> dict[str, Any]:
    if data.get("cpu_policy") != "dedicated" or "cpuset" not in data:
        return {}
    return {"pcpuset": data["cpuset"], "cpuset": []}


@vobj.register
class NovaInstanceNUMACell(vobj.VersionedObject):
    """One field is refused below 1.6, read below 1.5 and dropped below 1.3."""

    VERSION = "1.6"
    history = [
        OldestSupported("1.2"),
        NoChange("1.4"),
        Converted(since="1.5", was={}, fields=("cpuset", "pcpuset"),
                  up=_cpuset_up, down=_cpuset_down),
    ]  # fmt: skip

    id: int
    cpuset: list[int]
    pcpuset: list[int] = vobj.field(Added(since="1.5"))
    cpu_policy: str | None = vobj.field(Added(since="1.3"), Refused({"mixed"}, since="1.6"))


CELL = {"id": 0, "cpuset": [], "pcpuset": [1, 2], "cpu_policy": "dedicated"}
SHARED = {"id": 0, "cpuset": [3], "pcpuset": [], "cpu_policy": "shared"}


@pytest.mark.parametrize(
    ("values", "target", "expected"),
    [
        (CELL, "1.6", CELL),
        (CELL, "1.5", CELL),
        (CELL, "1.4", {"id": 0, "cpuset": [1, 2], "cpu_policy": "dedicated"}),
        (CELL, "1.3", {"id": 0, "cpuset": [1, 2], "cpu_policy": "dedicated"}),
        (CELL, "1.2", {"id": 0, "cpuset": [1, 2]}),
        (SHARED, "1.4", {"id": 0, "cpuset": [3], "cpu_policy": "shared"}),
        (SHARED, "1.2", {"id": 0, "cpuset": [3]}),
        ({"cpuset": [3], "pcpuset": [1]}, "1.2", {"cpuset": [3]}),
        ({"cpu_policy": "dedicated"}, "1.2", {}),
    ],
)
def test_a_value_moves_if_a_peer_says_so_and_the_peer_may_be_dropped_later(
    values: dict[str, Any], target: str, expected: dict[str, Any]
) -> None:
    """A converter sees the peers of its version, also those that an older version goes without."""
    payload = sent(NovaInstanceNUMACell(**values), target)
    assert payload == node("NovaInstanceNUMACell", target, expected)


def test_a_moved_value_moves_back() -> None:
    """The upgrade reads the same peer, where the older payload has it."""
    old = {"id": 0, "cpuset": [1, 2], "cpu_policy": "dedicated"}
    upgraded = CODEC.upgrade(node("NovaInstanceNUMACell", "1.4", old))
    assert data_of(upgraded) == CELL


@vobj.register
class NovaComputeNode(vobj.VersionedObject):
    """A field that may be None since 1.13; older versions need a number, always."""

    VERSION = "1.13"
    history = [OldestSupported("1.12")]

    host: str
    service_id: int | None = vobj.field(Nullable(since="1.13", none_as=-1, unset_too=True))
    mapped: int | None = vobj.field(Nullable(since="1.13", none_as=0))


@pytest.mark.parametrize(
    ("values", "target", "expected"),
    [
        ({"host": "h", "service_id": None}, "1.13", {"host": "h", "service_id": None}),
        ({"host": "h", "service_id": None}, "1.12", {"host": "h", "service_id": -1}),
        ({"host": "h", "service_id": 7}, "1.12", {"host": "h", "service_id": 7}),
        ({"service_id": 7, "mapped": None}, "1.12", {"service_id": 7, "mapped": 0}),
        ({"mapped": None}, "1.13", {"mapped": None}),
    ],
)
def test_none_becomes_a_value_where_older_versions_need_one(
    values: dict[str, Any], target: str, expected: dict[str, Any]
) -> None:
    """A narrowed null is replaced below the version that brought it, any other value stays."""
    assert sent(NovaComputeNode(**values), target) == node(
        "NovaComputeNode", target, expected, unchanged=set(expected) - set(values)
    )


def test_a_null_step_fires_for_an_unset_field_only_when_told() -> None:
    """With `unset_too` an older version gets the value for an unset field; without, nothing."""
    assert sent(NovaComputeNode(host="h"), "1.13") == node("NovaComputeNode", "1.13", {"host": "h"})
    assert sent(NovaComputeNode(host="h"), "1.12") == node(
        "NovaComputeNode", "1.12", {"host": "h", "service_id": -1}, unchanged=["service_id"]
    )
    found = CODEC.explain(NovaComputeNode(host="h", mapped=None), to="1.12")
    assert effects(found) == [
        ("$.service_id", "substituted", "1.13"),
        ("$.mapped", "substituted", "1.13"),
    ]


def test_a_substitute_that_comes_back_is_no_edit() -> None:
    """Put-back leaves None where the older caller returns the number it was given for it."""
    current = node("NovaComputeNode", "1.13", {"host": "h", "service_id": None})
    echo = node("NovaComputeNode", "1.12", {"host": "h", "service_id": -1})
    assert CODEC.merge(current, echo) == current
    edit = node("NovaComputeNode", "1.12", {"host": "h", "service_id": 4})
    assert data_of(CODEC.merge(current, edit)) == {"host": "h", "service_id": 4}
