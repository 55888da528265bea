"""What one class body says: its fields, the dated changes beside them, and the facts of the class.

Theory
    A date belongs to the class body that wrote it, so only the body's own names are read, never
    inherited ones. Fields come from annotations (for subclasses of `vobj.VersionedObject`) or from
    oslo's `fields`; changes come from `field(...)` or from `changes = {"name": [...]}` beside
    `fields`; facts of the class from `history = [...]`. Types a change says a field had (`was=`)
    are resolved here, while the names around the class are still in reach.

    A field whose last lifecycle change is `Removed` is no field of the newest version: it is taken
    out of `fields`, and only its type stays, for the history.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from oslo_versionedobjects import base, fields

from vobj.changes import (
    ABSENT,
    Added,
    ClassFact,
    Converted,
    FieldChange,
    Mapped,
    Refused,
    Removed,
)
from vobj.errors import DeclarationError
from vobj.fields import FieldSpec, Names, Unfit, annotations_of, build, wire_type
from vobj.history import WireType

Fields = dict[str, fields.Field[Any]]

_DECLARING = ("fields", "changes", "history")
_METHODS = (types.FunctionType, property, classmethod, staticmethod)


@dataclass(frozen=True)
class Body:
    """What one class body wrote.

    fields: its own fields, with the removed ones. changes: per field that it dates, maybe none.
    was: `{(field, since): older type}`. keys: the fields that pair list elements.
    """

    fields: Fields = field(default_factory=dict)
    changes: Mapping[str, tuple[FieldChange, ...]] = field(default_factory=dict)
    was: Mapping[tuple[str, str], WireType] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    facts: tuple[ClassFact, ...] = ()

    @property
    def dated(self) -> bool:
        """True when the body says anything about versions."""
        return bool(self.facts) or any(self.changes.values())

    def names(self) -> set[str]:
        """The fields this body speaks for; no parent's dates apply to them."""
        return {*self.fields, *self.changes}

    def removed(self) -> set[str]:
        """The fields that the newest version does not have any more."""
        return {name for name, changes in self.changes.items() if _is_removed(changes)}


def mistake(cls: type, name: str | None, rule: str, what: str, mend: str) -> DeclarationError:
    """A DeclarationError about a class, or one field of it."""
    owner = cls.obj_name() if issubclass(cls, base.VersionedObject) else cls.__name__
    where = owner if name is None else f"{owner}.{name}"
    return DeclarationError(
        f"{where}: {what}. {mend}",
        rule=rule,
        path=() if name is None else (name,),
        object_name=owner,
    )


def read_body(cls: type[base.VersionedObject], *, annotated: bool) -> Body:
    """Read a class body, and leave in the class what oslo expects there: a dict of real fields.

    annotated: annotations are fields. Raises DeclarationError.
    """
    names = Names.of(cls)
    specs = _annotated_fields(cls, names) if annotated else {}
    found: Fields = {name: made for name, (made, _) in specs.items()}
    plain = cls.__dict__.get("fields")
    if isinstance(plain, Mapping):
        found.update(plain)
    own = {name: made for name, made in found.items() if not is_inherited(cls, name, made)}
    given = {name: spec for name, (_, spec) in specs.items()}
    for name, spec in _beside(cls).items():
        if name in given and (given[name].changes or given[name].key):
            raise mistake(cls, name, "declare/change", "It has changes here and in changes = {...}",
                 "Write them in one place.")  # fmt: skip
        given[name] = spec
    body = _compiled(cls, own, given, names)
    if specs or isinstance(plain, Mapping):
        cls.fields = {name: made for name, made in found.items() if name not in body.removed()}
    return body


def _compiled(
    cls: type[base.VersionedObject], found: Fields, given: Mapping[str, FieldSpec], names: Names
) -> Body:
    changes = {name: _checked_changes(cls, name, spec.changes) for name, spec in given.items()}
    facts = _checked_facts(cls)
    was = _older_types(cls, changes, facts, names)
    keys = frozenset(name for name, spec in given.items() if spec.key)
    if len(keys) > 1:
        several = ", ".join(sorted(keys))
        raise mistake(cls, None, "declare/key", f"Several keys: {several}",
             "Choose the one that tells elements of a list apart.")  # fmt: skip
    return Body(found, changes, was, keys, facts)


def is_inherited(cls: type[base.VersionedObject], name: str, made: fields.Field[Any]) -> bool:
    """True for a field that oslo copied here from a parent when it registered the class."""
    return any(getattr(owner, "fields", {}).get(name) is made for owner in cls.__mro__[1:])


def _is_removed(changes: Iterable[FieldChange]) -> bool:
    lifecycle = [one for one in changes if isinstance(one, Added | Removed)]
    return bool(lifecycle) and isinstance(lifecycle[-1], Removed)


def _annotated_fields(
    cls: type[base.VersionedObject], names: Names
) -> dict[str, tuple[fields.Field[Any], FieldSpec]]:
    found: dict[str, tuple[fields.Field[Any], FieldSpec]] = {}
    taken = _reserved(cls)
    for name, annotation in annotations_of(cls).items():
        value = cls.__dict__.get(name, ABSENT)
        if name.startswith("_") or _is_class_variable(annotation):
            continue
        if name in taken:
            if isinstance(value, FieldSpec):
                raise mistake(cls, name, "declare/annotation", "The name belongs to the base class",
                     "Call the field something else.")  # fmt: skip
            continue
        spec = _spec(value)
        found[name] = (_field(cls, name, annotation, spec, names), spec)
        if value is not ABSENT:
            delattr(cls, name)
    stray = [name for name, value in vars(cls).items() if isinstance(value, FieldSpec)]
    if stray:
        raise mistake(cls, stray[0], "declare/annotation", "A field without an annotation",
             f"Write {stray[0]}: TYPE = vobj.field(...).")  # fmt: skip
    return found


def _reserved(cls: type) -> set[str]:
    names = set(_DECLARING)
    for owner in cls.__mro__:
        if owner.__module__ == base.__name__ or owner.__module__.startswith("vobj.model"):
            names |= vars(owner).keys() | annotations_of(owner).keys()
    return names


def _is_class_variable(annotation: object) -> bool:
    text = annotation if isinstance(annotation, str) else repr(annotation)
    return text.strip("'\"").partition("[")[0].rpartition(".")[2] == "ClassVar"


def _spec(value: Any) -> FieldSpec:
    match value:
        case FieldSpec():
            return value
        case fields.Field():
            return FieldSpec(type=value)
        case _:
            return FieldSpec(default=value)


def _field(
    cls: type[base.VersionedObject], name: str, annotation: Any, spec: FieldSpec, names: Names
) -> fields.Field[Any]:
    if spec.type is not None and not isinstance(spec.type, fields.Field):
        raise mistake(cls, name, "declare/annotation", f"type={spec.type!r} is no oslo field",
             "Give an instance, such as fields.StringField().")  # fmt: skip
    given = annotation if spec.type is None else spec.type
    try:
        return build(given, names, default=spec.default, read_only=spec.read_only)
    except Unfit as error:
        raise mistake(cls, name, "declare/annotation", error.what, error.mend) from None


def _beside(cls: type[base.VersionedObject]) -> dict[str, FieldSpec]:
    """`changes = {...}` of the body: `[Added(...)]`, one change, or `field(..., key=True)`."""
    given = cls.__dict__.get("changes", {})
    if isinstance(given, _METHODS):
        return {}
    if not isinstance(given, Mapping):
        raise mistake(cls, None, "declare/change", f"changes is {type(given).__name__}",
             "Write changes = {'field': [Added(since='X.Y')]}.")  # fmt: skip
    found: dict[str, FieldSpec] = {}
    for name, changes in given.items():
        if isinstance(changes, FieldSpec):
            if changes.type is not None or changes.default is not ABSENT or changes.read_only:
                raise mistake(cls, name, "declare/change", "changes says more than changes and key",
                     "Say what the field is in fields = {...}.")  # fmt: skip
            found[name] = changes
        elif isinstance(changes, Iterable) and not isinstance(changes, str):
            found[name] = FieldSpec(tuple(changes))
        else:
            found[name] = FieldSpec((changes,))
    return found


def _checked_changes(
    cls: type[base.VersionedObject], name: str, changes: tuple[Any, ...]
) -> tuple[FieldChange, ...]:
    for change in changes:
        if not isinstance(change, FieldChange):
            what = f"{change!r:.60} is no change of a field"
            mend = "Use Added, Removed, Renamed and so on."
            if isinstance(change, get_args(ClassFact)):
                what = f"{type(change).__name__} is about the whole class"
                mend = "Put it into the class's history = [...]."
            raise mistake(cls, name, "declare/change", what, mend)
    return changes


def _checked_facts(cls: type[base.VersionedObject]) -> tuple[ClassFact, ...]:
    given = cls.__dict__.get("history", ())
    if isinstance(given, _METHODS):
        return ()
    if not isinstance(given, list | tuple):
        raise mistake(cls, None, "declare/change", f"history is {type(given).__name__}",
             "Write history = [NoChange('X.Y'), ...].")  # fmt: skip
    for fact in given:
        if not isinstance(fact, ClassFact):
            raise mistake(cls, None, "declare/change", f"{fact!r:.60} is no fact about a class",
                 "It takes NoChange, OldestSupported, Inherits, Refused, Converted.")  # fmt: skip
    return tuple(given)


def _older_types(
    cls: type[base.VersionedObject],
    changes: Mapping[str, tuple[FieldChange, ...]],
    facts: tuple[ClassFact, ...],
    names: Names,
) -> dict[tuple[str, str], WireType]:
    found: dict[tuple[str, str], WireType] = {}
    for name, dated in changes.items():
        for change in dated:
            if isinstance(change, Converted) and change.was not in (ABSENT, None):
                found[name, change.since] = _older_type(cls, name, change.was, names)
            elif isinstance(change, Mapped | Refused) and change.was is not ABSENT:
                found[name, change.since] = _older_values(cls, name, change.was, names)
    for fact in facts:
        if isinstance(fact, Converted) and isinstance(fact.was, Mapping):
            for name, older in fact.was.items():
                found[name, fact.since] = _older_type(cls, name, older, names)
        elif isinstance(fact, Converted) and fact.was not in (ABSENT, None):
            raise mistake(cls, None, "declare/was", f"was={fact.was!r:.60} for a group",
                 "Write was={'field': TYPE} for the fields whose type changed.")  # fmt: skip
    return found


def _older_type(cls: type[base.VersionedObject], name: str, was: Any, names: Names) -> WireType:
    try:
        return wire_type(build(was, names))
    except Unfit as error:
        raise mistake(cls, name, "declare/annotation", f"was=: {error.what}", error.mend) from None


def _older_values(cls: type[base.VersionedObject], name: str, was: Any, names: Names) -> WireType:
    """The older value set: a collection of texts, an enum class, a Literal or an enum field."""
    if isinstance(was, Collection) and not isinstance(was, str | type):
        if not was or not all(isinstance(one, str) for one in was):
            raise mistake(cls, name, "declare/was", "was= is not a set of texts",
                 "Write the values that the older version had.")  # fmt: skip
        return WireType("Enum", values=tuple(sorted(str.__str__(one) for one in was)))
    older = _older_type(cls, name, was, names)
    if older.values is None:
        raise mistake(cls, name, "declare/was", f"was= is {older}, which has no values",
             "Write the values that the older version had.")  # fmt: skip
    return replace(older, nullable=False)
