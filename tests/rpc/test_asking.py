"""Asking for a backport: a fingerprint first, the manifest only when it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from oslo_versionedobjects import base

import vobj
from tests.rpc.rack import rack_server
from vobj.errors import ConductorError, ManifestError, PayloadError, VobjError
from vobj.rpc import VersionedObjectSerializer

KEY = "versioned_object."
SPOKEN = {"RackServer": "1.3", "RackDisk": "1.1"}


class OsloClient(base.VersionedObjectIndirectionAPI):
    """What services had before: it takes a manifest."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def object_action(
        self, context: Any, objinst: Any, objmethod: str, args: Any, kwargs: Any
    ) -> Any:
        raise NotImplementedError

    def object_backport_versions(self, context: Any, objinst: Any, object_versions: Any) -> Any:
        self.asked.append(dict(object_versions))
        return lowered(objinst)


class OlderOsloClient(OsloClient):
    """What services had in the beginning: it takes one version."""

    def object_backport_versions(self, context: Any, objinst: Any, object_versions: Any) -> Any:
        raise NotImplementedError

    def object_backport(self, context: Any, objinst: Any, target_version: str) -> Any:
        self.asked.append(target_version)
        return lowered(objinst)


class Client(OsloClient):
    """A client whose conductor remembers manifests; it notes what it was asked with."""

    def __init__(self, *, refusal: VobjError | None = None) -> None:
        super().__init__()
        self.known: set[str] = set()
        self.refusal = refusal

    def backport(
        self,
        context: Any,
        payload: Any,
        *,
        fingerprint: str,
        manifest: Mapping[str, str] | None = None,
    ) -> Any:
        self.asked.append((fingerprint, manifest))
        if self.refusal is not None:
            raise self.refusal
        if manifest is not None:
            self.known.add(vobj.Manifest(manifest).fingerprint)
        if fingerprint not in self.known:
            raise ManifestError("send it once", rule="manifest/unknown-fingerprint")
        return lowered(payload)


def lowered(payload: dict[str, Any]) -> Any:
    """What a conductor makes of the newer object."""
    tree = {**payload, KEY + "version": "1.3"}
    return VersionedObjectSerializer().deserialize_entity({}, tree)


def newer(version: str = "1.9") -> dict[str, Any]:
    """An object of a release that this one knows nothing of."""
    tree: dict[str, Any] = vobj.Codec("primitive").encode(rack_server())
    tree[KEY + "version"] = version
    return tree


def read(client: Any, payload: Any) -> Any:
    return VersionedObjectSerializer(indirection_api=client).deserialize_entity({}, payload)


def test_the_manifest_travels_once() -> None:
    """Only a conductor that does not know the fingerprint is sent the manifest, and only once."""
    client = Client()
    mine = vobj.Manifest(SPOKEN).fingerprint
    assert read(client, newer()) == rack_server()
    assert client.asked == [(mine, None), (mine, SPOKEN)]
    client.asked.clear()
    assert read(client, {"a": [newer()]})["a"] == [rack_server()]
    assert client.asked == [(mine, None)]
    client.known.clear()  # as after a restart
    read(client, newer())
    assert client.asked[1:] == [(mine, None), (mine, SPOKEN)]


@pytest.mark.parametrize(
    "refusal",
    [
        ConductorError("no such method", rule="conductor/answer"),
        PayloadError("The request has no manifest", rule="conductor/request"),
    ],
    ids=lambda error: error.rule,
)
def test_an_older_conductor_is_asked_as_oslo_does(refusal: VobjError) -> None:
    """A conductor that knows nothing of fingerprints gets the manifest."""
    client = Client(refusal=refusal)
    assert read(client, newer()) == rack_server()
    assert client.asked[1:] == [SPOKEN]


def test_what_the_conductor_refuses_is_raised() -> None:
    """Any other refusal is the answer; it is not asked again."""
    client = Client(refusal=ConductorError("gone", rule="conductor/away"))
    with pytest.raises(ConductorError, match="conductor/away"):
        read(client, newer())
    assert len(client.asked) == 1


def test_a_conductor_that_forgets_at_once_is_not_asked_forever() -> None:
    """A conductor that does not know the manifest it was just sent is an error."""
    client = Client(refusal=ManifestError("send it", rule="manifest/unknown-fingerprint"))
    with pytest.raises(ManifestError, match="manifest/unknown-fingerprint"):
        read(client, newer())
    assert [given for _, given in client.asked] == [None, SPOKEN]


def test_clients_of_services_are_asked_as_ever() -> None:
    """A client without fingerprints gets the manifest, an even older one the version."""
    client, older = OsloClient(), OlderOsloClient()
    assert read(client, newer()) == read(older, newer()) == rack_server()
    assert (client.asked, older.asked) == ([SPOKEN], ["1.3"])


def test_a_nested_object_that_is_too_new_asks_for_the_whole() -> None:
    """The version that an older client gets is that of the object that was sent."""
    tree = newer("1.3")
    tree[KEY + "data"]["disks"][0][KEY + "version"] = "1.9"
    older = OlderOsloClient()
    with pytest.raises(vobj.NewerVersionError, match=r"RackDisk 1\.9"):
        read(older, tree)
    assert older.asked == ["1.3"]


def test_the_base_class_may_have_the_client() -> None:
    """Without one of its own, a serializer asks the client of its base class, as oslo's does."""
    client = Client()

    class Base(vobj.VersionedObject):
        indirection_api = client

    class Serializer(VersionedObjectSerializer):
        OBJ_BASE_CLASS = Base

    @vobj.register
    class RackShelf(Base):
        VERSION = "1.0"
        name: str

    tree = RackShelf(name="a").obj_to_primitive()
    assert Serializer().deserialize_entity({}, tree).name == "a"
    tree[KEY + "version"] = "1.4"
    client.refusal = ConductorError("gone", rule="conductor/away")
    with pytest.raises(ConductorError, match="gone"):
        Serializer().deserialize_entity({}, tree)
    assert client.asked == [(vobj.Manifest({"RackShelf": "1.0"}).fingerprint, None)]


def test_an_object_is_kept_as_it_came() -> None:
    """What is asked about is not changed, whatever the client makes of it."""
    payload = newer()
    kept = newer()
    read(Client(), payload)
    assert payload == kept
