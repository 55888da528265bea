"""The record of a generated class: its history, and what was true of it at each version.

Theory
    A story is told forward, from X.0 on, as the releases of a service would: each version changes
    what the one before it had. So the fields of every version are known from the telling, without
    asking the code that computes them from the declaration, and can be held against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vobj.changes import ClassFact, FieldChange
from vobj.history import FieldDeclaration, History, WireType
from vobj.testkit.bare import BareCatalog, BareCodec
from vobj.version import Manifest


@dataclass(eq=False)
class FieldStory:
    """One field while its class is told; name and type as of now."""

    name: str
    type: WireType
    exists: bool = True
    key: bool = False
    changes: list[FieldChange] = field(default_factory=list)
    was: dict[str, WireType] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()

    def declaration(self) -> FieldDeclaration:
        """What the class body says of the field."""
        return FieldDeclaration(self.name, self.type, tuple(self.changes), self.was, self.key)


@dataclass(frozen=True)
class Moment:
    """A version as it was told: `{name: type}`, and the classes that no list holds yet."""

    fields: Mapping[str, WireType]
    hidden: Mapping[str, frozenset[str]]


@dataclass(frozen=True, eq=False)
class Story:
    """A told class. moments: one per minor version, from 0; ancestors: nearest first."""

    name: str
    moments: tuple[Moment, ...]
    history: History
    declarations: tuple[FieldDeclaration, ...]
    own: tuple[FieldDeclaration, ...]
    facts: tuple[ClassFact, ...]
    parent: Story | None = None

    @property
    def newest(self) -> int:
        """The minor version of the class."""
        return len(self.moments) - 1

    @property
    def ancestors(self) -> tuple[str, ...]:
        """The names of its parent classes, nearest first."""
        return () if self.parent is None else (self.parent.name, *self.parent.ancestors)

    def __repr__(self) -> str:
        lines = [f"{self.name} 1.{self.newest}"]
        lines += [f"  {one.name}: {one.type}{' key' if one.key else ''} {list(one.changes)}"
                  for one in self.declarations]  # fmt: skip
        lines += [f"  {fact}" for fact in self.facts]
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class Family:
    """Told classes that hold each other; the last one is the top."""

    stories: tuple[Story, ...]

    @property
    def top(self) -> Story:
        """The class of the payloads."""
        return self.stories[-1]

    def story(self, name: str) -> Story:
        """The class of a name."""
        return next(one for one in self.stories if one.name == name)

    def subclasses(self, name: str) -> list[str]:
        """A class and everything that derives from it."""
        return [one.name for one in self.stories if name in (one.name, *one.ancestors)]

    def codec(self) -> BareCodec:
        """The verbs over a catalog of these classes."""
        return BareCodec(
            BareCatalog(
                [one.history for one in self.stories],
                ancestors={one.name: one.ancestors for one in self.stories},
            )
        )

    def newest(self) -> dict[str, int]:
        """The minor version of every class."""
        return {one.name: one.newest for one in self.stories}

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.stories))

    def _repr_pretty_(self, printer: Any, _: bool) -> None:  # noqa: FBT001
        printer.text(repr(self))


def manifest(versions: Mapping[str, int]) -> Manifest:
    """The manifest of minor versions, all of major 1."""
    return Manifest({name: f"1.{minor}" for name, minor in versions.items()})
