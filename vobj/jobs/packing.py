"""How objects are packed: the emitters of the packed wire.

Theory
    As in `vobj.jobs.writing`, for the same classes and targets; only the form differs. The fields
    of an object go by name, and what precedes them is the definition of its schema.
"""

from __future__ import annotations

from typing import Any

import msgpack
from oslo_versionedobjects import base

from vobj.changes import ABSENT
from vobj.errors import VobjError
from vobj.evolve import Scope, canonical
from vobj.history import Schema
from vobj.jobs.flows import Flow
from vobj.jobs.writing import Aim, Place, Way, operations, way, writing
from vobj.model import ClassCatalog
from vobj.model.histories import VersionedClass, is_own
from vobj.native.emitter import Output, PackedEmitter
from vobj.native.pack import Packing
from vobj.native.program import ClassProgram, class_program
from vobj.version import Version
from vobj.wires.packed import FORMAT, MAGIC
from vobj.wires.packed_values import SHORT_FORMS, PackedForm, packed_form

HEAD = bytes([MAGIC, FORMAT])


def stands_for(form: int, value: Any) -> Any:
    """The natural value that stands for a primitive in a position of a form."""
    if form == PackedForm.NATURAL or value is None:
        return value
    if type(value) is not str:
        return [value]
    short = SHORT_FORMS[PackedForm(form)].shorten(value)
    return value if short is None else short


def packing(catalog: ClassCatalog, aim: Aim | None) -> Packing:
    """What packs the objects of a catalog: at their own versions, or as `aim` asks."""
    scope = Scope(catalog)

    def tree_of(subject: base.VersionedObject) -> dict[str, Any]:
        if is_own(type(subject)):
            raise ValueError(subject)  # it has a schema, by which Python packs it
        return canonical(subject.obj_to_primitive(), scope)

    def resolve(cls: VersionedClass, place: Place | None) -> PackedEmitter | None:
        program = class_program(cls)
        if program is None or not program.writes or program.prefix != catalog.prefix:
            return None
        if not all(slot.plain for slot in program.slots):
            return None
        try:
            return _emitter(program, catalog, aim, place)
        except (VobjError, TypeError, ValueError):
            return None

    plain = writing(catalog, None) if aim is None else None

    def whole(subject: base.VersionedObject) -> Any:
        """A foreign object travels as its envelope, which is plain msgpack."""
        if plain is None or is_own(type(subject)):
            return NotImplemented
        envelope = plain.encode(subject)
        return envelope if envelope is NotImplemented else HEAD + envelope

    return Packing(resolve, tree_of, stands_for, whole)


def _emitter(
    program: ClassProgram, catalog: ClassCatalog, aim: Aim | None, place: Place | None
) -> PackedEmitter | None:
    entry = catalog.entry(program.object_name, program.version)
    found = catalog.class_for(program.object_name, program.version)
    if entry.history is None or found is not program.cls:
        return None
    version = Version.parse(program.version)
    target = version if aim is None else aim.target(entry, version, place)
    schema = entry.history.schema(version)
    if target is None or schema.fields.keys() != program.by_name.keys():
        return None
    made = way(entry, version, target, schema.fields)
    if made is None or any(_gives_short_form(flow, schema) for flow in made.flows):
        return None
    kept = by_name(made)
    before = {after: name for name, after in made.plan.names.items()}
    short, long = definitions(made.schema, str(target), program.namespace)
    return PackedEmitter(
        program,
        outputs=tuple(_output(program, flow, made, lowered=aim is not None) for flow in kept),
        dropped=tuple(
            _output(program, flow, made, lowered=True) for flow in made.flows if not flow.kept
        ),
        changed_as=tuple(before.get(flow.name) for flow in kept),
        namespace=program.namespace,
        short_definition=short,
        long_definition=long,
        lowered=aim is not None,
        registered=base.VersionedObjectRegistry.obj_classes().get(program.object_name),
    )


def _gives_short_form(flow: Flow, schema: Schema) -> bool:
    """Whether an operation gives a value inside which there are short forms."""
    return bool(flow.operations) and schema.fields[flow.source or ""].element is not None


def _output(program: ClassProgram, flow: Flow, made: Way, *, lowered: bool) -> Output:
    return Output(
        b"",
        slot=None if flow.source is None else program.by_name[flow.source],
        constant=packed_constant(made.schema, flow),
        operations=operations(flow),
        place=made.places.get(flow.name) if lowered else None,
    )


def by_name(made: Way) -> list[Flow]:
    """All fields of the target by name. One that nothing sets is a constant, `ABSENT`."""
    kept = {flow.name: flow for flow in made.flows if flow.kept}
    return [kept.get(name, Flow(name, None)) for name in sorted(made.schema.fields)]


def packed_constant(schema: Schema, flow: Flow) -> bytes | None:
    """A constant in the form of its field. Raises ValueError where that is not natural."""
    if flow.source is not None or flow.constant is ABSENT:
        return None
    kind = schema.fields[flow.name]
    value = flow.constant
    if kind.element is not None or kind.object_name is not None:
        if value is not None:
            raise ValueError(flow.name)
    else:
        value = stands_for(packed_form(kind.kind), value)
    written: bytes = msgpack.packb(value, use_bin_type=True, strict_types=True)
    return written


def definitions(schema: Schema, version: str, namespace: str) -> tuple[bytes, bytes]:
    """The definition without and with the namespace."""
    parts = [schema.object_name, version, bytes.fromhex(schema.fingerprint)]
    return msgpack.packb(parts), msgpack.packb([*parts, namespace])
