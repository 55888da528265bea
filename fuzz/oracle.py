"""What it means that two executors agree on an input, and what no executor may do with one.

Theory
    An accepted payload gives an object, or bytes. Objects agree when everything they consist of
    does: class, each attribute with its type, containers with what they check new elements by, sets
    without order. Bytes agree when they are equal, or mean the same where foreign classes write
    sets in no order. Errors agree in type, rule and path.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Any

from oslo_versionedobjects import base, fields

from vobj.errors import ConversionError, RefusedError, RemoteError, UsageError, VobjError

TOO_LONG = 2.0
"""Seconds of the processor that no input may take: hundreds of times what a slow one does."""

Form = Any


class Finding(Exception):
    """An input that does what none may do."""


class Answer:
    """What one executor made of an input. value: the form of what it gave; None with an error."""

    __slots__ = ("error", "value")

    def __init__(self, value: Form, error: Exception | None) -> None:
        self.value = value
        self.error = error

    def __repr__(self) -> str:
        if self.error is None:
            return f"gave {self.value!r}"
        return f"raised {self.error!r}, {_named(self.error)[1:]}"


def asked(call: Callable[[], Any]) -> Answer:
    """The answer of a call."""
    started = time.process_time()
    try:
        made = call()
    except Exception as error:  # noqa: BLE001 - which ones are allowed is judged below
        answer = Answer(None, error)
    else:
        answer = Answer(made, None)
    took = time.process_time() - started
    if took > TOO_LONG:
        raise Finding(f"took {took:.1f} s")
    return answer


def check_decoded(native: Answer, python: Answer) -> None:
    """Raises Finding unless both gave the same object, or the same RemoteError."""
    for answer in {native, python}:
        if answer.error is not None and not isinstance(answer.error, RemoteError):
            raise Finding(f"no RemoteError: {answer}") from answer.error
    if not _same_errors(native, python):
        raise Finding(f"native {native}\npython {python}")
    if native.error is None and native is not python:
        one, other = form(native.value), form(python.value)
        if one != other:
            raise Finding(f"native gave {one}\npython gave {other}")


_CHANGING = (RemoteError, RefusedError, ConversionError, UsageError)


def check_changed(native: Answer, python: Answer, read: Callable[[bytes], Any]) -> None:
    """Raises Finding unless both gave the same payload, or the same error.

    read: the tree of a payload.
    """
    for answer in {native, python}:
        error = answer.error
        if error is not None and not isinstance(error, _CHANGING) and not _by_foreign_code(error):
            raise Finding(f"no error that is documented: {answer}") from error
    if not _same_errors(native, python):
        raise Finding(f"native {native}\npython {python}")
    if native.error is None and native.value != python.value:
        one, other = without_order(read(native.value)), without_order(read(python.value))
        if one != other:
            raise Finding(f"native gave {one}\npython gave {other}")


def _by_foreign_code(error: Exception) -> bool:
    """Whether the hook of a foreign class was running, which raises what it likes."""
    walked = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name.startswith("obj_make_compatible") for frame, _ in walked)


def _same_errors(one: Answer, other: Answer) -> bool:
    if one.error is None or other.error is None:
        return one.error is other.error
    return _named(one.error) == _named(other.error)


def _named(error: Exception) -> tuple[object, ...]:
    if isinstance(error, VobjError):
        return type(error), error.rule, error.path
    return (type(error),)


def _kept_by(obj: base.VersionedObject) -> dict[str, Any]:
    """All that an object keeps, under oslo's names; a record keeps it elsewhere than in a dict."""
    if type(obj).__getstate__ is object.__getstate__:
        return vars(obj)
    kept: dict[str, Any] = obj.__getstate__()
    return kept


def form(value: Any, owner: base.VersionedObject | None = None) -> Form:
    """A value and everything inside it as plain data. owner: the object whose field it is in."""
    cls = type(value)
    if cls in _SCALARS:
        return cls.__name__, repr(value)
    if isinstance(value, base.VersionedObject):
        parts = {name: form(one, value) for name, one in _kept_by(value).items()}
        return cls.__module__, cls.__qualname__, parts
    held: Form
    if isinstance(value, dict):
        held = {form(key): form(one, owner) for key, one in value.items()}
    elif isinstance(value, list | tuple):
        held = [form(one, owner) for one in value]
    elif isinstance(value, set | frozenset):
        held = sorted((form(one, owner) for one in value), key=repr)
    else:
        held = repr(value)
    return cls.__module__, cls.__qualname__, held, _coercing(value, owner)


_SCALARS = frozenset({str, int, float, bool, bytes, type(None)})


def _coercing(value: Any, owner: base.VersionedObject | None) -> Form:
    """How a container of a field treats what is put into it later."""
    if not isinstance(value, fields.CoercedCollectionMixin):
        return None
    return value._obj is owner, value._field, repr(value._element_type)


def without_order(tree: Any) -> Form:
    """A tree as plain data in which sequences have no order."""
    if isinstance(tree, dict):
        return {key: without_order(one) for key, one in tree.items()}
    if isinstance(tree, list | tuple):
        return sorted((without_order(one) for one in tree), key=repr)
    return form(tree)
