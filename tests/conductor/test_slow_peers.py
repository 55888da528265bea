"""Peers that take their time, or all there is: each is cut off, and nobody else notices."""

from __future__ import annotations

import contextlib
import json
import socket
from pathlib import Path

import pytest

from tests.conductor import fleet_now
from tests.conductor.conftest import Start
from tests.conductor.processes import ANNA, Running, until


def read_all(peer: socket.socket) -> bytes:
    got = b""
    with contextlib.suppress(ConnectionError):
        while chunk := peer.recv(65_536):
            got += chunk
    return got


def served(running: Running) -> None:
    with running.http() as http:
        assert http.get("/healthz").status_code == 200


def test_a_head_that_never_ends(start: Start) -> None:
    """A byte now and then sets no clock back."""
    running = start("--head-timeout", "0.5")
    with running.socket() as peer:
        peer.sendall(b"POST /v1/action HTTP/1.1\r\nHost: x\r\n")
        peer.settimeout(0.05)
        got, sent = b"", 0
        with contextlib.suppress(ConnectionError):
            while sent < 400:
                peer.sendall(b"X-%d: y\r\n" % sent)
                sent += 1
                with contextlib.suppress(TimeoutError):
                    if not (chunk := peer.recv(65_536)):
                        break
                    got += chunk
        assert sent < 400
    assert got.startswith(b"HTTP/1.1 408 ")
    assert b"conductor/slow" in got
    served(running)


def test_a_connection_that_says_nothing(start: Start) -> None:
    """It is closed, first time and after an answer."""
    running = start("--head-timeout", "0.3")
    with running.socket() as peer:
        assert read_all(peer) == b""
    with running.socket() as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        while not (got := peer.recv(65_536)).endswith(b'{"status":"ok"}'):
            assert got
        peer.sendall(b"GET /hea")
        assert read_all(peer).startswith(b"HTTP/1.1 408 ")


def test_a_head_without_end_is_too_large(start: Start) -> None:
    """A head is held to a size while it arrives."""
    running = start()
    with running.socket() as peer:
        with contextlib.suppress(ConnectionError):
            peer.sendall(b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 100_000)
        got = read_all(peer)
    assert got[:12] in (b"", b"HTTP/1.1 431", b"HTTP/1.1 400")
    served(running)


def test_connections_are_counted(start: Start) -> None:
    """One too many is answered and closed; there is room again when others have gone."""
    running = start("--connections", "3", "--head-timeout", "30")
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(running.socket())
        with running.socket() as peer:
            got = read_all(peer)
        assert got.startswith(b"HTTP/1.1 503 ")
        assert json.loads(got.partition(b"\r\n\r\n")[2])["error"]["rule"] == "conductor/busy"

    def is_served() -> bool:
        with running.http() as http:
            return http.get("/healthz").status_code == 200

    until(is_served, "there is no room again")
    with running.http() as http:
        assert 'refusals_total{reason="connections"}' in http.get("/metrics").text


def test_an_answer_that_nobody_reads(start: Start, database: Path) -> None:
    """A peer that asks for much and reads nothing is cut off, and its answers are dropped."""
    fleet_now.store(ANNA, name="n" * 100_000)
    running = start("--write-timeout", "0.5")
    request = json.dumps(
        {"name": "FleetBoat", "method": "get", "manifest": {"FleetBoat": "1.2"}, "args": [ANNA]}
    ).encode()
    head = b"POST /v1/class-action HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    with running.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        with contextlib.suppress(ConnectionError, TimeoutError):
            peer.settimeout(10)
            for _ in range(400):
                peer.sendall(head % len(request) + request)
        until(lambda: _is_cut_off(peer), "it is still connected")
    fleet_now.store(ANNA)
    served(running)


def _is_cut_off(peer: socket.socket) -> bool:
    peer.settimeout(0.05)
    try:
        peer.sendall(b"x")
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("slow", ["body", "head"])
def test_slow_peers_stop_nobody(start: Start, slow: str) -> None:
    """Many that never finish their request leave room for those that do."""
    running = start("--concurrency", "2", "--queue", "60", "--read-timeout", "2")
    head = b"POST /v1/action HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            peer = stack.enter_context(running.socket())
            peer.sendall(head + (b"\r\n{" if slow == "body" else b""))
        with running.http() as http:
            assert http.post("/v1/action", content=b"{}").status_code == 400
            assert http.get("/readyz").json()["ready"] is True
