"""The highest manifest that all peers read: each object by itself, and those inside others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet.yard import NEW
from vobj import VersionedObject
from vobj.fleet.highest import Highest, highest, registered
from vobj.version import Manifest, Version


def pinned(*manifests: dict[str, str]) -> Highest:
    return highest(manifests, registered(VersionedObject))


def test_of_each_object_the_lowest_version_counts() -> None:
    """Versions are ordered as numbers, a fix release is no version of its own."""
    made = highest([{"A": "1.10", "B": "1.4"}, {"A": "1.9.7", "B": "1.12"}])
    assert made.manifest == {"A": "1.9", "B": "1.4"}


def test_who_does_not_know_an_object_does_not_hold_it_back() -> None:
    """A peer is never sent what it does not know."""
    assert highest([{"A": "1.3"}, {"B": "1.0"}]).manifest == {"A": "1.3", "B": "1.0"}


def test_nobody_reads_nothing() -> None:
    assert highest([]).manifest == {}


def test_two_worlds_are_told() -> None:
    """What is read in two major versions has no version that all read; that is said."""
    made = highest([{"A": "1.3"}, {"A": "2.0"}])
    assert made.manifest == {"A": "1.3"}
    assert made.problems == (
        "A is read in the major versions 1 and 2, and no payload is read by both",
    )


def test_a_parent_goes_with_its_child() -> None:
    """An object is lowered to the newest version that goes with the version of its child."""
    made = pinned(dict(NEW), {"YardCrane": "1.1"})
    assert made.manifest == {"YardCrane": "1.1", "YardDock": "1.3"}
    (lowered,) = made.lowered
    assert str(lowered) == "YardDock 1.4 holds a newer YardCrane than every peer reads"
    assert (lowered.was, lowered.now, lowered.child) == ("1.4", "1.3", "YardCrane")


def test_lowering_goes_on_upwards() -> None:
    """What holds a lowered object is lowered as well."""
    made = pinned(dict(NEW) | {"YardPort": "1.2"}, {"YardCrane": "1.1"})
    assert made.manifest == {"YardCrane": "1.1", "YardDock": "1.3", "YardPort": "1.1"}
    assert [one.object_name for one in made.lowered] == ["YardDock", "YardPort"]


def test_children_that_a_peer_does_not_name() -> None:
    """They are read at the version that goes with the object it names."""
    made = pinned(dict(NEW), {"YardDock": "1.3"})
    assert made.manifest == {"YardDock": "1.3", "YardCrane": "1.1"}
    assert made.lowered == ()


def test_a_child_with_one_version_needs_no_name() -> None:
    assert pinned({"YardSign": "1.1"}).manifest == {"YardSign": "1.1", "YardLamp": "1.0"}


def test_a_child_that_some_peer_cannot_know() -> None:
    """The object is lowered below the version that brought the child, where there is one."""
    made = pinned(dict(NEW), {"YardDock": "1.0"})
    assert made.manifest == {"YardDock": "1.0", "YardCrane": "1.2"}


def test_what_cannot_be_mended_is_told() -> None:
    """No version of the port goes with docks of 1.0; it stays, and the problem has its name."""
    made = pinned({"YardPort": "1.2", "YardDock": "1.0", "YardCrane": "1.0"})
    assert made.manifest["YardPort"] == "1.2"
    assert made.problems == (
        "No version of YardPort down to 1.0 goes with the YardDock that every peer reads",
    )


def test_without_histories_the_entries_are_as_given() -> None:
    """Objects of foreign classes, and of none at all, are only compared."""
    made = highest([{"YardDock": "1.4", "YardCrane": "1.1"}])
    assert made.manifest == {"YardDock": "1.4", "YardCrane": "1.1"}


def test_another_major_version_has_another_history() -> None:
    """The history that is registered says nothing about 2.0."""
    assert pinned({"YardDock": "2.0", "YardCrane": "1.0"}).manifest["YardDock"] == "2.0"


_VERSIONS = {"YardPort": 2, "YardDock": 4, "YardCrane": 2}
_DATED = {
    "YardPort": ("YardDock", {(1, 0): (1, 1), (1, 1): (1, 3), (1, 2): (1, 4)}),
    "YardDock": ("YardCrane", {(1, 0): (0, 0), (1, 1): (1, 0), (1, 3): (1, 1), (1, 4): (1, 2)}),
}
_READERS = st.lists(
    st.fixed_dictionaries(
        {}, optional={name: st.integers(0, most) for name, most in _VERSIONS.items()}
    ),
    max_size=6,
)


@given(_READERS)
def test_what_is_pinned_every_reader_reads(readers: list[dict[str, int]]) -> None:
    """No entry is above any reader's, and no dock holds a newer crane, unless that is told."""
    manifests = [{name: f"1.{minor}" for name, minor in one.items()} for one in readers]
    found = pinned(*manifests)
    made = {name: Version.parse(one).xy for name, one in found.manifest.items()}
    for one in manifests:
        for name, version in one.items():
            assert made[name] <= Version.parse(version).xy
    for holder, table in _DATED.items():
        if holder in made and holder not in " ".join(found.problems):
            child, dated = table
            goes_with = max(version for at, version in dated.items() if at <= made[holder])
            assert goes_with == (0, 0) or made[child] >= goes_with


@given(_READERS)
def test_the_order_of_the_readers_does_not_matter(readers: list[dict[str, int]]) -> None:
    manifests = [{name: f"1.{minor}" for name, minor in one.items()} for one in readers]
    assert pinned(*manifests).manifest == pinned(*reversed(manifests)).manifest


def test_it_is_a_manifest() -> None:
    assert isinstance(highest([{"A": "1.0"}]).manifest, Manifest)


@pytest.mark.parametrize("name", ["Nobody", "", "a\nb"])
def test_names_that_nobody_registered(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Peers have names of their own; looking them up leaves nothing in the log."""
    assert registered(VersionedObject)(name) is None
    assert caplog.records == []
