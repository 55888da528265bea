"""Strategies: generated classes with histories, their payloads, and what peers ask for.

Theory
    `families()` tells classes that hold each other: leaves first, the top last, maybe a subclass of
    a leaf that stands on its parent's versions. `payloads()` gives envelopes straight from what was
    told of a version, partial ones included, so a payload of an old version is what the old release
    itself would have sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from vobj.changes import ClassFact, Inherits, OldestSupported
from vobj.evolve import Node
from vobj.history import OBJECT, WireType, declare, derive, ends_removed
from vobj.testkit.bare import ENVELOPE, node
from vobj.testkit.stories import Family, Moment, Story, manifest
from vobj.testkit.telling import Draw, Telling
from vobj.testkit.values import values
from vobj.version import Manifest, Version

NAMES = ("Leaf", "Branch", "Trunk")


@st.composite
def families(
    draw: Draw,
    *,
    max_versions: int = 5,
    linked: bool = True,
    dated_children: bool = False,
    lists: bool = False,
    keyed: bool | None = None,
    subclassed: bool | None = None,
    prefix: str = "",
) -> Family:
    """Up to three classes, one holding the other, and maybe a subclass of the innermost.

    linked: one change may concern several fields. dated_children: all fields of objects have
    `ChildVersions`. lists: the top has a list of objects. keyed: whether classes have a key;
    None is either. subclassed: whether the innermost class has a subclass. prefix: of the object
    names.
    """
    depth = draw(st.integers(2 if lists else 1, len(NAMES)))
    told: list[Story] = []
    for name in NAMES[:depth]:
        first = [one for one in _child_types(told) if one.kind == "List"] if lists else []
        wishes = _Wishes(max_versions, linked, dated_children, tuple(first[:1]), keyed)
        told.append(draw(_stories(prefix + name, tuple(told), wishes)))
        wanted = draw(st.booleans()) if subclassed is None else subclassed
        if len(told) == 1 and depth > 1 and wanted:
            told.append(draw(_subclasses(f"{prefix}Sub{name}", told[0])))
    return Family(tuple(told))


@dataclass(frozen=True)
class _Wishes:
    """What a class is to have."""

    max_versions: int
    linked: bool
    dated_children: bool
    first: tuple[WireType, ...]
    keyed: bool | None


def _child_types(told: Sequence[Story]) -> list[WireType]:
    found = []
    for story in told:
        several = any(story.name in one.ancestors for one in told)
        child = WireType(OBJECT, object_name=story.name, polymorphic=several)
        found += [child, WireType("List", element=child), WireType("Dict", element=child)]
        found.append(WireType("List", element=child))
    return found


@st.composite
def _stories(
    draw: Draw,
    name: str,
    told: tuple[Story, ...],
    wishes: _Wishes,
) -> Story:
    telling = Telling(draw, name[-1].lower() + "_", _child_types(told), linked=wishes.linked)
    newest = {one.name: one.newest for one in told}

    def admits(child: WireType) -> list[str]:
        return [one.name for one in told if child.object_name in one.ancestors]

    key = draw(st.booleans()) if wishes.keyed is None else wishes.keyed
    versions = draw(st.integers(1, wishes.max_versions))
    telling.tell(versions, key=key, admits=admits, first=wishes.first)
    if wishes.dated_children or draw(st.booleans()):
        telling.date_children(
            lambda kind: newest[str(_declared(kind))], every=wishes.dated_children
        )
    declarations = tuple(one.declaration() for one in telling.fields)
    facts: tuple[ClassFact, ...] = tuple(telling.facts)
    if draw(st.integers(0, 9)) == 9:
        facts = (*facts, OldestSupported(f"1.{draw(st.integers(0, len(telling.moments) - 1))}"))
    history = declare(name, f"1.{len(telling.moments) - 1}", declarations, facts)
    return Story(name, tuple(telling.moments), history, declarations, declarations, facts)


def _declared(kind: WireType) -> str | None:
    child = kind.child()
    assert child is not None
    return child.object_name


@st.composite
def _subclasses(draw: Draw, name: str, parent: Story) -> Story:
    """A subclass that stands on each of its parent's versions from some version on."""
    start = draw(st.integers(0, parent.newest))
    steps = parent.newest - start
    telling = Telling(draw, "s_", (), linked=False)
    telling.tell(max(1, steps + draw(st.integers(0, 2))), key=False, admits=lambda _: [])
    versions = len(telling.moments)
    stands = [min(start + minor, parent.newest) for minor in range(versions)]
    table = {
        f"1.{minor}": f"1.{on}"
        for minor, on in enumerate(stands)
        if minor == 0 or on != stands[minor - 1]
    }
    fact = Inherits(table, of=parent.name)
    inherited = tuple(
        here
        for one in parent.declarations
        if ends_removed(here := derive(one, fact, parent.history)) or not ends_removed(one)
    )
    own = tuple(one.declaration() for one in telling.fields)
    facts = (*telling.facts, fact)
    declarations = (*inherited, *own)
    history = declare(
        name, f"1.{versions - 1}", declarations, facts, parent=parent.name, inherits=table
    )
    moments = tuple(
        _joined(parent.moments[on], moment)
        for on, moment in zip(stands, telling.moments, strict=True)
    )
    return Story(name, moments, history, declarations, own, facts, parent)


def _joined(one: Moment, other: Moment) -> Moment:
    return Moment({**one.fields, **other.fields}, {**one.hidden, **other.hidden})


@st.composite
def versions(
    draw: Draw, family: Family, *, at_most: Mapping[str, int] | None = None
) -> dict[str, int]:
    """A minor version for every class, at most those given and not below what is supported."""
    top = family.newest() if at_most is None else at_most
    return {
        one.name: draw(st.integers(min(one.history.oldest.minor, top[one.name]), top[one.name]))
        for one in family.stories
    }


def manifests(family: Family) -> st.SearchStrategy[Manifest]:
    """What some release of the family speaks."""
    return versions(family).map(manifest)


def payloads(
    family: Family,
    at: Mapping[str, int] | None = None,
    *,
    name: str | None = None,
    complete: bool = False,
    max_size: int = 3,
) -> st.SearchStrategy[Node]:
    """Envelopes of the top class, or of `name`, in the versions of `at` (the newest by default).

    Keys of elements are distinct within a list. complete: every field is set.
    """
    chosen = dict(family.newest() if at is None else at)
    return _payloads(family, chosen, name or family.top.name, complete, max_size)


@st.composite
def _payloads(
    draw: Draw,
    family: Family,
    at: Mapping[str, int],
    name: str,
    complete: bool,  # noqa: FBT001
    max_size: int,
) -> Node:
    story = family.story(name)
    key = story.history.key_at(Version(1, at[name]))
    data: dict[str, Any] = {}
    for field in story.moments[at[name]].fields:
        if not complete and draw(st.integers(0, 9 if field == key else 4)) == 0:
            continue
        data[field] = draw(
            field_values(family, at, name, field, complete=complete, max_size=max_size)
        )
    changes = draw(st.lists(st.sampled_from(sorted(data)), unique=True)) if data else []
    return node(name, f"1.{at[name]}", data, sorted(changes))


def field_values(
    family: Family,
    at: Mapping[str, int],
    name: str,
    field: str,
    *,
    complete: bool = False,
    max_size: int = 3,
) -> st.SearchStrategy[Any]:
    """Values of one field of a class, in the versions of `at`."""
    moment = family.story(name).moments[at[name]]
    kind = moment.fields[field]
    hidden = moment.hidden.get(field, frozenset())

    def nodes(child: WireType) -> st.SearchStrategy[Node]:
        known = family.subclasses(str(child.object_name)) if child.polymorphic else []
        names = [one for one in known if one not in hidden] or [str(child.object_name)]
        inner = max(1, max_size - 1)
        return st.sampled_from(names).flatmap(
            lambda one: _payloads(family, at, one, complete, inner)
        )

    found = values(kind, nodes, max_size=max_size)
    return found if kind.child() is None else found.map(lambda one: distinct(one, kind, family))


def key_of(element: Node, family: Family) -> tuple[str, Any] | None:
    """The class and the key of an element, if it has one."""
    name, version, data = parts(element)
    history = family.story(name).history
    field = history.key_at(Version.parse(version))
    return None if field is None or field not in data else (name, data[field])


def parts(element: Node) -> tuple[str, str, dict[str, Any]]:
    """Name, version and data of an envelope."""
    return ENVELOPE.name(element), ENVELOPE.version(element), ENVELOPE.data(element)


def distinct(value: Any, kind: WireType, family: Family) -> Any:
    """A list without elements whose key was there before; anything else as it is."""
    if kind.kind != "List" or kind.child() is None or value is None:
        return value
    kept: list[Node] = []
    seen = set()
    for element in value:
        key = key_of(element, family)
        if key is None or key not in seen:
            seen.add(key)
            kept.append(element)
    return kept
