"""A fleet: services come, change and go, and the pin follows them."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

import vobj
from tests.fleet.conftest import MakeFleet, until
from tests.fleet.yard import NEW, OLD, a_dock
from vobj.errors import FleetError, ManifestError, UsageError
from vobj.fleet import Fleet


def test_the_pin_follows_who_is_there(fleet: Fleet) -> None:
    """A codec that was made once sends what all live services read, as they come and go."""
    codec = vobj.Codec("primitive", to=fleet.pin)

    def sent() -> str:
        return str(codec.encode(a_dock())["versioned_object.version"])

    fleet.announce("new", NEW)
    assert sent() == "1.4"
    old = fleet.announce("old", OLD)
    assert sent() == "1.2"
    old.withdraw()
    assert sent() == "1.4"


def test_the_pin_is_one_object_until_it_moves(make_fleet: MakeFleet, fleet: Fleet) -> None:
    """What keys on the manifest finds it again; asking reads nothing within the interval."""
    lease = fleet.announce("new", NEW)
    slow = make_fleet(refresh=3600)
    first = slow.pin()
    fleet.announce("old", OLD)
    assert slow.pin() is first
    before = fleet.pin()
    lease.renew()
    assert fleet.pin() is before


def test_nested_objects_of_the_pin_fit(fleet: Fleet) -> None:
    """The pin is lowered to docks that go with the crane that everyone reads."""
    fleet.announce("new", NEW)
    fleet.announce("cranes", {"YardCrane": "1.1"})
    assert fleet.pin() == {"YardCrane": "1.1", "YardDock": "1.3"}
    (told,) = fleet.pin.state().lowered
    assert told.object_name == "YardDock"
    held = {one["object"]: one for one in fleet.status()["objects"]}["YardDock"]
    assert held["because"] == "YardDock 1.4 holds a newer YardCrane than every peer reads"


def test_a_lease_that_is_not_renewed_runs_out(make_fleet: MakeFleet) -> None:
    """Who is killed holds the pin until its lease ends."""
    brief = make_fleet(lease=1)
    patient = make_fleet(lease=600)
    patient.announce("new", NEW)
    brief.announce("old", OLD)
    assert patient.pin()["YardDock"] == "1.2"
    until(lambda: patient.pin()["YardDock"] == "1.4")
    states = {one["service"]: one["state"] for one in patient.status()["services"]}
    assert states == {"new": "live", "old": "silent"}


def test_a_thread_renews(make_fleet: MakeFleet) -> None:
    """As a context manager a service stays announced, and is gone with the block."""
    fleet = make_fleet(lease=3)
    with fleet.announce("old", OLD):
        first = fleet.status()["services"][0]
        until(lambda: fleet.status()["services"][0]["renewed"] > first["renewed"])
        assert fleet.status()["services"][0]["since"] == first["since"]
    assert fleet.status()["services"] == []


def test_what_the_record_lost_is_announced_again(fleet: Fleet) -> None:
    """A renewal puts back an instance that somebody took out."""
    lease = fleet.announce("old", OLD)
    lease.withdraw()
    assert fleet.status()["services"] == []
    lease.renew()
    assert [one["service"] for one in fleet.status()["services"]] == ["old"]


def test_one_identity_with_two_manifests(fleet: Fleet) -> None:
    """Both hold the pin until one of them goes, and everyone sees the conflict."""
    old = fleet.announce("dock", OLD, host="h1", release="1")
    fleet.announce("dock", NEW, host="h1", release="2")
    fleet.announce("dock", NEW, host="h2", release="2")
    assert fleet.pin()["YardDock"] == "1.2"
    told = fleet.status()
    assert told["conflicts"] == [{"service": "dock", "host": "h1", "releases": ["1", "2"]}]
    assert sorted((one["host"], one["conflict"]) for one in told["services"]) == [
        ("h1", True), ("h1", True), ("h2", False),
    ]  # fmt: skip
    assert fleet.targets() == {("dock", "h1"): OLD, ("dock", "h2"): NEW}
    old.withdraw()
    assert fleet.status()["conflicts"] == []
    assert fleet.pin()["YardDock"] == "1.4"


def test_a_restart_is_no_conflict(fleet: Fleet) -> None:
    """Two instances that read the same, as while a process is replaced by its like."""
    fleet.announce("dock", NEW, host="h1")
    fleet.announce("dock", NEW, host="h1")
    assert fleet.status()["conflicts"] == []


def test_an_object_whose_readers_restart(fleet: Fleet) -> None:
    """The pin keeps what it named, and says that nobody reads it now."""
    fleet.announce("other", {"YardSign": "1.1"})
    dock = fleet.announce("dock", OLD)
    fleet.pin()
    dock.withdraw()
    assert fleet.pin()["YardDock"] == "1.2"
    assert fleet.pin.state().kept == ("YardCrane", "YardDock")
    fleet.announce("dock", NEW)
    assert (fleet.pin()["YardDock"], fleet.pin.state().kept) == ("1.4", ())


def test_nobody_has_announced_anything(fleet: Fleet) -> None:
    """There is no pin, and that is an error rather than the newest version of everything."""
    with pytest.raises(FleetError, match="No live service has announced what it reads") as caught:
        fleet.pin()
    assert caught.value.rule == "fleet/empty"
    assert fleet.wire() == "msgpack"
    assert fleet.status()["pin"]["error"]["rule"] == "fleet/empty"


def test_packed_is_used_when_everyone_reads_it(fleet: Fleet) -> None:
    """One service that has not announced it keeps the fleet at the other wire."""
    fleet.announce("new", NEW, wires=["msgpack", "packed"])
    assert fleet.wire() == "packed"
    plain = fleet.announce("old", OLD, wires=["msgpack"])
    assert (fleet.wire(), fleet.wire("json")) == ("msgpack", "json")
    plain.withdraw()
    assert fleet.wire() == "packed"


def test_the_last_pin_survives_the_record(
    make_fleet: MakeFleet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """While the database is away the pin stays, and says why it is old."""
    fleet = make_fleet()
    fleet.announce("old", OLD)
    pin = fleet.pin()
    assert fleet.wire() == "packed"
    fleet.close()
    _take_away(tmp_path)
    assert fleet.pin() is pin
    assert fleet.wire() == "packed"
    trouble = fleet.pin.state().trouble
    assert trouble is not None
    assert trouble.error.rule == "fleet/away"
    assert "The pin stays as it was last read" in caplog.text
    with pytest.raises(FleetError, match="cannot be reached"):
        make_fleet().pin()
    assert make_fleet().wire() == "msgpack"


def test_a_thread_survives_the_record(make_fleet: MakeFleet, tmp_path: Path) -> None:
    """A service whose record goes away works on; it is told once, and ends as it would."""
    fleet = make_fleet(lease=0.1)
    lease = fleet.announce("old", OLD)
    with lease:
        fleet.close()
        _take_away(tmp_path)
        threading.Event().wait(0.3)
    with pytest.raises(FleetError, match="cannot be reached") as caught:
        lease.renew()
    assert caught.value.rule == "fleet/away"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"service": ""}, "Expected a service of at most 200 printable characters"),
        ({"service": 7}, "Expected a service"),
        ({"service": "a\nb"}, "Expected a service"),
        ({"host": " h"}, "Expected a host"),
        ({"host": "h" * 201}, "Expected a host"),
        ({"release": "\x1b[2J"}, "Expected a release"),
        ({"manifest": {}}, "announces that it reads no object"),
        ({"wires": ["a,b"]}, "Expected the names of the wires"),
        ({"wires": [f"w{number}" for number in range(21)]}, "Expected the names of the wires"),
    ],
    ids=str,
)
def test_who_cannot_be_announced(fleet: Fleet, given: dict[str, Any], message: str) -> None:
    """Names are short and printable, and a service reads something."""
    arguments = {"service": "dock", "manifest": OLD, "host": "h1", "release": "1", **given}
    with pytest.raises(UsageError, match=message) as caught:
        fleet.announce(arguments.pop("service"), arguments.pop("manifest"), **arguments)
    assert caught.value.rule == "fleet/announcement"
    assert fleet.status()["services"] == []


@pytest.mark.parametrize(
    "manifest",
    [
        {f"Object{number}": "1.0" for number in range(100_000)},
        {f"{number:0>300}": "1.0" for number in range(9_000)},
    ],
    ids=["entries", "bytes"],
)
def test_a_huge_manifest(fleet: Fleet, manifest: dict[str, str]) -> None:
    """100,000 entries, or names of megabytes, are refused by their rule and not kept."""
    with pytest.raises(ManifestError, match="over the limit of") as caught:
        fleet.announce("dock", manifest)
    assert caught.value.rule == "manifest/limit"
    assert fleet.status()["services"] == []


def test_the_host_is_this_machine(fleet: Fleet) -> None:
    assert fleet.announce("dock", NEW).announced.host == socket.gethostname()


def test_manifests_are_known_by_their_fingerprint(fleet: Fleet) -> None:
    fleet.announce("dock", OLD)
    assert fleet.manifest(OLD.fingerprint) == OLD
    assert fleet.manifest("0" * 16) is None


def test_who_is_gone_for_good_is_forgotten(make_fleet: MakeFleet) -> None:
    """A silent service is taken out; a live one would come back, and stays."""
    fleet = make_fleet()
    fleet.announce("dock", NEW, host="h1")
    make_fleet(lease=1e-6).announce("dock", OLD, host="h2")
    assert fleet.forget("dock", "h1") == 0
    assert fleet.forget("dock", "H2") == 0
    assert fleet.forget("dock", "h2") == 1
    assert [one["host"] for one in fleet.status()["services"]] == ["h1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"where": "sqlite://"}, "A record in memory is seen by nobody else"),
        ({"where": "redis://x"}, "kept in sqlite, postgresql, mariadb, mysql, not in redis"),
        ({"where": "nonsense"}, "Expected the URL of a database"),
        ({"where": "sqlite+nothing:///x"}, "sqlite\\+nothing cannot be used"),
        ({"lease": 0}, "Expected lease to be seconds between 0 and a day"),
        ({"refresh": -1}, "Expected refresh to be seconds"),
    ],
)
def test_what_is_no_fleet(make_fleet: MakeFleet, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        make_fleet(**options)
    assert caught.value.rule == "usage/argument"


def test_where_the_record_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names it; without that it is a file of this user. No password is shown."""
    monkeypatch.delenv("VOBJ_FLEET_URL", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with Fleet() as fleet:
        fleet.announce("dock", NEW)
    assert (tmp_path / "vobj" / "fleet.sqlite").exists()
    monkeypatch.setenv("VOBJ_FLEET_URL", "postgresql://kim:secret@nowhere.invalid/fleet")
    assert Fleet().place == "postgresql+psycopg://kim:***@nowhere.invalid/fleet"


def _take_away(directory: Path) -> None:
    """Put something where the record was that is none."""
    for one in directory.glob("fleet.sqlite*"):
        one.unlink()
    (directory / "fleet.sqlite").mkdir()
