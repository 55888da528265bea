"""Backport: an envelope, at every depth, in the version a caller asks for.

Theory
    The target of each object is the lower of its own version and what the manifest names, so a
    backport never upgrades and never stamps a version that does not exist here. For one object: its
    plan runs over its data, then the children that are left are visited, then `changes` follows the
    renames and forgets what is gone.

    A child's version comes from the manifest under its concrete name, else through `Inherits` from
    a parent the manifest names, else from the field's `ChildVersions`, else from the policy. A
    foreign object is handed whole to the code that oslo would run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vobj.changes import Loss
from vobj.errors import ManifestError, PayloadError, UsageError, VobjError
from vobj.evolve.catalog import Entry, Node
from vobj.evolve.hook import record_hook
from vobj.evolve.run import Data, run
from vobj.evolve.scope import HIDDEN, POLICIES, Scope
from vobj.evolve.walk import map_children
from vobj.history import History
from vobj.plan import ChildStep, Plan, compile_plan
from vobj.version import Manifest, Version

Place = tuple[str, str, str]
To = Manifest | Mapping[str, str] | str


@dataclass(frozen=True)
class Goal:
    """What is asked for: a manifest, or a version of the top object alone.

    places: `{(owner, field, child): version}`, all names as the target has them: what children of
    one field are known to have been sent at. It counts before the manifest.
    """

    manifest: Manifest | None
    version: Version | None = None
    places: Mapping[Place, Version] = field(default_factory=dict)

    @classmethod
    def of(cls, to: object) -> Goal:
        """From a manifest, a mapping or a version text.

        Raises ManifestError (`manifest/malformed`, `manifest/version`, `manifest/limit`).
        """
        if isinstance(to, Goal):
            return to
        if isinstance(to, Manifest):
            return cls(to)
        if isinstance(to, str):
            try:
                return cls(None, Version.parse(to))
            except VobjError as error:
                raise ManifestError(error.message, rule="manifest/version") from None
        if isinstance(to, Mapping):
            return cls(Manifest(to))
        raise ManifestError(
            f"Expected a manifest or a version, got {type(to).__name__}", rule="manifest/malformed"
        )


def backport(node: Node, to: Goal | To, scope: Scope) -> Node:
    """`node` as the versions in `to` have it, in a new envelope; `node` stays as it was.

    Raises RefusedError, ConversionError, ManifestError, UnknownClassError, NewerVersionError or
    PayloadError, with the path of the object or field.
    """
    if scope.policy is not None and scope.policy not in POLICIES:
        raise UsageError(
            f"Unknown policy {scope.policy!r}: it is one of {', '.join(POLICIES)}",
            rule="usage/policy",
        )
    if scope.hidden not in HIDDEN:
        raise UsageError(
            f"hidden={scope.hidden!r}: it is one of {', '.join(HIDDEN)}", rule="usage/policy"
        )
    goal = Goal.of(to)
    scope.envelope.check(node)
    entry, version = look_up(node, scope)
    target = top_target(entry, version, goal, scope)
    return _object(node, entry, version, target, goal, scope)


def downgrade_data(
    history: History,
    data: Data,
    target: Version,
    scope: Scope,
    manifest: Mapping[str, str] | None = None,
    live: object = None,
) -> Data:
    """The bare data of one object, backported: what `obj_make_compatible` of oslo is asked for."""
    goal = Goal.of(manifest) if manifest is not None else Goal(None, target)
    data, _ = _own_data(history, data, history.version, target, goal, scope, live)
    return data


def look_up(node: Node, scope: Scope) -> tuple[Entry, Version]:
    """The class of a checked node, and the node's version.

    Raises UnknownClassError, NewerVersionError, PayloadError (`payload/envelope`) for a version
    that is none.
    """
    envelope = scope.envelope
    try:
        version = Version.parse(envelope.version(node))
    except VobjError as error:
        raise PayloadError(
            error.message, rule="version/malformed", object_name=envelope.name(node)
        ) from None
    return scope.catalog.entry(envelope.name(node), envelope.version(node)), version


def top_target(entry: Entry, version: Version, goal: Goal, scope: Scope) -> Version:
    """The version that a goal asks of the top object. Raises ManifestError, UsageError."""
    if goal.version is not None:
        return _lower(entry, version, goal.version)
    assert goal.manifest is not None
    named = _named(entry, goal.manifest, scope)
    if named is not None:
        return _lower(entry, version, named)
    if scope.policy == "drop":
        raise UsageError(
            f"The top object {entry.name} cannot be dropped", rule="usage/policy",
            object_name=entry.name,
        )  # fmt: skip
    if scope.policy == "oldest":
        return _lower(entry, version, _oldest(entry))
    if scope.policy == "keep" or (scope.policy is None and entry.foreign is not None):
        return version
    raise ManifestError(
        f"The manifest does not name {entry.name}",
        rule="manifest/object-unnamed", object_name=entry.name, version=str(version),
    )  # fmt: skip


def _lower(entry: Entry, version: Version, wanted: Version) -> Version:
    """The lower of two versions by X.Y; the payload's own when equal, so that its stamp stays."""
    if wanted.major != version.major:
        raise ManifestError(
            f"{entry.name} {version} cannot be backported to another major version, {wanted}",
            rule="manifest/major",
            object_name=entry.name,
            version=str(version),
            target=str(wanted),
        )
    return version if wanted.xy >= version.xy else Version(*wanted.xy)


def _oldest(entry: Entry) -> Version:
    return entry.history.oldest if entry.history is not None else Version(entry.version.major, 0)


def _named(entry: Entry, manifest: Manifest, scope: Scope) -> Version | None:
    """What a manifest says of a class, by its own name or through what it inherits from."""
    text = manifest.get(entry.name)
    if text is not None:
        return Version.parse(text)
    history = entry.history
    if history is None or history.parent is None:
        return None
    parent = scope.catalog.parent(history.parent)
    reached = None if parent is None else _named(parent, manifest, scope)
    return None if reached is None else _standing_on(history, reached)


def _standing_on(history: History, parent: Version) -> Version | None:
    """The newest own version whose parent, by `Inherits`, is not newer than the one named.

    None when no version stood on a parent that old: a peer that has that one has not this class.
    """
    own = sorted((Version.parse(one), Version.parse(on)) for one, on in history.inherits.items())
    first_newer = next((one for one, on in own if on.xy > parent.xy), None)
    if first_newer is None:
        return Version(*history.version.xy)
    if first_newer == own[0][0]:
        return None
    return Version(first_newer.major, first_newer.minor - 1)


def _object(
    node: Node, entry: Entry, version: Version, target: Version, goal: Goal, scope: Scope
) -> Node:
    if entry.foreign is not None:
        return _foreign(node, entry, version, target, goal, scope)
    assert entry.history is not None
    envelope = scope.envelope
    recorder = scope.recorder
    if recorder is not None:
        recorder.object_names.append(entry.name)
    live = scope.live.get(id(node))
    try:
        data, plan = _own_data(
            entry.history, envelope.data(node), version, target, goal, scope, live
        )
    except VobjError as error:
        if error.object_name is None:
            error.object_name, error.version, error.target = entry.name, str(version), str(target)
        raise
    finally:
        if recorder is not None:
            recorder.object_names.pop()
    changes = [plan.names[one] for one in envelope.changes(node) if one in plan.names]
    if scope.hidden == "reset":
        changes += plan.resets
    return envelope.replaced(
        node, version=str(target), data=data, changes=[one for one in changes if one in data]
    )


def _own_data(
    history: History,
    data: Data,
    version: Version,
    target: Version,
    goal: Goal,
    scope: Scope,
    live: object,
) -> tuple[Data, Plan]:
    history.check_supported(target)
    plan = compile_plan(history, version, target)
    made = run(plan, data, scope, manifest=goal.manifest, live=live)
    for child in plan.children:
        if made.get(child.field) is not None:
            _child(child, made, Holder(history.object_name, target), goal, scope)
    return made, plan


DROPPED = Version(0, 0)
"""The target of a child that the policy leaves out."""


class Holder(NamedTuple):
    """The object that holds a child, as the target has it."""

    name: str
    version: Version


def _child(child: ChildStep, data: Data, holder: Holder, goal: Goal, scope: Scope) -> None:
    dropped = False

    def visit(node: Node) -> Any:
        nonlocal dropped
        entry, version = look_up(node, scope)
        target = child_target(child, entry, version, holder, goal, scope)
        if target is DROPPED:
            dropped = True
            return None
        return _object(node, entry, version, target, goal, scope)

    try:
        with scope.inside(child.field):
            made = map_children(data[child.field], child.type, scope, visit)
    except VobjError as error:
        raise error.within(child.field) from None
    if dropped:
        _record(scope, "dropped", Loss.LOSSY, "the target does not name it", child.field)
        del data[child.field]
    else:
        data[child.field] = made


def _record(scope: Scope, effect: str, loss: Loss, detail: str, *tail: str) -> None:
    if scope.recorder is not None:
        scope.recorder.add(effect, None, loss, detail, *tail)


def child_target(
    child: ChildStep, entry: Entry, version: Version, holder: Holder, goal: Goal, scope: Scope
) -> Version:
    """The version that a goal asks of an object in a field of `holder`, or `DROPPED`.

    Raises ManifestError, UsageError.
    """
    wanted = goal.places.get((holder.name, child.field, entry.name))
    if wanted is None and goal.manifest is not None:
        wanted = _named(entry, goal.manifest, scope)
        if wanted is None and entry.foreign is not None:
            text = goal.manifest.get(_declared(child))
            wanted = None if text is None else Version.parse(text)
    if wanted is None:
        wanted = _dated(child, entry, holder.version, scope)
    if wanted is not None:
        return _lower(entry, version, wanted)
    return _by_policy(child, entry, version, goal, scope)


def _declared(child: ChildStep) -> str:
    kind = child.type.child()
    assert kind is not None
    return kind.object_name or ""


def _dated(child: ChildStep, entry: Entry, holder: Version, scope: Scope) -> Version | None:
    """What `ChildVersions` says: of the declared class, or of one that stands on it."""
    table = child.table or {}
    reached = [one for one in table if Version.parse(one).xy <= holder.xy]
    if not reached:
        return None
    text = table[max(reached, key=lambda one: Version.parse(one).xy)]
    if entry.foreign is not None:
        return Version.parse(text)
    return _named(entry, Manifest({_declared(child): text}), scope)


def _by_policy(
    child: ChildStep, entry: Entry, version: Version, goal: Goal, scope: Scope
) -> Version:
    if goal.manifest is None and _oldest(entry).xy == entry.version.xy:
        return version
    match scope.policy:
        case "keep":
            return version
        case "oldest":
            return _lower(entry, version, _oldest(entry))
        case "drop":
            if child.type.shape():
                raise UsageError(
                    f"Elements of a {child.type.kind} cannot be dropped: {entry.name} is not named",
                    rule="usage/policy",
                    object_name=entry.name,
                )
            return DROPPED
        case None if entry.foreign is not None and goal.manifest is not None:
            return version
        case _:
            return _unnamed(entry, version, goal, scope)


def _unnamed(entry: Entry, version: Version, goal: Goal, scope: Scope) -> Version:
    if scope.recorder is not None:
        scope.recorder.add("unnamed", None, Loss.MAY_FAIL, f"the target does not name {entry.name}")
        return version
    told = "The manifest" if goal.manifest is not None else "A version for the top object alone"
    raise ManifestError(
        f"{told} does not name {entry.name}: send a manifest that does, date it with ChildVersions,"
        " or choose a policy",
        rule="manifest/child-unnamed",
        object_name=entry.name,
        version=str(version),
    )


def _foreign(
    node: Node, entry: Entry, version: Version, target: Version, goal: Goal, scope: Scope
) -> Node:
    assert entry.foreign is not None
    text = scope.envelope.version(node) if target == version else str(target)
    manifest = None if goal.manifest is None else goal.manifest.to_dict()
    try:
        made = entry.foreign.backport(node, text, manifest, scope.context, scope.live.get(id(node)))
    except Exception as error:
        if scope.recorder is None:
            raise
        scope.recorder.object_names.append(entry.name)
        scope.recorder.add("refused", None, Loss.MAY_FAIL, f"{type(error).__name__}: {error}")
        scope.recorder.object_names.pop()
        return node
    if scope.recorder is not None:
        record_hook(node, made, scope)
    return made
