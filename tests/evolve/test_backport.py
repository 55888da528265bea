"""Which version of each object a caller gets, at every depth, and what is refused to it."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.evolve.fleet import (
    FLEET,
    NOTE,
    SERVER,
    backport_refused,
    data,
    nic,
    note,
    old_nic,
    old_note,
    one_class,
    server,
    told,
    version,
    world,
)
from tests.history.declaring import TEXT, converted, field, history
from vobj.changes import (
    OldestSupported,
    Refused,
    Removed,
)
from vobj.errors import (
    ManifestError,
    NewerVersionError,
    PayloadError,
    RefusedError,
    RemoteError,
    UnknownClassError,
)
from vobj.evolve import Goal, backport, downgrade_data
from vobj.testkit.bare import node
from vobj.version import Manifest, Version

ALL = {"Server": "1.0", "Nic": "1.0", "Note": "1.0"}


def test_every_depth_is_backported() -> None:
    """Objects alone, in lists and in dicts go at the version the manifest names."""
    payload = server(
        "1.3", name="s", nics=[nic("a"), nic("b")], boot=nic("c"), notes=[],
        disks={"k": note("n")}, host="h", secret="x",
    )  # fmt: skip
    before = copy.deepcopy(payload)
    assert FLEET.backport(payload, ALL) == server(
        "1.0", name="s", nics=[old_nic("a"), old_nic("b")], boot=old_nic("c"), notes=[],
        disks={"k": old_note("n")}, node="h",
    )  # fmt: skip
    assert payload == before


@pytest.mark.parametrize(
    ("asked", "stamp"),
    [("1.0", "1.0"), ("1.2.9", "1.2"), ("1.3", "1.3.7"), ("1.3.9", "1.3.7"), ("1.99", "1.3.7")],
)
@pytest.mark.parametrize("mapping", [False, True], ids=["version", "manifest"])
def test_the_lower_version_is_sent(*, asked: str, stamp: str, mapping: bool) -> None:
    """A backport never upgrades and never stamps what does not exist; equal X.Y keeps the stamp."""
    codec = one_class(field("a"), version="1.3.7")
    to = {"Server": asked} if mapping else asked
    assert version(codec.backport(server("1.3.7", a="x"), to)) == stamp


@pytest.mark.parametrize(
    ("to", "rule"),
    [
        ("one", "manifest/version"),
        ({"Server": "one"}, "manifest/version"),
        (None, "manifest/malformed"),
        (1.1, "manifest/malformed"),
        (["Server"], "manifest/malformed"),
        ({"": "1.0"}, "manifest/malformed"),
        ({"Nic": "1.0"}, "manifest/object-unnamed"),
        ({}, "manifest/object-unnamed"),
        ("2.0", "manifest/major"),
        ("0.9", "manifest/major"),
        ({"Server": "2.0"}, "manifest/major"),
    ],
)
def test_a_target_that_cannot_be(to: object, rule: str) -> None:
    """What is no manifest, names no version for the object, or another major, is an error."""
    error = backport_refused(FLEET, server("1.3", name="s"), to, ManifestError)
    assert told(error) == (rule, "$")


def test_a_goal_is_read_once() -> None:
    """A manifest, a mapping and a version become goals; a goal stays what it is."""
    manifest = Manifest({"Server": "1.0"})
    assert Goal.of(manifest) == Goal.of({"Server": "1.0"}) == Goal(manifest)
    assert Goal.of("1.2.1") == Goal(None, Version(1, 2, 1))
    goal = Goal.of(manifest)
    assert Goal.of(goal) is goal


def test_the_sender_s_changes_follow() -> None:
    """`changes` has the target's names, and forgets what is gone there."""
    sent = server("1.3", ["host", "secret", "name", "unknown"], name="s", host="h", secret="x")
    assert FLEET.backport(sent, ALL) == server("1.0", ["name", "node"], name="s", node="h")
    assert FLEET.backport(sent, {"Server": "1.1"}) == server(
        "1.1", ["name", "host"], name="s", host="h"
    )
    only_new = server("1.3", ["secret"], secret="x")
    assert FLEET.backport(only_new, ALL) == server("1.0")
    restored = one_class(field("a", TEXT, Removed(since="1.1", restore=0)))
    assert restored.backport(server("1.1", ["a"]), "1.0") == server("1.0", a=0)


@pytest.mark.parametrize(
    ("payload", "rule", "path", "kind"),
    [
        ("text", "payload/envelope", "$", PayloadError),
        ({}, "payload/envelope", "$", PayloadError),
        (server("one"), "version/malformed", "$", PayloadError),
        (server("1.4"), "version/newer", "$", NewerVersionError),
        (server("2.0"), "payload/class", "$", UnknownClassError),
        (node("Rack", "1.0", {}), "payload/class", "$", UnknownClassError),
        (server("1.3", boot={}), "payload/envelope", "$.boot", PayloadError),
        (server("1.3", boot=[nic("a")]), "payload/envelope", "$.boot", PayloadError),
        (server("1.3", nics=nic("a")), "payload/value", "$.nics", PayloadError),
        (server("1.3", nics=[nic("a"), 7]), "payload/envelope", "$.nics[1]", PayloadError),
        (server("1.3", disks=[]), "payload/value", "$.disks", PayloadError),
        (server("1.3", disks={"a.b": 7}), "payload/envelope", '$.disks["a.b"]', PayloadError),
        (server("1.3", nics=[node("Nic", "1.2", {})]), "version/newer", "$.nics[0]",
         NewerVersionError),
        (server("1.3", boot=node("Nic", "x", {})), "version/malformed", "$.boot", PayloadError),
        (server("1.3", boot=node("Rack", "1.0", {})), "payload/class", "$.boot",
         UnknownClassError),
    ],
)  # fmt: skip
def test_a_payload_that_cannot_be(
    payload: Any, rule: str, path: str, kind: type[RemoteError]
) -> None:
    """What a peer sent wrong is told with its place, at every depth."""
    assert told(backport_refused(FLEET, payload, ALL, kind)) == (rule, path)


def test_an_error_says_whose_version_it_is_about() -> None:
    """The innermost object with a version is named, not the one that holds it."""
    picky = history("1.1", field("a", TEXT, Refused({"x"}, since="1.1")), name="Nic")
    codec = world(SERVER, picky, NOTE)
    payload = server("1.3", nics=[node("Nic", "1.1", {"a": "y"}), node("Nic", "1.1", {"a": "x"})])
    error = backport_refused(codec, payload, ALL, RefusedError)
    assert told(error) == ("refused/value", "$.nics[1].a")
    assert (error.object_name, error.version, error.target) == ("Nic", "1.1", "1.0")
    wrong = backport_refused(FLEET, server("1.3", nics=3), ALL, PayloadError)
    assert (wrong.object_name, wrong.version, wrong.target) == ("Server", "1.3", "1.0")


def test_nothing_is_sent_below_the_oldest() -> None:
    """The oldest supported version is a floor, for children as well."""
    old = history("1.3", field("a"), facts=[OldestSupported("1.2")], name="Nic")
    codec = world(SERVER, old, NOTE)
    sent = server("1.3", boot=node("Nic", "1.3", {"a": "x"}))
    made = codec.backport(sent, {"Server": "1.0", "Nic": "1.2"})
    assert version(data(made)["boot"]) == "1.2"
    error = backport_refused(codec, sent, {"Server": "1.0", "Nic": "1.1"}, RefusedError)
    assert told(error) == ("refused/oldest", "$.boot")


def test_bare_data_is_backported() -> None:
    """What oslo's obj_make_compatible is asked for: one object's data, by version or manifest."""
    given = {"name": "s", "host": "h", "secret": "x", "boot": nic("a")}
    scope = FLEET.scope()
    made = downgrade_data(SERVER, given, Version(1, 0), scope)
    assert made == {"name": "s", "node": "h", "boot": old_nic("a")}
    manifest = {"Server": "1.0", "Nic": "1.1"}
    named = downgrade_data(SERVER, given, Version(1, 0), scope, manifest)
    assert named == {"name": "s", "node": "h", "boot": nic("a")}
    assert given == {"name": "s", "host": "h", "secret": "x", "boot": nic("a")}


def test_the_live_object_reaches_its_converter() -> None:
    """A converter with peers sees the object that its own envelope was made from."""
    seen: list[object] = []
    look = converted("1.1", down=lambda _v, _d, ctx: seen.append(ctx.obj), peers=True)
    fields = [field("a", TEXT, look, was={"1.1": TEXT})]
    codec, live = one_class(*fields), object()
    sent = server("1.1", a="x")
    backport(sent, "1.0", replace(codec.scope(), live={id(sent): live}))
    backport(sent, "1.0", codec.scope())
    downgrade_data(history("1.1", *fields), {"a": "x"}, Version(1, 0), codec.scope(), live=live)
    assert seen == [live, None, live]


def test_hidden_fields_are_reset_and_changed() -> None:
    """For a store, a field that the target cannot see is written as its backfill, a change."""
    scope = replace(FLEET.scope(), hidden="reset")
    made = backport(server("1.3", ["name"], name="s", secret="x"), ALL, scope)
    assert made == server("1.0", ["name", "secret"], name="s", secret="none")
    unset = backport(server("1.3", name="s"), ALL, scope)
    assert unset == server("1.0", name="s")
