"""How objects are read: the readers of classes, at each version in which payloads arrive.

Theory
    A reader stands for `base.obj_from_primitive(tree, context)` of the payloads of one class at one
    version, whether oslo's reader runs or ours, which upgrades. It is usable only where every
    method on that way is oslo's or ours. For the look-up of the class, the same catalog is asked as
    by the Python executor.

    Values are read by their kinds, with one correction. A container whose elements are converted by
    a type's own code is given to its field as a whole, since oslo reads all elements before it
    coerces the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgpack
from oslo_versionedobjects import base, fields

from vobj.errors import VobjError
from vobj.evolve import Envelope
from vobj.fields import types as own_types
from vobj.history import WireType
from vobj.jobs.flows import Code, Flow, flows
from vobj.model import ClassCatalog
from vobj.model.histories import VersionedClass
from vobj.model.hydrate import read
from vobj.model.lookup import types_of
from vobj.model.programs import is_harmless, is_set_by_code
from vobj.native import program as native
from vobj.native.decode import Reading
from vobj.native.program import ClassProgram, Guard, Kind, Slot, class_program
from vobj.native.reader import Constant, Input, Reader
from vobj.plan import compile_plan
from vobj.version import Version
from vobj.wires import Limits

_READING = (
    "obj_class_from_name",
    "obj_from_primitive",
    "_obj_from_primitive",
    "_obj_primitive_field",
    "_obj_primitive_key",
)
_AnyField = fields.Field[Any]
_SIMPLE = frozenset(
    {native.READ_TEXT, native.READ_CHOICE, native.READ_UUID, native.READ_MAC, native.READ_INT}
)
# What these types make of a value depends on the value alone.
_BLIND = (
    fields.VersionPredicate,
    fields.PCIAddress,
    fields.IPV6Address,
    fields.IPNetwork,
    fields.IPV4Network,
    fields.IPV6Network,
    own_types.IPV6Address,
    own_types.IPNetwork,
    own_types.IPV4Network,
    own_types.IPV6Network,
)
_BLIND_CODE: dict[type, object] = {kind: (kind.coerce, kind.from_primitive) for kind in _BLIND}
_FIELD_CODE = {name: getattr(fields.Field, name) for name in ("coerce", "from_primitive", "_null")}


def reading(root: VersionedClass, limits: Limits) -> Reading:
    """What reads the payloads of a base within limits; immutable for its users, as a codec is."""

    def resolve(name: str, version: str) -> Reader:
        return _Found(root, name, version).reader()

    def settle() -> tuple[Guard, str | None, tuple[bytes, ...]]:
        return Guard((root,), {}), _namespace(root), _keys(root.OBJ_SERIAL_NAMESPACE)

    return Reading(resolve, settle, base.VersionedObjectRegistry, read, limits)


def _keys(prefix: str) -> tuple[bytes, ...]:
    parts = ("name", "namespace", "version", "data", "changes")
    return tuple(msgpack.packb(Envelope.of(prefix).key(part)) for part in parts)


def _namespace(root: VersionedClass) -> str | None:
    """The namespace of what the base reads; None when it reads in its own way."""
    classes = base.VersionedObjectRegistry.obj_classes()
    registry = base.VersionedObjectRegistry._registry
    if not _reads_plainly(root) or registry is None or registry._obj_classes is not classes:
        return None
    return root.OBJ_PROJECT_NAMESPACE


def _reads_plainly(cls: VersionedClass) -> bool:
    """Whether a class, and each class it calls with `super()`, reads as oslo or as we do."""
    if not all(is_harmless(cls, name) for name in _READING):
        return False
    return not any(
        is_set_by_code(cls, name)
        for name in ("_changed_fields", "_context", "_vobj_received", "VERSION")
    )


class _Found:
    """What is registered under a name, and how it reads a version."""

    def __init__(self, root: VersionedClass, name: str, version: str) -> None:
        self.root = root
        self.name = name
        self.version = version
        self.registered = base.VersionedObjectRegistry.obj_classes().get(name)
        self.program: ClassProgram | None = None

    def reader(self) -> Reader:
        """The reader, usable or not."""
        parts: dict[str, Any] = {}
        try:
            cls = self._class()
            self.program = class_program(cls)
            if self.program is not None and self._is_readable(self.program):
                parts = self._parts(self.program)
        except VobjError:
            parts = {}
        known = tuple(self.registered or ())
        others = known if self.program is None else tuple({*known} - {self.program.cls})
        return Reader(
            self.name,
            self.version,
            registered=self.registered,
            known=known,
            others=Guard(others, {}) if others else None,
            program=self.program,
            usable=bool(parts),
            **parts,
        )

    def _class(self) -> VersionedClass:
        """The class of the object that is made. Raises VobjError."""
        catalog = ClassCatalog(self.root, within=base.VersionedObject)
        found = catalog.class_for(self.name, self.version)
        # Compiling the history takes removed fields out of the class.
        catalog.entry_of(found)
        return found

    def _is_readable(self, program: ClassProgram) -> bool:
        named = {one.VERSION for one in self.registered or ()}
        first = program.cls
        if self.version not in named or program.own:
            first = _as_oslo_finds(self.root, self.name, self.version)
        return (
            program.reads
            and first is not None
            and _reads_plainly(first)
            and _reads_plainly(program.cls)
            and program.prefix == self.root.OBJ_SERIAL_NAMESPACE
            and program.namespace == self.root.OBJ_PROJECT_NAMESPACE
        )

    def _parts(self, program: ClassProgram) -> dict[str, Any]:
        """What a usable reader consists of; empty when there is none."""
        wanted = Version.parse(self.version)
        newest = Version.parse(program.version)
        older = program.own and wanted.xy != newest.xy
        made = self._upgrading(program, wanted) if older else _as_they_are(program)
        if made is None:
            return {}
        inputs, constants = made
        key = Envelope.of(program.prefix).key
        head = (key("name"), self.name, key("namespace"), program.namespace, key("version"))
        slots = [*(one.slot for one in inputs), *(one.slot for one in constants)]
        return {
            "within": issubclass(program.cls, self.root),
            "older": older,
            "visible": (
                not program.made_plainly
                or hasattr(program.cls, "__del__")
                or any(_sees_owner(one) for one in slots if one is not None)
            ),
            "names": frozenset((program.object_name, *_names(program.cls))),
            "inputs": inputs,
            "constants": constants,
            "head": b"".join(map(msgpack.packb, (*head, self.version, key("data")))),
        }

    def _upgrading(
        self, program: ClassProgram, wanted: Version
    ) -> tuple[tuple[Input, ...], tuple[Constant, ...]] | None:
        """From an older version; None where that needs more than moving and mapping values."""
        entry = ClassCatalog(self.root, within=base.VersionedObject).entry_of(program.cls)
        assert entry.history is not None
        plan = compile_plan(entry.history, wanted, entry.history.version)
        schema = entry.history.schema(wanted).fields
        found = flows(plan, schema)
        if found is None:
            return None
        kept = {one.source: one for one in found if one.kept and one.source is not None}
        inputs = []
        for name, kind in schema.items():
            one = _input(program, name, kind, kept.get(name))
            if one is None:
                return None
            inputs.append(one)
        constants = tuple(
            Constant(program.by_name[one.name], one.constant)
            for one in found
            if one.kept and one.source is None and one.name in program.by_name
        )
        return tuple(inputs), constants


def _as_oslo_finds(root: VersionedClass, name: str, version: str) -> VersionedClass | None:
    try:
        return root.obj_class_from_name(name, version)
    except Exception:  # noqa: BLE001 - whatever it is, the Python executor will meet it
        return None


def _names(cls: VersionedClass) -> Iterator[str]:
    """What a polymorphic field compares its declared name with."""
    for parent in cls.__mro__:
        if hasattr(parent, "obj_name"):
            yield parent.obj_name()


def _as_they_are(program: ClassProgram) -> tuple[tuple[Input, ...], tuple[Constant, ...]] | None:
    types = types_of(program.cls)
    inputs = []
    for slot in program.slots:
        kind = sharpened(slot.kind)
        if not _holds_objects_plainly(slot, kind, types.get(slot.name)):
            return None
        inputs.append(Input(slot.key, slot=slot, kind=kind))
    return tuple(inputs), ()


def _input(program: ClassProgram, name: str, kind: WireType, flow: Flow | None) -> Input | None:
    """One field of an older version; None where values have to be looked at."""
    key: bytes = msgpack.packb(name)
    slot = None if flow is None else program.by_name.get(flow.name)
    if flow is None or slot is None:
        # Objects that are left out have to be readable all the same.
        return Input(key, stops=kind.child() is not None)
    made = sharpened(slot.kind)
    fills_only = all(one.code is Code.FILL_NULL for one in flow.operations)
    if not _holds_objects_plainly(slot, made, kind) or (made.holds_objects and not fills_only):
        return None
    operations = tuple((int(one.code), one.table) for one in flow.operations)
    return Input(key, slot=slot, kind=made, operations=operations)


def _holds_objects_plainly(slot: Slot, kind: Kind, wire: WireType | None) -> bool:
    """Whether each object in a value is read here, or the value can hold none."""
    if wire is None or wire.child() is None:
        return True
    if not slot.plain:
        return False
    inner: Kind | None = kind
    while inner is not None and inner.read in (native.READ_LIST, native.READ_DICT):
        inner = inner.element
    if inner is None or inner.read != native.READ_OBJECT:
        return False
    names = type(inner.field._type)._get_all_obj_names
    return names is fields.Object._get_all_obj_names


def sharpened(kind: Kind) -> Kind:
    """A kind as it is read from a payload."""
    if kind.element is None:
        return kind
    element = sharpened(kind.element)
    if kind.read == native.READ_SET:
        whole = element.read not in _SIMPLE
    else:
        whole = element.read == native.READ_CALL
    return _with_element(kind, native.READ_CALL if whole else kind.read, element)


def _with_element(kind: Kind, read: int, element: Kind) -> Kind:
    return Kind(
        write=kind.write,
        read=read,
        pack=kind.pack,
        nullable=kind.nullable,
        field=kind.field,
        element=element,
        choices=kind.choices,
        object_name=kind.object_name,
        polymorphic=kind.polymorphic,
    )


def _sees_owner(slot: Slot) -> bool:
    """Whether code of others runs while the field is read or set."""
    return not slot.plain or _calls(slot.kind)


def _calls(kind: Kind) -> bool:
    if kind.element is not None:
        return kind.read == native.READ_CALL or _calls(kind.element)
    return kind.read == native.READ_CALL and not _is_blind(kind.field)


def _is_blind(field: _AnyField) -> bool:
    """Whether the field's own code is oslo's, and its type's looks at nothing but the value."""
    kind = field._type
    code = (type(kind).coerce, type(kind).from_primitive)
    return (
        _BLIND_CODE.get(type(kind)) == code
        and all(getattr(type(field), name) is found for name, found in _FIELD_CODE.items())
        and not any(name in vars(one) for one in (field, kind) for name in _FIELD_CODE)
    )
