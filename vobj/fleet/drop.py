"""Whether an old version of an object may be dropped.

Theory
    To drop `Server 1.2` is to stop sending and reading it and everything older, which is what
    `OldestSupported("1.3")` and a contracted database do. Somebody needs it who reads nothing
    newer. That is a live service; a service that went silent, with its lease run out and nobody in
    its place, because a node that is being repaired comes back as it was; a caller that a conductor
    made such a payload for, even if it never announced itself; and the pin, when a release or a
    file keeps it down.

    The answer errs on the side of keeping. What it cannot know is told: it sees no further back
    than the record does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from vobj.errors import UsageError, VobjError
from vobj.fleet.announcement import Service
from vobj.fleet.ledger import Recorded
from vobj.fleet.pin import PinState
from vobj.fleet.report import SECOND, Seen, asked, moment
from vobj.version import Version


@dataclass(frozen=True)
class Need:
    """One reason to keep a version.

    kind: `live`, `silent`, `backport`, `pin` or `unknown`. text: the reason as a sentence. about:
    the service or the backports, as plain data.
    """

    kind: str
    text: str
    about: dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """Whether a version may be dropped: it may when nobody needs it.

    recorded_since: what was before is not known to the record, as text; None when it is empty.
    """

    object_name: str
    version: str
    within: float
    needs: tuple[Need, ...]
    recorded_since: str | None
    covers: bool

    @property
    def can_drop(self) -> bool:
        """True when nobody needs it."""
        return not self.needs

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "object": self.object_name,
            "version": self.version,
            "within_seconds": self.within,
            "can_drop": self.can_drop,
            "needs": [{"kind": one.kind, "text": one.text, **one.about} for one in self.needs],
            "recorded_since": self.recorded_since,
            "record_covers_within": self.covers,
        }


def verdict(
    seen: Seen,
    object_name: str,
    version: Version,
    *,
    within: float,
    first_sample: int | None,
) -> Verdict:
    """Who needs a version of an object, or an older one.

    within: seconds that backports and silent services are counted for. Raises UsageError
    (`usage/argument`) for an object that the record has never heard of.
    """
    _check_known(seen, object_name)
    since = seen.now - round(within * SECOND)
    needs = [
        *_services(seen, object_name, version, since),
        *_backports(seen.backports, object_name, version, since),
        *_pin(seen.pin, object_name, version),
    ]
    if not seen.live:
        needs.append(Need("unknown", "no live service has announced what it reads", {}))
    return Verdict(
        object_name,
        version.short,
        within,
        tuple(needs),
        None if first_sample is None else moment(first_sample),
        first_sample is not None and first_sample <= since,
    )


def _check_known(seen: Seen, name: str) -> None:
    known = {one for manifest in seen.manifests.values() for one in manifest}
    known |= {one.object_name for one in seen.backports}
    if name in known or not known:
        return
    near = get_close_matches(name, known, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(
        f"No service has announced {name!r:.60}, and nobody asked for a backport of it.{hint}",
        rule="usage/argument",
    )


def _is_needed(text: str, dropped: Version) -> bool:
    try:
        version = Version.parse(text)
    except VobjError:
        return True
    return version.major == dropped.major and version.xy <= dropped.xy


def _services(seen: Seen, name: str, dropped: Version, since: int) -> Iterator[Need]:
    living = {one.identity for one in seen.living()}
    for one in seen.services:
        text = seen.reads(one).get(name)
        if text is None or not _is_needed(text, dropped):
            continue
        live = one.instance in seen.live
        if not live and (one.identity in living or one.expires < since):
            continue
        release = f" ({one.release})" if one.release else ""
        who = f"{one.service} on {one.host}{release}"
        told = (
            f"{who} is live and reads {text}"
            if live
            else f"{who} reads {text} and went silent at {moment(one.expires)}"
        )
        yield Need("live" if live else "silent", told, _about(one, text))


def _about(one: Service, version: str) -> dict[str, Any]:
    return {
        "service": one.service,
        "host": one.host,
        "release": one.release,
        "reads": version,
        "renewed": moment(one.renewed),
    }


def _backports(
    found: Sequence[Recorded], name: str, dropped: Version, since: int
) -> Iterator[Need]:
    for one in found:
        if one.object_name == name and one.last >= since and _is_needed(one.target, dropped):
            caller = " on ".join(_said((one.service, one.host))) or "a caller without a name"
            told = f"{caller} asked for {one.target}, last at {moment(one.last)}"
            yield Need("backport", f"{told} ({one.number} in all)", asked(one))


def _said(parts: Iterable[str]) -> list[str]:
    return [one for one in parts if one]


def _pin(pin: PinState | VobjError, name: str, dropped: Version) -> Iterator[Need]:
    if isinstance(pin, VobjError):
        if pin.rule != "fleet/empty":
            yield Need("pin", f"the pin cannot be read: {pin}", {})
        return
    text = pin.manifest.get(name)
    if text is None or not _is_needed(text, dropped):
        return
    if pin.source != "auto" or any(one.object_name == name for one in pin.lowered):
        yield Need("pin", f"the pin ({pin.source}) holds it at {text}", {"pin": text})
