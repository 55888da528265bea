"""The standard library's way to a conductor: what it makes of answers that are none."""

from __future__ import annotations

import importlib.util
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oslo_versionedobjects.base import VersionedObject, VersionedObjectSerializer

from tests.cli.conftest import ROOT

NEWER = {
    "versioned_object.name": "Boat",
    "versioned_object.namespace": "versionedobjects",
    "versioned_object.version": "1.7",
    "versioned_object.data": {},
}


def load() -> Any:
    """The module of the examples, which no package holds."""
    path = ROOT / "examples" / "nodes" / "indirection.py"
    spec = importlib.util.spec_from_file_location("demo_indirection", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


indirection = load()


class Peer:
    """Listens at `address`, takes one request and sends `answer`; None is silence."""

    def __init__(self, listener: socket.socket, address: str) -> None:
        self.listener = listener
        self.address = address
        self.answer: bytes | None = b""
        self.request = b""
        self.done = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        try:
            connection, _ = self.listener.accept()
        except OSError:
            return
        with connection:
            with connection.makefile("rb") as reader:
                head = list(iter(reader.readline, b"\r\n"))
                self.request = head[0]
                lengths = [one.split()[1] for one in head if one.startswith(b"Content-Length:")]
                reader.read(int(lengths[0]))
            if self.answer is None:
                self.done.wait(30)
            else:
                connection.sendall(self.answer)

    def close(self) -> None:
        self.done.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._thread.join(30)


@pytest.fixture(params=["unix", "tcp"])
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    """A peer on each kind of socket."""
    if request.param == "tcp":
        listener = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        address = f"unix:{tmp_path / 's'}"
    running = Peer(listener, address)
    yield running
    running.close()


def http(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def ask(address: str) -> Any:
    """A client after it has asked for a backport; raises what came of that."""
    client = indirection.Indirection(address, VersionedObjectSerializer(), seconds=0.5)
    try:
        client.object_backport_versions({}, NEWER, {"Boat": "1.0"})
    finally:
        assert [one["about"] for one in client.asked] == ["Boat 1.7"]
    return client


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, "(TimeoutError|timeout): timed out"),
        (b"", "RemoteDisconnected"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "IncompleteRead"),
        (b"SSH-2.0\r\n", "BadStatusLine"),
        (http(200, b"<html>"), "JSONDecodeError"),
        (http(200, b"\xff"), "UnicodeDecodeError"),
        (http(200, b"[]"), "ValueError: Expected a JSON object, got list"),
    ],
    ids=["silent", "closed", "cut off", "another protocol", "no JSON", "no text", "no object"],
)
def test_no_answer_is_an_error_of_its_own(peer: Peer, answer: bytes | None, text: str) -> None:
    """Whatever comes instead of an answer, the error names the conductor and what came."""
    peer.answer = answer
    with pytest.raises(indirection.ConductorAway, match=text) as caught:
        ask(peer.address)
    assert f"No answer from the conductor at {peer.address}: " in str(caught.value)


def test_a_conductor_that_is_not_there(tmp_path: Path) -> None:
    """Neither a missing socket nor a closed port gets further than the same error."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for address in (f"unix:{tmp_path / 'none'}", f"127.0.0.1:{port}"):
        with pytest.raises(indirection.ConductorAway, match=r"FileNotFound|ConnectionRefused"):
            ask(address)


def test_a_refusal_has_its_rule(peer: Peer) -> None:
    """What the conductor says of an error reaches the caller: class, text, path and rule."""
    error = b'{"error": {"class": "C", "message": "m", "rule": "a/b", "path": ["x", 0]}}'
    peer.answer = http(409, error)
    with pytest.raises(indirection.ConductorRefused, match=r"^C: m at \$\.x\.0 \[a/b\]$") as caught:
        ask(peer.address)
    assert caught.value.rule == "a/b"


def test_a_backport_that_is_none_is_not_asked_for_again(peer: Peer) -> None:
    """A payload that the node cannot read in its answer is oslo's error, after one request."""
    peer.answer = http(200, b'{"payload": {}}')
    assert VersionedObject.indirection_api is None
    with pytest.raises(KeyError, match=r"versioned_object\.namespace"):
        ask(peer.address)
    assert peer.request == b"POST /v1/backport HTTP/1.1\r\n"
