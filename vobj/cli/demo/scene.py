"""What happened in one scene of the demo, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Check:
    """A claim about a scene, whether it held, and what was seen when it did not."""

    claim: str
    ok: bool
    seen: str = ""


@dataclass(frozen=True)
class Shown:
    """A path, and what it held before and after, or at the newer and at the older side."""

    path: str
    before: Any
    after: Any
    after_path: str = ""


@dataclass(frozen=True)
class Message:
    """Who told what to whom. classes: the size of the manifest that went with it, if one did."""

    sender: str
    receiver: str
    text: str
    classes: int | None = None


@dataclass
class Scene:
    """One exchange.

    subject: the short name of the object. messages: in the order in which they were sent. objects:
    where the versions differ between what is kept and what was received, the top one in any case.
    unseen: what the old node has nothing of. otherwise: what it reads under another name or as
    another value. edited, meanwhile, landed: edits at the old node, at the new one, and as they
    were put back. refused: the error that one of the nodes answered with. kept, lost: hidden values
    that came through the put-back and that did not. died: what was last heard of a process that
    died.
    """

    title: str
    subject: str = ""
    messages: list[Message] = field(default_factory=list)
    objects: list[Shown] = field(default_factory=list)
    unseen: list[Shown] = field(default_factory=list)
    otherwise: list[Shown] = field(default_factory=list)
    edited: list[Shown] = field(default_factory=list)
    meanwhile: list[Shown] = field(default_factory=list)
    landed: list[Shown] = field(default_factory=list)
    refused: dict[str, Any] | None = None
    kept: int = 0
    lost: int = 0
    edits_landed: int = 0
    checks: list[Check] = field(default_factory=list)
    died: str = ""

    def check(self, claim: str, held: bool, seen: object = "") -> None:  # noqa: FBT001
        """Note a claim and whether it held."""
        self.checks.append(Check(claim, held, "" if held else str(seen)))

    @property
    def ok(self) -> bool:
        """Whether something was checked, and every check held."""
        return bool(self.checks) and all(one.ok for one in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, with the verdict."""
        return {**asdict(self), "ok": self.ok}


@dataclass(frozen=True)
class Verdict:
    """The whole demo in numbers. expected: how many scenes there should have been."""

    scenes: tuple[Scene, ...]
    expected: int

    @classmethod
    def of(cls, scenes: Iterable[Scene], expected: int) -> Verdict:
        """The verdict on scenes that were played."""
        return cls(tuple(scenes), expected)

    @property
    def ok(self) -> bool:
        """Every scene was reached and every check held."""
        return len(self.scenes) == self.expected and all(scene.ok for scene in self.scenes)

    def to_dict(self) -> dict[str, Any]:
        """The counts, as plain data."""
        checks = [check for scene in self.scenes for check in scene.checks]
        merged = [scene for scene in self.scenes if scene.landed]
        return {
            "ok": self.ok,
            "scenes": len(self.scenes),
            "scenes_expected": self.expected,
            "requests": sum(
                one.receiver == "conductor" for scene in self.scenes for one in scene.messages
            ),
            "checks": len(checks),
            "checks_failed": sum(not check.ok for check in checks),
            "hidden_kept": sum(scene.kept for scene in merged),
            "hidden_lost": sum(scene.lost for scene in merged),
            "edits": sum(len(scene.landed) for scene in merged),
            "edits_landed": sum(scene.edits_landed for scene in merged),
        }
