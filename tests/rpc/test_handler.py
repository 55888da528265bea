"""Versioned objects as an extension type of msgpackutils."""

from __future__ import annotations

import datetime
from typing import Any

import msgpack
import pytest
from oslo_serialization import msgpackutils
from oslo_serialization.serializer.msgpack_serializer import MessagePackSerializer

import vobj
from tests.rpc.rack import OLDER, RackDisk, rack_server
from tests.rpc.test_asking import Client, newer
from vobj.errors import PayloadError, UnknownClassError, UsageError
from vobj.rpc import VersionedObjectHandler


def registry_with(handler: Any) -> msgpackutils.HandlerRegistry:
    made = msgpackutils.default_registry.copy(unfreeze=True)
    made.register(handler)
    return made


@pytest.mark.parametrize("wire", ["msgpack", "json", "packed"])
def test_a_registry_carries_objects(wire: str) -> None:
    """Objects travel beside all that the registry carries anyway."""
    registry = registry_with(VersionedObjectHandler(wire))
    value = {"s": [rack_server()], "at": datetime.datetime(2026, 5, 1), "set": {1, 2}}
    data = msgpackutils.dumps(value, registry=registry)
    assert msgpackutils.loads(data, registry=registry) == value
    serializer = MessagePackSerializer(registry)
    assert serializer.load_from_bytes(serializer.dump_as_bytes(value)) == value


@pytest.mark.parametrize("writes", ["msgpack", "json", "packed"])
def test_every_wire_is_read(writes: str) -> None:
    """A reader takes what any of the wires wrote."""
    data = msgpackutils.dumps(rack_server(), registry=registry_with(VersionedObjectHandler(writes)))
    registry = registry_with(VersionedObjectHandler())
    assert msgpackutils.loads(data, registry=registry) == rack_server()


def test_the_extension_is_a_payload() -> None:
    """Number 86, unless another is chosen; its bytes are what the codec gives."""
    disk = RackDisk(name="a", size_gb=7)
    payload = vobj.Codec("msgpack").encode(disk)
    for handler, number in (
        (VersionedObjectHandler(), 86),
        (VersionedObjectHandler(identity=33), 33),
    ):
        data = msgpackutils.dumps(disk, registry=registry_with(handler))
        assert msgpack.unpackb(data) == msgpack.ExtType(number, payload)


def test_a_copy_of_the_registry_carries_objects() -> None:
    """Registries copy their handlers."""
    registry = registry_with(VersionedObjectHandler()).copy()
    data = msgpackutils.dumps([rack_server()], registry=registry)
    assert msgpackutils.loads(data, registry=registry) == [rack_server()]


@pytest.mark.parametrize("identity", [0, 32, 128, -1, "86", True, 86.0], ids=repr)
def test_numbers_that_are_not_free(identity: Any) -> None:
    """oslo.serialization keeps 0 to 32 for itself, and there are no more than 127."""
    with pytest.raises(UsageError, match="33 to 127"):
        VersionedObjectHandler(identity=identity)


def test_pins_and_newer_objects() -> None:
    """What is written is held to the pin, what is read is asked about when it is too new."""
    older = VersionedObjectHandler(to=lambda: OLDER)
    assert vobj.Codec("msgpack").decode(older.serialize(rack_server())).zone == "z0"
    client = Client()
    payload = msgpackutils.dumps(newer())
    assert VersionedObjectHandler(indirection_api=client).deserialize(payload) == rack_server()
    assert client.asked[0][1] is None
    with pytest.raises(vobj.NewerVersionError, match="version/newer"):
        VersionedObjectHandler().deserialize(payload)


def test_a_base_carries_its_own_alone() -> None:
    """What is outside the base is for other handlers, and is not read by this one."""

    class Project(vobj.VersionedObject):
        OBJ_PROJECT_NAMESPACE = "rack"

    registry = registry_with(VersionedObjectHandler(base=Project))
    with pytest.raises(ValueError, match="No serialization handler"):
        msgpackutils.dumps(RackDisk(name="a"), registry=registry)
    data = msgpackutils.dumps(RackDisk(name="a"), registry=registry_with(VersionedObjectHandler()))
    with pytest.raises(UnknownClassError, match="payload/namespace"):
        msgpackutils.loads(data, registry=registry)


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\xc1", b"{", b"\x81\xa1a", b"\xdd\xff\xff\xff\xff"]
)
def test_hostile_extensions(data: bytes) -> None:
    """Bytes that are no payload are a RemoteError of the reader."""
    packed = msgpack.packb([msgpack.ExtType(86, data)])
    with pytest.raises(PayloadError, match="payload/"):
        msgpackutils.loads(packed, registry=registry_with(VersionedObjectHandler()))
