"""What is to be known of a payload before it leaves: one walk over its objects.

Theory
    Three things are told by the objects in a payload and by the manifest of its reader: which
    objects leave below the version they have, which of them a caller may edit and send back, and
    whether the result is the same for everyone. It is when every object has a history and no
    converter stands in the plans: a converter may look at the context or at the time, a
    hand-written hook at anything.

    All of it depends on the class of an object and on two versions alone, so it is found once for
    each of these and kept; peers choose the versions, so that is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from vobj.conductor.observed import Lowered
from vobj.conductor.putback import PutBack
from vobj.errors import PayloadError
from vobj.evolve import Envelope, Node
from vobj.model import ClassCatalog
from vobj.plan import Convert, ConvertGroup, compile_plan
from vobj.version import Manifest, Version

_MOST = 4_096
_SCALARS = frozenset({str, int, float, bool, bytes, type(None)})


class _Facts(NamedTuple):
    lowered: Lowered | None
    is_plain: bool
    is_minded: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen.

    object_name, source, target: of the top object. lowered: what leaves below its version, with how
    often. minded: the objects whose edits are put back, in any version. is_plain: no code of the
    service has a part in the backport.
    """

    object_name: str
    source: str
    target: str
    lowered: tuple[tuple[Lowered, int], ...]
    minded: tuple[Node, ...]
    is_plain: bool


class Looks:
    """Looks at payloads of the classes of a catalog."""

    def __init__(self, catalog: ClassCatalog, put_back: PutBack) -> None:
        self._catalog = catalog
        self._envelope = catalog.envelope
        self._put_back = put_back
        self._facts: dict[tuple[Any, str, str | None], _Facts] = {}

    def at(self, tree: Node, speaks: Manifest) -> Look:
        """Look at a checked envelope, for a reader that speaks a manifest.

        Raises what looking up a class does.
        """
        found = _by_class(tree, self._envelope)
        lowered: list[tuple[Lowered, int]] = []
        minded: list[Node] = []
        is_plain = True
        for (name, version), nodes in found.items():
            facts = self._of(name, version, speaks.get(name))
            is_plain = is_plain and facts.is_plain
            if facts.lowered is not None:
                lowered.append((facts.lowered, len(nodes)))
            if facts.is_minded:
                minded += nodes
        name, source = next(iter(found))
        target = lower(source, speaks.get(name, source))
        return Look(name, source, target, tuple(lowered), tuple(minded), is_plain)

    def _of(self, name: str, version: str, wanted: str | None) -> _Facts:
        key = (self._catalog.class_for(name, version), version, wanted)
        found = self._facts.get(key)
        if found is None:
            if len(self._facts) >= _MOST:
                self._facts.clear()
            found = self._facts[key] = self._find(name, version, wanted)
        return found

    def _find(self, name: str, version: str, wanted: str | None) -> _Facts:
        own = Version.parse(version)
        target = own if wanted is None else Version.parse(wanted)
        is_lowered = target.xy < own.xy
        return _Facts(
            Lowered(name, own.short, target.short) if is_lowered else None,
            self._is_plain(name, version, wanted),
            self._put_back.is_minded(name, version),
        )

    def _is_plain(self, name: str, version: str, wanted: str | None) -> bool:
        history = self._catalog.entry(name, version).history
        if history is None:
            return False
        own = Version.parse(version)
        # What a manifest does not name is lowered by other rules, at most to the oldest version.
        reached = history.oldest if wanted is None else Version.parse(lower(version, wanted))
        plan = compile_plan(history, own, reached)
        return not any(isinstance(step, Convert | ConvertGroup) for step in plan.steps)


def _by_class(tree: Node, envelope: Envelope) -> dict[tuple[str, str], list[Node]]:
    """The well-formed envelopes in a checked one, by name and version; its own come first."""
    name, version = envelope.key("name"), envelope.key("version")
    found: dict[tuple[str, str], list[Node]] = {}
    waiting: list[Any] = [tree]
    while waiting:
        one = waiting.pop()
        parts = one
        if isinstance(one, dict):
            if name in one:
                try:
                    envelope.check(one)
                except PayloadError:
                    continue
                found.setdefault((one[name], one[version]), []).append(one)
            parts = one.values()
        elif not isinstance(one, list | tuple):
            continue
        waiting += [part for part in parts if type(part) not in _SCALARS]
    return found


def lower(version: str, wanted: str) -> str:
    """The lower of two versions as X.Y."""
    return min(Version.parse(version), Version.parse(wanted), key=lambda one: one.xy).short
