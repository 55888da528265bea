"""What `vobj.accelerate` tells about each class: what is native, what was left alone, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from oslo_versionedobjects import base as oslo

from vobj import native
from vobj.model.histories import VersionedClass, is_declaring

if native.active:
    from vobj.model.programs import HARMLESS, is_harmless
    from vobj.model.shapes import NAMES
    from vobj.native.attributes import FieldAttribute
    from vobj.native.program import READ_CALL, class_program
    from vobj.native.shape import shape_of_class


@dataclass(frozen=True)
class ClassReport:
    """One class. fields, methods: what is native. left: what is not, and why."""

    name: str
    version: str
    fields: tuple[str, ...]
    methods: tuple[str, ...]
    left: Mapping[str, str]

    def __str__(self) -> str:
        lines = [
            f"{self.name} {self.version}: {len(self.fields)} fields, {len(self.methods)} methods"
        ]
        return "\n".join([*lines, *(f"    {what}: {why}" for what, why in self.left.items())])


@dataclass(frozen=True)
class Report:
    """A tree. reason: why nothing was done; None when something was."""

    base: str
    classes: tuple[ClassReport, ...]
    left: Mapping[str, str]
    reason: str | None = None

    def __str__(self) -> str:
        if self.reason is not None:
            return f"{self.base}: nothing is accelerated, {self.reason}"
        head = [f"{self.base}: {len(self.classes)} classes"]
        head += [f"    {what}: {why}" for what, why in self.left.items()]
        return "\n".join([*head, *map(str, self.classes)])


def nothing_done(base: VersionedClass, reason: str) -> Report:
    """The report where the native executor does not run."""
    return Report(base.__name__, (), {}, reason)


def report(
    base: VersionedClass,
    classes: Iterable[VersionedClass],
    covers: Callable[[VersionedClass], bool],
    methods: Mapping[str, Any],
) -> Report:
    """The report of a tree whose base has these stand-ins."""
    left = {
        name: _written(base, name)
        for name in NAMES.values()
        if name not in methods and not is_harmless(base, name)
    }
    return Report(base.__name__, tuple(_of_class(cls, covers) for cls in classes), left)


def _of_class(cls: VersionedClass, covers: Callable[[VersionedClass], bool]) -> ClassReport:
    if not covers(cls) and not is_declaring(cls):
        return ClassReport(cls.obj_name(), cls.VERSION, (), (), {"the class": "it was not chosen"})
    left: dict[str, str] = {}
    fields = tuple(name for name in cls.fields if _is_native(cls, name, left))
    methods: tuple[str, ...] = ()
    if shape_of_class(cls) is None:
        left["methods"] = "the class has __getattribute__ or __getattr__, or its `fields` no dict"
    else:
        methods = tuple(name for name in NAMES.values() if is_harmless(cls, name))
        left |= {name: _written(cls, name) for name in NAMES.values() if name not in methods}
    return ClassReport(cls.obj_name(), cls.VERSION, fields, methods, left)


def _is_native(cls: VersionedClass, name: str, left: dict[str, str]) -> bool:
    found = next((vars(one)[name] for one in cls.__mro__ if name in vars(one)), None)
    if not isinstance(found, FieldAttribute):
        left[name] = f"the attribute is a {type(found).__name__} that oslo did not make"
        return False
    program = class_program(cls)
    if program is not None and program.by_name[name].kind.read == READ_CALL:
        kind = type(cls.fields[name]._type)
        left[f"{name}, setting and reading"] = f"{kind.__name__} has code of its own: it is called"
    return True


def _written(cls: VersionedClass, name: str) -> str:
    """Who wrote what stands in front of the stand-in of a method."""
    for owner in cls.__mro__:
        written = vars(owner).get(name)
        if written is not None and getattr(written, "__func__", written) not in HARMLESS[name]:
            if owner.__module__ == oslo.__name__:
                return f"{owner.__name__} of oslo has its own: it is called"
            return f"{owner.__name__}.{name} is called; its super() reaches the native one"
    return "it looks at something that the class overrides"
