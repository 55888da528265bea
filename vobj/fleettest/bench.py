"""A run from its start to its count.

Theory
    One thread holds the ledger: it draws the calls, hands each to a node that is not busy, and
    writes down what came of it. Rolls and kills of nodes are done there as well, so that no call is
    handed to a node that is just ending. A call whose caller was killed is open.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from vobj.errors import UsageError
from vobj.fleettest.broker import Broker
from vobj.fleettest.calls import ENDED, OPEN, Call, Outcome
from vobj.fleettest.conductors import Around, Service, ours
from vobj.fleettest.count import Count, count
from vobj.fleettest.faults import Faults
from vobj.fleettest.guard import Guard
from vobj.fleettest.member import Member, forking
from vobj.fleettest.node import Start
from vobj.fleettest.port_member import RELEASES, PortMember, Pythons
from vobj.fleettest.proxy import Proxy
from vobj.fleettest.schedule import ROLL, Event, Schedule, Settings
from vobj.fleettest.store import FILE, Store

_CONDUCTORS = ("conductor-a", "conductor-b")
_PORT_CONDUCTORS = ("os-vif-conductor-a", "os-vif-conductor-b")
_TICK = 0.1
_LAST_CALLS_SECONDS = 120.0
_PER_NODE = 2
_ROLLING = 2
_HOLDS, _HOLD_SECONDS = 16, 0.4
_FILES = 8192
# Who is not there for a reply within the consumer retry gets no reply for a minute: the driver is
# made so. A broker that starts again on a busy machine takes seconds.
_CONFIG = """
[oslo_messaging_rabbit]
rabbit_retry_interval = 1
rabbit_retry_backoff = 1
rabbit_interval_max = 2
kombu_reconnect_delay = 0.2
kombu_missing_consumer_retry_timeout = 10
heartbeat_timeout_threshold = 20
"""

Say = Callable[[str], None]


def run(
    settings: Settings, say: Say, *, keep: Path | None = None, pythons: Pythons | None = None
) -> Count:
    """Make a run; what there is to say against it.

    say: is told how it goes. keep: a directory for what is left of the run, with its logs; without
    one nothing is left. pythons: what runs the nodes of os-vif. Raises UsageError.
    """
    settings.check()
    if settings.os_vif and pythons is None:
        raise UsageError("Nodes of os-vif need its environments", rule="usage/argument")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(_FILES, hard)), hard))
    with ExitStack() as stack:
        if keep is None:
            place = Path(tempfile.mkdtemp(prefix="vobj-fleet-test-"))
        else:
            place = keep.resolve()
            place.mkdir(parents=True)
        guard = Guard(place, keep=keep is not None)
        stack.callback(guard.close)
        return _Run(settings, say, place, guard, stack, pythons).result()


class _Run:
    def __init__(
        self, settings: Settings, say: Say, place: Path, guard: Guard, stack: ExitStack,
        pythons: Pythons | None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._say = say
        self._schedule = Schedule(settings)
        self._calls: dict[str, Call] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._happened: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._of_ports: Counter[str] = Counter()
        self._broken: list[str] = []
        self._waiting: list[Event] = []
        self._store = Store(str(place / "store.sqlite"))
        self._store.make(self._schedule.rows())
        broker = Broker(place / "broker", guard)
        say("starting a broker, conductors and nodes")
        broker.start()
        proxy = Proxy(broker.port)
        stack.callback(proxy.close)
        (place / "rpc.conf").write_text(_CONFIG)
        environment = {FILE: str(place / "store.sqlite")}
        around = Around(
            place, f"rabbit://guest:guest@127.0.0.1:{proxy.port}/", str(place / "rpc.conf"),
            f"sqlite:///{place / 'fleet.sqlite'}", environment, guard,
        )  # fmt: skip
        conductors = [Service(name, around, ours(around)) for name in _CONDUCTORS]
        of_ports = [] if pythons is None else [
            Service(name, around, pythons.serving()) for name in _PORT_CONDUCTORS
        ]  # fmt: skip
        with ThreadPoolExecutor(len(conductors + of_ports)) as pool:
            list(pool.map(Service.start, conductors + of_ports))
        self._faults = Faults(broker, proxy, conductors + of_ports, self._schedule)
        stack.callback(self._faults.close)
        self._members = self._launch(around, conductors, pythons)
        self._next_kind = self._drawn_kind()
        stack.callback(self._end_members)

    def result(self) -> Count:
        """Make the calls, and count."""
        began = time.monotonic()
        self._work(lambda: all(one.is_ready for one in self._members), began + 120)
        self._say(f"{len(self._members)} nodes are there after {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        self._load(began + self._settings.seconds)
        self._work(lambda: len(self._outcomes) == len(self._calls) and self._faults.is_quiet
                   and not self._waiting, time.monotonic() + _LAST_CALLS_SECONDS)  # fmt: skip
        took = time.monotonic() - began
        for name in self._calls.keys() - self._outcomes.keys():
            self._outcomes[name] = Outcome(name, OPEN, [ENDED])
        self._faults.close()
        self._end_members()
        made = count(self._calls, self._outcomes, self._store.stored(), self._schedule.rows(),
                     self._faults.copied)  # fmt: skip
        self._add(made, took)
        return made

    def _launch(
        self, around: Around, conductors: list[Service], pythons: Pythons | None
    ) -> list[Member]:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["vobj.fleettest.node"])
        os.environ.update(around.environment)
        sockets = tuple(one.socket for one in conductors)
        made: list[Member] = []
        for index, release in enumerate(self._schedule.releases()):
            is_ours = index < self._settings.nodes
            number = index if is_ours else index - self._settings.nodes
            name = f"{'node' if is_ours else 'os-vif'}-{number}"
            start = Start(name, number, release, around.url, sockets, around.config, around.fleet,
                          str(around.place / f"{name}.log"))  # fmt: skip
            if is_ours or pythons is None:
                made.append(Member(forking(context), start))
            else:
                made.append(PortMember(pythons.launching(around), start, self._of_ports))
        return made

    def _load(self, until: float) -> None:
        """Make all calls, or as many as there is time for."""
        events = self._schedule.events()
        told = time.monotonic()
        while len(self._calls) < self._settings.calls and time.monotonic() < until:
            while events and events[0].at <= len(self._calls):
                self._waiting.append(events.pop(0))
            while self._dispatch():
                pass
            self._turn()
            if time.monotonic() - told > 10:
                told = time.monotonic()
                self._say(self._progress())
        self._waiting += events  # where time was over

    def _work(self, done: Callable[[], bool], until: float) -> None:
        while not done() and time.monotonic() < until:
            self._turn()

    def _turn(self) -> None:
        """Read what nodes say, and do what is due."""
        channels: dict[Any, Member] = {one.channel: one for one in self._members}
        for ready in wait(list(channels), _TICK):
            self._read(channels[ready])
        self._faults.settle()
        for member in self._members:
            member.settle()
            if member.ended:
                self._start_again(member)
        self._waiting = [one for one in self._waiting if not self._begin(one)]

    def _read(self, member: Member) -> None:
        try:
            what, given = member.receive()
        except (EOFError, OSError):
            if not member.ended:
                member.kill()
            self._start_again(member)
            return
        if what == "ready":
            member.is_ready = True
        elif what == "done":
            member.busy.pop(given.call, None)
            self._outcomes[given.call] = given
        elif what == "held":
            self._held.update(given)
        elif what == "broken":
            self._broken.append(f"{given} failed: see its log (--keep)")

    def _start_again(self, member: Member) -> None:
        if not member.is_ready:
            self._broken.append(f"{member.name} did not start: see its log (--keep)")
        for call in member.relaunch():
            self._outcomes[call.name] = Outcome(call.name, OPEN, [ENDED])

    def _dispatch(self) -> bool:
        """Hand one call to a node; False when there is none to give, or no one to give it to."""
        running = len(self._calls) - len(self._outcomes)
        if len(self._calls) >= self._settings.calls or running >= self._settings.at_once:
            return False
        kind = self._next_kind
        free = [one for one in self._there(kind) if len(one.busy) < _PER_NODE]
        if not free:
            return False
        member = free[self._schedule.pick(len(free))]
        others = {one.name: one.start.release for one in self._there(kind) if one is not member}
        if not others:
            return False
        self._next_kind = self._drawn_kind()
        draw = self._schedule.call if kind is Member else self._schedule.port_call
        call = draw(len(self._calls), member.start.release, others)
        self._calls[call.name] = call
        member.call(call)
        return True

    def _begin(self, event: Event) -> bool:
        """Let something happen; False when it cannot yet."""
        if event.kind == ROLL:
            return self._roll(event)
        if event.kind == "node-kill":
            return self._kill_nodes(event)
        if event.kind == "full-queue":
            for one in self._there(Member)[:4]:
                one.tell("hold", (_HOLDS, _HOLD_SECONDS))
            self._happened[event.kind] += 1
        else:
            self._faults.begin(event.kind)
        return True

    def _drawn_kind(self) -> type[Member]:
        """Whose call is next: each service makes as many as it has nodes for."""
        return type(self._members[self._schedule.pick(len(self._members))])

    def _there(self, kind: type[Member]) -> list[Member]:
        """The nodes of a service that are there and stay."""
        return [one for one in self._members if type(one) is kind and one.takes_calls]

    def _kill_nodes(self, event: Event) -> bool:
        """One of each service."""
        kinds = {type(one) for one in self._members}
        there = [self._there(kind) for kind in (Member, PortMember) if kind in kinds]
        if not all(there):
            return False
        for some in there:
            member = some[self._schedule.pick(len(some))]
            member.kill()
            self._happened[event.kind] += 1
            if type(member) is PortMember:
                self._of_ports[f"killed_at_{RELEASES[member.start.release]}"] += 1
        return True

    def _roll(self, event: Event) -> bool:
        member = self._members[event.node]
        away = [one for one in self._members if not one.takes_calls]
        if not member.takes_calls or len(away) >= _ROLLING:
            return False
        member.roll(event.release)
        self._happened[ROLL] += 1
        self._of_ports["rolls"] += type(member) is PortMember
        return True

    def _end_members(self) -> None:
        for one in self._members:
            one.close()
        self._members = []

    def _progress(self) -> str:
        new = sum(one.start.release == 2 for one in self._members)
        away = sum(not one.takes_calls for one in self._members)
        events = (self._happened + self._faults.happened).total()
        return (
            f"{len(self._outcomes)} calls; {new} nodes at release 2, {away} away;"
            f" {events} rolls and faults"
        )

    def _add(self, made: Count, took: float) -> None:
        """What else there is to say of the run."""
        happened = self._happened + self._faults.happened
        made.never += [f"fault {one}" for one in self._settings.faults if not happened[one]]
        made.never += [f"roll or fault {one.kind}" for one in self._waiting]
        if self._settings.os_vif and not self._of_ports["backports"]:
            made.never.append("a backport for a node of os-vif 1.4.0")
        if len(self._calls) < self._settings.calls:
            made.never.append(f"{self._settings.calls - len(self._calls)} calls: time was over")
        made.unnamed += [
            f"full-queue: {one}" for one in self._held if "/" not in one and one != "ok"
        ]
        made.unnamed += self._broken
        made.numbers = {
            "seed": self._settings.seed,
            "nodes": self._settings.nodes,
            "seconds": round(took, 1),
            "calls_per_second": round(len(self._calls) / took, 1),
            **made.numbers,
            "rolls": happened.pop(ROLL, 0),
            "faults": dict(sorted(happened.items())),
            "messages_copied": self._faults.copies,
            "full_queue": dict(self._held),
            "os_vif": {"nodes": self._settings.os_vif, **self._of_ports, **made.of_ports},
        }
