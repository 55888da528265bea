"""Nodes on a pipe: real processes that answer, refuse, die and fall silent."""

from __future__ import annotations

import sys
import time

import pytest

from vobj.cli.demo.pipe import Node, NodeFailed, Refused, variables

ANSWERS = """
import json, os, sys, time
for number, line in enumerate(sys.stdin, 1):
    request = json.loads(line)
    if request["op"] == "quit":
        print(json.dumps({"id": request["id"], "ok": True, "result": {}}), flush=True)
        sys.exit(request.get("status", 0))
    if request["op"] == "refuse":
        error = {"class": "No", "text": "never", "rule": "a/b"}
        print(json.dumps({"id": request["id"], "ok": False, "error": error}), flush=True)
        continue
    if request["op"] != "echo":
        print("last words", file=sys.stderr, flush=True)
        exec(request["op"])
    print(json.dumps({"id": request["id"], "ok": True, "result": request}), flush=True)
"""


def node(*, seconds: float = 30) -> Node:
    return Node("old", [sys.executable, "-c", ANSWERS], variables(), seconds=seconds)


def test_a_node_answers_and_ends() -> None:
    """Requests are answered in order, and the node ends with its own status."""
    with node() as running:
        assert running.call("echo", value="\x00é\ud800")["value"] == "\x00é\ud800"
        with pytest.raises(Refused, match="No: never") as caught:
            running.call("refuse")
        assert caught.value.report["rule"] == "a/b"
        assert running.call("echo", value=2)["value"] == 2
        assert running.quit() == 0


@pytest.mark.parametrize(
    ("death", "how"),
    [
        ("os.kill(os.getpid(), 9)", "ended by signal 9 during"),
        ("sys.exit(3)", "ended with status 3 during"),
        ("raise ValueError", "ended with status 1 during"),
        ("print('a library speaks')", "answered .* with 'a library speaks"),
        ("print('[]')", "answered .* with"),
        ("print(json.dumps({'id': 7, 'ok': True, 'result': {}}))", "answered .* with"),
        ("print(json.dumps({'id': 1, 'ok': True, 'result': 3}))", "answered .* with"),
    ],
)
def test_a_node_that_dies_is_told(death: str, how: str) -> None:
    """The error names the node, how it ended and during what, and has its last words."""
    with node() as running:
        with pytest.raises(NodeFailed, match=f"^The old node {how}") as caught:
            running.call(death)
        assert "last words" in caught.value.stderr
        assert caught.value.node is running


def test_a_dead_node_stays_dead() -> None:
    """Every later call fails as well."""
    with node() as running:
        for _ in range(2):
            with pytest.raises(NodeFailed, match="ended with status 3"):
                running.call("sys.exit(3)")


def test_a_silent_node_is_given_up() -> None:
    """A node that does not answer in time counts as failed, and is ended."""
    start = time.monotonic()
    with (
        node(seconds=0.5) as running,
        pytest.raises(NodeFailed, match=r"gave no answer to .* in 0.5 s"),
    ):
        running.call("time.sleep(1); sys.exit()")
    assert time.monotonic() - start < 10


def test_a_node_inherits_no_python_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node finds modules its own way, unless it is told where vobj is."""
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PYTHONSTARTUP", "/somewhere")
    assert "PYTHONPATH" not in variables()
    assert "PYTHONSTARTUP" not in variables()
    assert variables(pythonpath="/here")["PYTHONPATH"] == "/here"
