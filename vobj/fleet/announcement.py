"""What a service says of itself, and what is known of it later.

Theory
    A service is known to people by its name and host. To the record it is one *instance*, a number
    that it draws when it starts: during a restart the old process and the new one of a host live
    side by side, and whoever speaks to "compute on node-1" may reach either. So both hold the pin
    until the older one withdraws or its lease runs out, and two instances of one name and host with
    different manifests are shown as a conflict. Nobody is turned away, because a service that is
    refused keeps running, unseen by the pin; and nobody is replaced, because a pin that forgets a
    process which still reads sends it what it cannot read.
"""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vobj.errors import FleetError, ManifestError, UsageError, VobjError
from vobj.version import Manifest

NAME_LENGTH = 200
"""The longest name of a service, host or release, in characters."""

MANIFEST_BYTES = 2 * 1024 * 1024
"""The longest manifest that is kept, as JSON."""

_WIRES_MOST = 20


@dataclass(frozen=True)
class Announcement:
    """A service, and what it reads. Checked when it is made.

    instance: names this process among others of the same service and host. wires: the wires it
    reads.
    """

    service: str
    host: str
    release: str
    manifest: Manifest
    wires: tuple[str, ...]
    instance: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        """Raises UsageError (`fleet/announcement`), ManifestError (`manifest/limit`)."""
        for part in ("service", "host", "release"):
            check_name(part, getattr(self, part))
        object.__setattr__(self, "wires", _checked_wires(self.wires))
        if not self.manifest:
            raise UsageError(
                f"{self.service} on {self.host} announces that it reads no object",
                rule="fleet/announcement",
            )
        written(self.manifest)


def announcement(
    service: str,
    manifest: Mapping[str, str],
    *,
    host: str | None = None,
    release: str = "",
    wires: Iterable[str],
) -> Announcement:
    """An announcement of this process; without a host, of the machine it runs on.

    Raises what `Announcement` and `Manifest` do.
    """
    return Announcement(
        service,
        socket.gethostname() if host is None else host,
        release,
        manifest if isinstance(manifest, Manifest) else Manifest(manifest),
        tuple(wires),
    )


def check_name(part: str, value: object) -> None:
    """Raises UsageError (`fleet/announcement`) for what is no name; a release may be empty."""
    if (
        not isinstance(value, str)
        or (not value and part != "release")
        or len(value) > NAME_LENGTH
        or not value.isprintable()
        or value != value.strip()
    ):
        raise UsageError(
            f"Expected a {part} of at most {NAME_LENGTH} printable characters, without spaces"
            f" around them, got {value!r:.60}",
            rule="fleet/announcement",
        )


def _checked_wires(wires: Iterable[str]) -> tuple[str, ...]:
    found = tuple(wires)
    if len(found) > _WIRES_MOST or not all(
        isinstance(one, str) and one.isidentifier() and one.isascii() and len(one) <= _WIRES_MOST
        for one in found
    ):
        raise UsageError(
            f"Expected the names of the wires that are read, got {found!r:.60}",
            rule="fleet/announcement",
        )
    return tuple(sorted(set(found)))


def written(manifest: Manifest) -> str:
    """A manifest as the record keeps it. Raises ManifestError (`manifest/limit`)."""
    text = json.dumps(manifest.to_dict(), separators=(",", ":"))
    if len(text) > MANIFEST_BYTES:
        raise ManifestError(
            f"A manifest of {len(text)} bytes is over the limit of {MANIFEST_BYTES}",
            rule="manifest/limit",
        )
    return text


def read_manifest(fingerprint: str, text: str) -> Manifest:
    """A manifest from the record.

    Raises FleetError (`fleet/damaged`) for one that is not what was written.
    """
    try:
        manifest = Manifest(json.loads(text))
    except (ValueError, RecursionError, VobjError) as error:
        raise _damaged(fingerprint) from error
    if manifest.fingerprint != fingerprint:
        raise _damaged(fingerprint)
    return manifest


def _damaged(fingerprint: str) -> FleetError:
    return FleetError(
        f"What the record of the fleet holds as the manifest {fingerprint} is not that manifest",
        rule="fleet/damaged",
    )


@dataclass(frozen=True)
class Service:
    """What the record knows of one instance.

    All times are the database's own, in microseconds since 1970: since, when the instance first
    announced this manifest; renewed, when it was last heard of; expires, until when its lease runs.
    beat: how often it was heard of.
    """

    instance: str
    service: str
    host: str
    release: str
    fingerprint: str
    wires: tuple[str, ...]
    since: int
    renewed: int
    expires: int
    beat: int

    @property
    def identity(self) -> tuple[str, str]:
        """The name and the host."""
        return (self.service, self.host)


@dataclass(frozen=True)
class Group:
    """All instances that read the same: of one manifest and the same wires.

    count: how many there are, live: how many of them by the clock of the database. renewed and
    expires are the latest of any of them; beats changes when one is heard of, comes or goes.
    """

    fingerprint: str
    wires: tuple[str, ...]
    count: int
    live: int
    renewed: int
    expires: int
    beats: int
