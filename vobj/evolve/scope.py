"""What one evolve call carries along, and the findings that `explain` collects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from vobj.changes import Loss
from vobj.errors import Segment, render_path
from vobj.evolve.catalog import Catalog, Envelope

POLICIES = ("raise", "keep", "drop", "oldest")
HIDDEN = ("drop", "reset")


class Upgraded(dict[str, Any]):
    """An own envelope in its newest form; `received` is the version text it came with."""

    __slots__ = ("received",)

    def __init__(self, node: Mapping[str, Any], received: str) -> None:
        super().__init__(node)
        self.received = received


@dataclass(frozen=True)
class Finding:
    """One thing that happens to a payload on its way to another version.

    effect: dropped, restored, renamed, mapped, converted, substituted, hidden, refused, noted,
    unnamed or changed (by a hand-written hook). at: the version whose change does it, or None.
    """

    path: tuple[Segment, ...]
    object_name: str
    effect: str
    at: str | None
    loss: Loss
    detail: str

    def to_dict(self) -> dict[str, str | None]:
        """Plain text values, for JSON and tables."""
        return {
            "path": render_path(self.path),
            "object": self.object_name,
            "effect": self.effect,
            "at": self.at,
            "loss": self.loss.value,
            "detail": self.detail,
        }


@dataclass
class Recorder:
    """Collects findings, and turns refusals into findings, while a backport is explained."""

    findings: list[Finding] = field(default_factory=list)
    path: list[Segment] = field(default_factory=list)
    object_names: list[str] = field(default_factory=list)

    def add(self, effect: str, at: str | None, loss: Loss, detail: str, *tail: Segment) -> None:
        """Record one finding at the current path, plus `tail`."""
        self.findings.append(
            Finding((*self.path, *tail), self.object_names[-1], effect, at, loss, detail)
        )


@dataclass(frozen=True)
class Scope:
    """The surroundings of a call: where classes come from, and what callables may know.

    policy: what happens to a child that the target does not name: raise, keep, drop or oldest; None
    is raise for own classes and what oslo does for foreign ones. hidden: what happens to a field
    that was added after the target: drop, or reset to its backfill, for a store. live:
    `id(envelope)` to the object it was made from. quiet: notes are not logged. recorder: set while
    a call is explained.
    """

    catalog: Catalog
    context: object = None
    policy: str | None = None
    hidden: str = "drop"
    live: Mapping[int, object] = field(default_factory=dict)
    quiet: bool = False
    recorder: Recorder | None = None

    @property
    def envelope(self) -> Envelope:
        """Reads and writes envelopes of this catalog."""
        return Envelope.of(self.catalog.prefix)

    @contextmanager
    def inside(self, *segments: Segment) -> Iterator[None]:
        """Let the recorder, if any, know the path."""
        if self.recorder is None:
            yield
            return
        self.recorder.path.extend(segments)
        try:
            yield
        finally:
            del self.recorder.path[-len(segments) :]
