"""`Fleet`: who is there, what all of them read, and what is still needed.

Theory
    A fleet is a record in a database and nothing else: no process of it has to run. Whoever has
    the URL announces itself, follows the pin, or looks. What has to be done now and then (a sample
    of what the fleet consists of, taking out what is old) is done on the way by whoever renews a
    lease or records a backport; each of these sets rows to what is true, so it does not matter how
    many do it.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vobj.codec import WIRES, Codec, Target
from vobj.errors import FleetError, UsageError, VobjError
from vobj.fleet import drop, report
from vobj.fleet.announcement import Group, announcement, check_name
from vobj.fleet.asked import Backports
from vobj.fleet.fanout import encode_for
from vobj.fleet.follow import Follow
from vobj.fleet.highest import highest, registered
from vobj.fleet.lease import Lease, Registry
from vobj.fleet.ledger import Asked, Ledger
from vobj.fleet.pin import AUTO, Pin, PinState, Read, Sticky, pin_of, shared_wires
from vobj.fleet.releases import RELEASES
from vobj.fleet.watch import Sighting, Watch
from vobj.version import Manifest, Version

URL = "VOBJ_FLEET_URL"
"""The environment variable that has the URL, where none is given."""

_SECOND = report.SECOND
_DAY = 86_400 * _SECOND
_SLOT = 60 * _SECOND
_HOUR = 3_600 * _SECOND
_WINDOW = 7 * _DAY
_ALL = 1_000_000

KEEP = {"service": 30 * _DAY, "sample": 30 * _DAY, "backport": 90 * _DAY, "manifest": 60 * _DAY}
"""How long the record keeps what, in microseconds."""


class Fleet:
    """The services that share a record.

    url: the database, by default that of `VOBJ_FLEET_URL`, else an SQLite file of this user. pin:
    `auto`, the name of a release, or `file:PATH`. releases: the file with named releases. lease:
    seconds that an announcement lasts without being renewed. refresh: seconds that what was read is
    used. base: whose registered classes tell which children an object has.

    Any thread may use it. Use it as a context manager, or close it.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        pin: str | Path = AUTO,
        releases: str | Path = RELEASES,
        lease: float = 60.0,
        refresh: float = 5.0,
        base: Any = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises UsageError (`usage/argument`, `fleet/pin`). The database is not asked yet."""
        for name, value in (("lease", lease), ("refresh", refresh)):
            if not 0 < value < 86_400:
                raise UsageError(
                    f"Expected {name} to be seconds between 0 and a day, got {value!r}",
                    rule="usage/argument",
                )
        self._ledger = Ledger(default_url() if url is None else url)
        self._lease = lease
        self._clock = clock
        root = Codec().base if base is None else base
        self._groups: Watch[tuple[str, tuple[str, ...]]] = Watch(clock)
        self._instances: Watch[str] = Watch(clock)
        self._read: Follow[Read] = Follow(
            self._read_live, interval=refresh, name="What the fleet reads", clock=clock
        )
        # The pin asks the record itself: what is read is kept for one interval, not for two.
        self.pin: Pin = pin_of(
            pin, Sticky(self._read_live, lambda: registered(root)), Path(releases), refresh
        )
        self.backports = Backports(self._write_backports, clock=clock)
        self._upkeep = threading.Lock()
        self._sampled: float | None = None
        self._tidied: float | None = None

    @property
    def place(self) -> str:
        """The URL of the record, without its password."""
        return self._ledger.place

    @property
    def registry(self) -> Registry:
        """Where services are announced: for those who do it for others."""
        return self._ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is not written yet, and close the connections."""
        self.backports.close()
        self._ledger.close()

    def announce(
        self,
        service: str,
        manifest: Mapping[str, str],
        *,
        host: str | None = None,
        release: str = "",
        wires: Iterable[str] = tuple(WIRES),
    ) -> Lease:
        """Announce a service of this process: its pins include it before this returns.

        manifest: what it reads, `Manifest.of(...)`. host: by default the machine's name. wires: the
        wires it reads, by default all that this release of vobj does.

        The lease is renewed by whoever holds it, or by a thread: `with fleet.announce(...):`. An
        instance of the same service and host that is live already is not replaced: both hold the
        pin until one withdraws, and different manifests are shown as a conflict. Raises UsageError
        (`fleet/announcement`), ManifestError (`manifest/limit` and others), FleetError.
        """
        made = announcement(service, manifest, host=host, release=release, wires=wires)
        self._ledger.announce(made, round(self._lease * _SECOND))
        self._tend()
        return Lease(self._ledger, made, self._lease, self._tend)

    def forget(self, service: str, host: str) -> int:
        """Take out a service that went silent and will not come back; how many instances it had."""
        check_name("service", service)
        check_name("host", host)
        return self._ledger.forget(service, host)

    def wire(self, otherwise: str = "msgpack") -> str:
        """`packed` when every live service has announced that it reads it, else `otherwise`.

        It is as fresh as the pin, and `otherwise` as long as nothing could be read.
        """
        try:
            wires = self._read().wires
        except FleetError:
            return otherwise
        return "packed" if "packed" in wires else otherwise

    def manifest(self, fingerprint: str) -> Manifest | None:
        """The manifest that somebody announced under a fingerprint. Raises FleetError."""
        return self._ledger.manifests([fingerprint]).get(fingerprint)

    def targets(self) -> dict[tuple[str, str], Manifest]:
        """What each live service reads, by service and host. Raises FleetError.

        Several instances of one service and host read what all of them do.
        """
        seen = self._seen()
        found: dict[tuple[str, str], list[Mapping[str, str]]] = {}
        for one in seen.living():
            found.setdefault(one.identity, []).append(seen.reads(one))
        return {identity: highest(read).manifest for identity, read in found.items()}

    def encode_for(
        self,
        codec: Codec,
        obj: Any,
        targets: Mapping[Any, Target] | Iterable[Manifest] | None = None,
        *,
        context: object = None,
    ) -> dict[Any, Any]:
        """The payloads of one object for several peers, by default for every live service.

        See `vobj.fleet.encode_for`.
        """
        wanted = self.targets() if targets is None else targets
        return encode_for(codec, obj, wanted, context=context)

    def status(self) -> dict[str, Any]:
        """Everything at a glance; see `vobj.fleet.report`. Raises FleetError."""
        return report.document(self._seen(history=True))

    def can_drop(self, object_name: str, version: str, *, within: float) -> drop.Verdict:
        """Whether a version of an object, and all before it, may be dropped.

        within: seconds that backports, and services that went silent, are counted for. Raises
        UsageError (`usage/argument`) for an object that nobody announced, VobjError
        (`version/malformed`), FleetError.
        """
        return drop.verdict(
            self._seen(object_name=object_name),
            object_name,
            Version.parse(version),
            within=within,
            first_sample=self._ledger.first_sample(),
        )

    def _seen(self, *, history: bool = False, object_name: str | None = None) -> report.Seen:
        now, services = self._ledger.services(report.SERVICES if history else _ALL)
        sightings = [Sighting(one.instance, one.renewed, one.expires, one.beat) for one in services]
        live = frozenset(self._instances.live(sightings, now))
        samples: Sequence[tuple[int, str]] = ()
        backports: Sequence[Any] = ()
        if history:
            samples = self._ledger.samples(now - _WINDOW, _WINDOW // report.POINTS)
            backports = self._ledger.backports(now - KEEP["backport"], report.BACKPORTS)
        elif object_name is not None:
            backports = self._ledger.backports(0, _ALL, object_name)
        named = {one.fingerprint for one in services}
        named |= {one for _, text in samples for one in json.loads(text)}
        return report.Seen(
            now,
            services,
            live,
            self._ledger.manifests(named),
            self._pin_state(),
            backports,
            samples,
            self.wire(),
        )

    def _pin_state(self) -> PinState | VobjError:
        try:
            return self.pin.state()
        except VobjError as error:
            return error

    def _read_live(self) -> Read:
        """What live services read. Raises FleetError, also when a manifest is lost."""
        live = self._live_groups()
        manifests = self._ledger.manifests(one.fingerprint for one in live)
        lost = [one.fingerprint for one in live if one.fingerprint not in manifests]
        if lost:
            raise FleetError(
                f"The record of the fleet has lost the manifest {lost[0]}, which a live service"
                " reads",
                rule="fleet/damaged",
            )
        return Read(tuple(manifests.values()), shared_wires(one.wires for one in live))

    def _live_groups(self) -> list[Group]:
        now, groups = self._ledger.groups()
        sightings = [
            Sighting((one.fingerprint, one.wires), one.renewed, one.expires, (one.beats, one.count))
            for one in groups
        ]
        live = self._groups.live(sightings, now)
        return [one for one in groups if (one.fingerprint, one.wires) in live]

    def _write_backports(self, rows: Sequence[Asked]) -> None:
        self._ledger.add_backports(rows)
        self._tend()

    def _tend(self) -> None:
        """Take a sample and tidy up, when it is time. Raises FleetError."""
        if not self._upkeep.acquire(blocking=False):
            return
        try:
            at = self._clock()
            if self._sampled is None or at - self._sampled >= _SLOT / _SECOND:
                self._sample()
                self._sampled = at
            if self._tidied is None or at - self._tidied >= _HOUR / _SECOND:
                self._ledger.tidy(KEEP)
                self._tidied = at
        finally:
            self._upkeep.release()

    def _sample(self) -> None:
        """Record what the fleet consists of, unless that was done and is the same."""
        now, groups = self._ledger.groups()
        counts: dict[str, int] = {}
        for one in groups:
            if one.live:
                counts[one.fingerprint] = counts.get(one.fingerprint, 0) + one.live
        text = json.dumps(counts, sort_keys=True)
        last = self._ledger.last_sample()
        if last is None or last[1] != text or now - last[0] >= _HOUR:
            self._ledger.add_sample(now - now % _SLOT, text)


def default_url() -> str:
    """The URL of the environment, else that of an SQLite file of this user."""
    found = os.environ.get(URL)
    if found:
        return found
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "vobj"
    state.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{state / 'fleet.sqlite'}"
