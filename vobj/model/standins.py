"""Methods that run natively where they may, and else are what stands behind them.

Theory
    A stand-in is put on one base of a class, in the place of one method, or in front of the one
    that is inherited. It is an ordinary function, so whoever inspects, wraps or mocks it finds what
    oslo's is. It asks the native executor first; what that declines goes to the method that stood
    there, or to the next one along the bases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oslo_versionedobjects import base

from vobj.model.histories import VersionedClass
from vobj.model.programs import HARMLESS, is_harmless
from vobj.model.shapes import NAMES, allowed
from vobj.native import changes, making, reading, tree
from vobj.native.program import forget_programs
from vobj.native.shape import Place, forget_shapes

_Behind = Callable[[Any, str], Any]


def place_of(owner: type) -> Place:
    """The place of the stand-ins of a base."""
    return Place(owner, lambda cls, method: allowed(cls, method, owner))


def stand_ins(owner: type, place: Place | None = None) -> dict[str, Any]:
    """The stand-ins for a base, by name; they are not put there yet."""
    place = place or place_of(owner)
    there = {name: vars(owner)[name] for name in NAMES.values() if name in vars(owner)}

    def behind(subject: Any, name: str) -> Any:
        if name in there:
            cls = subject if isinstance(subject, type) else type(subject)
            return there[name].__get__(None if cls is subject else subject, cls)
        return getattr(super(owner, subject), name)

    made = {**_of_life(place, behind), **_of_trees(place, behind), **_of_changes(place, behind)}
    for name, function in made.items():
        plain = _plain(function)
        plain.__name__ = name
        plain.__qualname__ = f"{owner.__qualname__}.{name}"
        plain.__doc__ = getattr(owner, name).__doc__
    return made


def _given(*arguments: Any) -> tuple[Any, ...]:
    """The arguments up to the last that is no default: a method behind may take fewer."""
    count = len(arguments)
    while count and (arguments[count - 1] is None or arguments[count - 1] is False):
        count -= 1
    return arguments[:count]


# The functions of C are names of the enclosing functions below: the quickest to look up.


def _of_life(place: Place, behind: _Behind) -> dict[str, Any]:
    construct, deep_copy, clone = making.construct, making.deep_copy, making.clone

    def __init__(self: Any, context: Any = None, **kwargs: Any) -> None:  # noqa: N807
        if construct(place, self, context, kwargs) is NotImplemented:
            behind(self, "__init__")(*_given(context), **kwargs)

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Any:  # noqa: N807
        made = deep_copy(place, self, memo)
        return behind(self, "__deepcopy__")(memo) if made is NotImplemented else made

    def obj_clone(self: Any) -> Any:
        made = clone(place, self)
        return behind(self, "obj_clone")() if made is NotImplemented else made

    return {"__init__": __init__, "__deepcopy__": __deepcopy__, "obj_clone": obj_clone}


def _of_trees(place: Place, behind: _Behind) -> dict[str, Any]:
    to_primitive, receive, read = tree.to_primitive, reading.receive, reading.read

    def obj_to_primitive(
        self: Any,
        target_version: str | None = None,
        version_manifest: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        node: Any = to_primitive(place, self, target_version, version_manifest)
        if node is NotImplemented:
            given = _given(target_version, version_manifest)
            node = behind(self, "obj_to_primitive")(*given)
        return node  # type: ignore[no-any-return]

    def obj_from_primitive(cls: Any, primitive: dict[str, Any], context: Any = None) -> Any:
        made = receive(place, cls, primitive, context)
        if made is NotImplemented:
            made = behind(cls, "obj_from_primitive")(primitive, *_given(context))
        return made

    def _obj_from_primitive(cls: Any, context: Any, objver: str, primitive: dict[str, Any]) -> Any:
        made = read(place, cls, context, objver, primitive)
        if made is NotImplemented:
            made = behind(cls, "_obj_from_primitive")(context, objver, primitive)
        return made

    return {
        "obj_to_primitive": obj_to_primitive,
        "obj_from_primitive": classmethod(obj_from_primitive),
        "_obj_from_primitive": classmethod(_obj_from_primitive),
    }


def _of_changes(place: Place, behind: _Behind) -> dict[str, Any]:
    what_changed, reset, attr_is_set = changes.what_changed, changes.reset, changes.attr_is_set

    def obj_what_changed(self: Any) -> set[str]:
        found: Any = what_changed(place, self)
        return behind(self, "obj_what_changed")() if found is NotImplemented else found  # type: ignore[no-any-return]

    def obj_reset_changes(
        self: Any,
        fields: list[str] | None = None,
        recursive: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        if reset(place, self, fields, recursive) is NotImplemented:
            behind(self, "obj_reset_changes")(*_given(fields, recursive))

    def obj_attr_is_set(self: Any, attrname: str) -> bool:
        found: Any = attr_is_set(place, self, attrname)
        return behind(self, "obj_attr_is_set")(attrname) if found is NotImplemented else found  # type: ignore[no-any-return]

    return {
        "obj_what_changed": obj_what_changed,
        "obj_reset_changes": obj_reset_changes,
        "obj_attr_is_set": obj_attr_is_set,
    }


def wanted(owner: VersionedClass) -> dict[str, Any]:
    """The stand-ins for a base where what it has or inherits is oslo's own."""
    return {name: made for name, made in stand_ins(owner).items() if _is_of_oslo(owner, name)}


def _is_of_oslo(owner: VersionedClass, name: str) -> bool:
    definer = next(one for one in owner.__mro__ if name in vars(one))
    return definer is base.VersionedObject and is_harmless(owner, name)


def put(owner: VersionedClass, found: dict[str, Any]) -> None:
    """Put stand-ins on the base they were made for."""
    for name, function in found.items():
        HARMLESS[name].add(_plain(function))
    for name, function in found.items():
        setattr(owner, name, function)


def speed_up(owner: VersionedClass) -> None:
    """Put all stand-ins on a base of ours, `_vobj_node` among them."""
    place = place_of(owner)
    slow = owner._vobj_node  # type: ignore[attr-defined]

    def _vobj_node(self: Any) -> Any:
        node = tree.to_primitive(place, self, None, None)
        return slow(self) if node is NotImplemented else node

    put(owner, stand_ins(owner, place))
    owner._vobj_node = _vobj_node  # type: ignore[attr-defined]


def take_back(owner: VersionedClass, found: dict[str, Any], replaced: dict[str, Any]) -> None:
    """Undo `put`, where nothing else took the place since."""
    for name, function in found.items():
        if vars(owner).get(name) is function:
            if name in replaced:
                setattr(owner, name, replaced[name])
            else:
                delattr(owner, name)
            HARMLESS[name].discard(_plain(function))
    forget_programs()
    forget_shapes()


def _plain(function: Any) -> Any:
    return getattr(function, "__func__", function)
