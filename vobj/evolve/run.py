"""The interpreter of a plan's steps over the data of one object.

Theory
    `run` never writes into what it was given: it copies the top level of the data, replaces values
    and shares what it does not touch. Converters get copies of containers, so one that sorts in
    place harms nobody. A value that a plan holds (a restored default, a backfill) is copied per
    use.

    Errors get the field as their path; whoever called puts the rest before it.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, assert_never

from vobj.changes import ABSENT, Converted, ConverterContext, Loss
from vobj.errors import ConversionError, PayloadError, RefusedError, VobjError
from vobj.evolve.scope import Recorder, Scope
from vobj.history import means
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

Data = dict[str, Any]
LOG = logging.getLogger("vobj")


@dataclass
class _Run:
    """The state of one interpretation."""

    plan: Plan
    data: Data
    scope: Scope
    context: ConverterContext
    before: Mapping[str, Any]

    @property
    def recorder(self) -> Recorder | None:
        return self.scope.recorder


def run(
    plan: Plan,
    data: Mapping[str, Any],
    scope: Scope,
    *,
    manifest: Mapping[str, str] | None = None,
    live: object = None,
) -> Data:
    """The data of the target version, in a new dict; `data` stays as it was.

    live: the object the data was taken from, for converters. Raises RefusedError or the exception a
    `Refused` names; ConversionError on the way down and PayloadError (`payload/convert`) on the way
    up when a converter fails.
    """
    context = ConverterContext(
        object_name=plan.object_name,
        target=str(plan.target),
        manifest=manifest,
        context=scope.context,
        obj=live,
    )
    state = _Run(plan, dict(data), scope, context, data)
    for step in plan.steps:
        try:
            _apply(step, state)
        except VobjError as error:
            if error.object_name is None:
                error.object_name = plan.object_name
                error.version, error.target = str(plan.source), str(plan.target)
            raise
    return state.data


def _apply(step: Step, state: _Run) -> None:
    data = state.data
    match step:
        case Snapshot():
            state.before = MappingProxyType(_as_read(data))
        case Restore():
            data[step.field] = copy.deepcopy(step.value)
            _record(state, "restored", step.at, Loss.LOSSLESS, repr(step.value), step.field)
        case Backfill():
            if step.field not in data:
                data[step.field] = copy.deepcopy(step.value)
        case Refuse():
            _refuse(step, state)
        case Note():
            _note(step, state)
        case MapValue():
            _map(step, state)
        case Convert():
            _convert(step, state)
        case ConvertGroup():
            _convert_group(step, state)
        case FillNull():
            if data.get(step.field, ABSENT) is None or (step.unset_too and step.field not in data):
                data[step.field] = copy.deepcopy(step.value)
                _record(state, "substituted", step.at, Loss.LOSSY, repr(step.value), step.field)
        case HideElements():
            _hide(step, state)
        case Rename():
            _rename(step, state)
        case Drop():
            _drop(step, state)
        case _:
            assert_never(step)


def _drop(step: Drop, state: _Run) -> None:
    if step.field not in state.data:
        return
    if state.scope.hidden == "reset" and step.reset is not ABSENT:
        state.data[step.field] = copy.deepcopy(step.reset)
        return
    _record(state, "dropped", step.at, Loss.LOSSY, _shown(state.data[step.field]), step.field)
    del state.data[step.field]


def _record(state: _Run, effect: str, at: str, loss: Loss, detail: str, *tail: str) -> None:
    if state.recorder is not None:
        state.recorder.add(effect, at, loss, detail, *tail)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _note(step: Note, state: _Run) -> None:
    if step.field not in state.data:
        return
    _record(state, "noted", step.at, Loss.LOSSLESS, step.text, step.field)
    if not state.scope.quiet and state.recorder is None:
        LOG.warning(
            "%s.%s sent below %s: %s", state.plan.object_name, step.field, step.at, step.text
        )


def _refuse(step: Refuse, state: _Run) -> None:
    rule = step.rule
    for name in step.fields:
        if name not in state.data:
            continue
        value = state.data[name]
        if rule.present:
            kind, what = "refused/present", "is set"
        elif any(means(value, one) for one in rule.values):
            kind, what = "refused/value", f"is {_shown(value)}"
        else:
            continue
        text = rule.reason or f"{name} {what}, which versions below {step.at} cannot express"
        if state.recorder is not None:
            state.recorder.add("refused", step.at, Loss.MAY_FAIL, text, name)
            continue
        if rule.exception is not None:
            raise rule.exception(text)
        raise RefusedError(f"{state.plan.object_name}: {text}", rule=kind, path=(name,))


def _map(step: MapValue, state: _Run) -> None:
    value = state.data.get(step.field, ABSENT)
    if value is ABSENT:
        return
    for old, new in step.pairs:
        if means(value, old):
            detail = f"{_shown(value)} -> {_shown(new)}"
            _record(state, "mapped", step.at, Loss.LOSSY, detail, step.field)
            _put(state.data, step.field, new)
            return


def _put(data: Data, name: str, value: object) -> None:
    if value is ABSENT:
        data.pop(name, None)
    else:
        data[name] = copy.deepcopy(value)


def _as_read(value: Any) -> Any:
    """A deep copy for a converter, in which a set of an object is the list that a payload has."""
    if isinstance(value, dict):
        return {key: _as_read(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_read(one) for one in value]
    return copy.deepcopy(value)


def _convert(step: Convert, state: _Run) -> None:
    change = step.change
    value = state.data.get(step.field, ABSENT)
    if value is ABSENT and not change.absent:
        return
    if value is None and not (change.nulls or change.peers):
        return
    given = _as_read(value)
    arguments = (given, state.before, state.context) if change.peers else (given,)
    result = _call(step, state, (step.field,), arguments)
    if result is _FAILED:
        return
    _put(state.data, step.field, result)
    detail = f"{_shown(value)} -> {_shown(result)}"
    _record(state, "converted", step.at, _loss(change, state), detail, step.field)


def _convert_group(step: ConvertGroup, state: _Run) -> None:
    if not step.change.absent and not any(name in state.before for name in step.fields):
        return
    result = _call(step, state, (), (state.before, state.context))
    if result is _FAILED:
        return
    if not isinstance(result, Mapping) or not set(result) <= set(step.fields):
        raise _failure(
            state, (), f"The converter of {', '.join(step.fields)} returned {_shown(result)},"
            " not a mapping of these fields"
        )  # fmt: skip
    for name, value in result.items():
        _put(state.data, name, value)
        _record(state, "converted", step.at, _loss(step.change, state), _shown(value), name)


class _Failed:
    """Stands for the result of a converter that refused or failed while being explained."""


_FAILED = _Failed()


def _call(
    step: Convert | ConvertGroup, state: _Run, path: tuple[str, ...], arguments: tuple[Any, ...]
) -> Any:
    try:
        return step.call(*arguments)
    except RefusedError as error:
        if state.recorder is None:
            raise error.within(*path) from None
        state.recorder.add("refused", step.at, Loss.MAY_FAIL, error.message, *path)
        return _FAILED
    except VobjError as error:
        raise error.within(*path) from None
    except Exception as error:
        text = f"The converter of {step.at} failed: {type(error).__name__}: {error}"
        if state.recorder is None:
            raise _failure(state, path, text) from error
        state.recorder.add("refused", step.at, Loss.MAY_FAIL, text, *path)
        return _FAILED


def _failure(state: _Run, path: tuple[str, ...], text: str) -> VobjError:
    if state.plan.upward:
        return PayloadError(text, rule="payload/convert", path=path)
    return ConversionError(text, rule="convert/failed", path=path)


def _loss(change: Converted, state: _Run) -> Loss:
    return change.up_loss if state.plan.upward else change.down_loss


def _hide(step: HideElements, state: _Run) -> None:
    value = state.data.get(step.field)
    if not isinstance(value, list | tuple):
        return
    key = state.scope.envelope.key("name")
    kept = [one for one in value if not (isinstance(one, dict) and one.get(key) in step.classes)]
    if len(kept) < len(value):
        state.data[step.field] = kept
        detail = f"{len(value) - len(kept)} of {len(value)} elements"
        _record(state, "hidden", step.at, Loss.LOSSY, detail, step.field)


def _rename(step: Rename, state: _Run) -> None:
    data = state.data
    if step.field not in data:
        return
    value = data.pop(step.field)
    if not (state.plan.upward and step.to in data):
        data[step.to] = value
        _record(state, "renamed", step.at, Loss.LOSSLESS, step.to, step.field)


def only(plan: Plan, names: set[str]) -> Plan:
    """The plan with what the data of these fields needs.

    Steps of other fields stay where a converter of one of these reads its peers after them.
    """
    last = max(
        (index for index, step in enumerate(plan.steps) if _reads_peers(step, names)), default=-1
    )
    kept = tuple(
        step for index, step in enumerate(plan.steps) if index <= last or _touches(step, names)
    )
    return replace(plan, steps=kept)


def _reads_peers(step: Step, names: set[str]) -> bool:
    if isinstance(step, Convert):
        return step.change.peers and step.field in names
    return isinstance(step, ConvertGroup) and bool(names & set(step.fields))


def _touches(step: Step, names: set[str]) -> bool:
    match step:
        case Snapshot():
            return False
        case Refuse() | ConvertGroup():
            return bool(names & set(step.fields))
        case _:
            return step.field in names
