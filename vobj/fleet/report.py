"""The state of a fleet as plain data: for people, for `--json`, for the page.

Theory
    One document answers who is there, what the pin is and what holds it back, what the fleet
    consisted of over time, and who asks for old versions. Every list in it has a limit, and
    `left_off` tells what was beyond one, because services and callers name themselves. Times are
    those of the database, in ISO 8601.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vobj.errors import VobjError
from vobj.fleet.announcement import Service
from vobj.fleet.ledger import Recorded
from vobj.fleet.pin import PinState
from vobj.version import Manifest, Version

SERVICES = 5_000
BACKPORTS = 1_000
HOLDERS = 20
HISTORY_ENTRIES = 50_000
POINTS = 200

SECOND = 1_000_000


@dataclass(frozen=True)
class Seen:
    """One reading of the record. live: the instances that are.

    pin: how the pin stands, or why there is none.
    """

    now: int
    services: Sequence[Service]
    live: frozenset[str]
    manifests: Mapping[str, Manifest]
    pin: PinState | VobjError
    backports: Sequence[Recorded] = ()
    samples: Sequence[tuple[int, str]] = ()
    wire: str = ""

    def living(self) -> list[Service]:
        """The services that are live."""
        return [one for one in self.services if one.instance in self.live]

    def reads(self, one: Service) -> Mapping[str, str]:
        """What a service reads; nothing when the record lost its manifest."""
        return self.manifests.get(one.fingerprint, {})


def document(seen: Seen) -> dict[str, Any]:
    """All of it, as JSON can hold it."""
    conflicts = _conflicts(seen)
    pinned = seen.pin if isinstance(seen.pin, PinState) else None
    points, spoken, without = _history(seen)
    return {
        "at": moment(seen.now),
        "pin": _pin(seen.pin),
        "wire": seen.wire,
        "objects": objects(seen, {} if pinned is None else pinned.manifest),
        "services": [_service(one, seen, conflicts) for one in _in_order(seen)],
        "conflicts": [
            {"service": service, "host": host, "releases": sorted({one.release for one in found})}
            for (service, host), found in sorted(conflicts.items())
        ],
        "backports": [asked(one) for one in seen.backports],
        "history": {"points": points, "manifests": spoken},
        "left_off": {
            "services": len(seen.services) >= SERVICES,
            "backports": len(seen.backports) >= BACKPORTS,
            "history": without,
        },
    }


def moment(time: int) -> str:
    """A time of the database as text: `2026-11-22T19:18:51Z`."""
    try:
        return datetime.fromtimestamp(time / SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return "unknown"


def asked(one: Recorded) -> dict[str, Any]:
    """Backports of one kind."""
    return {
        "service": one.service,
        "host": one.host,
        "object": one.object_name,
        "from": one.source,
        "to": one.target,
        "count": one.number,
        "first": moment(one.first),
        "last": moment(one.last),
    }


def objects(seen: Seen, pin: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every object that a live service reads or the pin names, those held back first."""
    readers: dict[str, list[tuple[Service, Version]]] = {name: [] for name in pin}
    for one in seen.living():
        for name, text in seen.reads(one).items():
            readers.setdefault(name, []).append((one, Version.parse(text)))
    made = [_object(name, found, pin.get(name), seen) for name, found in readers.items()]
    return sorted(made, key=lambda one: (not one["held_back"], one["object"]))


def _object(
    name: str, readers: Sequence[tuple[Service, Version]], pinned: str | None, seen: Seen
) -> dict[str, Any]:
    counts = Counter(version.xy for _, version in readers)
    newest = max(counts, default=None)
    at = None if pinned is None else Version.parse(pinned).xy
    behind = newest is not None and at is not None and at < newest
    holders = [one for one, version in readers if behind and version.xy <= (at or (0, 0))]
    return {
        "object": name,
        "pin": pinned,
        "newest": None if newest is None else _short(newest),
        "versions": {_short(xy): counts[xy] for xy in sorted(counts)},
        "held_back": behind,
        "held_by": [_holder(one, seen, name) for one in holders[:HOLDERS]],
        "held_by_count": len(holders),
        "because": _because(name, seen.pin, holders) if behind else None,
    }


def _because(name: str, pin: PinState | VobjError, holders: Sequence[Service]) -> str | None:
    """What holds an object back, where it is no service."""
    assert isinstance(pin, PinState)
    for one in pin.lowered:
        if one.object_name == name:
            return str(one)
    return None if holders else f"the pin follows {pin.source}"


def _holder(one: Service, seen: Seen, name: str) -> dict[str, str]:
    return {
        "service": one.service,
        "host": one.host,
        "release": one.release,
        "version": seen.reads(one)[name],
    }


def _short(xy: tuple[int, int]) -> str:
    return Version(*xy).short


def _pin(pin: PinState | VobjError) -> dict[str, Any]:
    if isinstance(pin, VobjError):
        return {"source": None, "manifest": {}, "error": _error(pin)}
    trouble = pin.trouble
    return {
        "source": pin.source,
        "fingerprint": pin.manifest.fingerprint,
        "manifest": pin.manifest.to_dict(),
        "kept": list(pin.kept),
        "lowered": [
            {"object": one.object_name, "from": one.was, "to": one.now, "child": one.child}
            for one in pin.lowered
        ],
        "problems": list(pin.problems),
        "stale_seconds": None if trouble is None else round(trouble.seconds, 1),
        "error": None if trouble is None else _error(trouble.error),
    }


def _error(error: VobjError) -> dict[str, str]:
    return {"rule": error.rule, "message": str(error)}


def _conflicts(seen: Seen) -> dict[tuple[str, str], list[Service]]:
    """Live instances of one service and host that do not read the same."""
    together: dict[tuple[str, str], list[Service]] = {}
    for one in seen.living():
        together.setdefault(one.identity, []).append(one)
    return {
        identity: found
        for identity, found in together.items()
        if len({one.fingerprint for one in found}) > 1
    }


def _in_order(seen: Seen) -> Iterable[Service]:
    return sorted(
        seen.services,
        key=lambda one: (one.instance not in seen.live, one.service, one.host, one.since),
    )


def _service(
    one: Service, seen: Seen, conflicts: Mapping[tuple[str, str], object]
) -> dict[str, Any]:
    return {
        "service": one.service,
        "host": one.host,
        "release": one.release,
        "fingerprint": one.fingerprint,
        "wires": list(one.wires),
        "since": moment(one.since),
        "renewed": moment(one.renewed),
        "state": "live" if one.instance in seen.live else "silent",
        "conflict": one.instance in seen.live and one.identity in conflicts,
    }


def _history(seen: Seen) -> tuple[list[dict[str, Any]], dict[str, dict[str, str]], bool]:
    """The points over time, the manifests that they name, and whether some had no room."""
    points = []
    for slot, text in seen.samples:
        points.append({"at": moment(slot), "counts": json.loads(text)})
    now = Counter(one.fingerprint for one in seen.living())
    points.append({"at": moment(seen.now), "counts": dict(now)})
    room = HISTORY_ENTRIES
    spoken: dict[str, dict[str, str]] = {}
    without = False
    for point in reversed(points):
        for fingerprint in point["counts"]:
            manifest = seen.manifests.get(fingerprint)
            if fingerprint in spoken or manifest is None:
                continue
            if len(manifest) > room:
                without = True
                continue
            spoken[fingerprint] = manifest.to_dict()
            room -= len(manifest)
    return points, spoken, without
