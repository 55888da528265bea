"""Conductors over RabbitMQ: for a node of the old release, and as an operator starts them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conductor import fleet_now
from tests.conductor.fleet_now import Fleet, FleetBoat, FleetBunk
from tests.conductor.processes import (
    ANNA,
    SECONDS,
    Node,
    Running,
    environment,
    launch,
    old_node,
)
from tests.conductor.rpc_servers import client_of, serving, transport_of
from vobj import Codec, Manifest, ManifestError
from vobj.conductor import Caller
from vobj.conductor.rpc_client import RpcConductor
from vobj.errors import ConductorError

CONNECT = """
import oslo_messaging
from oslo_config import cfg
from vobj.conductor.rpc_client import RpcConductor

cfg.CONF([], default_config_files=[])
transport = oslo_messaging.get_rpc_transport(cfg.CONF, url={url!r})

def conductor(topic, timeout):
    client = oslo_messaging.get_rpc_client(
        transport,
        oslo_messaging.Target(exchange={topic!r}, topic=topic),
        timeout=timeout,
        transport_options=oslo_messaging.TransportOptions(at_least_once=True),
    )
    return RpcConductor(client, Fleet)

Fleet.indirection_api = conductor({topic!r}, 20)
"""
GET = f"b = Boat.get({{}}, {ANNA!r})\n"


@pytest.fixture
def old(
    rabbitmq_url: str, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Node]:
    """An old node, and the conductor it asks in this process."""
    monkeypatch.setenv("FLEET_DB", str(tmp_path / "fleet.sqlite"))
    fleet_now.make()
    fleet_now.store(ANNA)
    with transport_of(rabbitmq_url) as transport, serving(transport, topic), old_node() as node:
        node.run(CONNECT.format(url=rabbitmq_url, topic=topic))
        yield node
        node.run("transport.cleanup()")


def test_methods_run_and_edits_are_put_back(old: Node) -> None:
    """The old node reads its own version, saves its edit, and hidden data stays."""
    boat = old.run(GET + "answer = b")
    assert (boat["version"], boat["pace"]) == ("1.0", 10)
    old.run("b.pace = 12; b.bunks[1].guest = 'Lee'; b.save()")
    assert fleet_now.stored(ANNA) == {
        "uuid": ANNA, "name": "Anna", "speed": 12, "engine": "sail", "owner": "Eva",
        "bunks": [(1, "Kim", "snores"), (2, "Lee", "window")],
    }  # fmt: skip


def test_errors_reach_the_caller(old: Node) -> None:
    """A collision, an unknown method and a conductor that is away are errors of their own."""
    old.run(GET)
    fleet_now.store(ANNA, speed=20)
    before = fleet_now.stored(ANNA)
    error = old.fail("b.pace = 12; b.save()")
    assert (error["rule"], error["path"]) == ("merge/conflict", ["speed"])
    assert fleet_now.stored(ANNA) == before
    assert old.fail("b.gone()")["rule"] == "conductor/method"
    old.run("Fleet.indirection_api = conductor('nobody', 5)")
    assert old.fail(GET)["rule"] == "conductor/away"


@pytest.fixture
def command(
    rabbitmq_url: str, topic: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Running]]:
    """Starts conductors at the topic as an operator does."""
    monkeypatch.setenv("FLEET_DB", str(tmp_path / "fleet.sqlite"))
    fleet_now.make()
    fleet_now.store(ANNA)
    started: list[Running] = []

    def start(*options: str) -> Running:
        where = ["--rpc-url", rabbitmq_url, "--rpc-topic", topic, "--rpc-exchange", topic]
        listen = f"unix:{tmp_path.parent / f'{len(started)}.sock'}"
        name = f"conductor-{len(started)}"
        running = launch(tmp_path, name, listen, *where, *options,
                         database=tmp_path / "fleet.sqlite")  # fmt: skip
        started.append(running)
        return running

    yield start
    for one in started:
        one.kill()


@pytest.fixture
def asking(rabbitmq_url: str, topic: str) -> Iterator[Callable[..., RpcConductor]]:
    """Makes clients of the conductors at the topic."""
    with transport_of(rabbitmq_url) as transport:
        yield lambda **settings: RpcConductor(client_of(transport, topic), Fleet, **settings)


def boat(asked: RpcConductor) -> FleetBoat:
    made = asked.object_class_action_versions(
        {}, "FleetBoat", "get", {"FleetBoat": "1.2", "FleetBunk": "1.1"}, (ANNA,), {}
    )
    assert isinstance(made, FleetBoat)
    return made


def test_workers_compete_for_one_queue(
    command: Callable[..., Running], asking: Callable[..., RpcConductor]
) -> None:
    """Two workers serve one topic; who asked is known, and a stop leaves nothing undone."""
    running = command("--workers", "2")
    asked = asking(caller=Caller("api", "node-7"))
    with ThreadPoolExecutor(8) as threads:
        assert {one.name for one in threads.map(lambda _: boat(asked), range(40))} == {"Anna"}
    with running.http() as http:
        text = http.get("/metrics").text
    line = 'requests_total{operation="class-action",outcome="ok",transport="rpc"} 40.0'
    assert line in text
    assert running.stop() == 0
    log = running.log.read_text()
    assert log.count("service=api host=node-7") == 40
    assert "Traceback" not in log


def test_a_full_conductor_says_so(
    command: Callable[..., Running], asking: Callable[..., RpcConductor]
) -> None:
    """What finds no place gets an error that says that nothing has run, and no silence."""
    running = command("--concurrency", "1", "--queue", "0")
    patient, hasty = asking(), asking(deadline=0.3)
    anna = boat(patient)
    with pytest.raises(ConductorError, match="conductor/slow"):
        hasty.object_action({}, anna, "nap", (3,), {})
    with pytest.raises(ConductorError, match="conductor/busy"):
        patient.object_action({}, anna, "who", (), {})
    assert running.stop() == 0
    assert "outlives its deadline of 0.3 s" in running.log.read_text()


def test_a_stop_answers_what_was_taken(
    command: Callable[..., Running], asking: Callable[..., RpcConductor]
) -> None:
    """SIGTERM ends it once the method has run and its caller has the answer."""
    running = command()
    asked = asking()
    anna = boat(asked)
    with ThreadPoolExecutor(1) as threads:
        later = threads.submit(asked.object_action, {}, anna, "nap", (1.0,), {})
        running.wait_for_nap()
        assert running.stop() == 0
        updates, result = later.result(20)
    assert (updates["name"], result) == ("rested", "rested")


def test_a_backport_by_fingerprint(
    command: Callable[..., Running], asking: Callable[..., RpcConductor]
) -> None:
    """The manifest travels once; packed payloads pass as text."""
    command()
    asked = asking()
    speaks = Manifest({"FleetBunk": "1.0"})
    payload = Codec("packed", base=Fleet).encode(FleetBunk(number=7, guest=None, notes="n"))
    with pytest.raises(ManifestError, match="manifest/unknown-fingerprint"):
        asked.backport({}, payload, fingerprint=speaks.fingerprint)
    for manifest in (speaks, None):
        made = asked.backport({}, payload, fingerprint=speaks.fingerprint, manifest=manifest)
        assert (made.number, made.obj_received_version) == (7, "1.0")


def test_rpc_alone(
    rabbitmq_url: str, topic: str, tmp_path: Path, command: Callable[..., Running],
    asking: Callable[..., RpcConductor],
) -> None:  # fmt: skip
    """Without an address for HTTP it serves the topic alone, and ends as well."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vobj", "conductor", "--import", "fleet_now:prepare",
         "--rpc-url", rabbitmq_url, "--rpc-topic", topic, "--rpc-exchange", topic],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        assert "listens at its topic" in process.stdout.readline()
        assert boat(asking()).name == "Anna"
    finally:
        process.terminate()
        process.stdout.close()
        assert process.wait(SECONDS) == 0
