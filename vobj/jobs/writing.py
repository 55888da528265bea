"""How objects are written: the emitters of classes, at their own version or for an older peer.

Theory
    An emitter stands for `canonical(backport(obj_to_primitive()))` of one class at one place. What
    an object inside is sent at is asked of the same functions that the Python executor asks, so
    policies, manifests and `ChildVersions` have one meaning. A class that is foreign, has
    converters on the way, or would raise, has no emitter for that target.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgpack
from oslo_versionedobjects import base

from vobj.errors import VobjError
from vobj.evolve import Envelope, Goal, Scope, canonical
from vobj.evolve.backport import DROPPED, Holder, child_target, top_target
from vobj.evolve.catalog import Entry
from vobj.history import Schema, WireType
from vobj.jobs.flows import Code, Flow, flows
from vobj.model import ClassCatalog
from vobj.model.histories import VersionedClass
from vobj.native.emitter import Emitter, Output
from vobj.native.encode import Writing
from vobj.native.program import ClassProgram, class_program
from vobj.plan import ChildStep, Plan, compile_plan
from vobj.version import Version


class Place(NamedTuple):
    """Where an object stands: in a field of an object that is sent at some version."""

    child: ChildStep
    holder: Holder

    def __hash__(self) -> int:
        return hash((self.child.field, self.holder))


class Aim(NamedTuple):
    """What is asked of every object of a payload."""

    goal: Goal
    scope: Scope

    def target(self, entry: Entry, version: Version, place: Place | None) -> Version | None:
        """The version an object is sent at; None when the Python executor has to say."""
        try:
            if place is None:
                found = top_target(entry, version, self.goal, self.scope)
            else:
                found = child_target(
                    place.child, entry, version, place.holder, self.goal, self.scope
                )
            if entry.history is None or found is DROPPED:
                return None
            entry.history.check_supported(found)
        except VobjError:
            return None
        return found


class Way(NamedTuple):
    """How the data of one version becomes that of another."""

    plan: Plan
    flows: tuple[Flow, ...]
    schema: Schema
    places: Mapping[str, Place]


def way(
    entry: Entry, source: Version, target: Version, names: Mapping[str, WireType]
) -> Way | None:
    """From one version of a class to another without looking at values, or None."""
    assert entry.history is not None
    plan = compile_plan(entry.history, source, target)
    found = flows(plan, names)
    if found is None:
        return None
    holder = Holder(entry.name, target)
    places = {
        (child.newer if plan.upward else child.field): Place(child, holder)
        for child in plan.children
    }
    for flow in found:
        if flow.name in places and any(one.code not in _STOPS for one in flow.operations):
            return None
    return Way(plan, found, entry.history.schema(target), places)


_STOPS = (Code.STOP_IF_SET, Code.STOP_IF_ABSENT)


def constant(flow: Flow) -> bytes | None:
    """The msgpack of a flow that has no source; raises TypeError, ValueError for what has none."""
    if flow.source is not None:
        return None
    written: bytes = msgpack.packb(flow.constant, use_bin_type=True, strict_types=True)
    return written


def operations(flow: Flow) -> tuple[tuple[int, tuple[Any, ...]], ...]:
    """The operations of a flow as the executor takes them."""
    return tuple((int(code), table) for code, table in flow.operations)


def writing(catalog: ClassCatalog, aim: Aim | None) -> Writing:
    """What writes the objects of a catalog: at their own versions, or as `aim` asks."""
    scope = Scope(catalog)

    def tree_of(subject: base.VersionedObject) -> dict[str, Any]:
        return canonical(subject.obj_to_primitive(), scope)

    def resolve(cls: VersionedClass, place: Place | None) -> Emitter | None:
        program = class_program(cls)
        if program is None or not program.writes or program.prefix != catalog.prefix:
            return None
        if not all(slot.plain for slot in program.slots):
            return None
        if aim is None:
            return _plain(program)
        return _lowered(program, catalog, aim, place)

    return Writing(resolve, tree_of)


def _plain(program: ClassProgram) -> Emitter:
    outputs = tuple(Output(slot.key, slot=slot) for slot in program.slots)
    changes = tuple((slot.index, slot.name, slot.key) for slot in program.slots)
    return _emitter(program, outputs, (), changes, None)


def _lowered(
    program: ClassProgram, catalog: ClassCatalog, aim: Aim, place: Place | None
) -> Emitter | None:
    try:
        entry = catalog.entry(program.object_name, program.version)
        found = catalog.class_for(program.object_name, program.version)
    except VobjError:
        return None
    if entry.history is None or found is not program.cls:
        return None
    version = Version.parse(program.version)
    target = aim.target(entry, version, place)
    schema = entry.history.schema(version).fields
    if target is None or schema.keys() != program.by_name.keys():
        return None
    made = way(entry, version, target, {name: schema[name] for name in program.by_name})
    if made is None:
        return None
    try:
        outputs = tuple(_output(program, flow, made) for flow in made.flows if flow.kept)
        dropped = tuple(_output(program, flow, made) for flow in made.flows if not flow.kept)
    except (TypeError, ValueError):
        return None
    return _emitter(program, outputs, dropped, _changes(made), str(target))


def _output(program: ClassProgram, flow: Flow, made: Way) -> Output:
    return Output(
        msgpack.packb(flow.name),
        slot=None if flow.source is None else program.by_name[flow.source],
        constant=constant(flow),
        operations=operations(flow),
        place=made.places.get(flow.name),
    )


def _changes(made: Way) -> tuple[tuple[int, str, bytes], ...]:
    """Of each field that may be among the changes: its output, its name before and after."""
    index = {flow.name: at for at, flow in enumerate(one for one in made.flows if one.kept)}
    before = {after: name for name, after in made.plan.names.items()}
    return tuple(
        (index[name], before[name], msgpack.packb(name))
        for name in made.schema.fields
        if name in before and name in index
    )


def _emitter(
    program: ClassProgram,
    outputs: tuple[Output, ...],
    dropped: tuple[Output, ...],
    changes: tuple[tuple[int, str, bytes], ...],
    version: str | None,
) -> Emitter:
    key = Envelope.of(program.prefix).key
    head = (key("name"), program.object_name, key("namespace"), program.namespace, key("version"))
    registered = None
    if version is not None:
        registered = base.VersionedObjectRegistry.obj_classes().get(program.object_name)
    return Emitter(
        program,
        outputs=outputs,
        dropped=dropped,
        changes=changes,
        head=b"".join(map(msgpack.packb, head)),
        version=None if version is None else msgpack.packb(version),
        data_key=msgpack.packb(key("data")),
        changes_key=msgpack.packb(key("changes")),
        registered=registered,
    )
