"""The three operations as requests: what every transport hands on.

Theory
    A request is a dict with the parts of its operation, named as in `Conductor`. Parts that are not
    known are ignored, so that newer clients may say more; parts that are missing have the defaults
    of the operation. Nothing of a request is used before all of its parts are of the right kind.

    A backport takes one payload or a batch of them, each an envelope or a payload as bytes; where
    bytes cannot stand they come as `{"vobj.packed": base64}`. A payload goes back in the form it
    came in. In a batch each payload has its own answer, or its own error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from vobj.codec import executor
from vobj.conductor.backports import Seen
from vobj.conductor.documents import Document, error_document
from vobj.conductor.journal import Asked
from vobj.conductor.mediator import Conductor
from vobj.errors import ConductorError, LimitError, PayloadError, VobjError
from vobj.rpc.text import KEY, as_binary, as_text, from_text
from vobj.version import Manifest
from vobj.wires.packed import MAGIC

BACKPORT, ACTION, CLASS_ACTION = "backport", "action", "class-action"
OPERATIONS = (BACKPORT, ACTION, CLASS_ACTION)
LARGEST_BATCH = 1_000

_PACKED = bytes([MAGIC])
# A packed payload says in few bytes what takes long to look at: a millisecond for so many.
_SMALL_PACKED = 2_048 if executor == "native" else 512

_KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "payload": ((dict, bytes), "an object"),
    "payloads": (list, "a list"),
    "method": (str, "text"),
    "name": (str, "text"),
    "manifest": (dict, "an object"),
    "fingerprint": (str, "text"),
    "args": ((list, tuple), "a list"),
    "kwargs": (dict, "an object"),
    "context": (dict, "an object"),
}


def parts_of(request: object) -> Mapping[str, Any]:
    """The request itself. Raises PayloadError (`conductor/request`) when it is no object."""
    if not isinstance(request, dict):
        raise _wrong(f"Expected a request as an object, got {type(request).__name__}")
    return request


def part(request: Mapping[str, Any], name: str, default: object = None) -> Any:
    """One part of a request. Raises PayloadError (`conductor/request`)."""
    value = optional(request, name)
    if value is None:
        value = default
    if value is None:
        raise _wrong(f"The request has no {name}")
    return value


def optional(request: Mapping[str, Any], name: str) -> Any:
    """One part of a request, or None. Raises PayloadError (`conductor/request`)."""
    kind, text = _KINDS[name]
    value = request.get(name)
    if value is not None and not isinstance(value, kind):
        raise _wrong(f"Expected {name} to be {text}, got {type(value).__name__}")
    return value


def answer(
    conductor: Conductor,
    request: Mapping[str, Any],
    context: object,
    asked: Asked,
    known: Known | None = None,
) -> Document:
    """The document that answers a request for the operation that `asked` names.

    known: what `known_of` gave. What the request is about is noted in `asked`. Raises PayloadError
    (`conductor/request`), and what the operation of the conductor raises.
    """
    match asked.operation:
        case "backport":
            return _backport(conductor, request, context, asked, known)
        case "action":
            payload = part(request, "payload")
            _mention(asked, request, payload)
            updates, result = conductor.object_action(
                context,
                payload,
                part(request, "method"),
                part(request, "args", []),
                part(request, "kwargs", {}),
                part(request, "manifest", {}),
                caller=asked.caller,
            )
            return {"updates": updates, "result": result}
        case _:
            _mention(asked, request, None)
            result = conductor.object_class_action_versions(
                context,
                part(request, "name"),
                part(request, "method"),
                part(request, "manifest"),
                part(request, "args", []),
                part(request, "kwargs", {}),
                caller=asked.caller,
            )
            return {"result": result}


class Known(NamedTuple):
    """What is known of a request for one backport before it is worked on.

    is_form: the payload stands for bytes, see `vobj.rpc.text`.
    """

    speaks: Manifest
    seen: Seen
    is_form: bool


def known_of(conductor: Conductor, request: Mapping[str, Any]) -> Known | None:
    """What is known of a request for one backport; None for any other, for one that takes long to
    look at, and for one that is wrong, since whoever works on it tells why."""
    payload = request.get("payload")
    if not isinstance(payload, dict | bytes) or request.get("payloads") is not None:
        return None
    try:
        speaks = conductor.speaks(optional(request, "manifest"), optional(request, "fingerprint"))
        packed = from_text(payload, conductor.limits)
        given = payload if packed is None else packed
        if isinstance(given, bytes) and given[0:1] == _PACKED and len(given) > _SMALL_PACKED:
            return None
        seen = conductor.see(given, speaks)
    except VobjError:
        return None
    return Known(speaks, seen, packed is not None)


def _backport(
    conductor: Conductor,
    request: Mapping[str, Any],
    context: object,
    asked: Asked,
    known: Known | None,
) -> Document:
    if known is not None:
        return {"payload": _one(conductor, request["payload"], context, asked, known)}
    batch = optional(request, "payloads")
    payload = None if batch is not None else part(request, "payload")
    _mention(asked, request, payload)
    speaks = _speaks(conductor, request)

    def made(one: object) -> Any:
        packed = from_text(one, conductor.limits)
        given = one if packed is None else packed
        done = conductor.backport(context, given, manifest=speaks, caller=asked.caller)
        if batch is None:
            asked.move(done.object_name, done.source, done.target)
        return done.payload if packed is None else _as_it_came(one, done.payload)

    if batch is None:
        return {"payload": made(payload)}
    if len(batch) > LARGEST_BATCH:
        raise LimitError(
            f"A batch of {len(batch)} payloads is over the limit of {LARGEST_BATCH}",
            rule="payload/count",
        )
    asked.mention(count=str(len(batch)))
    return {"answers": [_own_answer(made, one, asked) for one in batch]}


def _one(conductor: Conductor, payload: Any, context: object, asked: Asked, known: Known) -> Any:
    speaks, seen, is_form = known
    told = seen.kept or seen.look
    assert told is not None
    asked.move(told.object_name, told.source, told.target)
    given = seen.packed if is_form else payload
    done = conductor.backport(context, given, manifest=speaks, caller=asked.caller, seen=seen)
    return _as_it_came(payload, done.payload) if is_form else done.payload


def _speaks(conductor: Conductor, request: Mapping[str, Any]) -> Manifest:
    fingerprint, manifest = optional(request, "fingerprint"), optional(request, "manifest")
    if fingerprint is None:
        manifest = part(request, "manifest")
    return conductor.speaks(manifest, fingerprint)


def _own_answer(made: Any, one: object, asked: Asked) -> Document:
    try:
        if asked.left < 0:
            raise ConductorError("The time for the batch was over", rule="conductor/slow")
        if not isinstance(one, dict | bytes):
            raise _wrong(f"Expected a payload, got {type(one).__name__}")
        return {"payload": made(one)}
    except VobjError as error:
        return error_document(error)


def _as_it_came(form: Any, payload: bytes) -> dict[str, Any]:
    return as_text(payload) if isinstance(form[KEY], str) else as_binary(payload)


def _mention(asked: Asked, request: Mapping[str, Any], payload: object) -> None:
    asked.mention(object=request.get("name"), method=request.get("method"))
    for name, value in payload.items() if isinstance(payload, Mapping) else ():
        if name.endswith(".name"):
            asked.mention(object=value)
        elif name.endswith(".version"):
            asked.mention(from_=value)


def _wrong(message: str) -> PayloadError:
    return PayloadError(message, rule="conductor/request")
