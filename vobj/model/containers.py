"""The lists, dicts and sets that fields of own objects hold: oslo's, with native storage.

Theory
    Each is oslo's class with a native one in front of it, which holds the three attributes that
    oslo keeps in a `__dict__`, and puts single elements in. They have oslo's names, since sets tell
    theirs in their repr. What is pickled is rebuilt by functions that exist where the native
    modules do not, and give oslo's own classes there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from oslo_versionedobjects import fields

from vobj import native

_STORED = ("_element_type", "_obj", "_field")

List: type[Any] = fields.CoercedList
Dict: type[Any] = fields.CoercedDict
Set: type[Any] = fields.CoercedSet


def new_list() -> Any:
    """An empty list that does not coerce yet, for pickle and copy."""
    return List()


def new_dict() -> Any:
    """An empty dict, likewise."""
    return Dict()


def new_set(items: Iterable[Any]) -> Any:
    """A set of these items, likewise."""
    return Set(items)


if native.active:
    from vobj.native import containers

    class _Stored:
        """What pickle and copy see of an instance: the same as of oslo's."""

        __slots__ = ()

        def __getstate__(self) -> dict[str, Any]:
            return {**{name: getattr(self, name) for name in _STORED}, **vars(self)}

        def __setstate__(self, state: dict[str, Any]) -> None:
            for name, value in state.items():
                if name == "_obj":
                    self.hold_owner(value)  # type: ignore[attr-defined]
                else:
                    setattr(self, name, value)

    class CoercedList(_Stored, containers.CoercingList, fields.CoercedList[Any]):
        """A list of a field that coerces what is put into it."""

        __slots__ = ()

        def __reduce_ex__(self, protocol: Any) -> Any:
            return new_list, (), self.__getstate__(), iter(self)

    class CoercedDict(_Stored, containers.CoercingDict, fields.CoercedDict[Any]):
        """A dict of a field that coerces what is put into it."""

        __slots__ = ()

        def __reduce_ex__(self, protocol: Any) -> Any:
            return new_dict, (), self.__getstate__(), None, iter(self.items())

    class CoercedSet(_Stored, containers.CoercingSet, fields.CoercedSet[Any]):
        """A set of a field that coerces what is put into it."""

        __slots__ = ()

        def __reduce_ex__(self, protocol: Any) -> Any:
            return new_set, (list(self),), self.__getstate__()

    List, Dict, Set = CoercedList, CoercedDict, CoercedSet
    containers.configure(oslo_list=fields.CoercedList, oslo_dict=fields.CoercedDict)
