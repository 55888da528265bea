"""Upgrade: an older envelope in the newest form that this process knows, at every depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vobj.errors import VobjError
from vobj.evolve.backport import look_up
from vobj.evolve.catalog import Entry, Node
from vobj.evolve.run import Data, run
from vobj.evolve.scope import Scope, Upgraded
from vobj.evolve.walk import map_children
from vobj.history import WireType
from vobj.plan import compile_plan
from vobj.version import Version


def upgrade(node: Node, scope: Scope) -> Node:
    """`node` in the newest version of its class, children first; `node` stays as it was.

    An own object becomes an `Upgraded` with the version it came with; at equal X.Y it keeps its
    stamp. A foreign object keeps its version, and own children inside it are raised. Raises
    PayloadError, UnknownClassError or NewerVersionError with the path.
    """
    scope.envelope.check(node)
    entry, version = look_up(node, scope)
    try:
        return _raised(node, entry, version, scope)
    except VobjError as error:
        if error.object_name is None:
            error.object_name, error.version = entry.name, str(version)
        raise


def _raised(node: Node, entry: Entry, version: Version, scope: Scope) -> Node:
    envelope = scope.envelope
    history = entry.history
    if history is None:
        data = _children(envelope.data(node), entry.types, scope)
        return envelope.replaced(
            node, version=envelope.version(node), data=data, changes=envelope.changes(node)
        )
    data = _children(envelope.data(node), history.schema(version).children, scope)
    if version.xy == history.version.xy:
        current = envelope.replaced(
            node, version=envelope.version(node), data=data, changes=envelope.changes(node)
        )
        return Upgraded(current, envelope.version(node))
    plan = compile_plan(history, version, history.version)
    made = run(plan, data, scope)
    changes = [plan.names[one] for one in envelope.changes(node) if one in plan.names]
    raised = envelope.replaced(
        node,
        version=str(history.version),
        data=made,
        changes=[one for one in changes if one in made],
    )
    return Upgraded(raised, envelope.version(node))


def _children(data: Data, types: Mapping[str, WireType], scope: Scope) -> Data:
    made: Data = dict(data)
    for name, kind in types.items():
        value: Any = made.get(name)
        if value is None or kind.child() is None:
            continue
        try:
            made[name] = map_children(value, kind, scope, lambda one: upgrade(one, scope))
        except VobjError as error:
            raise error.within(name) from None
    return made
