"""A node at the other end of a pipe: one JSON document per line there and back."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Self

_GRACE_SECONDS = 5
_TAIL = 8


class NodeFailed(Exception):
    """A node died, fell silent or wrote what is no reply; `.stderr` holds what it said last."""

    def __init__(self, node: Node, text: str, stderr: str) -> None:
        super().__init__(text)
        self.node = node
        self.stderr = stderr


class Refused(Exception):
    """A node answered with an error. `.report` is that error: class, text, facts, rule."""

    def __init__(self, report: dict[str, Any]) -> None:
        super().__init__(f"{report['class']}: {report['text']}")
        self.report = report


class Node:
    """A running node. Use it in a `with`; leaving it ends the process, whatever happened.

    seconds: how long it may take to answer. It is in a session of its own, so that Ctrl-C stops the
    demo and not the nodes under it.
    """

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], *, seconds: float = 30
    ) -> None:
        self.name = name
        self.seconds = seconds
        self._number = 0
        self._stderr = tempfile.TemporaryFile(  # noqa: SIM115 - __exit__ closes it
            "w+", encoding="utf-8", errors="replace"
        )
        self._process = subprocess.Popen(
            command,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")  # the end: no line is empty

    def call(self, operation: str, **fields: Any) -> dict[str, Any]:
        """The result of an operation. Raises Refused and NodeFailed."""
        self._number += 1
        line = json.dumps({"id": self._number, "op": operation, **fields})
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            raise self._gone(operation) from None
        try:
            answer = self._lines.get(timeout=self.seconds)
        except queue.Empty:
            raise self._failed(f"gave no answer to {operation!r} in {self.seconds:g} s") from None
        if not answer:
            raise self._gone(operation)
        return self._result(operation, answer)

    def _result(self, operation: str, answer: str) -> dict[str, Any]:
        try:
            reply = json.loads(answer)
            if reply["id"] != self._number:
                raise ValueError("another request's reply")
            content = dict(reply["result" if reply["ok"] else "error"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise self._failed(f"answered {operation!r} with {answer[:80]!r}") from None
        if not reply["ok"]:
            raise Refused({"class": "?", "text": "?", **content})
        return content

    def quit(self) -> int:
        """Ask the node to end; its exit status. Raises NodeFailed."""
        self.call("quit")
        try:
            return self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            raise self._failed("did not end after 'quit'") from None

    def _gone(self, operation: str) -> NodeFailed:
        try:
            status = self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return self._failed(f"closed its pipe during {operation!r}")
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return self._failed(f"ended {how} during {operation!r}")

    def _failed(self, what: str) -> NodeFailed:
        self._stderr.seek(0)
        return NodeFailed(
            self, f"The {self.name} node {what}", "".join(self._stderr.readlines()[-_TAIL:])
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with contextlib.suppress(BrokenPipeError):  # the node is gone with what was buffered
            stdin.close()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(_GRACE_SECONDS)
        stdout.close()
        self._stderr.close()


def variables(*, pythonpath: str | None = None) -> dict[str, str]:
    """The environment of a node: this process's, without its way of finding modules."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env |= {"PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
    return env if pythonpath is None else {**env, "PYTHONPATH": pythonpath}
