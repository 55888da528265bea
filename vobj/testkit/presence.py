"""Which fields are set after a journey: told from the lifecycle of each, not from its plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vobj.changes import ABSENT, Added, Converted, FieldChange, Mapped, NotNull, Nullable, Removed
from vobj.evolve import Catalog, Envelope, Node, Scope, upgrade
from vobj.history import FieldDeclaration, History, on_wire, since, state_at
from vobj.version import Version

_SETTERS = (Mapped, Converted, Nullable, NotNull)


def presence_faults(catalog: Catalog, newest: Node, older: Node, raised: Node) -> Iterator[str]:
    """What is set or unset at the top of a backport and its upgrade, and should not be."""
    envelope = Envelope(catalog.prefix)
    history = catalog.entry(envelope.name(newest), envelope.version(newest)).history
    assert history is not None
    low = Version.parse(envelope.version(older))
    for declared in history.fields:
        crossed = [one for one in declared.changes if _is_after(one, low)]
        if _is_joined(history, declared) or any(isinstance(one, _SETTERS) for one in crossed):
            continue
        life = [one for one in crossed if isinstance(one, Added | Removed)]
        name = state_at(declared, low).name
        then = envelope.data(newest).get(declared.name, ABSENT)
        sent = envelope.data(older).get(name, ABSENT)
        back = envelope.data(raised).get(declared.name, ABSENT)
        yield from _faults(declared, life, (then, sent, back))
        if life and isinstance(life[-1], Added) and len(crossed) == 1 and then is not ABSENT:
            yield from _overwritten(catalog, older, declared.name, then)


def _faults(
    declared: FieldDeclaration, life: list[Added | Removed], values: tuple[Any, Any, Any]
) -> Iterator[str]:
    then, sent, back = values
    match life[:1], life[-1:]:
        case [], []:
            if len({one is ABSENT for one in values}) > 1:
                yield f"{declared.name} was {then!r}, was sent as {sent!r}, came back as {back!r}"
        case [Removed() as first], _ if sent != on_wire(first.restore, declared.type):
            yield f"{declared.name} is restored to {first.restore!r}, was sent as {sent!r}"
        case [Added()], _ if sent is not ABSENT:
            yield f"{declared.name} is not there before it was added, was sent as {sent!r}"
        case _, [Removed()] if back is not ABSENT:
            yield f"{declared.name} was removed and came back as {back!r}"
        case _, [Added() as last] if back != on_wire(last.backfill, declared.type):
            yield f"{declared.name} is backfilled with {last.backfill!r}, got {back!r}"
        case _:
            return


def _overwritten(catalog: Catalog, older: Node, name: str, value: Any) -> Iterator[str]:
    """An older payload that has a value for the newer field already keeps it."""
    envelope = Envelope(catalog.prefix)
    given = {**older, envelope.key("data"): {**envelope.data(older), name: value}}
    got = envelope.data(upgrade(given, Scope(catalog))).get(name, ABSENT)
    if got != value:
        yield f"{name} was {value!r} already, and was backfilled with {got!r}"


def _is_after(change: FieldChange, version: Version) -> bool:
    date = since(change)
    return date is not None and Version.parse(date).xy > version.xy


def _is_joined(history: History, declared: FieldDeclaration) -> bool:
    """True when a converter of a group may set the field."""
    return any(
        declared.name in fact.fields
        for fact in history.group_facts()
        if isinstance(fact, Converted)
    )
