"""From the pieces of a class body to a checked history; and from a parent's dates to a subclass's.

Theory
    A date belongs to the class body that wrote it: version 1.3 of a parent says nothing about
    version 1.3 of a subclass. `Inherits({"1.0": "1.0", "1.2": "1.1"})` translates: a change that
    the parent dated 1.1 acts in the subclass since the first own version that stands on a parent of
    1.1 or later. A change that is older than every parent the table names happened before the
    subclass existed, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from vobj.changes import ChildVersions, ClassFact, FieldChange, Inherits, OldestSupported
from vobj.errors import DeclarationError, VobjError
from vobj.history.check import check
from vobj.history.timeline import FieldDeclaration, History
from vobj.version import Version


def declare(
    object_name: str,
    version: str,
    fields: Iterable[FieldDeclaration],
    facts: Iterable[ClassFact] = (),
    *,
    parent: str | None = None,
    inherits: Mapping[str, str] | None = None,
) -> History:
    """A checked history.

    parent and inherits: from `Inherits`, for classes that have one. Raises DeclarationError.
    """
    facts = tuple(facts)
    try:
        newest = Version.parse(version)
        floors = [Version.parse(one.version) for one in facts if isinstance(one, OldestSupported)]
    except VobjError as error:
        raise DeclarationError(
            f"{object_name}: {error.message}. Write VERSION = 'X.Y'.",
            rule="declare/version",
            object_name=object_name,
        ) from None
    oldest = max(floors, default=Version(newest.major, 0))
    history = History(
        object_name, newest, Version(*oldest.xy), tuple(fields), facts, parent, dict(inherits or {})
    )
    check(history)
    return history


def derive(declared: FieldDeclaration, fact: Inherits, parent: History) -> FieldDeclaration:
    """The parent's field with its dates translated to those of the class that states `fact`.

    A field that was removed before the class stood on its parent comes without that removal: the
    class never had it, and leaves it out.

    Raises DeclarationError (`declare/inherited`) when the table does not reach the parent's
    version.
    """
    changes: list[FieldChange] = []
    for change in declared.changes:
        if isinstance(change, ChildVersions):
            changes.append(ChildVersions(_translate_table(change.table, fact)))
            continue
        date = translate(change.since, fact, parent)
        if date is not None:
            changes.append(replace(change, since=date))
    was = {
        own: older
        for date, older in declared.was.items()
        if (own := translate(date, fact, parent)) is not None
    }
    return replace(declared, changes=tuple(changes), was=was)


def translate(date: str, fact: Inherits, parent: History) -> str | None:
    """The first own version that stands on the parent of `date` or later; None when all do."""
    wanted = Version.parse(date).xy
    own = sorted(fact.table, key=lambda one: Version.parse(one).xy)
    for index, version in enumerate(own):
        if Version.parse(fact.table[version]).xy >= wanted:
            return None if index == 0 else version
    raise DeclarationError(
        f"Inherits stops at {parent.object_name} {fact.table[own[-1]] if own else '-'}, but"
        f" {parent.object_name} changed at {date}. Add the version that stands on it.",
        rule="declare/inherited",
        object_name=parent.object_name,
        version=date,
    )


def _translate_table(table: Mapping[str, str], fact: Inherits) -> dict[str, str]:
    """For each own version, the child of the parent version it stands on."""
    translated: dict[str, str] = {}
    for own, stands_on in sorted(fact.table.items(), key=lambda one: Version.parse(one[0]).xy):
        reached = [key for key in table if Version.parse(key).xy <= Version.parse(stands_on).xy]
        if reached:
            translated[own] = table[max(reached, key=lambda one: Version.parse(one).xy)]
    return translated
