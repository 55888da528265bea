"""What a journey between versions may lose by its declared claims, and what it did lose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from vobj.changes import Converted, Loss
from vobj.errors import render_path
from vobj.evolve import Catalog, Envelope, Node
from vobj.history import FieldDeclaration, History, WireType, losses, since, state_at
from vobj.testkit.meaning import value_meaning
from vobj.version import Version


@dataclass(frozen=True)
class Lost:
    """A value that should have survived."""

    path: tuple[str | int, ...]
    was: Any
    got: Any

    def __str__(self) -> str:
        return f"{render_path(self.path)} was {self.was!r} and came back as {self.got!r}"


@dataclass(frozen=True)
class Claim:
    """What one change between two versions loses by its declaration."""

    since: Version
    down: Loss
    up: Loss


def claims(
    history: History, declared: FieldDeclaration, older: Version, newer: Version
) -> list[Claim]:
    """The claims of all changes on the way of a field and of those that a converter joins to it."""
    groups = [
        fact
        for fact in history.group_facts()
        if isinstance(fact, Converted) and older.xy < Version.parse(fact.since).xy <= newer.xy
    ]
    joined = {declared.name}
    for _ in groups:
        for fact in groups:
            joined |= set(fact.fields) if joined & set(fact.fields) else set()
    found = []
    for one in history.fields:
        for change in one.changes if one.name in joined else ():
            date = Version.parse(since(change) or f"{older.short}")
            if older.xy < date.xy <= newer.xy:
                loss = losses(change, state_at(one, date).type, one.was.get(date.short))
                found.append(Claim(date, loss.down, loss.up))
    found += [
        Claim(Version.parse(fact.since), fact.down_loss, fact.up_loss)
        for fact in groups
        if joined & set(fact.fields)
    ]
    return found


Spared = Callable[[list[Claim]], bool]


def spared_down(found: list[Claim]) -> bool:
    """Law (b) leaves out fields with a down-lossy change; a refusal is no loss."""
    return any(one.down is Loss.LOSSY for one in found)


def spared_up(found: list[Claim]) -> bool:
    """Law (e) leaves out fields with a change that is not lossless upward."""
    return any(one.up is not Loss.LOSSLESS for one in found)


def spared_again(found: list[Claim]) -> bool:
    """Law (a) leaves out fields where an up-lossy change is newer than a down-lossy one.

    Each may be undone by its own mirror, and still the two together may not: what comes back over
    the newer one is another value, which the older one takes for something else.
    """
    return any(
        newer.up is not Loss.LOSSLESS
        and older.down is Loss.LOSSY
        and newer.since.xy > older.since.xy
        for newer in found
        for older in found
    )


def lost(catalog: Catalog, was: Node, older: Node, got: Node, spared: Spared) -> list[Lost]:
    """What of `was` is not in `got`, which came of it on a journey down to `older`, or up."""
    return list(_lost(catalog, was, older, got, spared))


def _lost(catalog: Catalog, was: Node, older: Node, got: Node, spared: Spared) -> Iterator[Lost]:
    envelope = Envelope(catalog.prefix)
    history = catalog.entry(envelope.name(was), envelope.version(was)).history
    if history is None:
        return
    low, here = (Version.parse(envelope.version(one)) for one in (older, was))
    for declared in history.fields:
        state = state_at(declared, here)
        if not state.exists or spared(claims(history, declared, low, history.version)):
            continue
        name, old_name = state.name, state_at(declared, low).name
        mine, theirs = (envelope.data(one).get(name, _UNSET) for one in (was, got))
        middle = envelope.data(older).get(old_name, _UNSET)
        for one in _lost_value(catalog, mine, middle, theirs, state.type, spared):
            yield Lost((name, *one.path), one.was, one.got)


_UNSET = "(unset)"


def _lost_value(
    catalog: Catalog, was: Any, older: Any, got: Any, kind: WireType, spared: Spared
) -> Iterator[Lost]:
    is_node = Envelope.of(catalog.prefix).is_node
    if is_node(was) and is_node(older) and is_node(got):
        yield from _lost(catalog, was, older, got, spared)
    elif kind.child() is not None and _alike(list, was, older, got):
        for index, three in enumerate(zip(was, older, got, strict=True)):
            for one in _lost_value(catalog, *three, kind.element or kind, spared):
                yield Lost((index, *one.path), one.was, one.got)
    elif kind.child() is not None and _alike(dict, was, older, got):
        for key in was:
            three = (was[key], older[key], got[key])
            for one in _lost_value(catalog, *three, kind.element or kind, spared):
                yield Lost((key, *one.path), one.was, one.got)
    elif value_meaning(catalog, was, kind) != value_meaning(catalog, got, kind):
        yield Lost((), was, got)


def _alike(kind: type, *values: Any) -> bool:
    """Containers of one kind and equal length or keys, so that their parts pair up."""
    if not all(isinstance(one, kind) for one in values):
        return False
    keys = [sorted(one) if kind is dict else len(one) for one in values]
    return all(one == keys[0] for one in keys)
