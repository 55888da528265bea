"""An older payload in the newest form, at every depth."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.evolve.fleet import (
    FLEET,
    NIC_TYPE,
    NOTE,
    NOTE_TYPE,
    data,
    listed,
    nic,
    note,
    old_nic,
    old_note,
    one_class,
    server,
    told,
    world,
)
from tests.evolve.foreign import foreign
from tests.history.declaring import NUMBER, TEXT, converted, field, history
from vobj.changes import Mapped, Removed
from vobj.errors import NewerVersionError, PayloadError, RemoteError, UnknownClassError
from vobj.evolve import Upgraded, upgrade
from vobj.testkit.bare import BareCodec, node


def refused(codec: BareCodec, payload: Any, kind: type[RemoteError]) -> RemoteError:
    """The error of an upgrade, which left the payload as it was."""
    before = copy.deepcopy(payload)
    with pytest.raises(kind, match=r"\[\S+/\S+\]$") as caught:
        codec.upgrade(payload)
    assert payload == before
    return caught.value


def test_every_depth_is_upgraded() -> None:
    """Children alone, in lists and in dicts; backfills are no changes, names follow."""
    older = server(
        "1.0", ["node", "name", "gone"], name="s", node="h", nics=[old_nic("a")], boot=None,
        disks={"k": old_note("n")},
    )  # fmt: skip
    before = copy.deepcopy(older)
    raised_nic = node("Nic", "1.1", {"uuid": "a", "mac": "m"})
    assert FLEET.upgrade(older) == server(
        "1.3", ["name", "host"], name="s", host="h", nics=[raised_nic], boot=None,
        disks={"k": node("Note", "1.1", {"text": "n"})}, secret="none",
    )  # fmt: skip
    assert older == before


def test_what_was_received_is_remembered() -> None:
    """An own object knows the version text it came with, at every depth and at equal X.Y."""
    scope = FLEET.scope()
    made = upgrade(server("1.2.4", nics=[old_nic("a"), nic("b")]), scope)
    assert isinstance(made, Upgraded)
    assert made.received == "1.2.4"
    assert [one.received for one in data(made)["nics"]] == ["1.0", "1.1"]
    equal = upgrade(server("1.3.9", ["name"], name="s"), scope)
    assert isinstance(equal, Upgraded)
    assert (equal.received, equal) == ("1.3.9", server("1.3.9", ["name"], name="s"))


def test_a_payload_of_today_is_walked_too() -> None:
    """At equal X.Y the stamp stays, and the children inside are upgraded."""
    made = FLEET.upgrade(server("1.3", boot=old_nic("a"), notes=[note("n")]))
    assert made == server(
        "1.3", boot=node("Nic", "1.1", {"uuid": "a", "mac": "m"}), notes=[note("n")]
    )


def test_a_change_of_what_is_gone_is_none() -> None:
    """`changes` forgets fields that the newest version does not have."""
    codec = one_class(field("a"), field("b", TEXT, Removed(since="1.1")))
    assert codec.upgrade(server("1.0", ["a", "b"], a="x", b="y")) == server("1.1", ["a"], a="x")
    unset = one_class(field("a", TEXT, Mapped({"n": "o"}, since="1.1")))
    assert unset.upgrade(server("1.0", ["a"])) == server("1.1")


@pytest.mark.parametrize(
    ("payload", "rule", "path", "kind"),
    [
        (None, "payload/envelope", "$", PayloadError),
        (server("1.4"), "version/newer", "$", NewerVersionError),
        (server("one"), "version/malformed", "$", PayloadError),
        (node("Rack", "1.0", {}), "payload/class", "$", UnknownClassError),
        (server("1.0", nics=7), "payload/value", "$.nics", PayloadError),
        (server("1.0", nics=[old_nic("a"), node("Nic", "9", {})]), "version/malformed",
         "$.nics[1]", PayloadError),
        (server("1.0", disks={"k": node("Rack", "1.0", {})}), "payload/class", '$.disks["k"]',
         UnknownClassError),
    ],
)  # fmt: skip
def test_a_payload_that_cannot_be(
    payload: Any, rule: str, path: str, kind: type[RemoteError]
) -> None:
    """What a peer sent wrong is told with its place, at every depth."""
    assert told(refused(FLEET, payload, kind)) == (rule, path)


def test_a_value_that_its_own_version_does_not_allow() -> None:
    """A converter that fails on the way up is told as the payload's fault, with the place."""
    speedy = history(
        "1.1", field("speed", NUMBER, converted("1.1", up=int), was={"1.1": TEXT}), name="Nic"
    )
    codec = world(history("1.0", field("nics", listed(NIC_TYPE))), speedy)
    sent = server("1.0", nics=[node("Nic", "1.0", {"speed": "fast"})])
    error = refused(codec, sent, PayloadError)
    assert told(error) == ("payload/convert", "$.nics[0].speed")
    assert (error.object_name, error.version) == ("Nic", "1.0")


def test_a_foreign_object_keeps_its_version() -> None:
    """oslo does not upgrade; the own objects inside a foreign one are upgraded all the same."""
    types = {"notes": listed(NOTE_TYPE), "title": TEXT}
    codec = world(NOTE, foreign=[foreign("Board", "1.4", types, lambda _data, _target: None)])
    sent = node("Board", "1.2", {"notes": [old_note("n")], "title": "t"}, ["title"])
    made = codec.upgrade(sent)
    assert made == node(
        "Board", "1.2", {"notes": [node("Note", "1.1", {"text": "n"})], "title": "t"}, ["title"]
    )
    assert not isinstance(upgrade(sent, codec.scope()), Upgraded)
    wrong = node("Board", "1.2", {"notes": [7]})
    error = refused(codec, wrong, PayloadError)
    assert told(error) == ("payload/envelope", "$.notes[0]")
    assert (error.object_name, error.version) == ("Board", "1.2")
