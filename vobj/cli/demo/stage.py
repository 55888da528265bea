"""The three processes of a play, and what passes between them.

Theory
    Only the old node asks the conductor. It notes its requests, the conductor logs them, and the
    two must agree at the end of each scene. When the conductor gives no answer, the old node's
    error says so by its class, whatever the scene had expected.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from vobj.cli.demo.conductor import ConductorProcess, Request
from vobj.cli.demo.example import Example
from vobj.cli.demo.pipe import Node, Refused
from vobj.cli.demo.scene import Message, Scene

_AWAY = "ConductorAway"


class Stage:
    """An example with its nodes and its conductor running.

    held: what the new node keeps, as it was last shown. stored: the keys of what it has stored.
    rows: the database as it was when an old caller was about to save. asked: every request that the
    old node tells of.
    """

    def __init__(
        self,
        example: Example,
        old: Node,
        new: Node,
        conductor: ConductorProcess,
        database: Path | None,
    ) -> None:
        self.example = example
        self.old = old
        self.new = new
        self.conductor = conductor
        self.hello = {"old": old.call("hello"), "new": new.call("hello")}
        self.manifest: Mapping[str, str] = self.hello["old"]["manifest"]
        self.held: dict[str, dict[str, Any]] = {}
        self.stored: dict[str, str] = {}
        self.rows: Mapping[str, Sequence[Any]] | None = None
        self.asked: list[Request] = []
        self._database = database

    def show(self, name: str) -> dict[str, Any]:
        """What the new node keeps under a name."""
        self.held[name] = self.new.call("show", object=name)
        return self.held[name]

    def intact(self, name: str) -> bool:
        """Whether the new node keeps what it showed last."""
        return self.new.call("show", object=name) == self.held[name]

    def store(self, scene: Scene) -> str:
        """Let the new node store what it keeps, once: the key."""
        name = scene.subject
        if name not in self.stored:
            self.show(name)
            self.stored[name] = self.new.call("store", object=name)["uuid"]
            scene.messages.append(Message("new", "database", f"stores {name}"))
        return self.stored[name]

    def receive(self, scene: Scene) -> dict[str, Any]:
        """Let the new node send its newest to the old one: what that sees. Raises Refused."""
        payload = self.new.call("send", object=scene.subject)["payload"]
        size = len(json.dumps(payload))
        scene.messages.append(
            Message("new", "old", f"the newest {stamp_of(payload)}, {size / 1000:.1f} kB")
        )
        return self.ask_old(scene, "receive", payload=payload)

    def ask_old(self, scene: Scene, operation: str, **fields: Any) -> dict[str, Any]:
        """An operation of the old node, with what it asks the conductor meanwhile.

        Raises Refused, and ConductorFailed when the conductor gave no answer.
        """
        try:
            result = self.old.call(operation, **fields)
        except Refused as error:
            self._note(scene)
            if error.report["class"] == _AWAY:
                raise self.conductor.failed(error.report) from None
            raise
        self._note(scene)
        return result

    def _note(self, scene: Scene) -> None:
        """Take over what the old node has asked."""
        for one in self.old.call("asked")["asked"]:
            self.asked.append(Request(one["operation"], one["status"], one["rule"] or ""))
            backport = one["operation"] == "backport"
            what = f"{'backport' if backport else 'run'} {one['about']}"
            scene.messages.append(Message("old", "conductor", what, one["classes"]))
            if one["status"] is not None:
                said = one["rule"] or ("backported" if backport else "it ran")
                took = f"{said}, {one['milliseconds']:.0f} ms"
                scene.messages.append(Message("conductor", "old", took))

    def agreed(self) -> bool:
        """Whether the conductor's log tells of the requests that the old node tells of."""
        return self.conductor.requests() == self.asked

    def dump(self) -> dict[str, list[Any]]:
        """Every row of the database, by table; empty without one."""
        if self._database is None or not self._database.exists():
            return {}
        with closing(sqlite3.connect(self._database, timeout=10)) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {
                name: database.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2').fetchall()
                for (name,) in tables.fetchall()
            }


def stamp_of(payload: Mapping[str, Any]) -> str:
    """The name and the version of an envelope."""
    found = {key.rpartition(".")[2]: value for key, value in payload.items()}
    return f"{found.get('name')} {found.get('version')}"
