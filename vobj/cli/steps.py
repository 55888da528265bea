"""What a step of a plan does, in words: an interpreter of the closed set of steps."""

from __future__ import annotations

from typing import assert_never

from vobj.history.text import value_text
from vobj.plan import (
    Backfill,
    ChildStep,
    Convert,
    ConvertGroup,
    Drop,
    FillNull,
    HideElements,
    MapValue,
    Note,
    Refuse,
    Rename,
    Restore,
    Snapshot,
    Step,
)


def describe(step: Step) -> str:
    """One line about a step, for a row that shows the version where it acts."""
    match step:
        case Note():
            return f"warn if {step.field} is set: {step.text}"
        case Restore():
            return f"set {step.field} to {value_text(step.value)}, whatever it holds"
        case Backfill():
            return f"set {step.field} to {value_text(step.value)} if it is unset"
        case Refuse():
            return _refuse(step)
        case Snapshot():
            return "remember the data as it stands, for converters that read other fields"
        case MapValue():
            pairs = (f"{value_text(one)} to {value_text(other)}" for one, other in step.pairs)
            return f"change {step.field} from {', from '.join(pairs)}"
        case Convert():
            return f"convert {step.field}{_form(step)}"
        case ConvertGroup():
            return f"convert {', '.join(step.fields)} together{_form(step)}"
        case FillNull():
            unset = " or unset" if step.unset_too else ""
            return f"set {step.field} to {value_text(step.value)} if it is null{unset}"
        case HideElements():
            return f"leave elements of {', '.join(step.classes)} out of {step.field}"
        case Rename():
            return f"rename {step.field} to {step.to}"
        case Drop():
            return f"leave {step.field} out"
        case _:
            assert_never(step)


def describe_child(child: ChildStep) -> str:
    """One line about a field whose objects have plans of their own."""
    inner = child.type.child()
    assert inner is not None
    where = child.newer if child.newer == child.field else f"{child.newer} (older: {child.field})"
    what = f"{inner.object_name}{' or a subclass' if inner.polymorphic else ''}"
    return f"{where}: {'each ' if child.type.shape() else ''}{what} by its own plan"


def _refuse(step: Refuse) -> str:
    names = " or ".join(step.fields)
    if step.rule.present:
        return f"refuse if {names} is set"
    return f"refuse if {names} is {' or '.join(map(value_text, step.rule.values))}"


def _form(step: Convert | ConvertGroup) -> str:
    down = step.call is step.change.down
    return f", to the form before {step.at}" if down else f", to the form since {step.at}"
