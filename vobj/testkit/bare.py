"""A world of bare histories: what evolve needs of classes, without classes.

Theory
    Evolve knows classes through a catalog only, so a catalog made from histories alone is enough
    to try every rule of backport, upgrade and put-back on plain envelopes. `BareCodec` has the
    verbs of `vobj.Codec`, with envelopes as payloads, so that one law serves both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vobj.errors import NewerVersionError, UnknownClassError
from vobj.evolve import (
    Entry,
    Envelope,
    Finding,
    Foreign,
    Node,
    Scope,
    To,
    backport,
    canonical,
    explain,
    merge,
    upgrade,
)
from vobj.history import History, WireType
from vobj.version import Manifest, Version

PREFIX = "versioned_object"
NAMESPACE = "versionedobjects"
ENVELOPE = Envelope.of(PREFIX)


def node(name: str, version: str, data: Mapping[str, Any], changes: Iterable[str] = ()) -> Node:
    """An envelope; `changes` is left out when empty, as oslo does."""
    made: Node = {
        ENVELOPE.key("name"): name,
        ENVELOPE.key("namespace"): NAMESPACE,
        ENVELOPE.key("version"): version,
        ENVELOPE.key("data"): dict(data),
    }
    listed = list(changes)
    if listed:
        made[ENVELOPE.key("changes")] = listed
    return made


class BareCatalog:
    """Own classes made from histories, and foreign ones from their types and hook."""

    def __init__(
        self,
        histories: Iterable[History],
        *,
        ancestors: Mapping[str, tuple[str, ...]] | None = None,
        foreign: Iterable[Entry] = (),
        prefix: str = PREFIX,
    ) -> None:
        """ancestors: `{object name: names of its parent classes, nearest first}`."""
        self._prefix = prefix
        self._entries: dict[tuple[str, int], Entry] = {}
        above = dict(ancestors or {})
        for history in histories:
            types = history.schema(history.version).fields
            entry = Entry(
                history.object_name,
                history.version,
                types,
                above.get(history.object_name, ()),
                history=history,
            )
            self._entries[entry.name, entry.version.major] = entry
        for entry in foreign:
            self._entries[entry.name, entry.version.major] = entry

    @property
    def prefix(self) -> str:
        return self._prefix

    def entry(self, name: str, version: str) -> Entry:
        wanted = Version.parse(version)
        found = self._entries.get((name, wanted.major))
        if found is None:
            raise UnknownClassError(
                f"{name} {version} is not registered", rule="payload/class", object_name=name
            )
        if wanted.xy > found.version.xy:
            raise NewerVersionError(
                f"{name} {version} is newer than {found.version}",
                manifest=self.manifest().to_dict(),
                object_name=name,
                version=version,
            )
        return found

    def parent(self, name: str) -> Entry | None:
        known = [entry for (one, _), entry in self._entries.items() if one == name]
        return max(known, key=lambda one: one.version.xy, default=None)

    def manifest(self) -> Manifest:
        """The newest version of every class."""
        names = sorted({name for name, _ in self._entries})
        newest = {name: self.parent(name) for name in names}
        return Manifest({name: str(one.version) for name, one in newest.items() if one})


def foreign_entry(name: str, version: str, types: Mapping[str, WireType], hook: Foreign) -> Entry:
    """A class that vobj does not own."""
    return Entry(name, Version.parse(version), types, foreign=hook)


class BareCodec:
    """The verbs of `vobj.Codec` on envelopes of a `BareCatalog`."""

    def __init__(self, catalog: BareCatalog, *, policy: str | None = None) -> None:
        self.catalog = catalog
        self._policy = policy

    def scope(self, context: object = None) -> Scope:
        """The surroundings of one call."""
        return Scope(self.catalog, context=context, policy=self._policy, quiet=True)

    def backport(self, data: Node, to: To, *, context: object = None) -> Node:
        """A payload in the versions of `to`."""
        scope = self.scope(context)
        return canonical(backport(data, to, scope), scope)

    def upgrade(self, data: Node, *, context: object = None) -> Node:
        """A payload in the newest versions."""
        scope = self.scope(context)
        return canonical(upgrade(data, scope), scope)

    def merge(
        self,
        current: Node,
        edited: Node,
        base: Node | None = None,
        *,
        on_conflict: str = "raise",
        absent: str = "keep",
        unrepresentable: str = "raise",
        context: object = None,
    ) -> Node:
        """The put-back of an older caller's edits."""
        scope = self.scope(context)
        made = merge(
            current,
            edited,
            scope,
            base=base,
            on_conflict=on_conflict,
            absent=absent,
            unrepresentable=unrepresentable,
        )
        return canonical(made, scope)

    def explain(self, data: Node, to: To, *, context: object = None) -> list[Finding]:
        """What a backport would do."""
        return explain(data, to, self.scope(context))
