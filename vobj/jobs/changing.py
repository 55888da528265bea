"""How payloads are brought to other versions from bytes to bytes: the transforms of classes.

Theory
    A transform stands for `canonical(backport(...))`, or `canonical(upgrade(...))`, of one version
    of a class at one place. A class that is foreign, has converters on the way, or would raise, has
    none for that target; then the whole payload goes the long way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgpack
from oslo_versionedobjects import base

from vobj.errors import VobjError
from vobj.evolve import Envelope
from vobj.history import WireType
from vobj.jobs.flows import Flow
from vobj.jobs.writing import Aim, Place, Way, constant, operations, way
from vobj.model import ClassCatalog, VersionedClass
from vobj.native import program as native
from vobj.native.program import Kind
from vobj.native.transform import Source, Target, Transform, Transforming
from vobj.version import Version
from vobj.wires import packed_form

_WRITES = {
    "List": native.WRITE_LIST,
    "Set": native.WRITE_SET,
    "Dict": native.WRITE_DICT,
    "Object": native.WRITE_OBJECT,
}


def wire_kind(kind: WireType) -> Kind:
    """A wire type as the executor sees it where there is no field."""
    named = kind.kind if kind.element is not None or kind.object_name is not None else ""
    return Kind(
        write=_WRITES.get(named, native.WRITE_SAME),
        read=native.READ_CALL,
        pack=packed_form(kind.kind),
        nullable=True,
        element=None if kind.element is None else wire_kind(kind.element),
        object_name=kind.object_name,
        polymorphic=kind.polymorphic,
    )


def transforming(catalog: ClassCatalog, aim: Aim | None) -> Transforming:
    """What brings payloads of a catalog to what `aim` asks, or, without one, to the newest."""
    key = Envelope.of(catalog.prefix).key

    def resolve(name: str, namespace: str, version: str, place: Place | None) -> Transform | None:
        try:
            return _transform(catalog, aim, name, namespace, version, place)
        except (VobjError, TypeError, ValueError):
            return None

    keys = tuple(msgpack.packb(key(part)) for part in ("name", "namespace", "version", "data"))
    return Transforming(resolve, keys=keys, namespace=catalog.root.OBJ_PROJECT_NAMESPACE)


class Step(NamedTuple):
    """A class at one version, on the way to another. stays: it is upgraded, and is the newest."""

    name: str
    source: Mapping[str, WireType]
    target: str
    way: Way
    registered: list[VersionedClass]
    stays: bool


def step(
    catalog: ClassCatalog, aim: Aim | None, name: str, version: str, place: Place | None
) -> Step | None:
    """What a payload of a name and version goes through, or None. Raises VobjError."""
    entry, source = catalog.entry(name, version), Version.parse(version)
    registered = base.VersionedObjectRegistry.obj_classes().get(entry.name)
    if entry.history is None or registered is None:
        return None
    newest = entry.history.version
    target: Version | None = source if source.xy == newest.xy else newest
    if aim is not None:
        target = aim.target(entry, source, place)
    if target is None:
        return None
    fields = entry.history.schema(source).fields
    made = way(entry, source, target, fields)
    if made is None or (made.plan.upward and _drops_objects(made, fields)):
        return None
    stays = aim is None and target is source
    return Step(entry.name, fields, str(target), made, registered, stays)


def _transform(
    catalog: ClassCatalog,
    aim: Aim | None,
    name: str,
    namespace: str,
    version: str,
    place: Place | None,
) -> Transform | None:
    found = step(catalog, aim, name, version, place)
    if found is None:
        return None
    key = Envelope.of(catalog.prefix).key
    head = (key("name"), name, key("namespace"), namespace, key("version"))
    return Transform(
        head=b"".join(map(msgpack.packb, head)),
        version=msgpack.packb(found.target),
        data_key=msgpack.packb(key("data")),
        changes_key=msgpack.packb(key("changes")),
        sources=_sources(found.way, found.source),
        targets=_targets(found.way, found.source),
        changes=_changes(found.way, found.source),
        registered=found.registered,
        stays=found.stays,
    )


def _drops_objects(made: Way, fields: Mapping[str, WireType]) -> bool:
    """Whether an upgrade leaves out objects, which have to be readable all the same."""
    kept = {flow.source for flow in made.flows if flow.kept}
    return any(kind.child() is not None and name not in kept for name, kind in fields.items())


def _kept(made: Way) -> list[Flow]:
    return [flow for flow in made.flows if flow.kept]


def _sources(made: Way, fields: Mapping[str, WireType]) -> tuple[Source, ...]:
    by_source = {flow.source: (flow, at) for at, flow in enumerate(_kept(made))}
    dropped = {flow.source: flow for flow in made.flows if not flow.kept}
    found = []
    for name, kind in fields.items():
        flow, at = by_source.get(name) or (dropped.get(name), -1)
        found.append(
            Source(
                msgpack.packb(name),
                wire_kind(kind),
                output=at,
                operations=() if flow is None else operations(flow),
                place=None if flow is None else made.places.get(flow.name),
            )
        )
    return tuple(found)


def _targets(made: Way, fields: Mapping[str, WireType]) -> tuple[Target, ...]:
    index = {name: at for at, name in enumerate(fields)}
    return tuple(
        Target(
            msgpack.packb(flow.name),
            constant=constant(flow),
            source=-1 if flow.source is None else index[flow.source],
            moved=flow.moved,
        )
        for flow in _kept(made)
    )


def _changes(made: Way, fields: Mapping[str, WireType]) -> tuple[tuple[int, bytes], ...]:
    """Of each field that may be among the changes: its place in the source, its name after."""
    index = {name: at for at, name in enumerate(fields)}
    kept = {flow.name for flow in _kept(made)}
    before = {after: name for name, after in made.plan.names.items()}
    return tuple(
        (index[before[name]], msgpack.packb(name))
        for name in made.schema.fields
        if name in before and name in kept
    )
