"""Payloads of one version in another: backport, upgrade, put-back and explain, on envelopes.

Everything here works on plain dicts and knows classes through a catalog only; no I/O, no oslo.
"""

from vobj.evolve.backport import Goal, To, backport, downgrade_data
from vobj.evolve.catalog import Catalog, Entry, Envelope, Foreign, Node
from vobj.evolve.compare import canonical, frozen_node
from vobj.evolve.explain import explain
from vobj.evolve.merge import merge
from vobj.evolve.scope import POLICIES, Finding, Scope, Upgraded
from vobj.evolve.upgrade import upgrade
from vobj.evolve.walk import iter_nodes

__all__ = [
    "POLICIES",
    "Catalog",
    "Entry",
    "Envelope",
    "Finding",
    "Foreign",
    "Goal",
    "Node",
    "Scope",
    "To",
    "Upgraded",
    "backport",
    "canonical",
    "downgrade_data",
    "explain",
    "frozen_node",
    "iter_nodes",
    "merge",
    "upgrade",
]
