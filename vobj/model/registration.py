"""`vobj.register`: oslo's registration, with the declaration checked first.

Theory
    A class that exists already, a subclass of a project's own base, say, keeps its `fields` and
    adds `changes` beside them. To make it own, `Evolving` is put among its bases, directly above
    oslo's VersionedObject and below everything the project wrote: overrides of the project stay in
    front and reach ours with `super()`. Nothing else of the class is touched; it keeps its `==`,
    its hash and its repr.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

from oslo_versionedobjects import base

from vobj import native
from vobj.model.histories import (
    VersionedClass,
    check,
    is_declaring,
    is_own,
    take_out_removed,
)
from vobj.model.objects import Evolving, settle

if native.active:
    from vobj.model import attributes

C = TypeVar("C", bound=base.VersionedObject)
Registry = type[base.VersionedObjectRegistry]


@overload
def register(cls: type[C], /) -> type[C]: ...
@overload
def register(*, registry: Registry) -> Callable[[type[C]], type[C]]: ...
def register(
    cls: type[Any] | None = None, /, *, registry: Registry = base.VersionedObjectRegistry
) -> Any:
    """Class decorator: check the declaration, then register the class with oslo.

    registry: a project's own registry class, `@vobj.register(registry=NovaObjectRegistry)`. A class
    that is wrong is not registered: raises DeclarationError. A class without changes that is no
    `vobj.VersionedObject` is registered as oslo would do it.
    """

    def decorate(cls: type[C]) -> type[C]:
        if not is_declaring(cls) and _declares(cls):
            bind(cls)
        if is_own(cls):
            check(cls)
        registry.register(cls)
        take_out_removed(cls)
        if native.active and is_own(cls):
            attributes.lay_out_records(cls)
            attributes.install(cls)
        return cls

    return decorate if cls is None else decorate(cls)


def _declares(cls: VersionedClass) -> bool:
    changes, history = vars(cls).get("changes"), vars(cls).get("history")
    return isinstance(changes, Mapping) or isinstance(history, list | tuple)


def bind(cls: VersionedClass) -> None:
    """Make an oslo class that declares changes an own one. Raises DeclarationError."""
    bases = list(cls.__bases__)
    place = bases.index(base.VersionedObject) if base.VersionedObject in bases else len(bases)
    cls.__bases__ = (*bases[:place], Evolving, *bases[place:])
    settle(cls)
