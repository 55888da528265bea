"""How packed payloads are brought to other versions from bytes to bytes.

Theory
    As in `vobj.jobs.changing`, for the same versions and targets. A payload whose fingerprint is
    not that of the schema here is read on the long way, where a resolver may know it.
"""

from __future__ import annotations

from typing import Any

from vobj.errors import VobjError
from vobj.history import WireType
from vobj.jobs.changing import Step, step, wire_kind
from vobj.jobs.flows import Code, Flow
from vobj.jobs.packing import by_name, definitions, packed_constant
from vobj.jobs.writing import Aim, Place, operations
from vobj.model import ClassCatalog
from vobj.native import program as native
from vobj.native.repack import Repacking
from vobj.native.repacks import PackedSource, PackedTarget, Repack


def repacking(catalog: ClassCatalog, aim: Aim | None) -> Repacking:
    """What brings packed payloads of a catalog to what `aim` asks, or without one to the newest."""

    def resolve(
        name: str, namespace: str, version: str, fingerprint: bytes, place: Place | None
    ) -> Repack | None:
        try:
            found = step(catalog, aim, name, version, place)
            if found is None or not _is_known(catalog, name, version, fingerprint):
                return None
            return _repack(found, namespace)
        except (VobjError, TypeError, ValueError):
            return None

    return Repacking(resolve, namespace=catalog.root.OBJ_PROJECT_NAMESPACE)


def _is_known(catalog: ClassCatalog, name: str, version: str, fingerprint: bytes) -> bool:
    history = catalog.entry(name, version).history
    return history is not None and history.schema(version).fingerprint == fingerprint.hex()


def _repack(found: Step, namespace: str) -> Repack | None:
    names = sorted(found.source)
    if any(_looks_at_short_form(flow, found.source) for flow in found.way.flows):
        return None
    numbers = {name: number for number, name in enumerate(names)}
    changed = set(found.way.plan.names.values())
    short, long = definitions(found.way.schema, found.target, namespace)
    return Repack(
        namespace=namespace,
        short_definition=short,
        long_definition=long,
        sources=tuple(_source(found, name) for name in names),
        targets=tuple(
            PackedTarget(
                constant=packed_constant(found.way.schema, flow),
                source=-1 if flow.source is None else numbers[flow.source],
                counted=flow.name in changed,
            )
            for flow in by_name(found.way)
        ),
        registered=found.registered,
        stays=found.stays,
    )


def _looks_at_short_form(flow: Flow, source: Any) -> bool:
    """Whether an operation would see, or give, something else than the natural value."""
    if flow.source is None or all(one.code in _STOPS for one in flow.operations):
        return False
    kind: WireType = source[flow.source]
    return kind.element is not None or wire_kind(kind).pack != native.PACK_NATURAL


_STOPS = (Code.STOP_IF_SET, Code.STOP_IF_ABSENT)


def _source(found: Step, name: str) -> PackedSource:
    flow = next((one for one in found.way.flows if one.source == name), None)
    return PackedSource(
        wire_kind(found.source[name]),
        kept=flow is not None and flow.kept,
        operations=() if flow is None else operations(flow),
        place=None if flow is None else found.way.places.get(flow.name),
    )
