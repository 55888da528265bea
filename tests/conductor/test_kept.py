"""Which results are kept, and what a kept one still does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgpack
import pytest
from oslo_versionedobjects import base, fields

import vobj
from tests.conductor import fleet_now
from tests.conductor.asgi import KNOWN, OLD, bunk, payload
from tests.conductor.fleet_now import Fleet
from tests.conductor.processes import ANNA
from vobj import Converted, Manifest, UsageError
from vobj.conductor import Backport, Caller, Conductor, InMemory, Place
from vobj.conductor.kept import Kept, Results
from vobj.conductor.remembered_sqlite import InSqlite

KIM = Caller("api", "kim")


@vobj.register
class KeptPump(Fleet):
    """Has a converter, between 1.1 and 1.2 only."""

    VERSION = "1.2"

    uuid: vobj.UUID
    litres: float = vobj.field(
        Converted(since="1.1", was=int, up=float, down=int), vobj.Noted("rounded", since="1.2")
    )


@base.VersionedObjectRegistry.register
class KeptAnchor(base.VersionedObject):
    """Foreign: oslo's code decides what becomes of it."""

    VERSION = "1.1"
    OBJ_PROJECT_NAMESPACE = "fleet"
    OBJ_SERIAL_NAMESPACE = "fleet_object"
    fields = {"kilos": fields.IntegerField(), "chain": fields.IntegerField()}


class Told:
    """An observer with a memory."""

    def __init__(self) -> None:
        self.counts: Counter[Backport] = Counter()

    def backported(self, counts: Mapping[Backport, int]) -> None:
        self.counts.update(counts)


class Notes(InMemory):
    """A memory that keeps the order of what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[tuple[Place, bytes]] = []

    def note(self, place: Place, payload: bytes) -> None:
        self.notes.append((place, payload))
        super().note(place, payload)


def twice(conductor: Conductor, data: Any, manifest: Mapping[str, str]) -> list[Any]:
    return [conductor.backport({}, data, manifest=manifest).payload for _ in range(2)]


@pytest.mark.parametrize("wire", ["primitive", "msgpack", "json", "packed"])
def test_a_plain_backport_is_kept(wire: str) -> None:
    """The second answer is the first, made once."""
    conductor = Conductor(Fleet)
    first, second = twice(conductor, payload(wire), OLD)
    assert first == second
    assert (conductor.results.hits, len(conductor.results)) == (1, 1)


def test_what_is_kept_is_nobodys() -> None:
    """A caller that changes its answer changes nobody else's."""
    conductor = Conductor(Fleet)
    first = conductor.backport({}, payload(), manifest=OLD).payload
    first["fleet_object.data"]["number"] = 99
    assert conductor.backport({}, payload(), manifest=OLD).payload != first


def test_payloads_and_targets_are_told_apart() -> None:
    """Another payload, another manifest or another wire is another result."""
    conductor = Conductor(Fleet)
    made = [
        conductor.backport({}, payload("msgpack"), manifest=OLD).payload,
        conductor.backport({}, payload("msgpack", 2), manifest=OLD).payload,
        conductor.backport({}, payload("msgpack"), manifest={"FleetBunk": "1.1"}).payload,
        conductor.backport({}, payload("json"), manifest=OLD).payload,
    ]
    assert len(set(made)) == 4
    assert (conductor.results.hits, len(conductor.results)) == (0, 4)


@pytest.mark.parametrize(
    ("root", "made", "manifest", "kept"),
    [
        (Fleet, KeptPump(uuid=ANNA, litres=1.5), {"KeptPump": "1.0"}, 0),
        (Fleet, KeptPump(uuid=ANNA, litres=1.5), {"KeptPump": "1.1"}, 1),
        (KeptAnchor, KeptAnchor(kilos=5, chain=6), {"KeptAnchor": "1.0"}, 0),
        (Fleet, bunk(), OLD, 1),
    ],
    ids=["converter in the plan", "converter outside of it", "foreign", "plain"],
)
def test_only_what_runs_no_code_is_kept(
    root: Any, made: Any, manifest: Mapping[str, str], kept: int
) -> None:
    """A converter or a hook may look at anything, so what it made is made again."""
    conductor = Conductor(root)
    first, second = twice(conductor, made.obj_to_primitive(), manifest)
    assert first == second
    assert len(conductor.results) == kept


def test_errors_are_not_kept() -> None:
    """What is refused is looked at anew."""
    conductor = Conductor(Fleet)
    for _ in range(2):
        with pytest.raises(vobj.ManifestError, match="manifest/object-unnamed"):
            conductor.backport({}, payload(), manifest={"Other": "1.0"})
    assert len(conductor.results) == 0


def test_nothing_is_kept_on_request() -> None:
    """A conductor without room for results makes each."""
    conductor = Conductor(Fleet, cache_bytes=0)
    twice(conductor, payload("msgpack"), OLD)
    assert (conductor.results.hits, len(conductor.results)) == (0, 0)
    with pytest.raises(UsageError, match="max_bytes"):
        Conductor(Fleet, cache_bytes=-1)


def test_results_are_bounded_by_bytes() -> None:
    """The results used longest ago make room; one large result is not kept at all."""
    results = Results(20_000)
    for number in range(100):
        key = Results.key(b"%d" % number, "f", form="json")
        results.keep(key, Kept(b"x" * 600, (), (), "Boat", "1.1", "1.0"))
        results.find(Results.key(b"0", "f", form="json"))
    assert results.size <= 20_000
    assert results.find(Results.key(b"0", "f", form="json")) is not None
    assert results.find(Results.key(b"1", "f", form="json")) is None
    large = Results.key(b"large", "f", form="json")
    results.keep(large, Kept(b"x" * 10_000, (), (), "Boat", "1.1", "1.0"))
    assert results.find(large) is None


def test_a_kept_result_is_counted_and_remembered(database: Path) -> None:
    """The put-back knows what a caller was sent, whether or not it was made for that caller."""
    fleet_now.store(ANNA)
    told, memory = Told(), Notes()
    conductor = Conductor(Fleet, observer=told, remembered=memory)
    codec = vobj.Codec("msgpack", base=Fleet)
    data = codec.encode(fleet_now.FleetBoat.get({}, ANNA))
    first = conductor.backport({}, data, manifest=OLD, caller=KIM)
    for speed in range(50, 55):
        fleet_now.store(ANNA, speed=speed)
        other = codec.encode(fleet_now.FleetBoat.get({}, ANNA))
        conductor.backport({}, other, manifest=OLD, caller=KIM)
    assert conductor.ready(data, KNOWN, caller=KIM) == first
    boats = [data for place, data in memory.notes if place.name == "FleetBoat"]
    assert [codec.decode(one).speed for one in boats] == [10, 50, 51, 52, 53, 54, 10]
    conductor.tally.flush()
    assert told.counts == {
        Backport(KIM, "FleetBoat", "1.2", "1.0"): 7,
        Backport(KIM, "FleetBunk", "1.1", "1.0"): 14,
    }


def test_a_miss_is_counted_once() -> None:
    """However often it was looked for before the work was done."""
    conductor = Conductor(Fleet)
    data, speaks = payload("msgpack"), Manifest(OLD)
    seen = conductor.see(data, speaks)
    assert conductor.ready(data, KNOWN) is None
    made = conductor.backport({}, data, manifest=speaks, seen=seen)
    assert (conductor.results.hits, conductor.results.misses) == (0, 1)
    assert conductor.see(data, speaks).kept is not None
    assert conductor.ready(data, KNOWN) == made


@pytest.mark.parametrize("wire", ["primitive", "msgpack", "json", "packed"])
@pytest.mark.parametrize("cache_bytes", [0, 1_000_000])
def test_what_was_seen_changes_no_answer(wire: str, cache_bytes: int) -> None:
    """A payload that was looked at before is answered as any other."""
    conductor, speaks = Conductor(Fleet, cache_bytes=cache_bytes), Manifest(OLD)
    made = Conductor(Fleet, cache_bytes=0).backport({}, payload(wire), manifest=speaks)
    for _ in range(2):
        seen = conductor.see(payload(wire), speaks)
        assert seen.is_quick
        assert conductor.backport({}, payload(wire), manifest=speaks, seen=seen) == made


@pytest.mark.parametrize(
    "notes",
    [
        ["x"] * 500,
        [[[[[[[[["deep"]]]]]]]]],
        {1: "a key that is no text"},
        [datetime(2026, 1, 2, tzinfo=UTC)],
        msgpack.ExtType(99, b"unknown"),
    ],
)
def test_what_was_seen_is_held_to_the_limits(notes: object) -> None:
    """Looking at bytes is no reading of them: that refuses what it always refuses."""
    conductor = Conductor(Fleet, limits=vobj.Limits(max_depth=8, max_values=100))
    tree = payload()
    tree["fleet_object.data"]["notes"] = notes
    data, speaks = msgpack.packb(tree, datetime=True), Manifest(OLD)

    def refusal(*, is_seen: bool) -> Any:
        try:
            seen = conductor.see(data, speaks) if is_seen else None
            return conductor.backport({}, data, manifest=speaks, seen=seen)
        except vobj.RemoteError as error:
            return error.rule, error.path

    assert isinstance(refusal(is_seen=False)[0], str)
    assert refusal(is_seen=True) == refusal(is_seen=False)


@pytest.mark.parametrize("wire", ["primitive", "msgpack"])
def test_code_of_the_service_is_not_quick(wire: str) -> None:
    """A converter runs in a thread, also for a payload that is small."""
    conductor = Conductor(Fleet)
    data = vobj.Codec(wire, base=Fleet).encode(KeptPump(uuid=ANNA, litres=1.5))
    assert not conductor.see(data, Manifest({"KeptPump": "1.0"})).is_quick
    assert conductor.see(data, Manifest({"KeptPump": "1.1"})).is_quick


def test_what_waits_for_a_store_is_not_for_the_event_loop(database: Path, tmp_path: Path) -> None:
    """A kept result that has to be remembered in a file is answered by a thread."""
    fleet_now.store(ANNA)
    conductor = Conductor(Fleet, remembered=InSqlite(tmp_path / "handed-out.sqlite"))
    data = vobj.Codec("msgpack", base=Fleet).encode(fleet_now.FleetBoat.get({}, ANNA))
    first = conductor.backport({}, data, manifest=OLD)
    assert conductor.ready(data, KNOWN) is None
    assert not conductor.see(data, Manifest(OLD)).is_quick
    assert conductor.backport({}, data, manifest=OLD) == first
    assert conductor.results.hits == 3
