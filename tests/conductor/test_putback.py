"""Which edits of an older caller are put back, when it is known what it was sent and when not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conductor import fleet_now
from tests.conductor.fleet_now import Fleet, FleetBoat
from tests.conductor.processes import ANNA
from vobj import LimitError, ManifestError, MergeConflict, PayloadError, UsageError
from vobj.conductor import Conductor, InMemory, Place
from vobj.errors import MethodError

Node = dict[str, Any]
OLD = {"FleetBoat": "1.0", "FleetBunk": "1.0"}
BUNKS = [(1, "Kim", "snores"), (2, None, "window")]

Edit = Callable[[Node, list[Node]], None]


class Nothing:
    """A memory that forgets everything at once."""

    def note(self, place: Place, payload: bytes) -> None:
        pass

    def recall(self, place: Place) -> list[bytes]:
        return []


@pytest.fixture
def forgetful(database: Path) -> Conductor:
    fleet_now.store(ANNA)
    return Conductor(Fleet, remembered=Nothing(), expected=[fleet_now.NotFound])


@pytest.fixture
def mindful(database: Path) -> Conductor:
    fleet_now.store(ANNA)
    return Conductor(Fleet, expected=[fleet_now.NotFound])


@pytest.fixture(params=["forgetful", "mindful"])
def either(request: pytest.FixtureRequest) -> Conductor:
    """A conductor that remembers, and one that does not."""
    made: Conductor = request.getfixturevalue(request.param)
    return made


def got(conductor: Conductor) -> Node:
    """The boat as an old caller gets it."""
    made: Node = conductor.object_class_action_versions({}, "FleetBoat", "get", OLD, [ANNA])
    return made


def data(node: Node) -> Node:
    found: Node = node["fleet_object.data"]
    return found


def edited(node: Node, **fields: Any) -> Node:
    """The payload after oslo's setattr: the value, and the name in `changes`."""
    data(node).update(fields)
    node["fleet_object.changes"] = sorted({*node.get("fleet_object.changes", ()), *fields})
    return node


def new_bunk(number: int, guest: str) -> Node:
    return {
        "fleet_object.name": "FleetBunk", "fleet_object.namespace": "fleet",
        "fleet_object.version": "1.0", "fleet_object.data": {"number": number, "guest": guest},
        "fleet_object.changes": ["number", "guest"],
    }  # fmt: skip


def test_only_listed_fields_count(either: Conductor) -> None:
    """What somebody else has written stays, whether or not the conductor remembers."""
    boat = got(either)
    fleet_now.store(ANNA, name="Berta", owner="Ida")
    either.object_action({}, edited(boat, pace=12), "save")
    now = fleet_now.stored(ANNA)
    assert (now["name"], now["owner"], now["speed"]) == ("Berta", "Ida", 12)
    assert now["bunks"] == BUNKS


def test_an_element_speaks_for_itself(either: Conductor) -> None:
    """An edit inside a list is put back on its own element, and hidden data stays."""
    boat = got(either)
    edited(data(boat)["bunks"][1], guest="Lee")
    either.object_action({}, boat, "save")
    assert fleet_now.stored(ANNA)["bunks"] == [(1, "Kim", "snores"), (2, "Lee", "window")]


def test_a_stale_element_reverts_nothing(either: Conductor) -> None:
    """Somebody else's edit of an element stays when the caller did not touch it."""
    boat = got(either)
    with fleet_now.database() as db:
        db.execute("UPDATE bunks SET guest = 'Max' WHERE boat = ? AND number = 1", [ANNA])
    edited(data(boat)["bunks"][1], guest="Lee")
    either.object_action({}, boat, "save")
    assert fleet_now.stored(ANNA)["bunks"] == [(1, "Max", "snores"), (2, "Lee", "window")]


def test_a_new_element_is_added(either: Conductor) -> None:
    """An element that the caller put into a list in place is new, since it is all changes."""
    boat = got(either)
    data(boat)["bunks"].append(new_bunk(3, "Noa"))
    either.object_action({}, boat, "save")
    assert fleet_now.stored(ANNA)["bunks"] == [*BUNKS, (3, "Noa", None)]


def test_an_element_that_was_deleted_meanwhile_stays_deleted(either: Conductor) -> None:
    """An untouched element that is stored no more does not come back."""
    boat = got(either)
    with fleet_now.database() as db:
        db.execute("DELETE FROM bunks WHERE boat = ? AND number = 1", [ANNA])
    either.object_action({}, edited(boat, pace=12), "save")
    assert fleet_now.stored(ANNA)["bunks"] == BUNKS[1:]


def test_a_removed_element_is_removed_when_the_list_is_known(mindful: Conductor) -> None:
    """A removal in place shows against what the caller was sent."""
    boat = got(mindful)
    del data(boat)["bunks"][0]
    mindful.object_action({}, boat, "save")
    assert fleet_now.stored(ANNA)["bunks"] == BUNKS[1:]


def test_a_missing_element_is_a_conflict_when_the_list_is_not_known(forgetful: Conductor) -> None:
    """Removed by the caller or added since: nothing tells, so nothing is done."""
    boat = got(forgetful)
    before = fleet_now.stored(ANNA)
    del data(boat)["bunks"][0]
    with pytest.raises(MergeConflict, match="Read the object anew") as raised:
        forgetful.object_action({}, boat, "save")
    assert (raised.value.rule, raised.value.path) == ("merge/conflict", ("bunks",))
    assert fleet_now.stored(ANNA) == before


def test_an_assigned_list_counts_as_it_is(forgetful: Conductor) -> None:
    """A list that the caller assigned is its own, also where it is shorter."""
    boat = got(forgetful)
    forgetful.object_action({}, edited(boat, bunks=data(boat)["bunks"][1:]), "save")
    assert fleet_now.stored(ANNA)["bunks"] == BUNKS[1:]


def test_a_listed_field_wins_when_nothing_is_known(forgetful: Conductor) -> None:
    """Without a memory a listed field is the caller's edit of today's value."""
    boat = got(forgetful)
    fleet_now.store(ANNA, speed=20)
    forgetful.object_action({}, edited(boat, pace=12), "save")
    assert fleet_now.stored(ANNA)["speed"] == 12


def test_both_edits_of_one_field_collide(mindful: Conductor) -> None:
    """With a memory, two edits of one field are a conflict, before the method is called."""
    boat = got(mindful)
    fleet_now.store(ANNA, speed=20)
    before = fleet_now.stored(ANNA)
    with pytest.raises(MergeConflict, match="merge/conflict"):
        mindful.object_action({}, edited(boat, pace=12, name="Cora"), "save")
    assert fleet_now.stored(ANNA) == before


def test_after_a_method_the_caller_has_a_new_base(mindful: Conductor) -> None:
    """What a method answered is what the caller's next edits are compared with."""
    boat = got(mindful)
    updates, _ = mindful.object_action({}, edited(boat, pace=12), "save")
    assert updates == {"obj_what_changed": []}
    boat.pop("fleet_object.changes")
    fleet_now.store(ANNA, speed=12, name="Berta")
    updates, _ = mindful.object_action({}, edited(boat, pace=13), "save")
    assert updates == {"name": "Berta", "obj_what_changed": []}
    assert fleet_now.stored(ANNA)["name"] == "Berta"
    assert fleet_now.stored(ANNA)["speed"] == 13


def test_a_pending_change_is_not_lost(either: Conductor) -> None:
    """A change that a newer node had not saved is saved by the old caller that was sent it."""
    boat = FleetBoat.get({}, ANNA)
    boat.name, boat.speed = "Cora", 15
    old = either.object_backport_versions({}, boat.obj_to_primitive(), OLD)
    assert old["fleet_object.changes"] == ["name", "pace"]
    either.object_action({}, old, "save")
    now = fleet_now.stored(ANNA)
    assert (now["name"], now["speed"], now["owner"]) == ("Cora", 15, "Eva")


def test_what_was_backported_is_remembered(mindful: Conductor) -> None:
    """The payload of a newer node is the base of the older caller that it was made for."""
    boat = FleetBoat.get({}, ANNA)
    old = mindful.object_backport_versions({}, boat.obj_to_primitive(), OLD)
    del data(old)["bunks"][0]
    mindful.object_action({}, old, "save")
    assert fleet_now.stored(ANNA)["bunks"] == BUNKS[1:]


def test_requests_leave_their_payloads_alone(either: Conductor) -> None:
    """No operation changes what it is given."""
    boat = edited(got(either), pace=12)
    before = copy.deepcopy(boat)
    either.object_action({}, boat, "save", manifest=OLD)
    either.object_backport_versions({}, boat, OLD)
    assert boat == before


def test_a_caller_of_today_runs_on_what_it_sent(mindful: Conductor) -> None:
    """A payload that is not older is used as it is, as oslo does; no stored object is loaded."""
    boat = FleetBoat.get({}, ANNA)
    boat.speed = 30
    updates, _ = mindful.object_action({}, boat.obj_to_primitive(), "rename", ["Cora"])
    assert updates == {"name": "Cora", "obj_what_changed": ["name", "speed"]}


def test_a_broken_loader_is_the_services_fault(mindful: Conductor) -> None:
    """What `obj_load_current` raises is told as any failure of the service."""
    boat = got(mindful)
    with fleet_now.database() as db:
        db.execute("ALTER TABLE bunks RENAME TO lost")
    try:
        with pytest.raises(MethodError, match="The code of FleetBoat failed") as raised:
            mindful.object_action({}, edited(boat, pace=1), "save")
    finally:
        with fleet_now.database() as db:
            db.execute("ALTER TABLE lost RENAME TO bunks")
    assert (raised.value.rule, raised.value.exception) == ("conductor/failed", None)


@pytest.mark.parametrize(
    ("call", "error", "rule"),
    [
        (lambda c, b: c.object_backport_versions({}, b, {}), ManifestError,
         "manifest/object-unnamed"),
        (lambda c, b: c.object_backport_versions({}, [], OLD), PayloadError, "payload/envelope"),
        (lambda c, b: c.object_backport_versions({}, b, {str(n): "1.0" for n in range(100_000)}),
         ManifestError, "manifest/limit"),
        (lambda c, b: c.object_action({}, b, "save", manifest={"x": "y"}), ManifestError,
         "manifest/version"),
        (lambda c, b: c.object_action({}, b, "save", "args"), PayloadError, "conductor/request"),
        (lambda c, b: c.object_action({}, b, "save", [[[[]] * 9] * 9] * 9 * 2000), LimitError,
         "payload/count"),
        (lambda c, b: c.object_class_action_versions({}, "FleetBoat", "get", {}), ManifestError,
         "manifest/object-unnamed"),
        (lambda c, b: c.object_class_action_versions({}, "FleetBoat", "get", OLD), PayloadError,
         "conductor/arguments"),
    ],
    ids=["top unnamed", "no envelope", "manifest too long", "manifest version", "args",
         "args too many", "class unnamed", "class arguments"],
)  # fmt: skip
def test_wrong_calls_are_refused(
    mindful: Conductor, call: Callable[[Conductor, Node], Any], error: type[Exception], rule: str
) -> None:
    """The core refuses by itself what a transport lets through."""
    with pytest.raises(error, match=rule):
        call(mindful, got(mindful))


def test_a_conductor_asks_no_other() -> None:
    """A base whose methods go to a conductor cannot be served by one."""

    class Looping(Fleet):
        indirection_api = object()  # type: ignore[assignment]

    with pytest.raises(UsageError, match="runs its methods itself"):
        Conductor(Looping)


def test_the_memory_is_bounded() -> None:
    """A memory forgets what was used longest ago, and keeps few payloads of one place."""
    memory = InMemory(max_bytes=10_000, per_place=2)
    places = [Place("Boat", str(one), "1.0") for one in range(100)]
    for place in places:
        memory.note(place, b"x" * 500)
        memory.recall(places[0])
    assert memory.size <= 10_000
    assert memory.recall(places[0]) == [b"x" * 500]
    assert memory.recall(places[1]) == []
    for payload in (b"1", b"2", b"3", b"2"):
        memory.note(places[0], payload)
    assert memory.recall(places[0]) == [b"2", b"3"]


@pytest.mark.parametrize("settings", [{"max_bytes": 0}, {"per_place": 0}])
def test_a_memory_keeps_something(settings: dict[str, int]) -> None:
    """A memory without room is a mistake."""
    with pytest.raises(UsageError, match="at least 1"):
        InMemory(**settings)
