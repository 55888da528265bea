"""Finding registered classes, whatever registry a project has.

Theory
    Every look-up goes through `obj_class_from_name` of a class, because a project may have a
    registry of its own. oslo answers with the exact version, else with the newest compatible one;
    what is newest of all, or of a major version, is found by asking on. What is known about the
    fields of a class is kept per class object, weakly, and is frozen once the class was used.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping

from oslo_versionedobjects import base, exception

from vobj.fields import wire_type
from vobj.history import WireType
from vobj.model.histories import VersionedClass, is_own, merged_fields
from vobj.version import Version

# No class has it, so oslo answers a look-up of it with the newest version that is registered.
_BEYOND = "999999999.0"

_LOCK = threading.Lock()
_TYPES: weakref.WeakKeyDictionary[VersionedClass, Mapping[str, WireType]] = (
    weakref.WeakKeyDictionary()
)


def types_of(cls: VersionedClass) -> Mapping[str, WireType]:
    """The newest wire types of the fields of a class."""
    found = _TYPES.get(cls)
    if found is None:
        found = {name: wire_type(made) for name, made in merged_fields(cls).items()}
        with _LOCK:
            _TYPES[cls] = found
    return found


def newest_class(root: VersionedClass, name: str) -> VersionedClass | None:
    """The newest registered class of a name; None when no class has it."""
    try:
        return root.obj_class_from_name(name, _BEYOND)
    except exception.UnsupportedObjectError:
        return None
    except exception.IncompatibleObjectVersion as error:
        return root.obj_class_from_name(name, str(error.kwargs["supported"]))


_FOUND_MAX = 4096
_FOUND: dict[tuple[str, str], tuple[list[VersionedClass], VersionedClass]] = {}


def remembered(root: VersionedClass, name: str, version: str) -> VersionedClass | None:
    """The class that was found before, as long as nothing was registered under the name since.

    Only for roots that look up as oslo does, in oslo's registry.
    """
    known = _FOUND.get((name, version))
    if known is None or not _looks_up_as_oslo(root):
        return None
    registered, found = known
    return found if base.VersionedObjectRegistry.obj_classes().get(name) == registered else None


def remember(root: VersionedClass, name: str, version: str, found: VersionedClass) -> None:
    """Keep what a look-up found. The memory is bounded, since peers choose names and versions."""
    registered = base.VersionedObjectRegistry.obj_classes().get(name)
    if registered and _looks_up_as_oslo(root):
        if len(_FOUND) >= _FOUND_MAX:
            _FOUND.clear()
        _FOUND[name, version] = (list(registered), found)


def _looks_up_as_oslo(root: VersionedClass) -> bool:
    ours = getattr(root.obj_class_from_name, "__func__", None)
    return ours is _OSLO_LOOK_UP


_OSLO_LOOK_UP = base.VersionedObject.obj_class_from_name.__func__  # type: ignore[attr-defined]


def newest_own(root: VersionedClass, name: str, found: VersionedClass) -> VersionedClass:
    """The newest registered own class of a name with the major version of `found`."""
    while True:
        version = Version.parse(found.VERSION)
        try:
            newer = root.obj_class_from_name(name, f"{version.major}.{version.minor + 1}")
        except (exception.IncompatibleObjectVersion, exception.UnsupportedObjectError):
            return found
        if Version.parse(newer.VERSION).xy <= version.xy or not is_own(newer):
            return found
        found = newer


def children_of(cls: VersionedClass, child: WireType) -> list[VersionedClass]:
    """The registered classes that may stand in a field of `cls`; none if its name is unknown."""
    assert child.object_name is not None
    declared = newest_class(cls, child.object_name)
    if declared is None:
        return []
    found = [declared]
    if child.polymorphic:
        found += [one for one in _subclasses(declared) if newest_class(cls, one.obj_name()) is one]
    return found


def _subclasses(cls: VersionedClass) -> list[VersionedClass]:
    found: list[VersionedClass] = []
    for one in cls.__subclasses__():
        found += [one, *_subclasses(one)]
    return found


def spoken(
    roots: Iterable[VersionedClass],
    unknown: Callable[[VersionedClass, str, str], None] | None = None,
) -> dict[str, str]:
    """`{name: version}` of classes and of all that their trees may hold.

    unknown: called with the class, the field and the name of a child that is not registered.
    """
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        cls = waiting.pop()
        if cls.obj_name() in found:
            continue
        found[cls.obj_name()] = cls.VERSION
        for field, kind in types_of(cls).items():
            child = kind.child()
            if child is None:
                continue
            classes = children_of(cls, child)
            if not classes and unknown is not None:
                unknown(cls, field, str(child.object_name))
            waiting += classes
    return found
