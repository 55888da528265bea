"""What a peer may call: remotable methods of registered classes, found without running anything.

Theory
    The name of a method comes from a peer. It is looked up in the class bodies, never by `getattr`
    on an object, so that no property, descriptor or `__getattr__` runs for a name that turns out to
    be forbidden. Only what carries oslo's mark of `@remotable` is ever called: an override that
    lost the mark is not, and neither is anything with two leading underscores, marked or not. A
    method of objects and a method of the class are different things here, because oslo hands them
    different arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oslo_versionedobjects import base

from vobj.errors import PayloadError, UnknownMethodError

_SHOWN = 60


@dataclass(frozen=True)
class Method:
    """A remotable method of a class, unbound."""

    owner: type[base.VersionedObject]
    name: str
    function: Callable[..., Any]

    def check(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Raises PayloadError (`conductor/arguments`) when the method does not take these.

        args: without the object or the class, with the context where the method takes one.
        """
        try:
            inspect.signature(self.function).bind(self.owner, *args, **kwargs)
        except TypeError as error:
            raise PayloadError(
                f"{self.owner.obj_name()}.{self.name}: {error}",
                rule="conductor/arguments",
                object_name=self.owner.obj_name(),
            ) from None

    def __call__(self, first: object, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The result of the method for an object, or for the class itself."""
        return self.function(first, *args, **kwargs)


def method_of_objects(owner: type[base.VersionedObject], name: object) -> Method:
    """A remotable method of the objects of a class. Raises UnknownMethodError."""
    return Method(owner, *_marked(owner, name, _static(owner, name)))


def method_of_class(owner: type[base.VersionedObject], name: object) -> Method:
    """A remotable class method. Raises UnknownMethodError."""
    found = _static(owner, name)
    return Method(owner, *_marked(owner, name, _inside(found)))


def _inside(found: object) -> object:
    """The function inside a class method; None for anything else."""
    return found.__func__ if isinstance(found, classmethod) else None


def _static(owner: type[base.VersionedObject], name: object) -> object:
    plain = isinstance(name, str) and name.isidentifier() and not name.startswith("__")
    return inspect.getattr_static(owner, str(name), None) if plain else None


def _marked(
    owner: type[base.VersionedObject], name: object, found: object
) -> tuple[str, Callable[..., Any]]:
    if inspect.isfunction(found) and vars(found).get("remotable") is True:
        return str(name), found
    shown = repr(name)
    if len(shown) > _SHOWN:
        shown = shown[: _SHOWN - 3] + "..."
    raise UnknownMethodError(
        f"{owner.obj_name()} has no remotable method {shown}",
        rule="conductor/method",
        object_name=owner.obj_name(),
    )
