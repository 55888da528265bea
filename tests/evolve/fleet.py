"""A few bare classes that exchange payloads in these tests, and short ways to write payloads.

Server 1.3   holds nics (a list), boot (one Nic), disks (a dict); hidden data from 1.2 on
Nic    1.1   has a key, which was called `id` at 1.0, and a speed that 1.0 does not see
Note   1.1   has no key, and a colour that 1.0 does not see
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.history.declaring import NUMBER, TEXT, field, history, nullable
from vobj.changes import Added, ChildVersions, Renamed
from vobj.errors import VobjError, render_path
from vobj.evolve import Entry, Node
from vobj.history import FieldDeclaration, History, WireType
from vobj.testkit.bare import ENVELOPE, BareCatalog, BareCodec, node

NIC_TYPE = WireType("Object", object_name="Nic")
NOTE_TYPE = WireType("Object", object_name="Note")

NIC = history(
    "1.1",
    field("uuid", TEXT, Renamed("id", since="1.1"), key=True),
    field("mac"),
    field("speed", NUMBER, Added(since="1.1")),
    name="Nic",
)
NOTE = history("1.1", field("text"), field("colour", TEXT, Added(since="1.1")), name="Note")


def listed(kind: WireType) -> WireType:
    """A list of a type."""
    return WireType("List", element=kind)


def keyed(kind: WireType) -> WireType:
    """A dict of a type."""
    return WireType("Dict", element=kind)


SERVER_FIELDS = (
    field("name"),
    field("nics", listed(NIC_TYPE), ChildVersions({"1.0": "1.0", "1.3": "1.1"})),
    field("boot", nullable(NIC_TYPE), ChildVersions({"1.0": "1.0", "1.3": "1.1"})),
    field("notes", listed(NOTE_TYPE), ChildVersions({"1.0": "1.0", "1.3": "1.1"})),
    field("disks", keyed(NOTE_TYPE), ChildVersions({"1.0": "1.0", "1.3": "1.1"})),
    field("host", TEXT, Renamed("node", since="1.1")),
    field("secret", TEXT, Added(since="1.2", backfill="none")),
)
SERVER = history("1.3", *SERVER_FIELDS)


def world(
    *histories: History,
    foreign: Iterable[Entry] = (),
    policy: str | None = None,
    ancestors: Mapping[str, tuple[str, ...]] | None = None,
) -> BareCodec:
    """The codec of a process that has these classes."""
    return BareCodec(BareCatalog(histories, foreign=foreign, ancestors=ancestors), policy=policy)


def one_class(*fields: FieldDeclaration, version: str = "1.1", facts: Any = ()) -> BareCodec:
    """The codec of a process that has only a Server, made of these fields."""
    return world(history(version, *fields, facts=facts))


FLEET = world(SERVER, NIC, NOTE)


def server(version: str, changes: Iterable[str] = (), **data: Any) -> Node:
    """A Server's payload."""
    return node("Server", version, data, changes)


def nic(uuid: str, mac: str = "m", speed: int = 10) -> Node:
    """A Nic of today."""
    return node("Nic", "1.1", {"uuid": uuid, "mac": mac, "speed": speed})


def old_nic(uuid: str, mac: str = "m") -> Node:
    """A Nic as version 1.0 has it."""
    return node("Nic", "1.0", {"id": uuid, "mac": mac})


def note(text: str, colour: str = "red") -> Node:
    """A Note of today."""
    return node("Note", "1.1", {"text": text, "colour": colour})


def old_note(text: str) -> Node:
    """A Note as version 1.0 has it."""
    return node("Note", "1.0", {"text": text})


def data(payload: Node) -> Any:
    """The data of a payload."""
    return ENVELOPE.data(payload)


def version(payload: Node) -> str:
    """The stamp of a payload."""
    return ENVELOPE.version(payload)


def told(error: VobjError) -> tuple[str, str]:
    """The rule and the place of an error."""
    return error.rule, render_path(error.path)


def backport_refused(codec: BareCodec, payload: Any, to: Any, kind: type[VobjError]) -> VobjError:
    """The error of a backport, which left the payload as it was."""
    before = copy.deepcopy(payload)
    with pytest.raises(kind, match=r"\[\S+/\S+\]$") as caught:
        codec.backport(payload, to)
    assert payload == before
    return caught.value


def nics(*uuids: str) -> list[Node]:
    """Nics of today, whose hidden speed tells which is which."""
    return [nic(one, speed=ord(one)) for one in uuids]


def old_nics(*uuids: str) -> list[Node]:
    """The same as an older caller has them."""
    return [old_nic(one) for one in uuids]


def texts(found: list[Node]) -> list[str]:
    """Which elements stand in a list, and which hidden data they have."""
    first = [data(one).get("uuid", data(one).get("text")) for one in found]
    hidden = [data(one).get("speed", data(one).get("colour", "-")) for one in found]
    return [f"{one}:{chr(two) if isinstance(two, int) else two}"
            for one, two in zip(first, hidden, strict=True)]  # fmt: skip
