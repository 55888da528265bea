"""What clients add to a request, and where they turn when a conductor has no room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conductor import fleet_now
from tests.conductor.conftest import Start
from tests.conductor.fleet_now import Fleet, FleetBoat, FleetBunk
from tests.conductor.processes import ANNA, Node, Running
from vobj import Codec, Manifest, ManifestError, UsageError
from vobj.conductor import Caller
from vobj.conductor.http_client import HttpConductor
from vobj.errors import ConductorError

TODAY = {"FleetBoat": "1.2", "FleetBunk": "1.1"}
SPOKEN = Manifest(TODAY)


@pytest.fixture(autouse=True)
def stored(database: Path) -> None:
    fleet_now.store(ANNA)


def boat(asked: HttpConductor) -> FleetBoat:
    made = asked.object_class_action_versions({}, "FleetBoat", "get", TODAY, (ANNA,), {})
    assert isinstance(made, FleetBoat)
    return made


@pytest.mark.parametrize("wire", ["primitive", "packed", "msgpack"])
def test_a_backport_by_fingerprint(conductor: Running, wire: str) -> None:
    """The manifest travels when the conductor asks for it; a payload of bytes comes as it is."""
    asked = HttpConductor(conductor.address, Fleet)
    payload = Codec(wire, base=Fleet).encode(FleetBunk(number=7, guest="Kim", notes="n"))
    if wire == "msgpack":
        with pytest.raises(Exception, match="payload/malformed"):
            asked.backport({}, payload, fingerprint=SPOKEN.fingerprint, manifest=TODAY)
        return
    other = Manifest({**TODAY, "Of" + wire.title(): "1.0", conductor.address[:4]: "1.0"})
    with pytest.raises(ManifestError, match="manifest/unknown-fingerprint"):
        asked.backport({}, payload, fingerprint=other.fingerprint)
    for manifest in (other.to_dict(), None):
        made = asked.backport({}, payload, fingerprint=other.fingerprint, manifest=manifest)
        assert (made.number, made.notes) == (7, "n")


def test_the_next_conductor_is_asked(start: Start) -> None:
    """Where it is certain that nothing has run, another is asked; else the error is told."""
    running = start()
    away = "unix:/tmp/vobj-nobody.sock"
    assert boat(HttpConductor([away, running.address], Fleet)).name == "Anna"
    with pytest.raises(ConductorError, match="conductor/away"):
        boat(HttpConductor([away, away], Fleet))
    with pytest.raises(UsageError, match="address of a conductor"):
        HttpConductor([], Fleet)


def test_a_busy_conductor_is_passed_by(node: Node, start: Start) -> None:
    """A conductor without room has run nothing, so the next one is asked."""
    full, free = start("--concurrency", "1", "--queue", "0"), start()
    node.connect(full.address)
    node.run(f"b = Boat.get({{}}, {ANNA!r})")
    node.begin("b.nap(2)")
    full.wait_for_nap()
    with pytest.raises(ConductorError, match="conductor/busy"):
        boat(HttpConductor(full.address, Fleet))
    assert boat(HttpConductor([full.address, free.address], Fleet)).name == "Anna"
    assert "error" not in node.end()


def test_a_caller_names_itself(start: Start) -> None:
    """The log and the metrics of the conductor know who asks."""
    running = start()
    asked = HttpConductor(running.address, Fleet, caller=Caller("api", "node-7"))
    boat(asked)
    assert "service=api host=node-7" in running.log.read_text()


def test_a_client_tells_its_deadline(start: Start) -> None:
    """What the caller does not wait for is given up by the conductor as well."""
    running = start()
    asked = HttpConductor(running.address, Fleet, timeout=0.5)
    with pytest.raises(ConductorError, match="conductor/slow"):
        asked.object_action({}, boat(HttpConductor(running.address, Fleet)), "nap", (1.5,), {})
    assert running.stop() == 0
    assert "outlives its deadline of 0.5 s" in running.log.read_text()
