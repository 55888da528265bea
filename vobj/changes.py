"""The closed set of dated changes: frozen data that says what happened to a field, and when.

Theory
    `since=V` always means: V is the first version with the new form. A change never acts by itself;
    backport, upgrade, put-back, schema, diff, documentation and SQL are interpreters, each a
    `match` over `FieldChange` or `ClassFact` that ends in `assert_never`. Adding a member here
    breaks the type check of every interpreter until it knows the new one.

    Callables are the last resort. Everything except `Converted` is plain data, so that it can be
    printed, compared, locked, turned into SQL and run without building objects.

    Values in changes are wire values: what `to_primitive` of the field gives (a datetime is its ISO
    text, a set is a sequence, a nested object is its envelope).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

__all__ = [
    "ABSENT",
    "Absent",
    "Added",
    "Admitted",
    "ChildVersions",
    "ClassFact",
    "Converted",
    "ConverterContext",
    "FieldChange",
    "Inherits",
    "Loss",
    "Mapped",
    "NoChange",
    "NotNull",
    "Noted",
    "Nullable",
    "OldestSupported",
    "Refused",
    "Removed",
    "Renamed",
]


class Absent(enum.Enum):
    """The type of `ABSENT`: a field that is not set at all, which is not the same as None."""

    ABSENT = "ABSENT"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT


class Loss(enum.Enum):
    """What a change does to a value in one direction."""

    LOSSLESS = "lossless"
    LOSSY = "lossy"
    MAY_FAIL = "may fail"

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class ConverterContext:
    """What a converter with `peers=True` may know beside the data.

    target: the version that is asked for, text. manifest: `{object name: version}` or None.
    context: the caller's request context. obj: the live object on `encode`, None when only a
    payload is at hand. object_name: the registry name of the object that is converted.
    """

    object_name: str
    target: str
    manifest: Mapping[str, str] | None = None
    context: object = None
    obj: object = None


@dataclass(frozen=True, kw_only=True)
class Added:
    """The field exists since V.

    backfill: what an upgraded older payload gets when the field is absent; copied per use, never
    overwrites, never counts as a change. Without it the field stays unset.
    """

    since: str
    backfill: Any = ABSENT


@dataclass(frozen=True, kw_only=True)
class Removed:
    """The field existed until V.

    restore: what older versions get in its place, always, whatever the object holds. Without it
    they see the field unset.
    """

    since: str
    restore: Any = ABSENT


@dataclass(frozen=True)
class Renamed:
    """The field is called what it is called since V; before, `old`."""

    old: str
    since: str = field(kw_only=True)


@dataclass(frozen=True)
class Mapped:
    """Since V some values have a newer spelling: `{new: old}`.

    An old value that is `ABSENT` means: older versions see the field unset. On the way up the first
    key listed for an old value is taken. was: the older value set, required when the type is a
    closed enum.
    """

    table: Mapping[Any, Any]
    since: str = field(kw_only=True)
    was: Any = ABSENT

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", MappingProxyType(dict(self.table)))

    def __hash__(self) -> int:
        return hash((self.since, tuple(self.table)))


@dataclass(frozen=True)
class Refused:
    """Since V these values exist, and no older version may be sent one of them.

    present=True refuses the field whenever it is set, even to None. As a class-level fact, with
    `fields`, one rule covers a group. exception and reason replace the class and text of the error;
    the class must take one text. was: the older value set, required when the type is a closed enum.
    """

    values: Collection[Any] = ()
    since: str = field(kw_only=True)
    present: bool = field(default=False, kw_only=True)
    fields: tuple[str, ...] = field(default=(), kw_only=True)
    exception: type[Exception] | None = field(default=None, kw_only=True)
    reason: str | None = field(default=None, kw_only=True)
    was: Any = field(default=ABSENT, kw_only=True)

    def __post_init__(self) -> None:
        given = (self.values,) if isinstance(self.values, str) else self.values
        try:
            ordered = tuple(sorted(given))
        except TypeError:
            ordered = tuple(given)
        object.__setattr__(self, "values", ordered)
        object.__setattr__(self, "fields", tuple(self.fields))


@dataclass(frozen=True, kw_only=True)
class Nullable:
    """Since V the field may be None; older versions get `none_as` instead.

    unset_too: older versions get it also when the field is unset.
    """

    since: str
    none_as: Any
    unset_too: bool = False


@dataclass(frozen=True, kw_only=True)
class NotNull:
    """Since V the field may not be None; an older payload's None becomes `fill`."""

    since: str
    fill: Any


@dataclass(frozen=True, kw_only=True)
class Converted:
    """Since V the value has another form: `down` gives the older one, `up` the newer one.

    A plain converter takes the value; None passes by it unless `nulls=True`.

    was: the older type: an annotation or an oslo field; for a group a mapping, naming the fields
    whose type changed.
    peers=True: it takes `(value, data, ctx)`: the field's value, a read-only view of all data as it
    stood at V under V's names, and a `ConverterContext`.
    absent=True: it runs on an unset field as well, with the value `ABSENT`; returning `ABSENT`
    leaves or makes the field unset.
    fields: as a class-level fact, one converter for a group of fields. It takes `(data, ctx)` and
    returns a mapping with new values for fields of the group.
    io=True: it may do I/O (read a database), and is never run ahead of need.
    down_loss, up_loss: what the author claims; the laws of the testkit check the claim.
    """

    since: str
    was: Any
    up: Callable[..., Any]
    down: Callable[..., Any]
    fields: tuple[str, ...] = ()
    peers: bool = False
    nulls: bool = False
    absent: bool = False
    io: bool = False
    down_loss: Loss = Loss.LOSSY
    up_loss: Loss = Loss.LOSSY

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(self.fields))

    def __hash__(self) -> int:
        return hash((self.since, self.up, self.down, self.fields))


@dataclass(frozen=True)
class ChildVersions:
    """Which version of the child each version of this object holds: `{"1.0": "1.0", "1.3": "1.1"}`.

    A child is sent at the entry of the highest key that is not above the target, when the manifest
    does not name it.
    """

    table: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", MappingProxyType(dict(self.table)))

    def __hash__(self) -> int:
        return hash(tuple(self.table.items()))


@dataclass(frozen=True)
class Admitted:
    """Since V elements of these classes occur in the list; older versions get it without them."""

    classes: Collection[str]
    since: str = field(kw_only=True)

    def __post_init__(self) -> None:
        given = (self.classes,) if isinstance(self.classes, str) else self.classes
        object.__setattr__(self, "classes", tuple(sorted(given)))


@dataclass(frozen=True)
class Noted:
    """A warning is logged when the field is set and the object is sent below V."""

    text: str
    since: str = field(kw_only=True)


FieldChange = (
    Added
    | Removed
    | Renamed
    | Mapped
    | Refused
    | Nullable
    | NotNull
    | Converted
    | ChildVersions
    | Admitted
    | Noted
)


@dataclass(frozen=True)
class NoChange:
    """The data of V equals that of the version before it (a new method, say)."""

    since: str
    why: str = ""


@dataclass(frozen=True)
class OldestSupported:
    """Nothing is sent below V, and versions up to V need no explanation."""

    version: str


@dataclass(frozen=True)
class Inherits:
    """Which version of the parent class each version of this class stands on.

    `Inherits({"1.0": "1.0", "1.2": "1.1"})`: versions 1.0 and 1.1 inherit what the parent was at
    1.0, from 1.2 on what it was at 1.1. The changes that the parent dated follow from it. of: the
    name of the parent; by default the nearest one that has dated fields.
    """

    table: Mapping[str, str]
    of: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", MappingProxyType(dict(self.table)))

    def __hash__(self) -> int:
        return hash((tuple(self.table.items()), self.of))


ClassFact = NoChange | OldestSupported | Inherits | Refused | Converted
