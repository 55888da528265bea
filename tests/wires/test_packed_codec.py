"""`Codec("packed")`: objects, other versions, other wires, and schemas of other releases."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oslo_versionedobjects import base, fields

import vobj
from benchmarks.datasets import DATED
from tests.differential.compare import own_registry
from tests.differential.field_types import LEAVES, values
from tests.wires.packing import inside, payload
from vobj import Added, Codec, Mapped, Renamed
from vobj.history import Schema, WireType
from vobj.wires import known_schemas

WIRES = ("primitive", "json", "msgpack", "packed")
PACKED = Codec("packed")
OLDER = {"PackedServer": "1.0", "PackedPort": "1.0", "PackedPlain": "1.0"}


@vobj.register
class PackedPort(vobj.VersionedObject):
    VERSION = "1.1"

    mac: vobj.MACAddress = vobj.field(key=True)
    state: str = vobj.field(Mapped({"up": "active"}, since="1.1"))


@base.VersionedObjectRegistry.register
class PackedPlain(base.VersionedObject):
    VERSION = "1.1"
    fields = {"zeta": fields.IntegerField(), "alpha": fields.UUIDField()}


@vobj.register
class PackedServer(vobj.VersionedObject):
    VERSION = "1.1"

    name: str = vobj.field(Renamed("label", since="1.1"))
    ports: list[PackedPort]
    plain: PackedPlain
    spare: int = vobj.field(Added(since="1.1", backfill=0))


def server() -> PackedServer:
    ports = [PackedPort(mac=f"52:54:00:00:00:0{one}", state="up") for one in range(2)]
    plain = PackedPlain(zeta=1, alpha="00010203-0405-0607-0809-0a0b0c0d0e0f")
    return PackedServer(name="db", ports=ports, plain=plain, spare=7)


@pytest.fixture
def registry() -> Iterator[None]:
    """Classes of a test that are forgotten afterwards."""
    with own_registry():
        yield


@pytest.mark.parametrize("leaf", sorted(LEAVES))
@settings(max_examples=max(1, settings.default.max_examples // 5))
@given(data=st.data())
def test_every_field_type_comes_back(leaf: str, data: st.DataObject) -> None:
    """Of oslo and of projects: the object, the tree that msgpack carries, and the same bytes."""
    # oslo's state machine makes text of None, which it does not take back, on any wire.
    field = LEAVES[leaf](nullable=leaf != "state")
    with own_registry():
        body = {"VERSION": "1.0", "fields": {"one": field, "two": LEAVES[leaf]()}}
        cls: Any = vobj.register(type("PackedLeaf", (vobj.VersionedObject,), body))
        some = values(field, lambda *_: st.none())
        obj = cls(one=data.draw(some), two=data.draw(some.filter(lambda one: one is not None)))
        packed, plain = PACKED.encode(obj), Codec("msgpack").encode(obj)
        assert PACKED._wire.decode(packed) == Codec("msgpack")._wire.decode(plain)
        assert PACKED.encode(PACKED.decode(packed)) == packed
        assert type(inside(packed)) is list


def test_the_size_of_the_object_of_the_benchmarks() -> None:
    """32 fields and three nested objects, all set and changed: what the design asks for."""
    data = PACKED.encode(DATED.build())
    assert len(data) <= 600
    assert PACKED.encode(PACKED.decode(data)) == data


def test_a_class_without_changes_of_its_own_is_a_map() -> None:
    """It has no schema that is known to hold, so it travels as oslo writes it."""
    packed = inside(PACKED.encode(server()))
    names = [one[0][0] if isinstance(one, list) else one for one in packed[3:]]
    assert names[1]["versioned_object.name"] == "PackedPlain"
    alone = PACKED.encode(server().plain)
    assert inside(alone)["versioned_object.data"] == {
        "zeta": 1,
        "alpha": "00010203-0405-0607-0809-0a0b0c0d0e0f",
    }
    assert PACKED.decode(alone).zeta == 1


def test_a_class_that_is_not_known_is_a_map() -> None:
    """As oslo stamps a foreign child with whatever a manifest names, known here or not."""
    tree = Codec("primitive").encode(PackedPort(mac="52:54:00:00:00:00"))
    for part, value in (("name", "Nobody"), ("version", "7.0"), ("version", "new")):
        odd = tree | {f"versioned_object.{part}": value}
        assert inside(PACKED._wire.encode(odd)) == odd


@pytest.mark.parametrize("wire", WIRES)
def test_foreign_objects_inside_are_written_in_order(wire: str) -> None:
    """oslo lists their changes in any order; vobj in that of the fields, wherever they stand."""
    codec = Codec(wire)
    tree: Any = codec._wire.decode(codec.encode(server()))
    plain = tree["versioned_object.data"]["plain"]
    assert plain["versioned_object.changes"] == list(PackedPlain.fields)


def test_what_another_release_owns_is_read_by_a_foreign_class() -> None:
    """At the version of the class here, when the fingerprint says that it has the same fields."""
    types = {"zeta": WireType("Integer"), "alpha": WireType("UUID")}
    known = Schema("PackedPlain", "1.1", types)
    definition = ["PackedPlain", "1.1", bytes.fromhex(known.fingerprint)]
    data = payload([definition, True, None, bytes(range(16)), 1])
    for _ in range(2):
        read = PACKED.decode(data)
        assert (read.zeta, read.alpha) == (1, "00010203-0405-0607-0809-0a0b0c0d0e0f")
    older = payload([["PackedPlain", "1.0", definition[2]], True, None, bytes(16), 1])
    with pytest.raises(vobj.PayloadError, match=r"it has no known schema.*packed/fingerprint"):
        PACKED.decode(older)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("source", WIRES)
def test_from_any_wire_to_any_other(wire: str, source: str) -> None:
    """Backport, upgrade, merge and explain read one wire and write another."""
    codec, other = Codec(wire), Codec(source)
    newest = other.encode(server())
    older = codec.backport(newest, OLDER, source=source)
    assert older == codec.encode(server(), OLDER)
    assert codec.upgrade(newest, source=source) == codec.encode(server())
    assert codec.explain(newest, OLDER, source=source) == codec.explain(server(), OLDER)
    edited = other.decode(newest)
    edited.name = "web"
    put_back = codec.merge(codec.encode(server()), other.encode(edited, OLDER), source=source)
    assert codec.decode(put_back).name == "web"
    assert codec.decode(put_back).spare == 7


def test_the_source_is_a_wire() -> None:
    """As the wire of the codec is."""
    with pytest.raises(vobj.UsageError, match=r"wire out of json.*packed.*wire/unknown"):
        PACKED.upgrade(b"", source="xml")
    with pytest.raises(vobj.UsageError, match="wire/unknown"):
        Codec("xml")


def test_put_back_on_packed_payloads() -> None:
    """An older caller's edit over the newer object, all of them packed."""
    current = PACKED.encode(server())
    edited = PACKED.decode(PACKED.backport(current, OLDER))
    edited.ports[1].state = "down"
    newer = PACKED.merge(current, PACKED.encode(edited, OLDER))
    assert [port.state for port in PACKED.decode(newer).ports] == ["up", "down"]
    assert PACKED.merge(current, PACKED.backport(current, OLDER)) == current


@pytest.mark.usefixtures("registry")
def test_another_project() -> None:
    """Its prefix is not in the bytes, its namespace is; only a codec with its base reads it."""

    class Project(vobj.VersionedObject):
        OBJ_SERIAL_NAMESPACE = "project_object"
        OBJ_PROJECT_NAMESPACE = "project"

    @vobj.register
    class PackedThing(Project):
        VERSION = "1.0"
        one: int
        more: list[int]

    codec = Codec("packed", base=Project)
    data = codec.encode(PackedThing(one=1, more=[]))
    assert inside(data)[0][3] == "project"
    assert codec.decode(data) == PackedThing(one=1, more=[])
    with pytest.raises(vobj.UnknownClassError, match=r"got 'project': give the codec the base"):
        PACKED.decode(data)
    assert type(inside(PACKED.encode(PackedThing(one=1, more=[])))) is dict, "another prefix"


def test_a_newer_version_comes_with_the_manifest() -> None:
    """As on every wire: what this process speaks for the top object and its tree."""
    data = PACKED.encode(server())
    newer = data.replace(b"\xaaPackedPort\xa31.1", b"\xaaPackedPort\xa31.7")
    for ask in (PACKED.decode, PACKED.upgrade):
        with pytest.raises(vobj.NewerVersionError, match=r"\$.ports\[0\].*version/newer") as caught:
            ask(newer)
        assert caught.value.manifest == {
            "PackedServer": "1.1", "PackedPort": "1.1", "PackedPlain": "1.1",
        }  # fmt: skip
    unknown = data.replace(b"\xaaPackedPort", b"\xaaPackedPork")
    with pytest.raises(vobj.UnknownClassError, match="registered as PackedPork.*payload/class"):
        PACKED.decode(unknown)


# What another release had at a version that this process explains otherwise.
STRANGER = Schema(
    "PackedPort",
    "1.1",
    {"mac": WireType("MACAddress"), "note": WireType("String"), "state": WireType("String")},
)


def strange() -> bytes:
    """A port as that release packed it."""
    definition = ["PackedPort", "1.1", bytes.fromhex(STRANGER.fingerprint)]
    return payload([definition, True, None, bytes(6), "a note", "up"])


def test_an_unknown_fingerprint_is_named() -> None:
    """With the object, the version, and what is known here."""
    here = vobj.history_of(PackedPort).schema("1.1").fingerprint
    expected = (
        rf"PackedPort 1.1 was packed by the schema {STRANGER.fingerprint}, here it has {here}"
    )
    with pytest.raises(vobj.PayloadError, match=rf"{expected}.*packed/fingerprint") as caught:
        PACKED.decode(strange())
    assert (caught.value.object_name, caught.value.version) == ("PackedPort", "1.1")


def test_a_resolver_knows_the_schemas_of_others() -> None:
    """Then the payload is read; what the class here does not have is ignored, as on other wires."""
    codec = Codec("packed", schemas=known_schemas([STRANGER]))
    read = codec.decode(strange())
    assert (read.mac, read.state) == ("00:00:00:00:00:00", "up")
    nobody = Codec("packed", schemas=known_schemas([]))
    with pytest.raises(vobj.PayloadError, match="packed/fingerprint"):
        nobody.decode(strange())


def test_a_resolver_is_asked_once_and_only_for_what_is_unknown() -> None:
    """Its schemas are remembered; that it knows none is not."""
    asked: list[tuple[str, str, str]] = []
    answers: Iterator[Schema | None] = iter([None, STRANGER])

    def resolve(name: str, version: str, fingerprint: str) -> Schema | None:
        asked.append((name, version, fingerprint))
        return next(answers)

    codec = Codec("packed", schemas=resolve)
    codec.decode(codec.encode(server()))
    assert asked == []
    with pytest.raises(vobj.PayloadError, match="packed/fingerprint"):
        codec.decode(strange())
    for _ in range(3):
        codec.decode(strange())
    assert asked == [("PackedPort", "1.1", STRANGER.fingerprint)] * 2


@pytest.mark.parametrize(
    "answer",
    [
        Schema("PackedPort", "1.1", {"mac": WireType("MACAddress")}),
        Schema("PackedPork", "1.1", STRANGER.fields),
    ],
)
def test_a_resolver_that_gives_another_schema(answer: Schema) -> None:
    """Is not believed, whatever it says."""
    codec = Codec("packed", schemas=lambda *_: answer)
    with pytest.raises(vobj.RemoteError, match=rf"gave {answer.object_name}.*packed/resolver"):
        codec.decode(strange())


def test_what_a_resolver_raises_passes() -> None:
    """It is the program's own."""

    def away(*_: str) -> None:
        raise TimeoutError("no answer")

    with pytest.raises(TimeoutError, match="no answer"):
        Codec("packed", schemas=away).decode(strange())


def test_a_resolver_does_not_make_a_version_known() -> None:
    """The class is looked up as on the other wires, and so is what its error says."""
    newer = Schema("PackedPort", "1.7", STRANGER.fields)
    data = strange().replace(b"\xa31.1", b"\xa31.7")
    codec = Codec("packed", schemas=known_schemas([newer]))
    with pytest.raises(vobj.NewerVersionError, match="version/newer") as caught:
        codec.decode(data)
    assert caught.value.manifest == {"PackedPort": "1.1"}


def test_many_resolved_schemas_are_remembered_within_bounds() -> None:
    """The oldest are forgotten, and asked for again."""
    count = 1_100
    many = [Schema("PackedPort", "1.1", {f"f{one}": WireType("String")}) for one in range(count)]
    asked: list[str] = []
    known = known_schemas(many)

    def resolve(name: str, version: str, fingerprint: str) -> Schema | None:
        asked.append(fingerprint)
        return known(name, version, fingerprint)

    codec = Codec("packed", schemas=resolve)

    def read(one: Schema) -> None:
        definition = ["PackedPort", "1.1", bytes.fromhex(one.fingerprint)]
        codec._wire.decode(payload([definition, True, None, "x"]))

    for one in many:
        read(one)
    read(many[-1])
    assert len(asked) == count
    read(many[0])
    assert asked[count:] == [many[0].fingerprint]


def test_threads_share_a_codec() -> None:
    """Encoding, decoding and resolving at once gives what one thread gets."""
    codec = Codec("packed", schemas=known_schemas([STRANGER]))
    data, failed = codec.encode(server()), []

    def work(ask: Callable[[], Any], expected: Any) -> None:
        failed.extend(ask for _ in range(50) if ask() != expected)

    jobs: list[tuple[Callable[[], Any], Any]] = [
        (lambda: codec.encode(codec.decode(data)), data),
        (lambda: codec.decode(strange()).state, "up"),
        (lambda: codec.encode(server()), data),
    ]
    threads = [threading.Thread(target=work, args=job) for job in jobs * 3]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []


@given(st.binary(max_size=60), st.sampled_from(["cut", "write"]), st.integers(0, 200))
def test_no_bytes_harm_a_codec(noise: bytes, how: str, at: int) -> None:
    """Objects are made, or a RemoteError says why not."""
    data = bytearray(PACKED.encode(server()))
    if how == "cut":
        del data[at:]
    else:
        data[at : at + len(noise) % 4] = noise[:4]
    for ask in (PACKED.decode, PACKED.upgrade):
        with contextlib.suppress(vobj.RemoteError):
            ask(bytes(data))
