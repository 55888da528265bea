"""`field(...)`: what a class body says about a field beside its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oslo_versionedobjects import fields

from vobj.changes import ABSENT, FieldChange


@dataclass(frozen=True, eq=False)
class FieldSpec:
    """The arguments of one `field(...)` call; the field takes its place in the class."""

    changes: tuple[FieldChange, ...] = ()
    key: bool = False
    default: Any = ABSENT
    read_only: bool = False
    type: fields.Field[Any] | None = None


def field(
    *changes: FieldChange,
    key: bool = False,
    default: Any = ABSENT,
    read_only: bool = False,
    type: fields.Field[Any] | None = None,  # noqa: A002 - the public name of the argument
) -> Any:
    """Declare a field: `memory_mb: int = vobj.field(Renamed("ram", since="1.2"))`.

    changes: the dated changes the field went through, oldest first. key: the field pairs elements
    of lists in put-back; at most one per class. default: what `obj_set_defaults` sets, and what
    None becomes where None is not allowed; an object never gets it by itself. read_only: it is set
    once. type: an oslo field instance that is used in place of the annotation.
    """
    return FieldSpec(changes, key, default, read_only, type)
