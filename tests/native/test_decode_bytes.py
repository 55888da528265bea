"""Bytes: hostile ones, unusual forms, limits, and what decoding leaves in memory."""

from __future__ import annotations

import gc
import random
import sys
import tracemalloc
import weakref
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from oslo_versionedobjects import base, fields

from benchmarks.datasets import DATED, PLAIN
from tests.differential import os_vif_objects
from tests.differential.compare import own_registry
from tests.native.decode_agreement import Readings, packed, written
from vobj.wires import Limits

KEY = "versioned_object"
MUTATIONS = 4_000


def _holder(**held: Any) -> type[Any]:
    body = {"fields": {name: fields.Field(kind, nullable=True) for name, kind in held.items()}}
    return base.VersionedObjectRegistry.register(type("Holder", (base.VersionedObject,), body))


def _tree(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        f"{KEY}.name": "Holder",
        f"{KEY}.namespace": "versionedobjects",
        f"{KEY}.version": "1.0",
        f"{KEY}.data": data,
        **{f"{KEY}.{name}": value for name, value in more.items()},
    }


def _seeds() -> list[tuple[type[Any], bytes]]:
    vif = os_vif_objects.made("VIFOpenVSwitch", random.Random(1), 1.0)
    return [
        (base.VersionedObject, written(PLAIN.build())),
        (base.VersionedObject, written(DATED.build())),
        (base.VersionedObject, written(PLAIN.volume(size_gb=3))),
        (os_vif_objects.ROOT, written(vif)),
    ]


def _mutated(data: bytes, dice: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(made))
        match dice.randrange(6):
            case 0:
                made[at] = dice.randrange(256)
            case 1:
                made[at] ^= 1 << dice.randrange(8)
            case 2:
                del made[at : at + dice.randrange(1, 9)]
            case 3:
                made[at:at] = dice.randbytes(dice.randrange(1, 5))
            case 4:
                other = dice.randrange(len(made))
                made[at:at] = made[other : other + dice.randrange(40)]
            case _:
                made[at] = dice.choice((0x80, 0x8F, 0x9F, 0xC0, 0xC1, 0xC7, 0xD9, 0xDC, 0xDF, 0xFF))
        if not made:
            break
    return bytes(made)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_payloads_are_declined_or_read_alike(seed: int) -> None:
    """No damage makes the native executor read what the Python one does not, or otherwise."""
    root, data = _seeds()[seed]
    readings = Readings(root)
    dice = random.Random(seed)
    for _ in range(MUTATIONS // 4):
        readings.agree(_mutated(data, dice))
    assert readings.read > 20
    assert readings.refused > 200


@pytest.mark.parametrize("seed", range(4))
def test_cut_payloads_are_declined(seed: int) -> None:
    """Whatever the place of the cut; and so is what goes on after the end."""
    root, data = _seeds()[seed]
    readings = Readings(root)
    for size in range(len(data)):
        assert readings.job.decode(data[:size]) is NotImplemented
    assert readings.job.decode(data + b"\xc0") is NotImplemented
    readings.taken(data)


def test_what_claims_to_be_long_is_declined_at_once() -> None:
    """A header that promises four thousand million items costs nothing."""
    with own_registry():
        _holder(value=fields.List(fields.String()), text=fields.String(), raw=fields.FieldType())
        readings = Readings()
        start = packed(_tree({"value": []}))[:-2]
        for name in ("value", "text", "raw"):
            for head in (b"\xdd\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff"):
                data = start.replace(b"value", name.encode()) + head
                assert readings.job.decode(data) is NotImplemented


@pytest.mark.parametrize("data", [None, "text", 7, [], bytearray(), memoryview(b""), b""])
def test_what_is_no_payload_is_declined(data: Any) -> None:
    """The Python executor says what was expected."""
    assert Readings().job.decode(data) is NotImplemented


def test_bytes_may_come_in_any_buffer() -> None:
    """bytearray and memoryview are read as bytes are."""
    data = written(PLAIN.build())
    readings = Readings()
    for made in (bytearray(data), memoryview(data), memoryview(bytearray(data))):
        assert readings.taken(made).name == "db-1"  # type: ignore[arg-type]


def _double(data: bytes, name: str) -> bytes:
    """The payload of one field, with the field twice."""
    pair = packed({name: msgpack.unpackb(data)[f"{KEY}.data"][name]})[1:]
    return data.replace(b"\x81" + pair, b"\x82" + pair + pair)


def test_other_orders_and_forms_are_read_alike() -> None:
    """Keys in another order, longer headers, keys twice, keys that are missing or unknown."""
    with own_registry():
        cls = _holder(value=fields.Integer(), text=fields.String(), raw=fields.FieldType())
        readings = Readings()
        whole = _tree({"value": 1, "text": "x", "raw": {"a": [1.5, b"b"]}}, changes=["raw", "text"])
        readings.taken(packed(whole))
        for name in list(whole):
            readings.agree(packed({one: value for one, value in whole.items() if one != name}))
            readings.agree(packed({**whole, name: None}))
            readings.agree(packed({**whole, name: {}}))
        assert readings.agree(packed(dict(reversed(whole.items())))) is NotImplemented
        readings.agree(packed({**whole, "more": 1}))
        readings.taken(packed(_tree({"text": "x", "value": 1, "odd": {"ü": []}, "raw": None})))
        data = packed(_tree({"value": 1}))
        readings.agree(_double(data, "value"))
        for long in (b"\xd9\x05value\x01", b"\xda\x00\x05value\x01", b"\xa5value\xce\0\0\0\x01"):
            readings.taken(data.replace(b"\xa5value\x01", long))
        readings.agree(data.replace(b"\xa5value\x01", b"\xa5value\xca\x3f\x80\0\0"))
        readings.agree(data.replace(b"\xa5value\x01", b"\xa5val\xffe\x01"))
        readings.agree(packed(_tree({"text": "x"})).replace(b"\xa1x", b"\xa1\xff"))
        assert cls().obj_name() == "Holder"


def test_of_a_key_that_stands_twice_in_a_value_the_last_counts() -> None:
    """In a raw value, in a dict of a field, and in what nobody reads."""
    twice = b"\x82\xa1k\xa1a\xa1k\xa1b"
    with own_registry():
        _holder(raw=fields.FieldType(), held=fields.Dict(fields.String()))
        readings = Readings()
        for name in ("raw", "held", "unknown"):
            data = packed(_tree({name: None}))
            made = readings.taken(data.replace(b"\xc0", twice))
            if name != "unknown":
                assert getattr(made, name) == {"k": "b"}


@pytest.mark.parametrize(
    "changes", [[], ["text"], ["text", "text"], ["no"], ["ü"], [7], [None], {"text": 1}, "text"]
)
def test_changes_of_every_form_are_read_alike(changes: Any) -> None:
    """Names twice, unknown names, and what are no names; after a payload with others."""
    with own_registry():
        _holder(value=fields.Integer(), text=fields.String())
        readings = Readings()
        for before in (["value"], ["text", "value"], changes):
            readings.taken(packed(_tree({}, changes=["value"])))
            readings.agree(packed(_tree({"text": "x"}, changes=before)))
            readings.agree(packed(_tree({"text": "x"}, changes=changes)))


@pytest.mark.parametrize("depth", [3, 4, 5, 12, 63, 64, 65, 66, 250, 400])
def test_depth_is_counted_as_by_python(depth: int) -> None:
    """At each limit around the depth of a payload: in a list, a raw value, what is unknown."""
    with own_registry():
        _holder(value=fields.List(fields.List(fields.Integer())), raw=fields.FieldType())
        value: Any = []
        for _ in range(depth - 3):
            value = [value]
        for limit in (depth - 1, depth, depth + 1):
            readings = Readings(limits=Limits(max_depth=limit))
            got = readings.agree(packed(_tree({"raw": value})))
            assert (got is NotImplemented) == (limit < depth or depth > 200)
            readings.agree(packed(_tree({"unknown": value})))
            if depth < 6:
                readings.agree(packed(_tree({"value": value})))


def test_values_and_bytes_are_counted_as_by_python() -> None:
    """The limit is met exactly, with changes that were seen before and with others."""
    tree = PLAIN.build().obj_to_primitive()
    data = packed(tree)
    count = 1

    def walk(value: Any) -> None:
        nonlocal count
        if isinstance(value, dict | list):
            count += len(value)
            for one in value.values() if isinstance(value, dict) else value:
                walk(one)

    walk(msgpack.unpackb(data))
    for limit in (count - 1, count, count + 1):
        readings = Readings(limits=Limits(max_values=limit))
        for _ in range(2):
            assert (readings.agree(data) is NotImplemented) == (limit < count)
    for size in (len(data) - 1, len(data)):
        readings = Readings(limits=Limits(max_bytes=size))
        assert (readings.agree(data) is NotImplemented) == (size < len(data))


def test_a_class_of_very_many_fields_is_left_to_python() -> None:
    """Up to 512 fields are read; their number is bounded for the sake of the stack."""
    for count, takes in ((512, True), (513, False)):
        with own_registry():
            cls = _holder(**{f"field_{at}": fields.Integer() for at in range(count)})
            obj = cls(**{f"field_{at}": at for at in range(count)})
            assert (Readings().agree(written(obj)) is not NotImplemented) == takes


def test_peers_that_name_many_classes_fill_no_memory() -> None:
    """Names and versions that nobody has are forgotten again."""
    readings = Readings()
    data = written(PLAIN.volume(size_gb=3))
    for at in range(3_000):
        other = data.replace(b"\xabPlainVolume", packed(f"Volume{at:05}"))
        assert readings.job.decode(other) is NotImplemented
    readings.taken(data)


def _grown(run: Callable[[], None]) -> int:
    """Bytes that are still there after the second run of many, but not after the first."""
    run()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    run()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before


@pytest.mark.parametrize("seed", range(4))
def test_decoding_leaves_nothing_behind(seed: int) -> None:
    """Neither whole payloads nor ones that end early, in thousands of runs."""
    root, data = _seeds()[seed]
    job = Readings(root).job
    cuts = [data[:size] for size in range(0, len(data), 37)]
    context = object()

    def run() -> None:
        for _ in range(400):
            job.decode(data, context)
        for cut in cuts:
            job.decode(cut, context)

    counts = [sys.getrefcount(one) for one in (context, data)]
    assert _grown(run) < 4_096
    assert [sys.getrefcount(one) for one in (context, data)] == counts


def test_what_every_object_shares_keeps_its_count() -> None:
    """Names, kinds and classes have as many references after 25,000 objects as before."""
    job = Readings().job
    data = written(PLAIN.build())
    job.decode(data)
    gc.collect()
    program_parts = (PLAIN.server, PLAIN.server.fields, PLAIN.server.fields["labels"])
    before = [sys.getrefcount(one) for one in program_parts]
    for _ in range(25_000):
        job.decode(data)
    gc.collect()
    assert [sys.getrefcount(one) for one in program_parts] == before


def test_the_collector_frees_what_was_read() -> None:
    """Objects and their containers hold each other; dropped together, they go."""
    made = Readings().job.decode(written(PLAIN.build()))
    gone = [weakref.ref(one) for one in (made, made.flavor, made.address)]
    del made
    gc.collect()
    assert [one() for one in gone] == [None] * 3
