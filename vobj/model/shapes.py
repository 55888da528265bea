"""What the native executor is told about the methods of a class: which code runs in the end.

Theory
    For each method there is the chain of its definitions along the bases of a class, down to
    oslo's. Where every one of them is known (`programs.HARMLESS`), C code may run in its place;
    where one is not, it is called. ObjectListBase is the one mixin whose own way to tell changes is
    known too.

    A class has a shape only if it is one of ours or was accelerated; others are left alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from oslo_utils import versionutils
from oslo_versionedobjects import base, exception, fields

from vobj.evolve import Envelope
from vobj.model.dehydrate import in_order
from vobj.model.histories import VersionedClass, is_declaring, is_own
from vobj.model.hydrate import read
from vobj.model.lookup import types_of
from vobj.model.programs import is_harmless, is_set_by_code
from vobj.native import reading, shape, tree
from vobj.native.program import ClassProgram
from vobj.native.shape import Shape

_LIST_ASKS: object = base.ObjectListBase.obj_what_changed

# The methods that may run natively, and what each of them calls on the object on its way.
NAMES: dict[int, str] = {
    shape.MAKES: "__init__",
    shape.WRITES: "obj_to_primitive",
    shape.RECEIVES: "obj_from_primitive",
    shape.READS: "_obj_from_primitive",
    shape.ASKS: "obj_what_changed",
    shape.RESETS: "obj_reset_changes",
    shape.TELLS_SET: "obj_attr_is_set",
    shape.COPIES: "__deepcopy__",
    shape.CLONES: "obj_clone",
}
_SET = ("obj_attr_is_set", "obj_fields")
_CALLS: dict[int, tuple[str, ...]] = {
    shape.WRITES: _SET,
    shape.ASKS: _SET,
    shape.TELLS_SET: ("obj_fields",),
    shape.COPIES: _SET,
}
_STORED = ("_changed_fields", "_context", "_vobj_received", "VERSION")

_LOCK = threading.Lock()
_COVERING: list[Callable[[VersionedClass], bool]] = []


def cover(covers: Callable[[VersionedClass], bool]) -> None:
    """Give shapes to the classes that `covers` says yes to; twice does no harm."""
    with _LOCK:
        _COVERING[:] = [*(one for one in _COVERING if one != covers), covers]
    shape.forget_shapes()


def uncover(covers: Callable[[VersionedClass], bool]) -> None:
    """Undo `cover`."""
    with _LOCK:
        _COVERING[:] = [one for one in _COVERING if one != covers]
    shape.forget_shapes()


def _is_covered(cls: VersionedClass) -> bool:
    return is_declaring(cls) or any(covers(cls) for covers in list(_COVERING))


def allowed(cls: VersionedClass, method: int, after: type) -> bool:
    """Whether a method that stands on the base `after` may do natively what comes behind it."""
    return (
        after in cls.__mro__
        and is_harmless(cls, NAMES[method], after)
        and _calls_plainly(cls, method)
        and _looks_up_plainly(cls)
    )


def _calls_plainly(cls: VersionedClass, method: int) -> bool:
    return all(is_harmless(cls, name) for name in _CALLS.get(method, ()))


def _looks_up_plainly(cls: VersionedClass) -> bool:
    return cls.__getattribute__ is object.__getattribute__ and not hasattr(cls, "__getattr__")


def _shape_of(cls: VersionedClass, program: ClassProgram) -> Shape | None:
    if not _is_covered(cls) or not _looks_up_plainly(cls):
        return None
    direct = sum(
        method
        for method, name in NAMES.items()
        if is_harmless(cls, name) and _calls_plainly(cls, method)
    )
    code = shape.OURS if is_own(cls) else shape.OSLO
    types = types_of(cls) if is_own(cls) else {}
    key: Callable[[str], str] = cls._obj_primitive_key
    if is_harmless(cls, "_obj_primitive_key"):
        key = Envelope.of(cls.OBJ_SERIAL_NAMESPACE).key
    return Shape(
        program,
        direct=direct,
        writes=code,
        reads=code,
        asks=_asks(cls, direct),
        copies=shape.OURS if is_declaring(cls) else shape.OSLO,
        finds_plainly=is_harmless(cls, "obj_class_from_name"),
        gets_plainly=is_harmless(cls, "obj_get_changes"),
        sets_plainly=_sets_plainly(cls),
        plain=all(slot.plain for slot in program.slots) and _calls_plainly(cls, shape.ASKS),
        made_plainly=program.made_plainly and _sets_plainly(cls) and _is_called_plainly(cls),
        named_plainly=is_harmless(cls, "obj_name"),
        parts_plainly=is_harmless(cls, "_obj_primitive_field")
        and is_harmless(cls, "_obj_primitive_key"),
        ranked=tuple(slot.name in types and types[slot.name].has_set() for slot in program.slots),
        held=tuple(_holds(slot.kind.field) for slot in program.slots),
        name_key=key("name"),
        namespace_key=key("namespace"),
        version_key=key("version"),
        data_key=key("data"),
        changes_key=key("changes"),
    )


def _asks(cls: VersionedClass, direct: int) -> int:
    """Whose `obj_what_changed` the class has."""
    if direct & shape.ASKS:
        return shape.OSLO
    if issubclass(cls, base.ObjectListBase) and cls.obj_what_changed is _LIST_ASKS:
        return shape.LIST
    return shape.CALLED


def _sets_plainly(cls: VersionedClass) -> bool:
    return cls.__setattr__ is object.__setattr__ and not any(
        is_set_by_code(cls, name) for name in _STORED
    )


def _is_called_plainly(cls: VersionedClass) -> bool:
    return type(cls).__call__ is type.__call__


def _holds(field: object) -> int:
    """What `obj_reset_changes(recursive=True)` looks into: 1 an object, 2 a list of them."""
    if isinstance(field, fields.ObjectField):
        return 1
    return 2 if isinstance(field, fields.ListOfObjectsField) else 0


def _in_order(cls: VersionedClass, name: str, primitive: Any) -> Any:
    return in_order(primitive, types_of(cls).get(name))


def _check_target(target: str, version: str) -> None:
    wanted = versionutils.convert_version_to_tuple(target)
    if wanted > versionutils.convert_version_to_tuple(version):
        raise exception.InvalidTargetVersion(version=target)


shape.configure(shape_of=_shape_of)
tree.configure(in_order=_in_order, check_target=_check_target)
reading.configure(registry=base.VersionedObjectRegistry, read_strictly=read)
