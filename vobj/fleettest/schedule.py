"""What happens in a run: calls, rolls and faults, drawn from a seed.

Theory
    Rolls and faults are tied to how many calls have been made, not to a clock, so that a slow
    machine has as many of them per call as a fast one. The seed decides on all that is drawn; what
    races with what is up to the machine, as it is in a fleet.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from vobj.errors import UsageError
from vobj.fleettest.calls import EDIT, OWN, RUN, SHOW, Call
from vobj.fleettest.copies import CALL
from vobj.fleettest.port_truth import edits, first_port
from vobj.fleettest.truth import STATES, Row, first_row

FAULTS = {
    "conductor-kill": (1_500, "a conductor is killed, and starts again"),
    "conductor-restart": (2_500, "a conductor is stopped as it should be, and starts again"),
    "slow-conductor": (1_500, "a conductor stands still for seconds"),
    "full-queue": (1_500, "methods that take time fill the queues of the conductors"),
    "node-kill": (600, "a node of each service is killed, and starts again"),
    "broker-kill": (6_000, "the broker is killed with what is in it, and starts again"),
    "cut": (3_000, "every connection to the broker is cut"),
    "delay": (600, "nothing reaches or leaves the broker for a while"),
    "duplicate": (600, "requests arrive a second time, late"),
}
"""Each fault: after how many calls it comes again, and what it is."""

ROLL = "roll"
_HOT = 0.1
_KINDS = {OWN: 0.2, EDIT: 0.4, RUN: 0.15, SHOW: 0.25}
_PORT_KINDS = {OWN: 0.3, EDIT: 0.4, SHOW: 0.3}
_FIRST_AT_2 = 3


@dataclass(frozen=True)
class Settings:
    """What was asked for.

    seconds: after these no call is begun. at_once: calls at a time. os_vif: nodes of it, beside the
    others.
    """

    nodes: int = 50
    calls: int = 20_000
    seconds: float = 600.0
    seed: int = 0
    faults: tuple[str, ...] = tuple(FAULTS)
    at_once: int = 16
    os_vif: int = 0

    def check(self) -> None:
        """Raises UsageError (`usage/argument`)."""
        for name, least, most in (
            ("nodes", 2, 500), ("calls", 1, 10_000_000), ("seconds", 1, 86_400), ("at_once", 1, 500)
        ):  # fmt: skip
            if not least <= getattr(self, name) <= most:
                raise UsageError(
                    f"Expected {name} from {least} to {most}, got {getattr(self, name)}",
                    rule="usage/argument",
                )
        if self.os_vif and not 2 <= self.os_vif <= 100:
            raise UsageError(
                f"Expected os_vif 0, or from 2 to 100, got {self.os_vif}", rule="usage/argument"
            )


@dataclass(frozen=True, order=True)
class Event:
    """Something that happens once so many calls have been made. node: of a roll, with its new
    release."""

    at: int
    kind: str
    node: int = -1
    release: int = 0


class Schedule:
    """The draws of one run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._draw = Random(settings.seed)
        self._servers = [
            str(uuid.UUID(int=self._draw.getrandbits(128), version=4))
            for _ in range(max(8, settings.nodes))
        ]
        self._ports = [
            str(uuid.UUID(int=self._draw.getrandbits(128), version=4))
            for _ in range(max(8, settings.os_vif) if settings.os_vif else 0)
        ]

    def rows(self) -> list[Row]:
        """The servers and the ports, before anything happens to them."""
        servers = [first_row(one, number) for number, one in enumerate(self._servers)]
        return servers + [first_port(one, number) for number, one in enumerate(self._ports)]

    def releases(self) -> list[int]:
        """The release that each node begins with: some are ahead. Those of os-vif are the last."""
        numbers = [*range(self._settings.nodes), *range(self._settings.os_vif)]
        return [1 + (number % _FIRST_AT_2 == 0) for number in numbers]

    def events(self) -> list[Event]:
        """Rolls and faults, in their order: node by node forward, then node by node back.

        The first node of os-vif stays at the newer release: something has to have the database.
        """
        calls = self._settings.calls
        forward = [(node, 2) for node, at in enumerate(self.releases()) if at == 1]
        stays = self._settings.nodes
        rolls = [*forward, *((node, 1) for node in range(len(self.releases())) if node != stays)]
        made = [
            Event(round(calls * (index + 1) / (len(rolls) + 1)), ROLL, node, release)
            for index, (node, release) in enumerate(rolls)
        ]
        for kind in self._settings.faults:
            times = max(1, calls // FAULTS[kind][0])
            made += [
                Event(round(calls * (0.05 + 0.85 * (index + self._draw.random()) / times)), kind)
                for index in range(times)
            ]
        return sorted(made)

    def pick(self, among: int) -> int:
        """A number below `among`."""
        return self._draw.randrange(among)

    def seconds(self, least: float, most: float) -> float:
        """A length of time."""
        return self._draw.uniform(least, most)

    def copier(self) -> Random:
        """What decides on copies, beside the draws of the run."""
        return Random(self._draw.random())

    def call(self, number: int, release: int, others: dict[str, int]) -> Call:
        """A call of a node that runs a release; others: those that may be asked, with theirs."""
        kind = self._draw.choices(list(_KINDS), list(_KINDS.values()))[0]
        to = self._draw.choice(sorted(others)) if kind in (EDIT, SHOW) else None
        by = release if to is None else others[to]
        hot = self._draw.random() < _HOT
        server = 0 if hot else self._draw.randrange(len(self._servers))
        wanted: dict[str, Any] = {}
        if kind == RUN:
            wanted = {"field": "runs", "value": self._draw.randrange(1, 10)}
        elif kind != SHOW:
            wanted = self._draw.choice(list(_edits(self._draw, number, by, server)))
        return Call(f"{CALL}{number:07d}", kind, self._servers[server], wanted, to)

    def port_call(self, number: int, release: int, others: dict[str, int]) -> Call:
        """The same of a node of os-vif."""
        kind = self._draw.choices(list(_PORT_KINDS), list(_PORT_KINDS.values()))[0]
        to = self._draw.choice(sorted(others)) if kind != OWN else None
        oldest = release if to is None else min(release, others[to])
        port = 0 if self._draw.random() < _HOT else self._draw.randrange(len(self._ports))
        wanted: dict[str, Any] = {}
        if kind != SHOW:
            wanted = self._draw.choice(list(edits(self._draw, number, oldest, port)))
        return Call(f"{CALL}{number:07d}", kind, self._ports[port], wanted, to)


def _edits(draw: Random, number: int, release: int, server: int) -> Iterator[dict[str, Any]]:
    """The edits that a release can make, in the words of release 2."""
    yield {"field": "name", "value": f"name-{number}"}
    yield {"field": "note", "value": f"note-{number}"}
    yield {"field": "memory_mb", "value": 10_000 + number}
    yield {"field": "size", "value": 10_000 + number, "disk": draw.randrange(3)}
    yield {"field": "label", "value": f"label-{number}", "disk": draw.randrange(3)}
    first, second = draw.sample(STATES, 2)
    yield {"field": "state", "value": first, "or": second}
    # One server, and not the busiest, is where what release 1 cannot have is tried.
    engines = ("steam", "sail", "fusion") if release == 2 and server == 1 else ("steam", "sail")
    first, second = draw.sample(engines, 2)
    yield {"field": "engine", "value": first, "or": second}
    if release == 2:
        yield {"field": "owner", "value": f"owner-{number}"}
        yield {"field": "wear", "value": 10_000 + number, "disk": draw.randrange(3)}
