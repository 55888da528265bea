"""Objects inside objects: which version of a child goes to a peer, and which elements of a list."""

from __future__ import annotations

from typing import Any

import pytest

import vobj
from tests.requirements.exchange import (
    CODEC,
    data_of,
    effects,
    node,
    received,
    refusal,
    rule_of,
    sent,
)
from vobj import Added, Admitted, ChildVersions, Codec, NoChange, OldestSupported


def data_sent(obj: Any, to: Any, **named: Any) -> Any:
    """The data a peer gets."""
    return data_of(sent(obj, to, **named))


@vobj.register
class NovaNUMACell(vobj.VersionedObject):
    """The child of the tests of manifests."""

    VERSION = "1.2"

    id: int
    mempages: str = vobj.field(Added(since="1.1"))
    network: str = vobj.field(Added(since="1.2"))


@vobj.register
class NovaNUMATopology(vobj.VersionedObject):
    """A parent with its children in every place they can stand in."""

    VERSION = "1.1"
    history = [NoChange("1.1", "a new method")]

    cell: NovaNUMACell | None
    cells: list[NovaNUMACell]
    by_name: dict[str, NovaNUMACell]
    grid: list[list[NovaNUMACell]]


def _cell(number: int) -> NovaNUMACell:
    return NovaNUMACell(id=number, mempages="m", network="n")


def _cell_1_0(number: int) -> dict[str, Any]:
    return node("NovaNUMACell", "1.0", {"id": number})


def _cell_1_1(number: int) -> dict[str, Any]:
    return node("NovaNUMACell", "1.1", {"id": number, "mempages": "m"})


def _cell_1_2(number: int) -> dict[str, Any]:
    return node("NovaNUMACell", "1.2", {"id": number, "mempages": "m", "network": "n"})


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("1.0", _cell_1_0), ("1.1", _cell_1_1), ("1.2", _cell_1_2), ("1.9", _cell_1_2),
        ("1.1.4", _cell_1_1),
    ],
)  # fmt: skip
def test_a_manifest_is_followed_at_every_place(peer: str, expected: Any) -> None:
    """Children go at the manifest's version, alone or in containers, and never higher."""
    topology = NovaNUMATopology(
        cell=_cell(0), cells=[_cell(1), _cell(2)], by_name={"a": _cell(3)}, grid=[[_cell(4)], []]
    )
    for parent in ("1.1", "1.0"):
        to = {"NovaNUMATopology": parent, "NovaNUMACell": peer}
        assert sent(topology, to) == node(
            "NovaNUMATopology", parent,
            {
                "cell": expected(0),
                "cells": [expected(1), expected(2)],
                "by_name": {"a": expected(3)},
                "grid": [[expected(4)], []],
            },
        )  # fmt: skip


def test_unset_none_and_empty_children_go_as_they_are() -> None:
    """Where no child is, none is asked for, named by the manifest or not."""
    to = {"NovaNUMATopology": "1.0"}
    assert data_sent(NovaNUMATopology(), to) == {}
    assert data_sent(NovaNUMATopology(cell=None, cells=[], by_name={}), to) == {
        "cell": None, "cells": [], "by_name": {}
    }  # fmt: skip


def test_a_partial_child_stays_partial() -> None:
    """Presence counts inside children as well."""
    topology = NovaNUMATopology(cells=[NovaNUMACell(network="n"), NovaNUMACell()])
    assert data_sent(topology, {"NovaNUMATopology": "1.1", "NovaNUMACell": "1.1"}) == {
        "cells": [node("NovaNUMACell", "1.1", {}), node("NovaNUMACell", "1.1", {})]
    }


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("keep", {"cell": _cell_1_2(0)}), ("oldest", {"cell": _cell_1_0(0)}), ("drop", {})],
)
def test_a_policy_says_what_becomes_of_a_child_that_is_not_named(
    policy: str, expected: dict[str, Any]
) -> None:
    """An unnamed child is kept, sent at its oldest version, or left out, as the codec is told."""
    topology = NovaNUMATopology(cell=_cell(0))
    assert data_sent(topology, {"NovaNUMATopology": "1.0"}, policy=policy) == expected


def test_an_unnamed_child_is_an_error_by_default() -> None:
    """A peer that does not say what it reads is not sent a guess."""
    topology = NovaNUMATopology(cell=None, cells=[_cell(0)])
    error = refusal(topology, {"NovaNUMATopology": "1.0"}, vobj.ManifestError, "NovaNUMACell")
    assert rule_of(error) == ("manifest/child-unnamed", "$.cells[0]")
    found = CODEC.explain(topology, to={"NovaNUMATopology": "1.0"})
    assert effects(found) == [("$.cells[0]", "unnamed", None)]


def test_an_element_cannot_be_dropped_by_policy() -> None:
    """`drop` takes a field away; it never makes a list shorter."""
    topology = NovaNUMATopology(cells=[_cell(0)])
    error = refusal(
        topology, {"NovaNUMATopology": "1.0"}, vobj.UsageError, "cannot be dropped", policy="drop"
    )
    assert rule_of(error) == ("usage/policy", "$.cells[0]")


def test_a_version_alone_does_not_speak_for_undated_children() -> None:
    """A bare version is of the top object; children with a history need a manifest or dates."""
    error = refusal(NovaNUMATopology(cell=_cell(0)), "1.0", vobj.ManifestError, "NovaNUMACell")
    assert rule_of(error) == ("manifest/child-unnamed", "$.cell")
    assert data_sent(NovaNUMATopology(cell=None), "1.0") == {"cell": None}


@vobj.register
class NeutronSecurityGroupRule(vobj.VersionedObject):
    """A child whose versions its parent's versions tell."""

    VERSION = "1.3"

    protocol: str
    remote_address_group_id: str = vobj.field(Added(since="1.1"))
    normalized_cidr: str = vobj.field(Added(since="1.2"))
    belongs_to_default_sg: bool = vobj.field(Added(since="1.3", backfill=False))


@vobj.register
class NeutronSecurityGroup(vobj.VersionedObject):
    """A parent that dates its list: rules are 1.0, since 1.3 1.1, since 1.4 1.2, since 1.6 1.3."""

    VERSION = "1.6"
    history = [NoChange("1.1"), NoChange("1.2"), NoChange("1.5")]

    name: str
    rules: list[NeutronSecurityGroupRule] = vobj.field(
        ChildVersions({"1.0": "1.0", "1.3": "1.1", "1.4": "1.2", "1.6": "1.3"})
    )


RULE = {
    "protocol": "tcp",
    "remote_address_group_id": "g",
    "normalized_cidr": "c",
    "belongs_to_default_sg": True,
}
RULE_1_2 = {"protocol": "tcp", "remote_address_group_id": "g", "normalized_cidr": "c"}
RULE_1_1 = {"protocol": "tcp", "remote_address_group_id": "g"}
RULE_1_0 = {"protocol": "tcp"}


@pytest.mark.parametrize(
    ("target", "child", "expected"),
    [
        ("1.6", "1.3", RULE), ("1.5", "1.2", RULE_1_2), ("1.4", "1.2", RULE_1_2),
        ("1.3", "1.1", RULE_1_1), ("1.2", "1.0", RULE_1_0), ("1.1", "1.0", RULE_1_0),
        ("1.0", "1.0", RULE_1_0),
    ],
)  # fmt: skip
def test_a_dated_child_needs_no_manifest(target: str, child: str, expected: dict[str, Any]) -> None:
    """ChildVersions gives the entry of the highest parent version that is not above the target."""
    group = NeutronSecurityGroup(name="sg", rules=[NeutronSecurityGroupRule(**RULE)])
    rule = node("NeutronSecurityGroupRule", child, expected)
    whole = node("NeutronSecurityGroup", target, {"name": "sg", "rules": [rule]})
    assert sent(group, target) == whole
    assert sent(group, {"NeutronSecurityGroup": target}) == whole


def test_the_dates_of_a_child_are_numbers() -> None:
    """The highest version of a table is found as a number: 1.10 stands above 1.9."""

    @vobj.register
    class LongLivedGroup(vobj.VersionedObject):
        VERSION = "1.10"
        history = [OldestSupported("1.8")]

        rules: list[NeutronSecurityGroupRule] = vobj.field(
            ChildVersions({"1.8": "1.0", "1.9": "1.1", "1.10": "1.2"})
        )

    group = LongLivedGroup(rules=[NeutronSecurityGroupRule(**RULE)])
    for target, expected in (("1.10", RULE_1_2), ("1.9", RULE_1_1), ("1.8", RULE_1_0)):
        rule = data_of(sent(group, target), "rules", 0)
        assert rule["versioned_object.data"] == expected


def test_a_manifest_goes_before_the_dates_of_a_child() -> None:
    """What the peer says of itself is better than what the parent's version tells."""
    group = NeutronSecurityGroup(rules=[NeutronSecurityGroupRule(**RULE)])
    peer = {"NeutronSecurityGroup": "1.0", "NeutronSecurityGroupRule": "1.2"}
    assert data_sent(group, peer) == {"rules": [node("NeutronSecurityGroupRule", "1.2", RULE_1_2)]}


def test_an_empty_and_an_unset_dated_list_stay_what_they_are() -> None:
    """No element, no version to look for."""
    assert data_sent(NeutronSecurityGroup(rules=[]), "1.0") == {"rules": []}
    assert data_sent(NeutronSecurityGroup(name="sg"), "1.0") == {"name": "sg"}


def test_dated_children_are_upgraded_by_their_own_stamps() -> None:
    """Upgrading needs no table: every envelope says its version."""
    rule = node("NeutronSecurityGroupRule", "1.0", RULE_1_0)
    read = received(node("NeutronSecurityGroup", "1.2", {"name": "sg", "rules": [rule]}))
    assert read.rules[0].obj_received_version == "1.0"
    assert read.rules[0].belongs_to_default_sg is False


def test_elements_keep_what_the_older_caller_did_not_see() -> None:
    """Put-back of a list edits the elements and leaves the newer fields in them."""
    rule = node("NeutronSecurityGroupRule", "1.3", RULE)
    current = node("NeutronSecurityGroup", "1.6", {"name": "sg", "rules": [rule]})
    seen = node("NeutronSecurityGroupRule", "1.0", {"protocol": "udp"})
    edited = node("NeutronSecurityGroup", "1.0", {"name": "sg", "rules": [seen]})
    merged = CODEC.merge(current, edited)
    assert data_of(merged, "rules", 0, "protocol") == "udp"
    assert data_of(merged, "rules", 0, "belongs_to_default_sg") is True


@vobj.register
class NeutronQosRule(vobj.VersionedObject):
    """The declared class of a polymorphic list."""

    VERSION = "1.0"
    id: str


@vobj.register
class NeutronQosBandwidthLimitRule(NeutronQosRule):
    """An element that was always admitted."""

    VERSION = "1.1"

    max_kbps: int
    direction: str = vobj.field(Added(since="1.1", backfill="egress"))


@vobj.register
class NeutronQosMinimumBandwidthRule(NeutronQosRule):
    """An element that came later."""

    VERSION = "1.0"

    min_kbps: int


@vobj.register
class NeutronQosPacketRateLimitRule(NeutronQosRule):
    """An element that came later still."""

    VERSION = "1.0"

    max_kpps: int


@vobj.register
class NeutronQosPolicy(vobj.VersionedObject):
    """The classes that may stand in the list grew at 1.9 and at 1.10."""

    VERSION = "1.10"
    history = [OldestSupported("1.8")]

    name: str
    rules: list[vobj.Polymorphic[NeutronQosRule]] = vobj.field(
        Admitted({"NeutronQosMinimumBandwidthRule"}, since="1.9"),
        Admitted({"NeutronQosPacketRateLimitRule"}, since="1.10"),
    )


QOS = {
    "NeutronQosPolicy": "1.10",
    "NeutronQosBandwidthLimitRule": "1.0",
    "NeutronQosMinimumBandwidthRule": "1.0",
    "NeutronQosPacketRateLimitRule": "1.0",
}
LIMIT = node("NeutronQosBandwidthLimitRule", "1.0", {"max_kbps": 5, "id": "l"})
MINIMUM = node("NeutronQosMinimumBandwidthRule", "1.0", {"min_kbps": 1, "id": "m"})
PACKETS = node("NeutronQosPacketRateLimitRule", "1.0", {"max_kpps": 2, "id": "p"})


def _policy() -> NeutronQosPolicy:
    return NeutronQosPolicy(
        name="q",
        rules=[
            NeutronQosPacketRateLimitRule(id="p", max_kpps=2),
            NeutronQosBandwidthLimitRule(id="l", max_kbps=5, direction="egress"),
            NeutronQosMinimumBandwidthRule(id="m", min_kbps=1),
        ],
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [("1.10", [PACKETS, LIMIT, MINIMUM]), ("1.9", [LIMIT, MINIMUM]), ("1.8", [LIMIT])],
)
def test_elements_of_a_later_class_are_left_out(target: str, expected: list[Any]) -> None:
    """An older version gets a list without later classes, each element by its own plan."""
    payload = data_sent(_policy(), {**QOS, "NeutronQosPolicy": target})
    assert payload == {"name": "q", "rules": expected}


def test_a_hidden_element_needs_no_version() -> None:
    """What is left out is not looked up, and a list of nothing else becomes empty."""
    policy = NeutronQosPolicy(rules=[NeutronQosPacketRateLimitRule(id="p", max_kpps=2)])
    assert data_sent(policy, {"NeutronQosPolicy": "1.9"}) == {"rules": []}
    assert data_sent(NeutronQosPolicy(name="q"), {"NeutronQosPolicy": "1.8"}) == {"name": "q"}


def test_hidden_elements_survive_an_edit() -> None:
    """Put-back keeps elements the older caller could not see, behind their left neighbour."""
    newest = CODEC.encode(_policy())
    edited = sent(_policy(), {**QOS, "NeutronQosPolicy": "1.8"})
    (visible,) = data_of(edited, "rules")
    visible["versioned_object.data"]["max_kbps"] = 9
    merged = data_of(CODEC.merge(newest, edited))["rules"]
    assert [one["versioned_object.name"] for one in merged] == [
        "NeutronQosPacketRateLimitRule",
        "NeutronQosBandwidthLimitRule",
        "NeutronQosMinimumBandwidthRule",
    ]
    assert merged[1]["versioned_object.data"]["max_kbps"] == 9
    assert merged[1]["versioned_object.data"]["direction"] == "egress"


def test_a_polymorphic_child_is_looked_up_by_its_concrete_class() -> None:
    """The name that stands in the envelope is the one that the manifest is asked for."""
    policy = NeutronQosPolicy(rules=[NeutronQosBandwidthLimitRule(id="l", direction="any")])
    peer = {"NeutronQosPolicy": "1.10", "NeutronQosRule": "1.0"}
    error = refusal(policy, peer, vobj.ManifestError, "NeutronQosBandwidthLimitRule")
    assert rule_of(error) == ("manifest/child-unnamed", "$.rules[0]")
    named = {**peer, "NeutronQosBandwidthLimitRule": "1.1"}
    assert data_of(Codec("primitive").encode(policy, to=named), "rules", 0, "direction") == "any"
