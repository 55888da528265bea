"""Histories: the declared changes of a class, checked, and the schema at every version."""

from vobj.history.declare import declare, derive
from vobj.history.diff import Difference, diff
from vobj.history.loss import Losses, losses
from vobj.history.schema import CONTAINERS, OBJECT, Schema, WireType
from vobj.history.timeline import (
    FieldDeclaration,
    FieldState,
    History,
    ends_removed,
    since,
    state_at,
)
from vobj.history.values import comparable, comparable_pairs, comparing, means, on_wire, sort_key

__all__ = [
    "CONTAINERS",
    "OBJECT",
    "Difference",
    "FieldDeclaration",
    "FieldState",
    "History",
    "Losses",
    "Schema",
    "WireType",
    "comparable",
    "comparable_pairs",
    "comparing",
    "declare",
    "derive",
    "diff",
    "ends_removed",
    "losses",
    "means",
    "on_wire",
    "since",
    "sort_key",
    "state_at",
]
