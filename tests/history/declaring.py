"""Short ways to declare bare histories in tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from vobj.changes import ClassFact, Converted, FieldChange, NoChange
from vobj.history import FieldDeclaration, History, WireType, declare

TEXT = WireType("String")
NUMBER = WireType("Integer")
REAL = WireType("Float")
OBJECT = WireType("Object", object_name="Nic")
OBJECTS = WireType("List", element=OBJECT)
ARCH = WireType("Enum", values=("arm", "x86"))


def nullable(kind: WireType) -> WireType:
    """The type that also takes None."""
    return replace(kind, nullable=True)


def enum(*values: str) -> WireType:
    """A closed enum."""
    return WireType("Enum", values=tuple(sorted(values)))


def field(
    name: str,
    kind: WireType = TEXT,
    *changes: FieldChange,
    was: Mapping[str, WireType] | None = None,
    key: bool = False,
) -> FieldDeclaration:
    """A field of a class body."""
    return FieldDeclaration(name, kind, changes, was or {}, key)


def history(
    version: str, *fields: FieldDeclaration, facts: Iterable[ClassFact] = (), name: str = "Server"
) -> History:
    """A checked history in which every version that no change explains is a NoChange."""
    facts = tuple(facts)
    explained = {
        getattr(one, "since", None) for each in fields for one in each.changes
    } | {getattr(one, "since", None) for one in facts}  # fmt: skip
    minors = range(1, int(version.split(".")[1]) + 1)
    quiet = [NoChange(f"1.{one}") for one in minors if f"1.{one}" not in explained]
    return declare(name, version, fields, (*facts, *quiet))


def same(value: Any) -> Any:
    """A converter that converts nothing."""
    return value


def converted(since: str, **more: Any) -> Converted:
    """A converter between equal forms."""
    return Converted(**{"since": since, "was": None, "up": same, "down": same, **more})
