"""What a hand-written hook did, told from its input and output: nothing else of it can be known."""

from __future__ import annotations

from typing import Any

from vobj.changes import Loss
from vobj.errors import Key, Segment
from vobj.evolve.catalog import Node
from vobj.evolve.compare import same, types_of
from vobj.evolve.scope import Recorder, Scope


def record_hook(before: Node, after: Node, scope: Scope) -> None:
    """Findings for what `after` lacks, has more, or has otherwise than `before`, at every depth.

    Does nothing when the scope has no recorder.
    """
    if scope.recorder is not None:
        _node(before, after, scope, scope.recorder)


def _node(before: Node, after: Node, scope: Scope, recorder: Recorder) -> None:
    envelope = scope.envelope
    name = envelope.name(before)
    types = types_of(scope.catalog.entry(name, envelope.version(before)), envelope.version(before))
    old, new = envelope.data(before), envelope.data(after)
    recorder.object_names.append(name)
    for field in {**old, **new}:
        if field not in new:
            recorder.add("dropped", None, Loss.LOSSY, _shown(old[field]), field)
        elif field not in old:
            recorder.add("restored", None, Loss.LOSSLESS, _shown(new[field]), field)
        elif not same(old[field], new[field], types.get(field), scope):
            with scope.inside(field):
                _value(old[field], new[field], scope, recorder)
    recorder.object_names.pop()


def _value(before: Any, after: Any, scope: Scope, recorder: Recorder) -> None:
    is_node = scope.envelope.is_node
    if is_node(before) and is_node(after):
        _node(before, after, scope, recorder)
        return
    parts = _parts(before, after)
    if parts is None:
        detail = f"{_shown(before)} -> {_shown(after)}"
        recorder.add("changed", None, Loss.LOSSY, detail)
        return
    for segment, one, other in parts:
        if not same(one, other, None, scope):
            with scope.inside(segment):
                _value(one, other, scope, recorder)


def _parts(before: Any, after: Any) -> list[tuple[Segment, Any, Any]] | None:
    """The elements of two containers of the same form, in pairs; None for anything else."""
    match before, after:
        case list() | tuple(), list() | tuple() if len(before) == len(after):
            return [
                (i, one, other) for i, (one, other) in enumerate(zip(before, after, strict=True))
            ]
        case dict(), dict() if before.keys() == after.keys():
            return [(Key(key), one, after[key]) for key, one in before.items()]
        case _:
            return None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
