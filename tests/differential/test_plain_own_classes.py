"""Own classes without changes cannot be told from oslo's: each is compared with an oslo twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oslo_versionedobjects import base

import vobj
from tests.differential.class_trees import ClassSpec, build
from tests.differential.compare import (
    WIRES,
    Outcome,
    by_meaning,
    described,
    disagreement,
    own_registry,
    sent,
)
from tests.differential.test_foreign_classes import PHASES
from tests.differential.tree_strategies import Values, objects, trees
from vobj.codec import Codec

FLOOR = 500
TREES = settings.default.max_examples * 2
OBJECTS = 2
PEERS = 4

# Trees of which oslo backports all children, as vobj does, and by the name of their own class. Of a
# list object it reaches the elements only.
ALIKE = ("object", "maybe object", "objects")
ALIKE_TREES = trees(hooks=False, shapes=ALIKE).filter(
    lambda tree: not any(spec.lists and spec.children for spec in tree)
)
Trees = tuple[ClassSpec, ...]


def _explained(spec: ClassSpec) -> dict[str, Any]:
    return {"history": [vobj.NoChange(f"1.{minor}") for minor in range(1, spec.minor + 1)]}


def _own(tree: Trees) -> Mapping[str, type[base.VersionedObject]]:
    return build(tree, vobj.VersionedObject, _explained)


def _twins(tree: Trees) -> Mapping[str, type[base.VersionedObject]]:
    return build(tree, base.VersionedObject)


@st.composite
def _manifests(draw: Callable[..., Any], tree: Trees) -> dict[str, str]:
    return {spec.name: f"1.{draw(st.integers(0, spec.minor))}" for spec in tree}


def _read(read: Callable[[], base.VersionedObject]) -> Outcome:
    return Outcome.of(lambda: described(read()))


def _as_oslo(tree: Trees, values: Values, to: Mapping[str, str] | None) -> tuple[Any, Outcome]:
    """What oslo sends of the twin, and the object it reads from what it sent."""
    with own_registry():
        twin = values.make(_twins(tree))
        payload = twin.obj_to_primitive() if to is None else sent(twin, to)
        return payload, _read(lambda: base.VersionedObject.obj_from_primitive(payload))


def _check_current(tree: Trees, values: Values) -> None:
    """At the version of the class: payloads, and what is read from them, are equal."""
    payload, read = _as_oslo(tree, values, None)
    with own_registry():
        obj = values.make(_own(tree))
        meaning = by_meaning(payload, base.VersionedObject)
        assert by_meaning(obj.obj_to_primitive(), base.VersionedObject) == meaning
        again = _read(lambda: base.VersionedObject.obj_from_primitive(payload))
        assert disagreement(read, again) is None
        for wire, (dump, load) in WIRES.items():
            codec = Codec(wire)
            data = codec.encode(obj)
            expected = by_meaning(load(dump(payload)), base.VersionedObject)
            assert by_meaning(load(data), base.VersionedObject) == expected
            again = _read(lambda codec=codec, dump=dump: codec.decode(dump(payload)))
            assert disagreement(read, again) is None
            if read.error is None:
                assert codec.encode(codec.decode(data)) == data


def _check_older(tree: Trees, values: Values, to: Mapping[str, str]) -> None:
    """For an older peer: payloads are equal, from objects and from bytes."""
    payload, read = _as_oslo(tree, values, to)
    with own_registry():
        obj = values.make(_own(tree))
        for wire, (dump, load) in WIRES.items():
            codec = Codec(wire)
            expected = Outcome(by_meaning(load(dump(payload)), base.VersionedObject))
            data = codec.encode(obj, to=to)
            got = Outcome(by_meaning(load(data), base.VersionedObject))
            told = disagreement(expected, got)
            assert told is None, f"encode to {to}, {wire}\n{told}"
            if read.error is None:
                assert codec.backport(codec.encode(obj), to=to) == data


def test_plain_own_classes_give_what_oslo_gives(
    record_property: Callable[[str, object], None],
) -> None:
    """An own class without changes gives and reads the payloads of a plain oslo class."""
    seen: set[str] = set()

    @settings(max_examples=TREES, suppress_health_check=list(HealthCheck), phases=PHASES)
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        older = data.draw(st.booleans())
        tree = data.draw(ALIKE_TREES if older else trees(hooks=False))
        with own_registry():
            strategy = objects(tree, _twins(tree), tree[-1].name)
        for _ in range(OBJECTS):
            values = data.draw(strategy)
            _check_current(tree, values)
            seen.add(repr((tree, values)))
            for _ in range(PEERS if older else 0):
                to = data.draw(_manifests(tree))
                _check_older(tree, values, to)
                seen.add(repr((tree, values, to)))

    compare()
    record_property(
        "note", f"plain own classes against oslo: {len(seen)} different (class, object, peer) cases"
    )
    assert len(seen) >= FLOOR
