"""The pin: the manifest that everything sent is held to, as a callable that follows it.

Theory
    A codec asks its pin for each object, so asking is reading a value that is here. Behind it the
    pin follows one of three sources, each as it changes: what the live services read (`auto`), a
    release in the releases file, or a file with a manifest.

    What the pin once named it goes on naming: when the last reader of an object restarts, whoever
    sends to its queue meanwhile sends what that reader read before. The record or a file that
    cannot be read leaves the pin as it was, and the pin says so.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from vobj.errors import FleetError, UsageError
from vobj.fleet.follow import Follow, Trouble
from vobj.fleet.highest import Highest, Histories, Lowered, highest
from vobj.fleet.releases import is_release_name, read_pin, release
from vobj.version import Manifest

LOG = logging.getLogger(__name__)

AUTO = "auto"
_FILE = "file:"


@dataclass(frozen=True)
class Read:
    """What the live services read: their distinct manifests, and the wires that all of them do."""

    manifests: tuple[Manifest, ...]
    wires: frozenset[str]


@dataclass(frozen=True)
class PinState:
    """How the pin stands.

    source: `auto`, `release NAME` or `file PATH`. kept: names that no live service reads now.
    lowered and problems: see `vobj.fleet.highest`. age: seconds since it was read. trouble: why it
    is not what it should be now, else None.
    """

    source: str
    manifest: Manifest
    kept: tuple[str, ...]
    lowered: tuple[Lowered, ...]
    problems: tuple[str, ...]
    age: float
    trouble: Trouble | None


class Pin:
    """Give it to a codec: `Codec(to=pin)`. Any thread may call it."""

    def __init__(self, source: str, follow: Follow[Highest], kept: Callable[[], tuple[str, ...]]):
        self.source = source
        self._follow = follow
        self._kept = kept

    def __call__(self) -> Manifest:
        """The manifest that everything is held to now; the same object until it changes.

        Raises, as long as there never was a pin, FleetError (`fleet/away`, `fleet/empty`,
        `fleet/damaged`), and UsageError (`fleet/pin`, `fleet/releases`) for its file.
        """
        return self._follow().manifest

    def state(self) -> PinState:
        """How the pin stands. Raises what calling it does."""
        made = self._follow()
        return PinState(
            self.source,
            made.manifest,
            self._kept(),
            made.lowered,
            made.problems,
            self._follow.age or 0.0,
            self._follow.trouble,
        )

    def __repr__(self) -> str:
        return f"Pin({self.source!r})"


class Sticky:
    """Makes the pin out of what live services read, and remembers what it once named.

    read: gives what live services read now. histories: gives those that are registered now.
    """

    def __init__(self, read: Callable[[], Read], histories: Callable[[], Histories]) -> None:
        self._read = read
        self._histories = histories
        self._seen: frozenset[str] | None = None
        self._made: Highest | None = None
        self._lock = threading.Lock()
        self.kept: tuple[str, ...] = ()

    def __call__(self) -> Highest:
        """The pin now. Raises FleetError (`fleet/empty`) when there never was a live service."""
        manifests = self._read().manifests
        with self._lock:
            seen = frozenset(one.fingerprint for one in manifests)
            if self._made is not None and seen == self._seen:
                return self._made
            if not manifests and self._made is None:
                raise FleetError("No live service has announced what it reads", rule="fleet/empty")
            made = self._with_kept(highest(manifests, self._histories()))
            _tell(self._made, made)
            self._seen, self._made = seen, made
            return made

    def _with_kept(self, now: Highest) -> Highest:
        before = {} if self._made is None else self._made.manifest
        self.kept = tuple(name for name in before if name not in now.manifest)
        if not self.kept:
            return unchanged(self._made, now)
        kept = {name: before[name] for name in self.kept}
        with_kept = Highest(Manifest({**kept, **now.manifest}), now.lowered, now.problems)
        return unchanged(self._made, with_kept)


def unchanged(was: Highest | None, now: Highest) -> Highest:
    """What is now, with the manifest of before where it says the same: caches key on it."""
    if was is not None and was.manifest == now.manifest:
        return Highest(was.manifest, now.lowered, now.problems)
    return now


def _tell(was: Highest | None, now: Highest) -> None:
    """Log how the pin moved."""
    if was is None or was.manifest == now.manifest:
        return
    moved = [
        f"{name} {was.manifest.get(name, 'none')} -> {version}"
        for name, version in now.manifest.items()
        if was.manifest.get(name) != version
    ]
    more = f" and {len(moved) - 10} more" if len(moved) > 10 else ""
    LOG.info("The pin moved: %s%s", ", ".join(moved[:10]), more)


def pin_of(
    source: str | Path,
    sticky: Sticky,
    releases: Path,
    interval: float,
) -> Pin:
    """The pin of a source: `auto`, `file:PATH` or a path, or the name of a release.

    Raises UsageError (`fleet/pin`) for what is none of these.
    """
    if isinstance(source, Path) or (isinstance(source, str) and source.startswith(_FILE)):
        path = Path(str(source).removeprefix(_FILE))
        return _following(f"file {path}", lambda: Highest(read_pin(path)), interval)
    if source == AUTO:
        follow = Follow(sticky, interval=interval, name="The pin")
        return Pin(AUTO, follow, lambda: sticky.kept)
    if not is_release_name(source):
        raise UsageError(
            f"Expected auto, the name of a release or file:PATH as the pin, got {source!r:.60}",
            rule="fleet/pin",
        )
    return _following(f"release {source}", lambda: Highest(release(releases, source)), interval)


def _following(source: str, read: Callable[[], Highest], interval: float) -> Pin:
    made: Highest | None = None

    def once() -> Highest:
        nonlocal made
        made = unchanged(made, read())
        return made

    return Pin(source, Follow(once, interval=interval, name="The pin"), lambda: ())


def shared_wires(wires: Iterable[Iterable[str]]) -> frozenset[str]:
    """The wires that everyone reads; none when there is nobody."""
    found = [frozenset(one) for one in wires]
    return frozenset.intersection(*found) if found else frozenset()
