"""Versions of objects, and manifests: what one peer, or one release, speaks.

Theory
    A version is `X.Y` or `X.Y.Z`, ordered as whole numbers. `X` separates worlds that do not talk
    to each other, `Y` counts the visible states of an object inside one world, and `.Z` marks a fix
    that everyone who knows `X.Y` can read: it never triggers a backport, so everything that decides
    compares `Version.xy` and only messages print the whole.

    A manifest is a frozen mapping from object name to version. Two manifests that say the same have
    the same fingerprint, whatever order they were written in.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar, NamedTuple

from vobj.errors import ManifestError, UsageError, VobjError

__all__ = ["Manifest", "Version"]

_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?", re.ASCII)


class Version(NamedTuple):
    """A parsed version; `patch` is None for `X.Y`, which is not the same text as `X.Y.0`."""

    major: int
    minor: int
    patch: int | None = None

    @classmethod
    def parse(cls, text: object) -> Version:
        """Read `X.Y` or `X.Y.Z`.

        Raises VobjError (`version/malformed`) for anything else, also for a `str` subclass trick or
        a number of more than nine digits.
        """
        if isinstance(text, Version):
            return text
        if not isinstance(text, str):
            raise VobjError(
                f"Expected a version such as '1.3', got {_shown(text)}", rule="version/malformed"
            )
        return _parse(text)

    @property
    def xy(self) -> tuple[int, int]:
        """`(major, minor)`: what compatibility is decided on."""
        return (self.major, self.minor)

    @property
    def short(self) -> str:
        """The text of `X.Y`."""
        return f"{self.major}.{self.minor}"

    def __str__(self) -> str:
        return self.short if self.patch is None else f"{self.short}.{self.patch}"


@functools.lru_cache(maxsize=4096)
def _parse(text: str) -> Version:
    found = _VERSION.fullmatch(text)
    if found is None:
        raise VobjError(
            f"Expected a version such as '1.3', got {_shown(text)}", rule="version/malformed"
        )
    major, minor, patch = found.groups()
    return Version(int(major), int(minor), None if patch is None else int(patch))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


class Manifest(Mapping[str, str]):
    """A frozen `{object name: version}`; equal content means equal fingerprint.

    Made from a mapping whose values are versions, or several versions of one release (the highest
    counts), from `Manifest.of(...)`, or as a delta: `released | {"Server": "1.4"}`.
    """

    MAX_ENTRIES: ClassVar[int] = 10_000
    _collect: ClassVar[Callable[..., Mapping[str, str]] | None] = None

    __slots__ = ("_fingerprint", "_versions")

    def __init__(self, versions: Mapping[str, str | Iterable[str]] | None = None) -> None:
        """Raises ManifestError: `manifest/malformed`, `manifest/version`, `manifest/limit`."""
        given = {} if versions is None else versions
        if not isinstance(given, Mapping):
            raise ManifestError(
                f"Expected {{object name: version}}, got {_shown(given)}", rule="manifest/malformed"
            )
        if len(given) > self.MAX_ENTRIES:
            raise ManifestError(
                f"A manifest of {len(given)} entries is over the limit of {self.MAX_ENTRIES}",
                rule="manifest/limit",
            )
        self._versions = {
            name: _entry(name, value) for name, value in sorted(given.items(), key=str)
        }
        text = json.dumps(self._versions, separators=(",", ":"), sort_keys=True)
        self._fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def of(cls, *roots: object) -> Manifest:
        """What this process speaks for the trees under `roots` (classes, objects or registry
        names).

        Children in objects, lists and dicts are included, and registered subclasses of what a
        polymorphic field declares. Raises ManifestError (`manifest/unknown-class`) for a name that
        is not registered.
        """
        collect = cls._collect
        if collect is None:
            raise UsageError(
                "No versioned object is declared yet: import the module that declares them first",
                rule="usage/argument",
            )
        return cls(collect(*roots))

    @property
    def fingerprint(self) -> str:
        """16 hex digits that name this manifest."""
        return self._fingerprint

    def to_dict(self) -> dict[str, str]:
        """A plain dict, sorted by name."""
        return dict(self._versions)

    def __getitem__(self, name: str) -> str:
        return self._versions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def __or__(self, delta: Mapping[str, str | Iterable[str]]) -> Manifest:
        return Manifest({**self._versions, **delta})

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping):
            return self._versions == dict(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._fingerprint)

    def __repr__(self) -> str:
        return f"Manifest({self._versions!r})"


def _entry(name: object, value: object) -> str:
    if not isinstance(name, str) or not name:
        raise ManifestError(
            f"Expected the name of an object, got {_shown(name)}", rule="manifest/malformed"
        )
    given: Iterable[object] = (value,)
    if isinstance(value, Iterable) and not isinstance(value, str | Version):
        given = value
    try:
        found = [Version.parse(one) for one in given]
    except VobjError as error:
        raise ManifestError(error.message, rule="manifest/version", object_name=name) from None
    if not found:
        raise ManifestError(
            f"The manifest names no version of {name}", rule="manifest/version", object_name=name
        )
    return str(max(found, key=lambda one: (one.xy, -1 if one.patch is None else one.patch)))
