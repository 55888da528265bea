"""The packed wire inside RPC: who sends it, who reads it, and what a newer one is asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import oslo_messaging as messaging
import pytest

import vobj
from tests.rpc.rack import OLDER, Endpoint, rack_server
from tests.rpc.test_asking import Client, OsloClient
from vobj.errors import ConductorError, PayloadError, UsageError
from vobj.rpc import VersionedObjectSerializer
from vobj.rpc.text import as_text, from_text

KEY = "versioned_object."
SPOKEN = {"RackServer": "1.3", "RackDisk": "1.1"}


class Unpacking(Client):
    """A client whose conductor reads packed payloads of the newer release."""

    def backport(
        self,
        context: Any,
        payload: Any,
        *,
        fingerprint: str,
        manifest: Mapping[str, str] | None = None,
    ) -> Any:
        assert isinstance(payload, bytes)
        tree = vobj.Codec("primitive").encode(rack_server())
        return super().backport(context, tree, fingerprint=fingerprint, manifest=manifest)


def packed(obj: Any, **settings: Any) -> dict[str, Any]:
    return as_text(vobj.Codec("packed").encode(obj, **settings))


def newer(old: bytes = b"\xaaRackServer\xa31.3") -> dict[str, Any]:
    """A packed object that says of itself, or of what is inside, that it is of version 1.9."""
    payload = vobj.Codec("packed").encode(rack_server())
    assert old in payload
    return as_text(payload.replace(old, old[:-1] + b"9"))


@pytest.mark.parametrize("wire", ["primitive", "packed"])
def test_both_are_read_whatever_is_sent(connect: Callable[..., Any], wire: str) -> None:
    """A receiver takes envelopes and packed objects, mixed and at any depth."""
    endpoint = Endpoint()
    client = connect(VersionedObjectSerializer(wire=wire), messaging.NoOpSerializer(), endpoint)
    envelope = vobj.Codec("primitive").encode(rack_server())
    client.call({}, "note", a=[{"b": [packed(rack_server()), envelope]}], c=packed(rack_server()))
    assert endpoint.seen == [{"a": [{"b": [rack_server(), rack_server()]}], "c": rack_server()}]


def test_the_wire_follows_its_callable() -> None:
    """One pin may move both the versions and the wire, while messages are sent."""
    now: dict[str, Any] = {"wire": "primitive", "to": OLDER}
    serializer = VersionedObjectSerializer(to=lambda: now["to"], wire=lambda: now["wire"])
    first = serializer.serialize_entity({}, [rack_server()])
    assert first == [vobj.Codec("primitive").encode(rack_server(), to=OLDER)]
    now["wire"] = "packed"
    second = serializer.serialize_entity({}, (rack_server(),))
    assert second == (packed(rack_server(), to=OLDER),)
    now["to"] = None
    assert serializer.serialize_entity({}, rack_server()) == packed(rack_server())
    now["wire"] = "msgpack"
    with pytest.raises(UsageError, match="primitive, packed"):
        serializer.serialize_entity({}, rack_server())


def test_an_unknown_wire_is_refused_at_once() -> None:
    """A name is checked when the serializer is made."""
    with pytest.raises(UsageError, match="wire/unknown"):
        VersionedObjectSerializer(wire="json")


@pytest.mark.parametrize(
    ("asks", "sends", "answered"),
    [
        ("packed", "packed", True),
        ("primitive", "packed", False),
        ("packed", "primitive", False),
        ("primitive", "primitive", False),
    ],
)
def test_an_answer_is_packed_when_both_sides_are(asks: str, sends: str, answered: bool) -> None:
    """A caller that sent an envelope is answered with one, whatever the pin says."""
    serializer = VersionedObjectSerializer(wire=sends)
    context = serializer.deserialize_context({})
    sent = VersionedObjectSerializer(wire=asks).serialize_entity({}, rack_server())
    assert serializer.deserialize_entity(context, {"x": sent}) == {"x": rack_server()}
    answer = serializer.serialize_entity(context, rack_server())
    assert (from_text(answer) is not None) == answered


def test_the_answer_to_an_older_packed_request() -> None:
    """It is held to the versions of the request, at every depth."""
    serializer = VersionedObjectSerializer(wire="packed")
    context = serializer.deserialize_context({})
    serializer.deserialize_entity(context, [packed(rack_server(), to=OLDER)])
    answer = serializer.serialize_entity(context, rack_server())
    assert answer == packed(rack_server(), to=OLDER)


@pytest.mark.parametrize(
    "old", [b"\xaaRackServer\xa31.3", b"\xa8RackDisk\xa31.1"], ids=["itself", "inside"]
)
def test_a_newer_packed_object_goes_to_the_conductor_as_it_is(old: bytes) -> None:
    """Its bytes cannot be read here; the manifest is that of the whole tree."""
    client = Unpacking()
    serializer = VersionedObjectSerializer(indirection_api=client)
    assert serializer.deserialize_entity({}, [newer(old)]) == [rack_server()]
    mine = vobj.Manifest(SPOKEN).fingerprint
    assert client.asked == [(mine, None), (mine, SPOKEN)]


def test_a_newer_packed_object_without_help() -> None:
    """Without a client, or with one that knows envelopes alone, the error tells what is read."""
    for client in (None, OsloClient()):
        serializer = VersionedObjectSerializer(indirection_api=client)
        with pytest.raises(vobj.NewerVersionError, match=r"1\.9 is newer") as caught:
            serializer.deserialize_entity({}, newer())
        assert caught.value.manifest == SPOKEN
    older = Unpacking(refusal=ConductorError("no such method", rule="conductor/answer"))
    with pytest.raises(ConductorError, match="no such method"):
        VersionedObjectSerializer(indirection_api=older).deserialize_entity({}, newer())


@pytest.mark.parametrize("end", [3, 10, 30, -1])
def test_packed_objects_that_are_cut_off(end: int) -> None:
    """A part of a payload is refused, with its place."""
    payload = vobj.Codec("packed").encode(rack_server())[:end]
    with pytest.raises(PayloadError, match=r'at `\$\["a"\]\[0\]'):
        VersionedObjectSerializer().deserialize_entity({}, {"a": [as_text(payload)]})
