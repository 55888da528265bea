"""From the bodies of a class and its parents to its history.

Theory
    A class is *own* when vobj knows its changes: it derives from `vobj.VersionedObject`, or was
    bound by `vobj.register`, and nobody wrote a compatibility hook for it. With a hook it is
    *foreign*, and oslo runs the hook. Both at once is a declaration error, since two answers to one
    question are one too many.

    A field comes with its dates from the body that wrote them. A subclass that inherits a dated
    field says when it got it: by dating it again, or by `Inherits`, which translates the parent's
    dates. Histories are compiled once per class object, at registration or at the first use, and
    are frozen from then on.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from oslo_versionedobjects import base

from vobj.changes import ClassFact, Inherits, NoChange
from vobj.errors import DeclarationError, UsageError, VobjError
from vobj.fields import wire_type
from vobj.history import FieldDeclaration, History, declare, derive, ends_removed
from vobj.history.declare import translate
from vobj.model.body import Body, Fields, is_inherited, mistake, read_body
from vobj.version import Version

VersionedClass = type[base.VersionedObject]

HOOKS = (
    "obj_make_compatible",
    "obj_make_compatible_from_manifest",
    "obj_relationships",
    "child_versions",
)

_LOCK = threading.RLock()
_HISTORIES: weakref.WeakKeyDictionary[VersionedClass, History] = weakref.WeakKeyDictionary()


def by_vobj(thing: object) -> bool:
    """True for a class or function of this package."""
    return str(getattr(thing, "__module__", "")).startswith("vobj.model")


def hook_of(cls: VersionedClass) -> str | None:
    """Where a compatibility hook was written by hand, `Class.attribute`; None where none was."""
    for owner in cls.__mro__:
        if owner.__module__ == base.__name__ or by_vobj(owner):
            continue
        for name in HOOKS:
            written = vars(owner).get(name)
            if written and not by_vobj(written):
                return f"{owner.__name__}.{name}"
    return None


def is_declaring(cls: type) -> bool:
    """True for classes whose bodies are read: of `vobj.VersionedObject`, and bound ones."""
    return bool(getattr(cls, "_vobj_declaring", False))


def is_own(cls: VersionedClass) -> bool:
    """True when the history of the class is declared, False when oslo's rules are the reference."""
    if not is_declaring(cls):
        return False
    known = vars(cls).get("_vobj_own")
    if known is None:
        known = hook_of(cls) is None
        type.__setattr__(cls, "_vobj_own", known)
    return bool(known)


def body_of(cls: VersionedClass) -> Body:
    """What the class body says; read once. Raises DeclarationError."""
    found = vars(cls).get("_vobj_body")
    if found is None:
        found = read_body(cls, annotated=bool(getattr(cls, "_vobj_annotated", False)))
        hook = hook_of(cls)
        if hook is not None and found.dated:
            raise mistake(cls, None, "declare/hook", f"It has changes, and the hand-written {hook}",
                 "Drop the hook when its rules are declared, or the changes.")  # fmt: skip
        type.__setattr__(cls, "_vobj_body", found)
    assert isinstance(found, Body)
    return found


def merged_fields(cls: VersionedClass) -> Fields:
    """The fields of the newest version, inherited ones included, in oslo's order."""
    merged: Fields = {}
    gone: set[str] = set()
    for owner in cls.__mro__[:-1]:
        if is_declaring(owner) and not by_vobj(owner):
            gone |= body_of(owner).removed() - merged.keys()
        for name, made in getattr(owner, "fields", {}).items():
            if name not in gone and not is_inherited(owner, name, made):
                merged.setdefault(name, made)
    return merged


def take_out_removed(cls: VersionedClass) -> None:
    """Undo what oslo's registration does to removed fields: it copies them from the parents."""
    if "fields" not in vars(cls):
        return
    kept = merged_fields(cls)
    for name in [name for name in cls.fields if name not in kept]:
        del cls.fields[name]
        # An empty property hides the one that a parent may still have.
        setattr(cls, name, property())


def history_of(cls: type[base.VersionedObject] | base.VersionedObject) -> History:
    """The history of an own class, or of the class of an object.

    Raises UsageError (`usage/argument`) for a foreign class, DeclarationError when the declaration
    is wrong and the class was registered by oslo's decorator, which does not check.
    """
    owner = cls if isinstance(cls, type) else type(cls)
    if not (issubclass(owner, base.VersionedObject) and is_own(owner)):
        raise UsageError(
            f"{owner.__name__} has no declared history: subclass vobj.VersionedObject, or declare"
            " changes and register the class with vobj.register",
            rule="usage/argument",
        )
    with _LOCK:
        found = _HISTORIES.get(owner)
        if found is None:
            found = _HISTORIES[owner] = _compile(owner, lenient=True)
            take_out_removed(owner)
        return found


def check(cls: VersionedClass) -> None:
    """Compile the history of an own class, and let nothing pass. Raises DeclarationError."""
    with _LOCK:
        _HISTORIES[cls] = _compile(cls, lenient=False)


def _compile(cls: VersionedClass, *, lenient: bool) -> History:
    """The history of a class.

    lenient: a class that says nothing about versions is taken at its word, as oslo does: no version
    changed its data.
    """
    body = body_of(cls)
    line = _Line.of(cls, body)
    current = merged_fields(cls)
    older = {name: made for name, made in _all_fields(cls).items() if name in body.removed()}
    known = {**current, **older}
    _check_names(cls, body, known)
    declarations = []
    for name, made in known.items():
        declared = None if name in body.names() else line.inherited(name)
        if declared is None:
            declared = FieldDeclaration(
                name, wire_type(made), body.changes.get(name, ()), key=name in body.keys
            )
        was = {since: kind for (field, since), kind in body.was.items() if field == name}
        declarations.append(replace(declared, was={**declared.was, **was}) if was else declared)
    for name in line.names() - known.keys():
        past = line.inherited(name)
        if past is not None and ends_removed(past):
            declarations.append(past)
    facts = [*body.facts, *line.facts(body.names())]
    if lenient and not facts and not any(one.changes for one in declarations):
        facts += _unchanged(cls.VERSION)
    fact, parent = line.maps[0] if line.maps else (None, None)
    return declare(
        cls.obj_name(),
        cls.VERSION,
        declarations,
        facts,
        parent=None if parent is None else parent.obj_name(),
        inherits=None if fact is None else fact.table,
    )


def _unchanged(version: str) -> list[ClassFact]:
    try:
        newest = Version.parse(version)
    except VobjError:
        return []
    return [NoChange(f"{newest.major}.{minor}") for minor in range(1, newest.minor + 1)]


def own_parents(cls: VersionedClass) -> Iterator[VersionedClass]:
    """The parent classes that may have dates, nearest first."""
    for owner in cls.__mro__[1:]:
        if is_declaring(owner) and not by_vobj(owner) and is_own(owner):
            yield owner


def _all_fields(cls: VersionedClass) -> Fields:
    """The fields of the class and of all its parents, whatever was taken out of them."""
    found: Fields = {}
    for owner in cls.__mro__[:-1]:
        written = body_of(owner).fields if "_vobj_body" in vars(owner) else {}
        for name, made in {**written, **getattr(owner, "fields", {})}.items():
            found.setdefault(name, made)
    return found


def _check_names(cls: VersionedClass, body: Body, known: Fields) -> None:
    unknown = sorted({*body.changes, *(name for name, _ in body.was)} - known.keys())
    if unknown:
        what = "Changes of a field that the class does not have"
        raise mistake(cls, unknown[0], "declare/unknown-field", what,
             f"The fields are {', '.join(sorted(known))}.")  # fmt: skip


@dataclass(frozen=True)
class _Line:
    """Where a class comes from: its own parents, nearest first, and what maps them."""

    cls: VersionedClass
    parents: Mapping[VersionedClass, History]
    maps: Sequence[tuple[Inherits, VersionedClass]]

    @classmethod
    def of(cls, owner: VersionedClass, body: Body) -> _Line:
        parents = {one: history_of(one) for one in own_parents(owner)}
        stated = [fact for fact in body.facts if isinstance(fact, Inherits)]
        return cls(owner, parents, [(fact, _parent_of(owner, fact, parents)) for fact in stated])

    def names(self) -> set[str]:
        """Every field of every parent, at any version."""
        return {declared.name for parent in self.parents.values() for declared in parent.fields}

    def inherited(self, name: str) -> FieldDeclaration | None:
        """The declaration of an inherited field; None when no parent with a history has it."""
        wrote = next((one for one in self.parents if name in body_of(one).names()), None)
        for fact, parent in self.maps:
            declared = _field(self.parents[parent], name)
            if declared is not None and (wrote is None or issubclass(parent, wrote)):
                return _derived(self.cls, declared, fact, self.parents[parent])
        for history in self.parents.values():
            declared = _field(history, name)
            if declared is not None:
                if declared.changes or declared.was:
                    raise _undated(self.cls, name, history)
                return declared
        return None

    def facts(self, spoken_for: set[str]) -> list[ClassFact]:
        """The refusals and converters of groups of inherited fields, dated for this class."""
        found: list[ClassFact] = []
        for fact, parent in self.maps:
            for group in self.parents[parent].group_facts():
                date = translate(group.since, fact, self.parents[parent])
                if date is not None and not set(group.fields) <= spoken_for:
                    found.append(replace(group, since=date))
        mapped = {one.name for _, parent in self.maps for one in self.parents[parent].fields}
        for history in self.parents.values():
            for group in history.group_facts():
                if not set(group.fields) <= mapped | spoken_for:
                    raise _undated(self.cls, None, history)
        return found


def _field(history: History, name: str) -> FieldDeclaration | None:
    return next((one for one in history.fields if one.name == name), None)


def _parent_of(
    cls: VersionedClass, fact: Inherits, parents: Mapping[VersionedClass, History]
) -> VersionedClass:
    for parent, history in parents.items():
        dated = any(one.changes or one.was for one in history.fields) or any(history.group_facts())
        if history.object_name == fact.of or (fact.of is None and dated):
            return parent
    what = "no parent has dated fields" if fact.of is None else f"no parent is called {fact.of}"
    known = ", ".join(one.object_name for one in parents.values())
    raise mistake(cls, None, "declare/inherited", f"Inherits, but {what}",
         f"Its parents with a history are {known}." if known else "Drop it.")  # fmt: skip


def _derived(
    cls: VersionedClass, declared: FieldDeclaration, fact: Inherits, parent: History
) -> FieldDeclaration:
    try:
        return derive(declared, fact, parent)
    except DeclarationError as error:
        error.message = f"{cls.obj_name()}.{declared.name}: {error.message}"
        error.object_name = cls.obj_name()
        raise error.within(declared.name) from None


def _undated(cls: VersionedClass, name: str | None, parent: History) -> DeclarationError:
    mend = f"Add Inherits({{'1.0': '{parent.version.short}'}}) to history"
    if name is not None:
        mend += f", or date it here: changes = {{'{name}': [...]}}"
    what = f"{parent.object_name} dated it, and those dates say nothing about this class"
    return mistake(cls, name, "declare/inherited", what, f"{mend}.")
