"""The record of a fleet on SQLite, PostgreSQL and MariaDB: one behaviour, also for many at once."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.services.conftest import require
from vobj.errors import FleetError
from vobj.fleet import Fleet
from vobj.fleet.announcement import Announcement
from vobj.fleet.ledger import Ledger
from vobj.version import Manifest

ROOT = Path(__file__).parents[2]
SERVERS = {
    "postgresql": os.environ.get(
        "VOBJ_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    ),
    "mariadb": os.environ.get("VOBJ_MARIADB_URL", "mariadb+pymysql://root@127.0.0.1:3306/mysql"),
}
OLD = Manifest({"YardDock": "1.2", "YardCrane": "1.0"})
NEW = Manifest({"YardDock": "1.4", "YardCrane": "1.2"})
DAY = 86_400 * 1_000_000


@pytest.fixture(params=["sqlite", *SERVERS])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that is there for one test."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'fleet.sqlite'}"
        return
    with database(request.param) as made:
        yield made.render_as_string(hide_password=False)


@contextlib.contextmanager
def database(name: str) -> Iterator[sa.URL]:
    """A database on a server, for as long as the block runs."""
    server = require(name, SERVERS[name])
    made = f"vobj_test_{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {made}"))
    try:
        yield sa.engine.make_url(server).set(database=made)
    finally:
        force = " WITH (FORCE)" if name == "postgresql" else ""
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {made}{force}"))
        engine.dispose()


@pytest.fixture
def fleet(url: str) -> Iterator[Fleet]:
    with Fleet(url, refresh=1e-9) as made:
        yield made


def peer(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.services.fleet_peer", *arguments],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_the_pin_moves_with_the_fleet(fleet: Fleet) -> None:
    """Announcing, renewing and withdrawing move the pin; `since` stays while nothing changes."""
    new = fleet.announce("dock", NEW, host="h1", release="2", wires=["json", "packed"])
    old = fleet.announce("dock", OLD, host="h2", release="1", wires=["json"])
    assert (fleet.pin(), fleet.wire()) == (OLD, "msgpack")
    before = fleet.status()["services"]
    new.renew()
    old.renew()
    assert [one["since"] for one in fleet.status()["services"]] == [one["since"] for one in before]
    old.withdraw()
    old.withdraw()
    assert (fleet.pin(), fleet.wire()) == (NEW, "packed")


def test_everything_at_a_glance(fleet: Fleet) -> None:
    """The document has services, versions, samples and backports, with names as they were given."""
    name = 'Ünï "%s" \\ 漢字 🚢'
    fleet.announce(name, NEW, host="H1", release="2")
    fleet.announce(name, NEW, host="h1", release="2")
    fleet.announce(name, OLD, host="h2", release="1")
    fleet.backports.backported({((name, "h2"), "YardDock", "1.4", "1.2"): 2**40})
    fleet.backports.backported({((name, "H2"), "yardDock", "1.4", "1.2"): 1})
    told = fleet.status()
    assert {(one["service"], one["host"]) for one in told["services"]} == {
        (name, "H1"), (name, "h1"), (name, "h2"),
    }  # fmt: skip
    dock = next(one for one in told["objects"] if one["object"] == "YardDock")
    assert dock["versions"] == {"1.2": 1, "1.4": 2}
    assert dock["held_by"] == [{"service": name, "host": "h2", "release": "1", "version": "1.2"}]
    assert sorted((one["host"], one["object"], one["count"]) for one in told["backports"]) == [
        ("H2", "yardDock", 1), ("h2", "YardDock", 2**40),
    ]  # fmt: skip
    assert told["history"]["points"][-1]["counts"] == {NEW.fingerprint: 2, OLD.fingerprint: 1}
    assert told["at"].startswith("20")
    assert fleet.forget(name, "H2") == 0


def test_many_processes_at_once(url: str) -> None:
    """Tables are made once, rows are neither lost nor doubled, whoever comes first."""
    peers = [peer("announce", url, str(number)) for number in range(6)]
    for one in peers:
        one.communicate(timeout=60)
    assert [one.returncode for one in peers] == [0] * 6
    with Fleet(url) as fleet:
        told = fleet.status()
        assert len(told["services"]) == 60
        assert [one["count"] for one in told["backports"]] == [120]
        assert list(told["history"]["manifests"]) == [OLD.fingerprint]


def test_many_threads_at_once(fleet: Fleet) -> None:
    """One fleet serves threads that announce, renew, ask and withdraw all at once."""
    failed: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                lease = fleet.announce("dock", OLD if turn % 2 else NEW, host=f"h{number}")
                fleet.pin()
                lease.renew()
                lease.withdraw()
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert fleet.status()["services"] == []


def test_a_killed_process_holds_the_pin_until_its_lease_ends(url: str, fleet: Fleet) -> None:
    """kill -9 withdraws nothing; the lease runs out by the database's clock."""
    fleet.announce("dock", NEW, host="h1")
    victim = peer("live", url)
    assert victim.stdout is not None
    assert victim.stdout.readline() == "live\n"
    assert fleet.pin() == OLD
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    assert fleet.pin() == OLD
    until(lambda: fleet.pin() == NEW)
    assert [one["state"] for one in fleet.status()["services"]] == ["live", "silent"]


def test_a_fork(url: str, fleet: Fleet) -> None:
    """A worker that is forked uses connections of its own, and counts for itself."""
    told, _ = peer("fork", url).communicate(timeout=60)
    assert told == "0\n"
    assert [one["count"] for one in fleet.status()["backports"]] == [9]


def test_what_is_old_is_taken_out(url: str) -> None:
    """Tidying deletes what is older than it is kept, and no manifest that is in use."""
    ledger = Ledger(url)
    kept = dict.fromkeys(("service", "sample", "backport", "manifest"), DAY)
    ledger.announce(Announcement("dock", "h1", "1", OLD, ("json",)), 60_000_000)
    ledger.announce(Announcement("dock", "h2", "2", NEW, ("json",)), 60_000_000)
    now, services = ledger.services(10)
    for slot in (now - 2 * DAY, now - DAY // 2, now):
        ledger.add_sample(slot, "{}")
        ledger.add_sample(slot, '{"x": 1}')
    assert ledger.samples(0, 1)[0] == (now - 2 * DAY, '{"x": 1}')
    assert len(ledger.samples(0, 100 * DAY)) in (1, 2)
    ledger.tidy(kept)
    assert [slot for slot, _ in ledger.samples(0, 1)] == [now - DAY // 2, now]
    assert ledger.first_sample() == now - DAY // 2
    assert len(ledger.services(10)[1]) == 2
    gone = next(one for one in services if one.host == "h1")
    ledger.withdraw(gone.instance)
    ledger.tidy({**kept, "manifest": -DAY, "service": DAY})
    ledger.close()
    again = Ledger(url)
    assert again.manifests([NEW.fingerprint, OLD.fingerprint]) == {}
    again.announce(Announcement("dock", "h2", "2", NEW, ("json",)), 60_000_000)
    assert again.manifests([NEW.fingerprint]) == {NEW.fingerprint: NEW}
    again.close()


def test_a_new_manifest_of_an_instance(url: str) -> None:
    """An instance that announces another manifest reads that since now."""
    ledger = Ledger(url)
    first = Announcement("dock", "h1", "1", OLD, ("json",))
    ledger.announce(first, 60_000_000)
    since = ledger.services(10)[1][0].since
    ledger.announce(first, 60_000_000)
    (again,) = ledger.services(10)[1]
    assert (again.since, again.beat) == (since, 2)
    ledger.announce(Announcement("dock", "h1", "2", NEW, ("json",), first.instance), 60_000_000)
    (changed,) = ledger.services(10)[1]
    assert (changed.release, changed.fingerprint) == ("2", NEW.fingerprint)
    assert changed.since > since
    ledger.close()


@pytest.mark.parametrize("text", ["{", "[]", '{"YardDock": "9.9"}', '{"YardDock": 1}'])
def test_a_manifest_that_was_tampered_with(url: str, fleet: Fleet, text: str) -> None:
    """What does not match its fingerprint is an error, and never a pin."""
    fleet.announce("dock", OLD)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE vobj_fleet_manifest SET versions = :text"), {"text": text}
        )
    engine.dispose()
    with pytest.raises(FleetError, match="is not that manifest") as caught:
        fleet.pin()
    assert caught.value.rule == "fleet/damaged"


def test_a_manifest_that_is_lost(url: str, fleet: Fleet) -> None:
    fleet.announce("dock", OLD)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM vobj_fleet_manifest"))
    engine.dispose()
    with pytest.raises(FleetError, match="has lost the manifest") as caught:
        fleet.pin()
    assert caught.value.rule == "fleet/damaged"


@pytest.mark.parametrize("server", SERVERS)
def test_an_outage(server: str) -> None:
    """A database that goes away and comes back: the pin stays meanwhile, and then moves on."""
    with database(server) as url, Gate(url.host or "", url.port or 0) as gate:
        through = url.set(host="127.0.0.1", port=gate.port).render_as_string(hide_password=False)
        with Fleet(through, refresh=1e-9, lease=600) as fleet:
            lease = fleet.announce("dock", OLD)
            assert fleet.pin() == OLD
            gate.close()
            assert fleet.pin() == OLD
            trouble = fleet.pin.state().trouble
            assert trouble is not None
            assert trouble.error.rule == "fleet/away"
            with pytest.raises(FleetError, match="cannot be reached"):
                lease.renew()
            fleet.backports.backported({(("a", "b"), "YardDock", "1.4", "1.1"): 4})
            gate.open()
            fleet.announce("dock", {"YardDock": "1.1"})
            until(lambda: fleet.pin()["YardDock"] == "1.1")
            assert fleet.pin.state().trouble is None
            assert fleet.backports.flush()
            needs = fleet.can_drop("YardDock", "1.1", within=60).needs
            assert [one.kind for one in needs] == ["live", "backport"]


class Gate:
    """Lets connections through to a server, until it is closed."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._is_open = True
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Gate:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def open(self) -> None:
        self._is_open = True

    def close(self) -> None:
        """Break every connection, and let none through."""
        self._is_open = False
        for one in self._ends:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._ends.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._is_open:
                near.close()
                continue
            far = socket.create_connection(self._server)
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1500):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("It never came")
