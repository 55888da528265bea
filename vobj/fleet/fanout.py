"""One object for many peers: each distinct payload is made once.

Theory
    What a manifest says about classes that are not in the object's tree changes nothing in the
    payload, nor does a version above the one that is there. So two targets share a payload when
    they agree, after that, on every name a class of the tree goes by: its own, and those of the
    classes it inherits from. Code of the service may look at the whole manifest: a converter that
    sees its peers, and a hand-written hook. Where one of these stands in the tree, targets share a
    payload only if they are equal.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeVar

from vobj.changes import Converted
from vobj.codec import Codec, Target
from vobj.errors import VobjError
from vobj.evolve import Goal, iter_nodes
from vobj.model import ClassCatalog
from vobj.model.catalog import ancestors_of
from vobj.model.histories import hook_of
from vobj.version import Manifest, Version

K = TypeVar("K", bound=Hashable)


def encode_for(
    codec: Codec,
    obj: Any,
    targets: Mapping[K, Target] | Iterable[Manifest],
    *,
    context: object = None,
) -> dict[Any, Any]:
    """The payloads of one object for several peers, under the keys of `targets`.

    targets: `{peer: manifest or version}`; or manifests, and the result has their fingerprints as
    keys. Peers who read the same get one and the same payload. Raises what `Codec.encode` raises
    for one of them; its notes tell for whom.
    """
    wanted: dict[Any, Target] = (
        dict(targets) if isinstance(targets, Mapping) else {one.fingerprint: one for one in targets}
    )
    goals = {peer: Goal.of(target) for peer, target in wanted.items()}
    if not goals:
        return {}
    share = _Relevant.of(codec, obj)
    made: dict[Hashable, Any] = {}
    found = {}
    for peer, goal in goals.items():
        key = share.key(goal)
        if key not in made:
            try:
                made[key] = codec.encode(obj, to=wanted[peer], context=context)
            except VobjError as error:
                same = [str(one) for one, other in goals.items() if share.key(other) == key]
                error.add_note(f"It was to be sent to {', '.join(same[:10])}")
                raise
        found[peer] = made[key]
    return found


class _Relevant:
    """What of a manifest the payload of one object depends on.

    names: the names that count, each with the version that the tree has of it. whole: the whole
    manifest counts.
    """

    def __init__(self, names: Mapping[str, Version | None], top: str, *, whole: bool) -> None:
        self._names = names
        self._top = top
        self._whole = whole

    @classmethod
    def of(cls, codec: Codec, obj: Any) -> _Relevant:
        """Look through the tree of an object. Raises what `Codec.encode` does."""
        catalog = ClassCatalog(codec.base)
        tree = Codec("primitive", base=codec.base).encode(obj)
        names: dict[str, Version | None] = {}
        whole = False
        seen = set()
        for node in iter_nodes(tree, catalog.envelope):
            name, text = catalog.envelope.name(node), catalog.envelope.version(node)
            if (name, text) in seen:
                continue
            seen.add((name, text))
            found, version = catalog.class_for(name, text), Version.parse(text)
            known = names.get(name)
            names[name] = version if known is None else max(known, version, key=lambda one: one.xy)
            for ancestor in ancestors_of(found):
                names.setdefault(ancestor, None)
            whole = whole or _looks_around(catalog, found)
        return cls(names, catalog.envelope.name(tree), whole=whole)

    def key(self, goal: Goal) -> Hashable:
        """Equal for goals with equal payloads."""
        if goal.manifest is None:
            return ("version", goal.version, None)
        if self._whole:
            return ("whole", goal.manifest.fingerprint, None)
        manifest = goal.manifest
        return ("named", self._top, tuple(
            _counts(manifest.get(name), version) for name, version in self._names.items()
        ))  # fmt: skip


def _counts(named: str | None, version: Version | None) -> tuple[int, int] | None:
    """What an entry asks for, no higher than what is there."""
    if named is None:
        return None
    wanted = Version.parse(named)
    if version is None or wanted.major != version.major:
        return wanted.xy
    return min(wanted.xy, version.xy)


def _looks_around(catalog: ClassCatalog, cls: Any) -> bool:
    """Whether code that runs in a backport of the class may look at the whole manifest."""
    history = catalog.entry_of(cls).history
    if history is None:
        return hook_of(cls) is not None
    changes = [one for declared in history.fields for one in declared.changes]
    return any(
        isinstance(one, Converted) and (one.peers or bool(one.fields))
        for one in [*changes, *history.facts]
    )
