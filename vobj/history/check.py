"""Checks of a declaration: every mistake fails at registration and says how to mend it.

Theory
    The checks run in the order in which their messages help: first each date by itself, then the
    changes of one field, then what they do to types, then fields against each other, then the class
    as a whole. Each raises DeclarationError with the class, the field, the version and the mend;
    the rule ids are those of `vobj.errors.RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn

from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    Converted,
    Inherits,
    Loss,
    Mapped,
    Noted,
    NotNull,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)
from vobj.errors import DeclarationError, VobjError
from vobj.history.loss import losses
from vobj.history.schema import OBJECT, WireType
from vobj.history.timeline import (
    FieldDeclaration,
    History,
    dates,
    fact_dates,
    since,
    state_at,
)
from vobj.version import Version

VALUE_CHANGES = (Mapped, Converted, Nullable, NotNull)


def check(history: History) -> None:
    """Raises DeclarationError for the first mistake in a history."""
    for declared in history.fields:
        fail = _failure(history, declared.name)
        for date in dates(declared):
            _check_date(history, date, fail)
        _check_sequence(declared, fail)
        _check_lifecycle(declared, fail)
        _check_values(declared, fail)
        _check_key(declared, fail)
    _check_facts(history)
    _check_names(history)
    _check_explained(history)


Fail = Callable[[str, str, str | None, str], NoReturn]


def _failure(history: History, name: str | None) -> Fail:
    def fail(rule: str, what: str, version: str | None, mend: str) -> NoReturn:
        where = history.object_name if name is None else f"{history.object_name}.{name}"
        at = "" if version is None else f" at {version}"
        raise DeclarationError(
            f"{where}{at}: {what}. {mend}",
            rule=rule,
            path=() if name is None else (name,),
            object_name=history.object_name,
            version=version,
        )

    return fail


def _check_date(history: History, date: object, fail: Fail) -> None:
    try:
        version = Version.parse(date)
    except VobjError as error:
        fail("declare/version", error.message, None, "Write since='X.Y'.")
    if version.patch is not None:
        fail(
            "declare/version",
            f"A change cannot be dated {version}, since .Z changes no data",
            str(version),
            f"Write since='{version.short}'.",
        )
    if version.major != history.version.major:
        fail(
            "declare/version",
            f"Another major version has its own class; this one is {history.version}",
            str(version),
            "Drop the change, or give the older major a class of its own.",
        )
    if version.xy > history.version.xy:
        fail(
            "declare/future",
            f"Dated after the class's own VERSION {history.version}",
            str(version),
            f"Raise VERSION to {version.short}, or date the change {history.version.short}.",
        )


def _check_sequence(declared: FieldDeclaration, fail: Fail) -> None:
    seen: set[tuple[str, str]] = set()
    valued: dict[str, str] = dict.fromkeys(_group_dates(declared), "Converted")
    last = (0, 0)
    for change in declared.changes:
        kind, date = type(change).__name__, since(change)
        if date is None:
            _check_child_versions(declared, change, fail)
            date = "table"
        elif Version.parse(date).minor == 0:
            fail("declare/version", f"{kind} is dated at the first version", date,
                 "Nothing is older than X.0: drop the change.")  # fmt: skip
        if (kind, date) in seen:
            fail("declare/duplicate", f"Two {kind} of one version", date,
                 "Fold them into one, or date one of them differently.")  # fmt: skip
        seen.add((kind, date))
        if isinstance(change, VALUE_CHANGES):
            if date in valued:
                fail("declare/overlap", f"{kind} and {valued[date]} change the same value", date,
                     "Write one Converted that does both.")  # fmt: skip
            valued[date] = kind
        if date != "table":
            if Version.parse(date).xy < last:
                fail("declare/order", f"{kind} stands after a later change", date,
                     "Write the changes of a field oldest first.")  # fmt: skip
            last = Version.parse(date).xy


def _group_dates(declared: FieldDeclaration) -> set[str]:
    own = {since(change) for change in declared.changes if hasattr(change, "was")}
    return {date for date in declared.was if date not in own}


def _check_child_versions(declared: FieldDeclaration, change: object, fail: Fail) -> None:
    assert isinstance(change, ChildVersions)
    if declared.type.child() is None:
        fail("declare/child-versions", f"ChildVersions on a field of type {declared.type}", None,
             "It belongs on a field that holds versioned objects.")  # fmt: skip
    last: tuple[int, int] = (-1, -1)
    for parent, child in change.table.items():
        try:
            Version.parse(child)
        except VobjError as error:
            fail("declare/child-versions", error.message, parent, "Name a version of the child.")
        if Version.parse(parent).xy <= last:
            fail("declare/child-versions", "The versions of the table do not ascend", parent,
                 "Write the table oldest first.")  # fmt: skip
        last = Version.parse(parent).xy


def _check_lifecycle(declared: FieldDeclaration, fail: Fail) -> None:
    exists: bool | None = None
    for change in declared.changes:
        if isinstance(change, Added | Removed):
            now = isinstance(change, Added)
            if exists is now:
                fail("declare/lifecycle", f"{type(change).__name__} twice in a row", change.since,
                     "Added and Removed alternate.")  # fmt: skip
            exists = now
    for change in declared.changes:
        if isinstance(change, ChildVersions | Added | Removed):
            continue
        version = Version.parse(change.since)
        before = state_at(declared, Version(version.major, version.minor - 1))
        now = state_at(declared, version).exists
        fresh_allowed = isinstance(change, Refused | Noted | Admitted)
        if not now or not (before.exists or fresh_allowed):
            fail(
                "declare/lifecycle",
                f"{type(change).__name__} of a field that {'starts' if now else 'is gone'} there",
                change.since,
                "A change needs the field on both sides: drop it, or date it differently.",
            )


def _check_values(declared: FieldDeclaration, fail: Fail) -> None:
    for change in declared.changes:
        if isinstance(change, ChildVersions):
            continue
        version = Version.parse(change.since)
        now = state_at(declared, version).type
        was = declared.was.get(change.since)
        match change:
            case Converted():
                _check_converter(change, now, was, fail)
            case Mapped() | Refused():
                _check_value_set(declared, change, now, was, fail)
            case Nullable() if not now.nullable:
                fail("declare/change", f"Nullable, but the type since then is {now}", change.since,
                     "Write the type as X | None.")  # fmt: skip
            case NotNull() if now.nullable:
                fail("declare/change", f"NotNull, but the type since then is {now}", change.since,
                     "Write the type without None.")  # fmt: skip
            case Admitted() if now.shape() != ("List",) or now.child() is None:
                fail("declare/change", f"Admitted on a field of type {now}", change.since,
                     "It belongs on a list of versioned objects.")  # fmt: skip
            case Renamed() if not change.old.isidentifier():
                fail("declare/change", f"{change.old!r} is no field name", change.since,
                     "Name the field as it was.")  # fmt: skip
            case _:
                pass


def _check_converter(change: Converted, now: WireType, was: WireType | None, fail: Fail) -> None:
    if not _has_both(change):
        fail("declare/converter", "A converter misses a direction", change.since,
             "Give both up= and down=; one may raise RefusedError.")  # fmt: skip
    if change.fields:
        fail("declare/change", "fields= on a change of one field", change.since,
             "Put a converter for a group into the class's history = [...].")  # fmt: skip
    if was is None:
        fail("declare/converter", "A converter does not say what the type was", change.since,
             "Give was=, an annotation or an oslo field.")  # fmt: skip
    if was.nullable != now.nullable and not (change.nulls or change.peers):
        fail("declare/converter", f"None is allowed in one of {was} and {now} only", change.since,
             "Give nulls=True and convert None as well.")  # fmt: skip


def _has_both(change: Converted) -> bool:
    directions: tuple[object, object] = (change.up, change.down)
    return all(callable(one) for one in directions)


def _check_value_set(
    declared: FieldDeclaration, change: Mapped | Refused, now: WireType, was: WireType | None, fail:
    Fail
) -> None:  # fmt: skip
    if now.values is None:
        if change.was is not ABSENT:
            fail("declare/was", f"was= on {type(change).__name__} of an open type", change.since,
                 "Drop it: only a closed enum has an older value set.")  # fmt: skip
        return
    if isinstance(change, Refused) and change.present:
        return
    if was is None or was.values is None:
        fail("declare/was", f"{type(change).__name__} on a closed enum without was=", change.since,
             "Give was= with the older value set.")  # fmt: skip
    given: set[object] = set()
    older: set[object] = set()
    for other in declared.changes:
        if isinstance(other, Mapped) and other.since == change.since:
            given |= set(other.table)
            older |= set(other.table.values())
            _check_old_values(other, was.values, fail)
        if isinstance(other, Refused) and other.since == change.since:
            given |= set(other.values)
    missing = sorted(set(now.values) - set(was.values) - given)
    if missing:
        fail("declare/was", f"Older versions have no {', '.join(map(repr, missing))}", change.since,
             "Map each to an older value with Mapped, or refuse it with Refused.")  # fmt: skip
    stray = sorted(given - set(now.values), key=str)
    if stray:
        fail("declare/was", f"{stray[0]!r} is no value since then", change.since,
             "Write the values that the version brought.")  # fmt: skip
    gone = sorted(set(was.values) - set(now.values) - older)
    if gone:
        fail("declare/was", f"{', '.join(map(repr, gone))} is no value any more", change.since,
             "Map a newer value to it with Mapped, or keep it in the type.")  # fmt: skip


def _check_old_values(change: Mapped, was: Iterable[str], fail: Fail) -> None:
    stray = [value for value in change.table.values() if value is not ABSENT and value not in was]
    if stray:
        fail("declare/was", f"Mapped to {stray[0]!r}, which was= does not have", change.since,
             "Map to a value of the older set.")  # fmt: skip


def _check_key(declared: FieldDeclaration, fail: Fail) -> None:
    if not declared.key:
        return
    if declared.type.nullable or declared.type.element is not None or declared.type.kind == OBJECT:
        fail(
            "declare/key", f"A key of type {declared.type}", None, "A key is a scalar, never None."
        )
    for change in declared.changes:
        date = since(change)
        now = None if date is None else state_at(declared, Version.parse(date)).type
        if losses(
            change, now, declared.was.get(since(change) or "")
        ).down is Loss.LOSSY or isinstance(change, Removed):
            fail("declare/key", f"{type(change).__name__} of a key loses it", since(change),
                 "Pair by another field, or declare the change without loss.")  # fmt: skip


def _check_facts(history: History) -> None:
    fail = _failure(history, None)
    names = {declared.name for declared in history.fields}
    for fact in history.facts:
        for date in fact_dates(fact):
            _check_date(history, date, fail)
            if Version.parse(date).minor == 0 and not isinstance(fact, Inherits):
                fail("declare/version", f"{type(fact).__name__} is dated at the first version",
                date,
                     "Nothing is older than X.0: drop it.")  # fmt: skip
        if isinstance(fact, OldestSupported):
            _check_date(history, fact.version, fail)
        if isinstance(fact, Refused | Converted):
            if not fact.fields:
                fail("declare/change", f"{type(fact).__name__} in history names no fields",
                fact.since,
                     "Give fields=(...), or put it at its field.")  # fmt: skip
            for name in fact.fields:
                if name not in names:
                    fail("declare/unknown-field", f"{type(fact).__name__} names {name!r}",
                    fact.since,
                         f"The fields are {', '.join(sorted(names))}.")  # fmt: skip
        if isinstance(fact, Converted) and not _has_both(fact):
            fail("declare/converter", "A converter misses a direction", fact.since,
                 "Give both up= and down=.")  # fmt: skip
    _check_groups(history, fail)


def _check_groups(history: History, fail: Fail) -> None:
    taken: dict[tuple[str, str], bool] = {}
    for fact in history.group_facts():
        if not isinstance(fact, Converted):
            continue
        for name in fact.fields:
            declared = next(one for one in history.fields if one.name == name)
            own = any(
                isinstance(one, VALUE_CHANGES) and one.since == fact.since
                for one in declared.changes
            )
            if own or (name, fact.since) in taken:
                fail("declare/overlap", f"Two changes convert {name!r}", fact.since,
                     "Write one Converted for the whole group.")  # fmt: skip
            taken[name, fact.since] = True


def _check_names(history: History) -> None:
    owner: dict[str, str] = {}
    for declared in history.fields:
        names = {declared.name}
        names |= {change.old for change in declared.changes if isinstance(change, Renamed)}
        for name in sorted(names):
            if owner.setdefault(name, declared.name) != declared.name:
                version = next(
                    (one.since for one in declared.changes if isinstance(one, Renamed)), None
                )
                _failure(history, declared.name)(
                    "declare/clash",
                    f"The name {name!r} belongs to {owner[name]!r} as well",
                    version,
                    "A name belongs to one field for the whole history: choose another.",
                )


def _check_explained(history: History) -> None:
    explained = {date for declared in history.fields for date in dates(declared)}
    explained |= {date for fact in history.facts for date in fact_dates(fact)}
    for version in history.versions():
        if version.xy > history.oldest.xy and version.short not in explained:
            _failure(history, None)(
                "declare/unexplained",
                "No change says what this version brought",
                version.short,
                f"Date a change {version.short}, or add NoChange('{version.short}') to history.",
            )
