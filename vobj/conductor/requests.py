"""The three operations as JSON requests: what a transport without names of its own sends.

Theory
    A request is a dict with the parts of its operation, named as in `Conductor`. Parts that are not
    known are ignored, so that newer clients may say more; parts that are missing have the defaults
    of the operation. Nothing of a request is used before all of its parts are of the right kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vobj.conductor.documents import Document
from vobj.conductor.mediator import Conductor
from vobj.errors import PayloadError

BACKPORT, ACTION, CLASS_ACTION = "backport", "action", "class-action"

ContextMaker = Callable[[Mapping[str, Any]], object]

_KINDS: Mapping[str, tuple[type, str]] = {
    "payload": (dict, "an object"),
    "method": (str, "text"),
    "name": (str, "text"),
    "manifest": (dict, "an object"),
    "args": (list, "a list"),
    "kwargs": (dict, "an object"),
    "context": (dict, "an object"),
}


def answer(
    conductor: Conductor, operation: str, request: object, context_of: ContextMaker
) -> Document:
    """The document that answers a request for one of the operations.

    context_of: makes the context that methods get from the dict that came. Raises PayloadError
    (`conductor/request`), and what the operation of the conductor raises.
    """
    if not isinstance(request, dict):
        raise _wrong(f"Expected a JSON object, got {type(request).__name__}")
    context = context_of(_part(request, "context", {}))
    match operation:
        case "backport":
            payload, manifest = _part(request, "payload"), _part(request, "manifest")
            return {"payload": conductor.object_backport_versions(context, payload, manifest)}
        case "action":
            updates, result = conductor.object_action(
                context,
                _part(request, "payload"),
                _part(request, "method"),
                _part(request, "args", []),
                _part(request, "kwargs", {}),
                _part(request, "manifest", {}),
            )
            return {"updates": updates, "result": result}
        case _:
            result = conductor.object_class_action_versions(
                context,
                _part(request, "name"),
                _part(request, "method"),
                _part(request, "manifest"),
                _part(request, "args", []),
                _part(request, "kwargs", {}),
            )
            return {"result": result}


def _part(request: Mapping[str, Any], name: str, default: object = None) -> Any:
    kind, text = _KINDS[name]
    value = request.get(name)
    if value is None:
        value = default
    if value is None:
        raise _wrong(f"The request has no {name}")
    if not isinstance(value, kind):
        raise _wrong(f"Expected {name} to be {text}, got {type(value).__name__}")
    return value


def _wrong(message: str) -> PayloadError:
    return PayloadError(message, rule="conductor/request")
