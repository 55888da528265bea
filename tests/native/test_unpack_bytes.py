"""Packed bytes: damaged and hostile ones, unusual forms, limits, and what reading leaves behind."""

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

import vobj
from benchmarks.datasets import DATED, PLAIN
from tests.differential import os_vif_objects
from tests.differential.compare import own_registry
from tests.native.unpack_agreement import (
    Unpackings,
    damaged,
    outline,
    packed_object,
    packed_tree,
    payload,
)
from vobj.wires import Limits

MUTATIONS = 1_500


def _watched() -> type[Any]:
    """A class that code of others sees while it is read, with objects inside."""

    class Note(fields.FieldType[Any]):
        def coerce(self, obj: Any, attr: str, value: Any) -> Any:
            return value

        def from_primitive(self, obj: Any, attr: str, value: Any) -> Any:
            return value

    held = {
        "note": fields.Field(Note(), nullable=True),
        "flavors": fields.ListOfObjectsField("DatedFlavor"),
        "homes": fields.Field(fields.Dict(fields.IPAddress())),
        "when": fields.DateTimeField(),
        "flavor": fields.ObjectField("DatedFlavor"),
    }
    cls = type("Watched", (base.VersionedObject,), {"fields": held})
    return base.VersionedObjectRegistry.register(cls)


def _seeds() -> list[tuple[type[Any], bytes]]:
    root = base.VersionedObject
    partial = DATED.build()
    partial.obj_reset_changes()
    del partial._obj_labels, partial._obj_host
    partial.name = "x"
    vif = os_vif_objects.made("VIFOpenVSwitch", random.Random(1), 1.0)
    flavor = DATED.flavor(name="a", extra_specs={"k": "v"})
    watched = _watched()(
        note={"a": [1]}, flavors=[flavor, DATED.flavor()], homes={"a": "192.0.2.1"}, flavor=flavor,
        when="2026-03-14T15:09:26Z",
    )  # fmt: skip
    older = vobj.Codec("packed").encode(DATED.build(), to=DATED.oldest)
    return [
        (root, packed_object(PLAIN.build())),
        (root, packed_object(DATED.build())),
        (root, packed_object(partial)),
        (root, older),
        (root, packed_object(watched)),
        (os_vif_objects.ROOT, packed_object(vif, os_vif_objects.ROOT)),
    ]


SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_payloads_are_declined_or_read_alike(seed: int) -> None:
    """No damage makes the native executor read what the Python one does not, or otherwise."""
    with own_registry():
        root, data = _seeds()[seed]
        readings = Unpackings(root)
        readings.taken(data)
        dice = random.Random(seed)
        for _ in range(MUTATIONS // 2):
            readings.agree(damaged(data, dice))
        assert readings.read > 20
        assert readings.refused > 100


@pytest.mark.parametrize("seed", SEEDS)
def test_other_values_in_a_payload_are_declined_or_read_alike(seed: int) -> None:
    """Damage to the msgpack value and not to its bytes: it stays well-formed."""
    with own_registry():
        root, data = _seeds()[seed]
        readings = Unpackings(root)
        dice = random.Random(seed)
        pool = [None, True, False, 0, 1, 2, -1, 200, 2**40, 0.5, "", "x", b"", b"\1", [], [[]], {}]
        for _ in range(MUTATIONS // 2):
            made = outline(data)
            where, at = dice.choice(list(_places(made)))
            kind = dice.randrange(4)
            if kind == 0 and isinstance(where, list):
                del where[at]
            elif kind == 1 and isinstance(where, list):
                where.insert(at, dice.choice(pool))
            elif kind == 2:
                where[at] = _copied(dice.choice([one[key] for one, key in _places(made)]))
            else:
                where[at] = dice.choice(pool)
            readings.agree(payload(made))
        assert readings.read > 20
        assert readings.refused > 100


def _places(value: Any) -> Any:
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], list | dict):
            yield from _places(value[key])


def _copied(value: Any) -> Any:
    return msgpack.unpackb(msgpack.packb(value))


@pytest.mark.parametrize("seed", SEEDS)
def test_cut_payloads_are_declined(seed: int) -> None:
    """Whatever the place of the cut; and so is what goes on after the end."""
    with own_registry():
        root, data = _seeds()[seed]
        readings = Unpackings(root)
        for size in range(len(data)):
            assert readings.job.decode(data[:size]) is NotImplemented
        assert readings.job.decode(data + b"\xc0") is NotImplemented
        readings.taken(data)


@pytest.mark.parametrize("seed", SEEDS)
def test_longer_headers_are_declined(seed: int) -> None:
    """Each value in turn in a form that is longer than it needs to be."""
    with own_registry():
        root, data = _seeds()[seed]
        readings = Unpackings(root)
        for at in range(2, len(data)):
            for made in _longer(data, at):
                got = readings.job.decode(made)
                # What is no header is content: it may come out as another payload.
                assert got is NotImplemented or readings.agree(made) is not NotImplemented
        assert readings.refused == 0


def _longer(data: bytes, at: int) -> Any:
    head, rest = data[at], data[at + 1 :]
    start = data[:at]
    if head < 0x80:
        yield start + bytes([0xCC, head]) + rest
        yield start + bytes([0xD0, head]) + rest
    elif head < 0x90:
        yield start + bytes([0xDE, 0, head & 15]) + rest
    elif head < 0xA0:
        yield start + bytes([0xDC, 0, head & 15]) + rest
        yield start + bytes([0xDD, 0, 0, 0, head & 15]) + rest
    elif head < 0xC0:
        yield start + bytes([0xD9, head & 31]) + rest
        yield start + bytes([0xDA, 0, head & 31]) + rest
    elif head in (0xC4, 0xCC, 0xCD, 0xCE, 0xD9):
        size = {0xC4: 1, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xD9: 1}[head]
        yield start + bytes([head + 1]) + bytes(size) + rest
    elif head == 0xDC:
        yield start + b"\xdd\0\0" + rest


def test_what_is_no_packed_payload_is_declined() -> None:
    """Nothing, one byte, another format, the other wires, a root that is no array."""
    readings = Unpackings()
    data = packed_object(DATED.host(name="a"))
    other = vobj.Codec("msgpack").encode(DATED.host(name="a"))
    for made in (b"", b"\xc1", b"\xc1\x01", b"\xc1\x02" + data[2:], b"\xc0" + data[1:], other):
        assert readings.agree(made) is NotImplemented
    assert readings.refused == 6
    tree = vobj.Codec("primitive").encode(DATED.host(name="a"))
    assert readings.agree(payload(tree)) is NotImplemented
    assert readings.declined == 1
    with pytest.raises(TypeError, match="bytes"):
        readings.job.decode(bytearray(data))


def test_what_claims_to_be_long_is_declined_at_once() -> None:
    """A header that promises four thousand million items costs nothing."""
    with own_registry():
        held = {
            "list": fields.ListOfStringsField(),
            "raw": fields.Field(fields.FieldType()),
            "text": fields.StringField(),
        }
        cls = type("Holder", (base.VersionedObject,), {"fields": held})
        base.VersionedObjectRegistry.register(cls)
        readings = Unpackings()
        parts = outline(packed_object(cls(list=[], raw=0, text="")))
        for at in (1, 2, 3, 4, 5):
            start = payload(parts[:at])[2:]
            for head in (0xC6, 0xDB, 0xDD, 0xDF):
                made = b"\xc1\x01\x96" + start[1:] + bytes([head]) + b"\xff" * 4
                assert readings.job.decode(made) is NotImplemented
                assert readings.job.decode(made + bytes(9)) is NotImplemented


def _counted(tree: Any) -> int:
    parts = tree.values() if isinstance(tree, dict) else tree
    return sum(1 + (_counted(one) if isinstance(one, dict | list) else 0) for one in parts)


def test_values_bytes_and_schemas_are_counted_as_by_python() -> None:
    """Each limit is met exactly."""
    server = DATED.build()
    server.flavor.obj_reset_changes()
    data, count = packed_object(server), 1 + _counted(server.obj_to_primitive())
    for name, value in (("max_values", count), ("max_bytes", len(data)), ("max_schemas", 4)):
        for limit in (value - 1, value, value + 1):
            readings = Unpackings(limits=Limits(**{name: limit}))
            assert (readings.agree(data) is NotImplemented) == (limit < value), name


@pytest.mark.parametrize("depth", [2, 3, 4, 5, 12, 63, 64, 65, 66, 140, 250])
def test_depth_is_counted_as_by_python(depth: int) -> None:
    """At each limit around the depth of a payload: in a list, in a raw value, in objects."""
    with own_registry():
        held = {
            "raw": fields.Field(fields.FieldType(), nullable=True),
            "list": fields.Field(fields.List(fields.List(fields.Integer()))),
            "next": fields.ObjectField("Holder"),
        }
        cls = type("Holder", (base.VersionedObject,), {"fields": held})
        base.VersionedObjectRegistry.register(cls)
        value: Any = None
        chain = cls()
        for level in range(depth - 2):
            value = [] if value is None else [value]
            chain = cls(next=chain) if level % 2 else chain
        for limit in (depth - 1, depth, depth + 1):
            readings = Unpackings(limits=Limits(max_depth=max(1, limit)))
            got = readings.agree(packed_object(cls(raw=value)))
            assert (got is NotImplemented) == (limit < depth or depth > 150)
            if depth < 100:
                readings.agree(packed_object(chain))
            if depth < 6:
                readings.agree(packed_tree(_with(cls, "list", value)))


def _with(cls: type[Any], name: str, value: Any) -> dict[str, Any]:
    tree = cls().obj_to_primitive()
    tree["versioned_object.data"][name] = value
    return tree


def test_keys_are_distinct_and_text() -> None:
    """In a dict of a field, in a raw value, in one that is passed over first."""
    with own_registry():
        _seeds()
        held = {"raw": fields.Field(fields.FieldType()), "table": fields.DictOfStringsField()}
        cls = type("Holder", (base.VersionedObject,), {"fields": held})
        base.VersionedObjectRegistry.register(cls)
        data = packed_object(cls(raw={"k": "a", "l": "b"}, table={"k": "a", "l": "b"}))
        readings = Unpackings()
        readings.taken(data)
        for old, new in ((b"\xa1l", b"\xa1k"), (b"\xa1l", b"\xc4\x01l"), (b"\xa1l", b"\x01")):
            head, *tail = data.split(old)
            for at in range(len(tail)):
                parts = [head, *tail]
                joined = old.join(parts[: at + 1]) + new + old.join(parts[at + 1 :])
                assert readings.agree(joined) is NotImplemented
        assert readings.refused == 6


def test_a_class_of_very_many_fields_is_left_to_python() -> None:
    """Up to 512 fields are read; their number is bounded for the sake of the stack."""
    for count, takes in ((16, True), (512, True), (513, False)):
        with own_registry():
            held = {f"field_{at:03}": fields.IntegerField() for at in range(count)}
            cls = type("Wide", (vobj.VersionedObject,), {"fields": held})
            base.VersionedObjectRegistry.register(cls)
            readings = Unpackings()
            whole = cls(**{name: at for at, name in enumerate(held)})
            assert (readings.agree(packed_object(whole)) is not NotImplemented) == takes
            for left_out in (1, count // 2, count - 1):
                part = cls(**dict.fromkeys(list(held)[left_out:], 1))
                assert (readings.agree(packed_object(part)) is not NotImplemented) == takes


def test_peers_that_name_many_schemas_fill_no_memory() -> None:
    """Names and fingerprints that nobody has are forgotten again."""
    readings = Unpackings()
    data = packed_object(DATED.volume(size_gb=3))
    for at in range(3_000):
        other = data.replace(b"\xabDatedVolume", msgpack.packb(f"Volum{at:06}"))
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


@pytest.mark.parametrize("seed", SEEDS)
def test_reading_leaves_nothing_behind(seed: int) -> None:
    """Neither whole payloads nor ones that end early or are damaged, in thousands of runs."""
    with own_registry():
        root, data = _seeds()[seed]
        job = Unpackings(root).job
        dice = random.Random(seed)
        some = [data[:size] for size in range(0, len(data), 37)]
        some += [damaged(data, dice) for _ in range(20)]
        context = object()

        def run() -> None:
            for _ in range(40):
                job.decode(data, context)
                for one in some:
                    job.decode(one, context)

        count = sys.getrefcount(context)
        assert _grown(run) < 20_000
        assert sys.getrefcount(context) == count


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_read_is_freed(seed: int) -> None:
    """No reference to the object stays anywhere."""
    with own_registry():
        root, data = _seeds()[seed]
        made = Unpackings(root).job.decode(data)
        held = weakref.ref(made)
        del made
        gc.collect()
        assert held() is None
