"""A conductor that is away, slow, busy, killed or stopped: what its callers see."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conductor import fleet_now
from tests.conductor.conftest import Start
from tests.conductor.processes import ANNA, ROOT, SECONDS, Node, environment, until
from vobj import UsageError
from vobj.conductor.http_client import HttpConductor

GET = f"b = Boat.get({{}}, {ANNA!r})\n"


@pytest.fixture(autouse=True)
def stored(database: Path) -> None:
    fleet_now.store(ANNA)


@pytest.mark.parametrize("address", ["unix:/tmp/vobj-nobody.sock", "127.0.0.1:1"])
def test_a_conductor_that_is_away(node: Node, address: str) -> None:
    """No conductor is an error that says that nothing has run."""
    node.connect(address)
    error = node.fail(GET)
    assert (error["classes"][0], error["rule"]) == ("ConductorError", "conductor/away")
    assert address in error["text"]


def test_a_slow_conductor(node: Node, start: Start) -> None:
    """A caller waits as long as it wants to; the method may have run to its end."""
    running = start()
    node.connect(running.address)
    node.run(GET)
    node.connect(running.address, timeout=0.5)
    error = node.fail("b.nap(1.5)")
    assert error["rule"] == "conductor/slow"
    until(lambda: fleet_now.stored(ANNA)["name"] == "rested", "the method was not finished")


def test_a_conductor_with_slow_methods(node: Node, start: Start) -> None:
    """A conductor answers within its own time, and counts what goes on working."""
    running = start("--timeout", "0.5", "--concurrency", "1", "--queue", "0")
    node.connect(running.address)
    node.run(GET)
    error = node.fail("b.nap(2)")
    assert error["rule"] == "conductor/slow"
    assert node.fail("b.who()")["rule"] == "conductor/busy"
    with running.http() as http:
        assert http.get("/readyz").status_code == 503
        assert http.get("/healthz").status_code == 200
    until(lambda: fleet_now.stored(ANNA)["name"] == "rested", "the method was not finished")
    until(lambda: "error" not in node.ask("b.who()"), "the slot was not given back")


def test_a_conductor_killed_midway(node: Node, start: Start) -> None:
    """A conductor that dies while a method runs is an error of its own; the row is whole."""
    running = start()
    node.connect(running.address)
    node.run(GET)
    before = fleet_now.stored(ANNA)
    node.begin("b.nap(30)")
    running.wait_for_nap()
    running.kill()
    error = node.end()["error"]
    assert (error["classes"][0], error["rule"]) == ("ConductorError", "conductor/died")
    assert fleet_now.stored(ANNA) == before


def test_more_requests_than_the_limit(node: Node, start: Start) -> None:
    """What comes on top of the limit is refused at once, and served when there is room again."""
    running = start("--concurrency", "1", "--queue", "0")
    node.connect(running.address)
    node.run(GET)
    node.begin("b.nap(1)")
    running.wait_for_nap()
    with running.http() as http:
        answer = http.post("/v1/action", content=b"{}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.json()["error"]["rule"] == "conductor/busy"
        assert node.end() == {"answer": None}
        assert http.post("/v1/action", content=b"{}").status_code == 400


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_is_in_flight(node: Node, start: Start, number: int) -> None:
    """A stopped conductor takes nothing new, answers what it has, and leaves no socket behind."""
    running = start()
    node.connect(running.address)
    node.run(GET)
    node.begin("answer = b.nap(1.5)")
    running.wait_for_nap()
    running.process.send_signal(number)
    assert node.end() == {"answer": "rested"}
    assert running.end() == 0
    assert not Path(running.address.removeprefix("unix:")).exists()
    assert node.fail("b.who()")["rule"] == "conductor/away"
    assert "Traceback" not in running.log.read_text()


def test_a_stop_does_not_wait_for_ever(node: Node, start: Start) -> None:
    """A method that does not end is left behind when its time is over; the status tells."""
    running = start("--timeout", "1")
    node.connect(running.address)
    node.run(GET)
    node.begin("b.nap(60)")
    running.wait_for_nap()
    started = time.monotonic()
    assert running.stop() == 1
    assert time.monotonic() - started < 20
    assert node.end()["error"]["rule"] in {"conductor/slow", "conductor/died"}
    assert not Path(running.address.removeprefix("unix:")).exists()


def test_a_socket_that_was_left_behind_is_replaced(node: Node, start: Start) -> None:
    """After a crash a conductor starts again on the same path, and its callers go on."""
    first = start()
    node.connect(first.address)
    node.run(GET)
    first.kill()
    assert Path(first.address.removeprefix("unix:")).exists()
    start(listen=first.address)
    assert node.run("b.name = 'Emma'; b.save(); answer = b.name") == "Emma"
    assert fleet_now.stored(ANNA)["owner"] == "Eva"


def test_a_second_conductor_on_one_path_is_refused(start: Start) -> None:
    """Two conductors never share a socket: the second says so and does not start."""
    first = start()
    second = subprocess.run(
        [sys.executable, "-m", "vobj", "conductor", "--import", "fleet_now:prepare",
         "--listen", first.address],
        env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert f"Cannot listen at {first.address}" in second.stderr
    with first.http() as http:
        assert http.get("/healthz").status_code == 200


def test_a_peer_that_never_finishes_its_request(start: Start) -> None:
    """A body that does not arrive in time is answered with 408 and gives its slot back."""
    running = start("--concurrency", "1", "--queue", "0", "--timeout", "1")
    with running.socket() as peer:
        peer.sendall(b"POST /v1/action HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        answer = b"".join(iter(lambda: peer.recv(65_536), b""))
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert b"conductor/slow" in answer
    with running.http() as http:
        assert http.get("/readyz").json()["waiting"] == 0


def test_a_caller_that_goes_away_leaves_nothing(start: Start) -> None:
    """A connection that ends before its body is no error of the conductor's."""
    running = start("--concurrency", "1", "--queue", "0")
    with running.socket() as peer:
        peer.sendall(b"POST /v1/action HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        with running.http() as http:
            until(lambda: http.get("/readyz").json()["waiting"] == 1, "it was not read")
    with running.http() as http:
        until(lambda: http.get("/readyz").json()["waiting"] == 0, "the place was not given back")
    assert running.stop() == 0
    assert "Traceback" not in running.log.read_text()


def test_what_answers_is_no_conductor(node: Node) -> None:
    """The answer of something else is told from the answer of a conductor."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        page = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"
        for answer, rule in ((page, "answer"), (b"", "died"), (b"\x00\x01", "died")):
            thread = threading.Thread(target=_answer_once, args=(server, answer))
            thread.start()
            node.connect(f"127.0.0.1:{server.getsockname()[1]}")
            error = node.fail(GET)
            thread.join(SECONDS)
            assert error["rule"] == f"conductor/{rule}"


def _answer_once(server: socket.socket, answer: bytes) -> None:
    peer, _ = server.accept()
    with peer:
        peer.recv(65_536)
        peer.sendall(answer)


@pytest.mark.parametrize("address", ["http://", "http://host:x/", "nowhere"])
def test_a_client_without_an_address(address: str) -> None:
    """A client says at once that it cannot know where to ask."""
    with pytest.raises(UsageError, match="usage/argument"):
        HttpConductor(address)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--import", "no.such.module", "--listen", "127.0.0.1:0"], "There is no module"),
        (["--import", "fleet_now:nothing", "--listen", "127.0.0.1:0"], "has no function"),
        (["--import", "fleet_now", "--listen", "here"], "Expected unix:PATH or HOST:PORT"),
        (["--import", "fleet_now", "--listen", "http://a:80"], "Expected unix:PATH or HOST:PORT"),
        (["--import", "fleet_now", "--listen", "::1:80"], "in brackets"),
        (["--import", "fleet_now", "--listen", f"unix:/{'x' * 200}"], "a path of 1 to 107"),
        (["--import", "fleet_now", "--listen", "unix:/no/such/place"], "no such directory"),
        (["--import", "fleet_now", "--listen", "127.0.0.1:0", "--base", "os:path"], "--base"),
        (["--import", "fleet_now"], "say where to listen"),
        (["--listen", "127.0.0.1:0"], "name the module"),
    ],
)
def test_a_command_that_cannot_start(options: list[str], text: str, database: Path) -> None:
    """The command names what keeps it from starting."""
    done = subprocess.run(
        [sys.executable, "-m", "vobj", "conductor", *options],
        env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr
