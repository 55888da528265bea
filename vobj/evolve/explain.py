"""Explain: what a backport would do to a payload, before it is sent."""

from __future__ import annotations

from dataclasses import replace

from vobj.evolve.backport import Goal, To, backport
from vobj.evolve.catalog import Node
from vobj.evolve.scope import Finding, Recorder, Scope


def explain(node: Node, to: Goal | To, scope: Scope) -> list[Finding]:
    """Everything that `backport` would drop, map, convert, hide, restore or refuse, in order.

    A refusal, a converter that fails and an unnamed child become findings (`refused`, `unnamed`)
    and the walk goes on; malformed payloads and manifests raise as `backport` does.
    """
    recorder = Recorder()
    backport(node, to, replace(scope, recorder=recorder))
    return recorder.findings
