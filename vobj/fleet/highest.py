"""The highest manifest that every one of several peers reads.

Theory
    Of each object the pin takes the lowest X.Y among the peers that know it; who does not know an
    object is never sent one, and does not hold it back. A payload names the version of every object
    in it, and each is sent at its own entry of the pin. So what has to be ensured for objects
    inside others is that they *have* an entry, and that the entries fit together:

    - A peer that names an object but not its children reads those that go with its version: what
      `ChildVersions` says, or the only version that there is. They count as if it named them.
    - Where `ChildVersions` dates an object with a newer child than the pin has, the object is
      lowered to its newest version that goes with the child's entry, so that nothing is sent which
      no release ever sent.
    - Where a peer reads an object and has no idea of a child in it, the object is lowered to its
      newest version without that child.

    A lowered object may be the child of another, so this is repeated until nothing moves; versions
    only go down, so it ends. It needs the histories of own classes. For other classes, and for
    those that are not registered here, the entries are as the peers gave them. What cannot be
    mended by lowering is told, and left to the error that sending it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from vobj.errors import VobjError
from vobj.history import FieldDeclaration, History, state_at
from vobj.model import ClassCatalog, VersionedClass
from vobj.version import Manifest, Version

Histories = Callable[[str], History | None]


@dataclass(frozen=True)
class Lowered:
    """An object that the pin has below the lowest version its readers have.

    was and now: X.Y before and after. child: the object inside it that is the reason.
    """

    object_name: str
    was: str
    now: str
    child: str

    def __str__(self) -> str:
        return f"{self.object_name} {self.was} holds a newer {self.child} than every peer reads"


@dataclass(frozen=True)
class Highest:
    """The result of `highest`. problems: what lowering could not mend, as sentences."""

    manifest: Manifest
    lowered: tuple[Lowered, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass
class _Work:
    """The entries on their way down."""

    histories: Histories
    readers: list[dict[str, Version]]
    entries: dict[str, Version]
    first: dict[str, Version] = field(default_factory=dict)
    because: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def highest(
    manifests: Iterable[Mapping[str, str]], histories: Histories = lambda _name: None
) -> Highest:
    """The highest versions that all peers read, from the manifest of each.

    histories: the history of an own class by its registry name; None for any other.
    """
    readers = [
        _completed({name: Version.parse(one) for name, one in spoken.items()}, histories)
        for spoken in manifests
    ]
    work = _Work(histories, readers, _lowest(readers))
    work.first = dict(work.entries)
    work.problems += _worlds(readers)
    while _settle_all(work):
        continue
    lowered = [
        Lowered(name, work.first[name].short, work.entries[name].short, child)
        for name, child in sorted(work.because.items())
    ]
    made = Manifest({name: one.short for name, one in work.entries.items()})
    return Highest(made, tuple(lowered), tuple(dict.fromkeys(work.problems)))


def _lowest(readers: Iterable[Mapping[str, Version]]) -> dict[str, Version]:
    found: dict[str, Version] = {}
    for reader in readers:
        for name, version in reader.items():
            known = found.get(name)
            if known is None or version.xy < known.xy:
                found[name] = version
    return found


def _worlds(readers: Iterable[Mapping[str, Version]]) -> list[str]:
    """Objects that live peers have in several major versions: nothing is read by all of them."""
    majors: dict[str, set[int]] = {}
    for reader in readers:
        for name, version in reader.items():
            majors.setdefault(name, set()).add(version.major)
    return [
        f"{name} is read in the major versions {' and '.join(map(str, sorted(found)))}, and no"
        " payload is read by both"
        for name, found in sorted(majors.items())
        if len(found) > 1
    ]


def _completed(spoken: dict[str, Version], histories: Histories) -> dict[str, Version]:
    """What a peer reads, with the children that go with the versions it names."""
    made = dict(spoken)
    waiting = list(spoken)
    while waiting:
        name = waiting.pop()
        history = _history(name, made[name], histories)
        if history is None:
            continue
        for declared, child in _children(history, made[name]):
            if _reads(child, made, histories):
                continue
            implied = _implied(declared, child, made[name], histories)
            if implied is not None:
                made[child] = implied
                waiting.append(child)
    return made


def _implied(
    declared: FieldDeclaration, child: str, holder: Version, histories: Histories
) -> Version | None:
    dated = _dated(declared, holder)
    if dated is not None:
        return dated
    history = histories(child)
    if history is not None and history.oldest.xy == history.version.xy:
        return history.version
    return None


def _settle_all(work: _Work) -> bool:
    """One round over all objects; True when one of them moved."""
    return bool([name for name in sorted(work.entries) if _settle(name, work)])


def _settle(name: str, work: _Work) -> bool:
    """Lower one object until it fits what stands inside it; True when it moved."""
    version = work.entries[name]
    history = _history(name, version, work.histories)
    if history is None:
        return False
    reason = _misfit(history, version, work)
    if reason is None:
        return False
    for minor in range(version.minor - 1, history.oldest.minor - 1, -1):
        lower = Version(version.major, minor)
        if _misfit(history, lower, work) is None:
            work.entries[name] = lower
            work.because.setdefault(name, reason)
            return True
    work.problems.append(
        f"No version of {name} down to {history.oldest.short} goes with the {reason} that every"
        " peer reads"
    )
    return False


def _misfit(history: History, version: Version, work: _Work) -> str | None:
    """The child that does not fit an object of this version; None when all do."""
    for declared, child in _children(history, version):
        dated, entry = _dated(declared, version), work.entries.get(child)
        if dated is not None and entry is not None and dated.xy > entry.xy:
            return child
        for reader in work.readers:
            if history.object_name in reader and not _reads(child, reader, work.histories):
                return child
    return None


def _history(name: str, version: Version, histories: Histories) -> History | None:
    """The history of an object, if it explains this version."""
    found = histories(name)
    if found is None or found.version.major != version.major:
        return None
    return found


def _children(history: History, version: Version) -> Iterator[tuple[FieldDeclaration, str]]:
    """The fields of a version that hold objects, each with the name of the declared class."""
    for declared in history.fields:
        state = state_at(declared, version)
        child = state.type.child() if state.exists else None
        if child is not None and child.object_name is not None:
            yield declared, child.object_name


def _dated(declared: FieldDeclaration, holder: Version) -> Version | None:
    """The version of a child that goes with a version of its holder, where one is declared."""
    table = declared.child_versions() or {}
    reached = [(Version.parse(at).xy, child) for at, child in table.items()]
    reached = [one for one in reached if one[0] <= holder.xy]
    return Version.parse(max(reached)[1]) if reached else None


def _reads(name: str, reader: Mapping[str, Version], histories: Histories) -> bool:
    """Whether a peer knows an object, or one that it inherits its versions from."""
    seen = set()
    wanted: str | None = name
    while wanted is not None and wanted not in seen:
        if wanted in reader:
            return True
        seen.add(wanted)
        history = histories(wanted)
        wanted = None if history is None else history.parent
    return False


def registered(base: VersionedClass) -> Histories:
    """The histories of the own classes that a base finds by name, as they are registered now."""
    catalog = ClassCatalog(base)
    # oslo logs an error for each name that nobody registered, and peers have names of their own.
    known = set(_names(base))

    def of(name: str) -> History | None:
        if name not in known:
            return None
        try:
            entry = catalog.parent(name)
        except VobjError:
            return None
        return None if entry is None else entry.history

    return of


def _names(base: VersionedClass) -> Iterator[str]:
    for one in base.__subclasses__():
        yield one.obj_name()
        yield from _names(one)
