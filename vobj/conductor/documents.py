"""Errors as JSON documents, and back: the same on every transport.

Theory
    An error crosses a wire as plain text and numbers: the name of its class in `vobj.errors`, its
    rule, its path, what it is about. The other side builds the same error from it, as the class
    that callers of oslo catch. Of anything that is no error of vobj nothing crosses but that it
    happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vobj import errors
from vobj.errors import ConductorError, Key, MethodError, NewerVersionError, Segment, VobjError
from vobj.model import translate

Document = dict[str, Any]

_LONGEST = 2_000


def error_document(error: Exception) -> Document:
    """`{"error": {"class", "message", "rule", "path", ...}}` of any exception.

    object, version, target, manifest and exception are there when the error has them. A dict key in
    the path is `{"key": text}`.
    """
    if not isinstance(error, VobjError):
        error = ConductorError("The conductor failed; its log tells why", rule="conductor/internal")
    found: Document = {
        "class": core_class(error).__name__,
        "message": error.message[:_LONGEST],
        "rule": error.rule,
        "path": [{"key": str(one)} if isinstance(one, Key) else one for one in error.path],
        "object": error.object_name,
        "version": error.version,
        "target": error.target,
        "manifest": getattr(error, "manifest", None) or None,
        "exception": getattr(error, "exception", None),
    }
    return {"error": {name: value for name, value in found.items() if value is not None}}


def core_class(error: VobjError) -> type[VobjError]:
    """The class of `vobj.errors` that an error is of."""
    return next(one for one in type(error).__mro__ if one.__module__ == errors.__name__)


def error_of(document: object) -> VobjError:
    """The error in a document, to be raised; a ConductorError when it is none."""
    told = document.get("error") if isinstance(document, Mapping) else None
    if not isinstance(told, Mapping):
        return no_conductor("an answer without a result or an error")
    message, rule = told.get("message"), told.get("rule")
    found: object = getattr(errors, str(told.get("class")), None)
    if not (isinstance(found, type) and issubclass(found, VobjError)):
        return no_conductor("an error that is none of vobj's")
    if not (isinstance(message, str) and isinstance(rule, str)):
        return no_conductor("an error without its message or its rule")
    made = found.__new__(found, message)
    made.args = (message,)
    made.message, made.rule, made.path = message, rule, _path(told.get("path"))
    made.object_name = _text(told, "object")
    made.version, made.target = _text(told, "version"), _text(told, "target")
    if isinstance(made, NewerVersionError):
        manifest = told.get("manifest")
        made.manifest = dict(manifest) if isinstance(manifest, Mapping) else {}
    if isinstance(made, MethodError):
        made.exception = _text(told, "exception")
    return translate(made)


def no_conductor(what: str) -> ConductorError:
    """The error for an answer that no conductor gives."""
    return ConductorError(
        f"Expected the answer of a conductor, got {what}", rule="conductor/answer"
    )


def _text(told: Mapping[str, Any], name: str) -> str | None:
    value = told.get(name)
    return value if isinstance(value, str) else None


def _path(given: object) -> tuple[Segment, ...]:
    found: list[Segment] = []
    for one in given if isinstance(given, list) else ():
        if isinstance(one, Mapping):
            found.append(Key(one.get("key")))
        elif isinstance(one, str | int):
            found.append(one)
    return tuple(found)
