"""A node of the old release, with oslo's objects, runs methods through a conductor process."""

from __future__ import annotations

from tests.conductor import fleet_now
from tests.conductor.processes import ANNA, Node, Running

GET = f"b = Boat.get({{}}, {ANNA!r})\n"


def test_an_old_caller_reads_its_own_version(old: Node) -> None:
    """A class method answers in the versions of its caller, at every depth."""
    boat = old.run(GET + "answer = b")
    assert boat == {
        "version": "1.0", "changes": [], "uuid": ANNA, "name": "Anna", "pace": 10, "engine": "sail",
        "bunks": [
            {"version": "1.0", "changes": [], "number": 1, "guest": "Kim"},
            {"version": "1.0", "changes": [], "number": 2, "guest": None},
        ],
    }  # fmt: skip


def test_an_edit_is_put_back_and_hidden_data_stays(old: Node) -> None:
    """What the old caller cannot see is as it was after it has saved."""
    old.run(GET + "b.pace = 12; b.bunks[1].guest = 'Lee'; b.save(); answer = b")
    assert fleet_now.stored(ANNA) == {
        "uuid": ANNA, "name": "Anna", "speed": 12, "engine": "sail", "owner": "Eva",
        "bunks": [(1, "Kim", "snores"), (2, "Lee", "window")],
    }  # fmt: skip


def test_a_stale_field_reverts_nothing(old: Node) -> None:
    """A field the caller did not edit keeps what somebody else has written meanwhile."""
    old.run(GET)
    fleet_now.store(ANNA, name="Berta", owner="Ida")
    boat = old.run("b.pace = 11; b.save(); answer = b")
    assert (fleet_now.stored(ANNA)["name"], fleet_now.stored(ANNA)["owner"]) == ("Berta", "Ida")
    assert fleet_now.stored(ANNA)["speed"] == 11
    assert (boat["name"], boat["changes"]) == ("Berta", [])


def test_two_callers_of_one_version_have_their_own_base(old: Node) -> None:
    """An older copy is compared with what its own caller was sent, not with what went out last."""
    old.run(GET + "first = b")
    fleet_now.store(ANNA, name="Berta")
    old.run(GET + "first.pace = 14; first.save()")
    assert fleet_now.stored(ANNA)["name"] == "Berta"
    assert fleet_now.stored(ANNA)["speed"] == 14


def test_edits_that_collide_are_a_conflict_at_the_caller(old: Node) -> None:
    """Of two edits of one field the second is refused, and the row stays as the first left it."""
    old.run(GET)
    fleet_now.store(ANNA, speed=20)
    before = fleet_now.stored(ANNA)
    error = old.fail("b.pace = 12; b.bunks[0].guest = 'Max'; b.save()")
    assert error["classes"][0] == "MergeConflict"
    assert (error["rule"], error["path"], error["object"]) == (
        "merge/conflict", ["speed"], "FleetBoat",
    )  # fmt: skip
    assert fleet_now.stored(ANNA) == before


def test_an_unsaved_change_stays_a_change(old: Node) -> None:
    """Updates tell what changed; what a method left unsaved is saved by the next call."""
    boat = old.run(GET + "b.rename('Cora'); answer = b")
    assert (boat["name"], boat["changes"]) == ("Cora", ["name"])
    assert fleet_now.stored(ANNA)["name"] == "Anna"
    boat = old.run("b.save(); answer = b")
    assert (boat["name"], boat["changes"]) == ("Cora", [])
    assert fleet_now.stored(ANNA)["name"] == "Cora"


def test_a_new_object_is_written(old: Node) -> None:
    """A caller of an old version creates what is stored with the defaults of today."""
    uuid = "0a1a2a3a-0000-4000-8000-00000000000f"
    with fleet_now.database() as db:
        db.execute("DELETE FROM boats WHERE uuid = ?", [uuid])
    values = f"uuid={uuid!r}, name='Dora', pace=3, engine='oars', bunks=[]"
    boat = old.run(f"b = Boat({{}}, {values}); b.create(); answer = b")
    assert boat["changes"] == []
    assert fleet_now.stored(uuid) == {
        "uuid": uuid, "name": "Dora", "speed": 3, "engine": "oars", "owner": "nobody", "bunks": [],
    }  # fmt: skip


def test_objects_go_both_ways_in_any_structure(old: Node) -> None:
    """Arguments and results hold objects at any depth; each side reads its own version."""
    told = old.run(GET + "answer = b.meet(b, more={'deep': [{'boat': b}, 1.5, None]})")
    assert told["versions"] == ["1.2"]
    assert told["other"]["version"] == told["me"]["version"] == "1.0"
    assert told["more"]["deep"][0]["boat"]["pace"] == 10
    assert told["more"]["deep"][1:] == [1.5, None]
    boats = old.run("answer = Boat.list_all({}, limit=50)['boats']")
    assert {one["version"] for one in boats} == {"1.0"}


def test_the_method_sees_context_and_stamp(old: Node) -> None:
    """A method sees its caller's context, and the version in which the object came."""
    assert old.run(f"answer = Boat.get({{'user': 'kim'}}, {ANNA!r}).who()") == {
        "context": {"user": "kim"}, "received": "1.0",
    }  # fmt: skip


def test_what_an_old_caller_cannot_read_is_refused(old: Node) -> None:
    """A value that the old version cannot express is an error at the caller, which says it ran."""
    error = old.fail(GET + "b.refit('fusion')")
    assert (error["rule"], error["path"]) == ("refused/value", ["engine"])
    assert "FleetBoat.refit ran, but its answer cannot be sent" in error["text"]
    assert "RefusedError" in error["classes"]
    assert "ObjectActionError" in error["classes"]


def test_an_expected_exception_is_told(old: Node) -> None:
    """What the service lists as expected reaches the caller by class and text."""
    error = old.fail(GET + "b.look_for('x')")
    assert (error["rule"], error["exception"]) == ("conductor/failed", "NotFound")
    assert "There is no boat x" in error["text"]


def test_an_unexpected_exception_is_for_the_log(old: Node, conductor: Running) -> None:
    """Of any other exception the caller learns that there was one; the log has all of it."""
    error = old.fail(GET + "b.sink()")
    assert (error["rule"], error["exception"]) == ("conductor/failed", None)
    assert "secret" not in error["text"]
    assert "ZeroDivisionError" not in error["text"]
    assert "ZeroDivisionError: secret of the house" in conductor.log.read_text()


def test_a_method_that_is_gone_is_unknown(old: Node) -> None:
    """A method that today's release does not offer is an error of its own."""
    error = old.fail(GET + "b.gone()")
    assert error["rule"] == "conductor/method"


def test_the_caller_of_an_unknown_version_is_told_the_manifest(old: Node) -> None:
    """A payload newer than the conductor's classes comes back with what the conductor speaks."""
    error = old.fail(GET + "b.VERSION = '1.7'; b.who()")
    assert error["rule"] == "version/newer"
    assert error["manifest"] == {"FleetBoat": "1.2", "FleetBunk": "1.1"}
    assert "IncompatibleObjectVersion" in error["classes"]
