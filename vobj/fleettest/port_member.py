"""The nodes of os-vif as the bench sees them: what runs them, and what their words mean.

Theory
    They are real releases, each in its own environment, and know nothing of the bench: they tell
    what they see and which errors came. Here that is judged and named, and a call is handed to them
    again when asking again may help. So one that is to end is told so when its calls are over.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import vobj
from vobj.conductor.endpoint import NAMESPACE
from vobj.fleettest import port_truth
from vobj.fleettest.calls import Attempts, Call, Told, named
from vobj.fleettest.conductors import Around, Serving
from vobj.fleettest.copies import EXCHANGE
from vobj.fleettest.guard import Guard
from vobj.fleettest.member import Launch, Member, Process
from vobj.fleettest.node import Start

CONDUCTORS = "port-conductors"
RELEASES = {1: "1.4.0", 2: "5.3.0"}
_SOURCE = Path(vobj.__file__).parents[1]
_PROGRAM = Path(__file__).with_name("port_node.py")


@dataclass(frozen=True)
class Pythons:
    """The interpreters of the two environments. old: has os-vif 1.4.0 and oslo, and not vobj."""

    old: Path
    new: Path

    def serving(self) -> Serving:
        """What the conductors of os-vif run: the newer release."""
        return Serving(
            str(self.new),
            ("--import", "os_vif.objects:register_all",
             "--base", "os_vif.objects.base:VersionedObject", "--rpc-topic", CONDUCTORS),
            _variables(with_vobj=True),
        )  # fmt: skip

    def launching(self, around: Around) -> Launch:
        """How nodes of os-vif are started."""

        def launch(start: Start) -> tuple[Process, Connection]:
            is_new = start.release == 2
            channel, theirs = Pipe()
            with Path(start.log).open("ab") as log:
                made = _Program(
                    # -P: the modules beside the program are not its own.
                    [str(self.new if is_new else self.old), "-P", str(_PROGRAM),
                     str(theirs.fileno())],
                    env={**_variables(with_vobj=is_new), **around.environment},
                    cwd=around.place, start_new_session=True, pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )  # fmt: skip
            made.guarded(around.guard)
            channel.send({
                "name": start.name, "release": start.release, "keeps": is_new, "url": start.url,
                "config": start.config, "exchange": EXCHANGE, "conductors": CONDUCTORS,
                "namespace": NAMESPACE,
            })  # fmt: skip
            theirs.close()
            return made, channel

        return launch


class _Program(subprocess.Popen[bytes]):
    """A process, by the names that multiprocessing has for what it does."""

    def guarded(self, guard: Guard) -> None:
        """Have the guard end it with the bench."""
        self._guard = guard
        guard.started(self.pid)

    @property
    def exitcode(self) -> int | None:
        """None while it runs."""
        return self.poll()

    def join(self) -> None:
        """Wait for its end."""
        self.wait()
        self._guard.ended(self.pid)


class PortMember(Member):
    """One node of os-vif. tally: of what such nodes do, for people."""

    def __init__(self, launch: Launch, start: Start, tally: Counter[str]) -> None:
        super().__init__(launch, start)
        self._tally = tally
        self._backports = 0
        self._attempts: dict[str, Attempts] = {}
        self._due: list[tuple[float, Call]] = []
        self._may_go_on = True

    def call(self, call: Call) -> None:
        """Have it make a call."""
        self.busy[call.name] = call
        self._attempts[call.name] = Attempts(call.name)
        self._try(call)

    def roll(self, release: int) -> None:
        """Let it end as a service does, once its calls are over, and start with another release."""
        self.next_release = release
        self.is_ending = True

    def settle(self) -> None:
        """Hand it what is to be tried again; let it end when it is to and nothing is left."""
        now = time.monotonic()
        due = [call for when, call in self._due if when <= now]
        self._due = [one for one in self._due if one[0] > now]
        for call in due:
            self._try(call)
        if self.is_ending and not self.busy and self._may_go_on:
            self._may_go_on = False
            self.tell("end")

    def relaunch(self) -> list[Call]:
        """Start it anew after its end; the calls that it left behind."""
        self._due = []
        self._may_go_on = True
        self._backports = 0
        self._process.join()
        return super().relaunch()

    def receive(self) -> tuple[str, Any]:
        """What it says, judged."""
        what, given = super().receive()
        if what == "ready":
            due = {"release": RELEASES[self.start.release], "vobj": self.start.release == 2}
            return (what, given) if given == due else ("broken", f"{self.name} with {given}")
        call = self.busy[given["call"]]
        attempts = self._attempts[call.name]
        self._tally["backports"] += given["backports"] - self._backports
        self._backports = given["backports"]
        for where, sender, reader, seen in given["seen"]:
            self._tally[f"read_at_{RELEASES[reader]}_from_{RELEASES[sender]}"] += 1
            if not port_truth.is_true(seen, whole=sender == reader == 2):
                attempts.outcome.untrue.append(
                    f"{where}, from os-vif {RELEASES[sender]}, by {RELEASES[reader]}"
                )
        pause = attempts.ended(_named(given["error"]))
        if pause is None:
            return "done", self._attempts.pop(call.name).outcome
        self._due.append((time.monotonic() + pause, call))
        return "again", None

    def _try(self, call: Call) -> None:
        attempt = f"{self.name}/{self._attempts[call.name].number}"
        self.tell("try", {**asdict(call), "attempt": attempt})


def _named(error: Mapping[str, Any] | None) -> Told | None:
    if error is None:
        return None
    made = named(error["class"], error["text"], error["rule"], error["remote"])
    return replace(made, harmless=bool(error.get("harmless")))


def _variables(*, with_vobj: bool) -> dict[str, str]:
    """The variables of a node: those of the bench, without its way of finding modules."""
    made = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    made["PYTHONWARNINGS"] = "ignore"
    return {**made, "PYTHONPATH": str(_SOURCE)} if with_vobj else made
