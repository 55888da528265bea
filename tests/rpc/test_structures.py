"""oslo.serialization's serializer interface, and what a body may hold."""

from __future__ import annotations

import datetime
import io
import json
import uuid
import zoneinfo
from typing import Any

import msgpack
import netaddr
import pytest
from oslo_serialization.serializer import base_serializer, json_serializer, msgpack_serializer
from oslo_versionedobjects import base

import vobj
from tests.rpc.rack import OLDER, RackDisk, rack_server
from tests.rpc.test_asking import Client, newer
from vobj.errors import LimitError, PayloadError, RemoteError, UnknownClassError, UsageError
from vobj.rpc import StructureSerializer
from vobj.wires import Limits

KEY = "versioned_object."
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NOON = datetime.datetime(2026, 5, 1, 12, 0, 0, 123)

WIRES = ["msgpack", "json", "packed"]


def there_and_back(value: Any, wire: str = "msgpack", **settings: Any) -> Any:
    serializer = StructureSerializer(wire, **settings)
    return serializer.load_from_bytes(serializer.dump_as_bytes(value))


@pytest.mark.parametrize("wire", WIRES)
def test_objects_stand_anywhere(wire: str) -> None:
    """Objects come back as equal objects at any depth, other values as they were."""
    server = rack_server()
    value = {"a": [[{"b": server}], None, 1.5, "ü"], "c": {"d": {"e": [server, server.disks]}}}
    assert there_and_back(value, wire) == {
        "a": [[{"b": server}], None, 1.5, "ü"],
        "c": {"d": {"e": [server, list(server.disks)]}},
    }
    assert there_and_back(server, wire) == server


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "value", [None, True, 0, 5, 91, 123, -7, 1.5, "", "a", "{", "[1]", "{}", [], {}, {"a": []}],
    ids=repr,
)  # fmt: skip
def test_plain_values(wire: str, value: Any) -> None:
    """Values that are no containers are read on the reader's own wire."""
    assert there_and_back(value, wire) == value


@pytest.mark.parametrize("writes", WIRES)
@pytest.mark.parametrize("reads", WIRES)
def test_a_reader_takes_all(writes: str, reads: str) -> None:
    """What a writer sends says nothing of what it reads."""
    value = {"server": rack_server(), "n": [1]}
    data = StructureSerializer(writes).dump_as_bytes(value)
    assert StructureSerializer(reads).load_from_bytes(data) == value


def test_what_oslo_wrote_is_read_and_the_other_way() -> None:
    """A cache may be moved from oslo.serialization's own serializers, and back."""
    value = {"at": NOON, "tags": {"x", "y"}, "n": [1, None]}
    theirs, ours = msgpack_serializer.MessagePackSerializer(), StructureSerializer()
    assert isinstance(ours, base_serializer.BaseSerializer)
    assert ours.load_from_bytes(theirs.dump_as_bytes(value)) == value
    assert theirs.load_from_bytes(ours.dump_as_bytes(value)) == value
    text, plain = json_serializer.JSONSerializer(), {"a": [1, "b"]}
    assert ours.load_from_bytes(text.dump_as_bytes(plain)) == plain
    assert text.load_from_bytes(StructureSerializer("json").dump_as_bytes(plain)) == plain


def test_a_plain_reader_looks_inside() -> None:
    """An object is oslo's envelope, or the packed payload as bytes."""
    disk = RackDisk(name="a", size_gb=7)
    told = msgpack.unpackb(StructureSerializer().dump_as_bytes({"d": disk}))
    assert told == {"d": disk.obj_to_primitive()}
    told = json.loads(StructureSerializer("json").dump_as_bytes({"d": disk}))
    assert told == {"d": disk.obj_to_primitive()}
    told = msgpack.unpackb(StructureSerializer("packed").dump_as_bytes({"d": disk}))
    assert told == {"d": {"vobj.packed": vobj.Codec("packed").encode(disk)}}


@pytest.mark.parametrize(
    "value",
    [
        NOON,
        NOON.replace(tzinfo=datetime.UTC),
        NOON.replace(tzinfo=BERLIN),
        NOON.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))),
        datetime.date(2026, 5, 1),
        uuid.UUID(int=7),
        netaddr.IPAddress("10.0.0.1"),
        {1, 2},
        frozenset({"a"}),
        b"\x00\xff",
        2**64 - 1,
    ],
    ids=repr,
)
def test_values_that_msgpack_has_types_for(value: Any) -> None:
    """They come back equal; a time of a zone without a name comes back as the same instant."""
    back = there_and_back([value])[0]
    assert back == value
    assert isinstance(back, type(value))


@pytest.mark.parametrize("wire", WIRES)
def test_tuples_and_sets_of_objects_become_lists(wire: str) -> None:
    """As on every text wire."""
    assert there_and_back((1, (rack_server(),)), wire) == [1, [rack_server()]]


def test_sets_of_objects() -> None:
    """Objects that have a hash may stand in sets; what they become has none."""

    @base.VersionedObjectRegistry.register
    class RackTicket(base.VersionedObject):
        VERSION = "1.0"

    (back,) = there_and_back({RackTicket()})
    assert isinstance(back, RackTicket)


@pytest.mark.parametrize("wire", ["msgpack", "packed"])
@pytest.mark.parametrize(
    ("value", "where"),
    [
        ([1, {2: 3}], r"\$\[1\]"),
        ({"a": [object()]}, r'\$\["a"\]\[0\]'),
        ([2**70], r"\$\[0\]"),
    ],
    ids=["key", "object", "number"],
)
def test_what_cannot_be_held_is_told_with_its_place(wire: str, value: Any, where: str) -> None:
    """The sender learns it; a reader would refuse it, or get something else."""
    with pytest.raises(UsageError, match=where):
        StructureSerializer(wire).dump_as_bytes(value)


def test_a_pin_holds_everything_down_and_moves() -> None:
    """`to` and `wire` may be callables, and are asked for each body."""
    pin: list[Any] = [OLDER]
    wire = ["msgpack"]
    serializer = StructureSerializer(lambda: wire[0], to=lambda: pin[0])
    first = msgpack.unpackb(serializer.dump_as_bytes([rack_server()]))
    assert first[0][KEY + "version"] == "1.1"
    pin[0], wire[0] = None, "packed"
    second = msgpack.unpackb(serializer.dump_as_bytes([rack_server()]))
    assert list(second[0]) == ["vobj.packed"]
    assert serializer.load_from_bytes(msgpack.packb(first)) == [
        vobj.Codec("primitive").decode(first[0])
    ]
    wire[0] = "yaml"
    with pytest.raises(UsageError, match="wire/unknown"):
        serializer.dump_as_bytes([])


def test_a_child_that_the_pin_does_not_name_needs_a_policy() -> None:
    """An own child would be sent newer than its reader may know; the writer is told."""
    with pytest.raises(vobj.ManifestError, match="manifest/child-unnamed"):
        StructureSerializer(to={"RackServer": "1.1"}).dump_as_bytes(rack_server())
    kept = StructureSerializer(to={"RackServer": "1.1"}, policy="keep")
    assert kept.load_from_bytes(kept.dump_as_bytes(rack_server())).zone == "z0"


def test_a_newer_object_is_asked_about() -> None:
    """As in RPC."""
    client = Client()
    data = StructureSerializer().dump_as_bytes({"s": newer()})
    read = StructureSerializer(indirection_api=client).load_from_bytes(data)
    assert read == {"s": rack_server()}
    with pytest.raises(vobj.NewerVersionError, match=r"\$\[\"s\"\].*version/newer"):
        StructureSerializer().load_from_bytes(data)


@pytest.mark.parametrize("wire", WIRES)
def test_files(wire: str) -> None:
    """A structure is written to a binary file, and read from one, within the limits."""
    serializer = StructureSerializer(wire, limits=Limits(max_bytes=2_000))
    file = io.BytesIO()
    serializer.dump([rack_server()], file)
    file.seek(0)
    assert serializer.load(file) == [rack_server()]
    with pytest.raises(LimitError, match="payload/size"):
        serializer.load(io.BytesIO(b" " * 2_001))
    assert serializer.load(io.StringIO('{"a": 1}')) == {"a": 1}

    class Odd:
        def read(self, size: int) -> None:
            """No bytes."""

    with pytest.raises(PayloadError, match="it gave NoneType"):
        serializer.load(Odd())


def test_a_base_sends_and_reads_its_own_alone() -> None:
    """A class outside the base is neither sent nor read."""

    class Project(vobj.VersionedObject):
        OBJ_PROJECT_NAMESPACE = "rack"

    own = StructureSerializer(base=Project)
    with pytest.raises(UsageError, match=r"RackDisk is no Project.*\$\[0\]"):
        own.dump_as_bytes([RackDisk(name="a")])
    with pytest.raises(UnknownClassError, match="payload/namespace"):
        own.load_from_bytes(StructureSerializer().dump_as_bytes([RackDisk(name="a")]))


def test_wires_are_named() -> None:
    """A wire that no body has is refused at once."""
    with pytest.raises(UsageError, match="msgpack, json, packed"):
        StructureSerializer("primitive")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1\x01\xc0",
        b"\x93\x01",
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 5_000 + b"\xc0",
        b"[" * 5_000 + b"]" * 5_000,
        b'{"a": ',
        msgpack.packb([{"vobj.packed": b"\xc1\x01"}]),
        msgpack.packb([{"vobj.packed": b"\xc1\x09\x93\xff"}]),
        msgpack.packb([{"vobj.packed": "not base64"}]),
        msgpack.packb([{KEY + "name": "os.system"}]),
        msgpack.packb([{KEY + "name": ["a"], KEY + "data": {}}]),
        msgpack.packb([msgpack.ExtType(2, msgpack.packb([0, 1]))]),
        msgpack.packb([{1: 2}]),
        json.dumps([{"vobj.packed": "AAAA"}]).encode(),
        b"\xa4\xff\xff\xff\xff",
        "text",
        None,
        5,
    ],
    ids=lambda data: repr(data)[:40],
)
def test_hostile_bodies_are_remote_errors(data: Any) -> None:
    """Whatever is read, it is a value or a RemoteError."""
    with pytest.raises(RemoteError, match=r"\[(packed|payload|version)/"):
        StructureSerializer().load_from_bytes(data)


def test_limits_are_those_of_the_reader() -> None:
    """Size, depth and number of values of the whole body."""
    data = StructureSerializer().dump_as_bytes([[[1, 2, 3]]])
    for limits, rule in (
        (Limits(max_depth=2), "payload/depth"),
        (Limits(max_values=4), "payload/count"),
        (Limits(max_bytes=3), "payload/size"),
    ):
        with pytest.raises(LimitError, match=rule):
            StructureSerializer(limits=limits).load_from_bytes(data)
    with pytest.raises(PayloadError, match="payload/malformed"):
        StructureSerializer().load(io.BufferedReader(io.BytesIO(b"\xc1")))
