"""What a change says, in words: one more interpreter of the closed set.

Theory
    The text completes a row that already shows the version and the field, so it repeats neither. It
    is one line of printable ASCII, the same in every run: values as JSON writes them, cut when they
    are long; a converter as the type it converts from, never as code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    ClassFact,
    Converted,
    FieldChange,
    Inherits,
    Mapped,
    NoChange,
    Noted,
    NotNull,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)

__all__ = ["describe_change", "value_text"]

_LONGEST = 60


def describe_change(change: FieldChange | ClassFact, at: str | None = None) -> str:
    """One line about a change, for a row that shows its version and its field.

    at: a version `X.Y`; of a change that is a table, only the entry of that version is told.
    """
    match change:
        case Added():
            return f"added; {_older('payloads', change.backfill)}"
        case Removed():
            return f"removed; {_older('versions', change.restore)}"
        case Renamed():
            return f"renamed from {change.old}"
        case Mapped():
            pairs = (
                f"{value_text(new)} was {value_text(old)}" for new, old in change.table.items()
            )
            return f"new spelling: {', '.join(pairs)}"
        case Refused():
            return _refused(change)
        case Nullable():
            unset = " or unset" if change.unset_too else ""
            return f"may be null; older versions get {value_text(change.none_as)} for null{unset}"
        case NotNull():
            return f"never null; a null of older payloads becomes {value_text(change.fill)}"
        case Converted():
            return _converted(change)
        case ChildVersions():
            return _child_versions(change.table, at)
        case Admitted():
            return f"elements of {_listed(change.classes)} are new; older versions do not get them"
        case Noted():
            return f"a warning for older versions: {_cut(change.text)}"
        case NoChange():
            return f"no change of data{f': {_cut(change.why)}' if change.why else ''}"
        case OldestSupported():
            return f"nothing is sent below {change.version}"
        case Inherits():
            return _inherits(change, at)
        case _:
            assert_never(change)


def value_text(value: Any) -> str:
    """A value as JSON writes it, in ASCII, cut in the middle when it is long."""
    if value is ABSENT:
        return "unset"
    return _cut(json.dumps(value, default=repr))


def _cut(text: str) -> str:
    text = text if text.isascii() and text.isprintable() else json.dumps(text)[1:-1]
    if len(text) <= _LONGEST:
        return text
    half = (_LONGEST - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


def _older(who: str, value: Any) -> str:
    return f"unset in older {who}" if value is ABSENT else f"older {who} get {value_text(value)}"


def _listed(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in names)


def _refused(change: Refused) -> str:
    what = f"{_listed(change.fields)}: " if change.fields else ""
    if change.present:
        what += "any value"
    else:
        what += ", ".join(value_text(value) for value in change.values)
    reason = f": {_cut(change.reason)}" if change.reason else ""
    return f"{what} refused for older versions{reason}"


def _converted(change: Converted) -> str:
    form = "together, by one converter" if change.fields else f"converted from {_type(change.was)}"
    text = f"{_listed(change.fields)}: converted {form}" if change.fields else form
    if change.peers:
        text += ", reads other fields"
    if change.io:
        text += ", may do I/O"
    return text


def _type(was: Any) -> str:
    """The name of an annotation or of an oslo field."""
    if isinstance(was, str):
        return _cut(was)
    if getattr(was, "__args__", ()):
        return _cut(str(was).replace("typing.", ""))
    return was.__name__ if isinstance(was, type) else type(was).__name__


def _child_versions(table: Mapping[str, str], at: str | None) -> str:
    if at is not None and at in table:
        return f"holds version {table[at]} of its child"
    return "holds its child at " + ", ".join(
        f"{child} since {parent}" for parent, child in table.items()
    )


def _inherits(fact: Inherits, at: str | None) -> str:
    parent = fact.of or "its parent"
    if at is not None and at in fact.table:
        return f"stands on {fact.table[at]} of {parent}"
    return f"stands on {parent} at " + ", ".join(
        f"{older} since {own}" for own, older in fact.table.items()
    )
