"""From a plan to flows: where each field of the target comes from, and what happens on the way.

Theory
    The steps of a plan write into a dict, one after the other, and most of what they do does not
    depend on the values in it: which field ends up under which name, and where in the order, is
    known from the plan alone. So the plan is run once on a dict of flows instead of values. What is
    left for each payload is to copy a value from its source and apply the few operations that do
    look at it.

    A plan that does not come out this way has no flows: one with a converter, which may do
    anything; one that compares containers; one that hides elements; one that would set an absent
    field in the middle of an order that depends on its absence.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, assert_never

from vobj.changes import ABSENT
from vobj.history import WireType
from vobj.plan import (
    Backfill,
    Convert,
    ConvertGroup,
    Drop,
    FillNull,
    HideElements,
    MapValue,
    Note,
    Plan,
    Refuse,
    Rename,
    Restore,
    Snapshot,
    Step,
)


class Code(enum.IntEnum):
    """What an operation does with a value. Whatever stops is left to the Python executor."""

    STOP_IF_SET = 0
    STOP_IF_ONE_OF = 1
    MAP = 2
    FILL_NULL = 3
    STOP_IF_ABSENT = 4


class Operation(NamedTuple):
    """One operation on the primitive of one field, in the order of the plan.

    table: for `STOP_IF_ONE_OF` the values, for `MAP` pairs, for `FILL_NULL` the one value.
    """

    code: Code
    table: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Flow:
    """One field of the target. source: its name in the source; None for a constant.

    kept: False for a field that the target lacks, whose operations may still stop. moved: it stands
    after all fields that are not.
    """

    name: str
    source: str | None
    constant: Any = ABSENT
    operations: tuple[Operation, ...] = ()
    kept: bool = True
    moved: bool = False

    def then(self, code: Code, *table: Any) -> Flow:
        """The flow with one more operation."""
        return replace(self, operations=(*self.operations, Operation(code, table)))


class _NoFlow(Exception):
    """The plan depends on values."""


def flows(plan: Plan, source: Mapping[str, WireType]) -> tuple[Flow, ...] | None:
    """The fields of the target in the order that the plan leaves them in, then the dropped ones.

    source: the fields of the source version, in its order. None when the plan needs values.
    """
    live: dict[str, Flow] = {name: Flow(name, name) for name in source}
    dropped: list[Flow] = []
    try:
        for step in plan.steps:
            _apply(step, live, dropped)
    except _NoFlow:
        return None
    return (*live.values(), *dropped)


def _apply(step: Step, live: dict[str, Flow], dropped: list[Flow]) -> None:
    match step:
        case Snapshot() | Convert() | ConvertGroup() | HideElements():
            raise _NoFlow
        case Restore() | Backfill():
            _set(step, live)
        case Refuse():
            for name in step.fields:
                code = Code.STOP_IF_SET if step.rule.present else Code.STOP_IF_ONE_OF
                _check_scalars(step.rule.values)
                _operate(live, name, code, *step.rule.values)
        case Note():
            _operate(live, step.field, Code.STOP_IF_SET)
        case MapValue():
            if any(new is ABSENT for _, new in step.pairs):
                raise _NoFlow
            _check_scalars(old for old, _ in step.pairs)
            _operate(live, step.field, Code.MAP, *step.pairs)
        case FillNull():
            if step.unset_too:
                _operate(live, step.field, Code.STOP_IF_ABSENT)
            _operate(live, step.field, Code.FILL_NULL, step.value)
        case Rename():
            _rename(step, live)
        case Drop():
            gone = live.pop(step.field, None)
            if gone is not None and gone.operations:
                dropped.append(replace(gone, kept=False))
        case _:
            assert_never(step)


def _set(step: Restore | Backfill, live: dict[str, Flow]) -> None:
    # A field of that name in the source would be read by a name the source does not have.
    if step.field in live:
        raise _NoFlow
    live[step.field] = Flow(step.field, None, constant=step.value, moved=True)


def _check_scalars(values: Iterable[Any]) -> None:
    """Containers are compared by Python, by what they mean."""
    if any(isinstance(one, dict | list | frozenset) for one in values):
        raise _NoFlow


def _operate(live: dict[str, Flow], name: str, code: Code, *table: Any) -> None:
    flow = live.get(name)
    if flow is None and code is not Code.STOP_IF_ABSENT:
        return
    if flow is None or flow.source is None:
        raise _NoFlow
    live[name] = flow.then(code, *table)


def _rename(step: Rename, live: dict[str, Flow]) -> None:
    flow = live.pop(step.field, None)
    if flow is None:
        return
    if step.to in live:
        raise _NoFlow
    live[step.to] = replace(flow, name=step.to, moved=True)
