"""Whole objects: those of the benchmarks, of os-vif, and of generated classes."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oslo_versionedobjects import base

import vobj
from benchmarks.datasets import SETS
from tests.differential import os_vif_objects
from tests.differential.class_trees import ClassSpec, build
from tests.differential.compare import own_registry
from tests.differential.test_foreign_classes import PHASES, Project
from tests.differential.tree_strategies import objects, trees
from tests.native.decode_agreement import Readings, written
from vobj.testkit.classes import registered
from vobj.testkit.strategies import families, payloads, versions

SMALL = [name for name in SETS if "10000" not in name]
CASES = settings(
    suppress_health_check=list(HealthCheck),
    phases=PHASES,
    max_examples=settings.default.max_examples * 3 // 2,
)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("form", ["plain", "own"])
def test_the_data_sets_are_read(name: str, form: str) -> None:
    """Every object that speed is measured on takes the short way, unmodified or own."""
    one = SETS[name]
    obj = one.plain if form == "plain" else one.own
    Readings(one.base if form == "plain" else base.VersionedObject).taken(written(obj))


@pytest.mark.filterwarnings("ignore:Using class:PendingDeprecationWarning")
def test_every_class_of_os_vif_is_read() -> None:
    """Whole objects, partial ones and lists, at every version that a peer sends."""
    readings = Readings(os_vif_objects.ROOT)
    for name in os_vif_objects.all_classes():
        for at, share in enumerate((1.0, 0.7, 0.2)):
            obj = os_vif_objects.made(name, random.Random(f"{name}/{at}"), share)
            readings.taken(written(obj))
    assert readings.read >= 90


def test_generated_foreign_classes_are_read_as_by_python(
    record_property: Callable[[str, object], None],
) -> None:
    """Trees of classes with every field type, namespaces of their own, hooks and lists."""
    total = Readings()

    @settings(CASES)
    @given(st.data(), trees(), st.sampled_from((base.VersionedObject, Project)))
    def compare(
        data: st.DataObject, tree: tuple[ClassSpec, ...], root: type[base.VersionedObject]
    ) -> None:
        with own_registry():
            classes = build(tree, root)
            readings = Readings(root)
            for _ in range(3):
                obj = data.draw(objects(tree, classes, tree[-1].name)).make(classes)
                readings.agree(written(obj))
            assert readings.declined == 0
            total.read += readings.read

    compare()
    record_property("note", f"native decode: {total.read} objects of generated foreign classes")
    assert total.read > 300


def test_generated_own_classes_are_read_at_every_version(
    record_property: Callable[[str, object], None],
) -> None:
    """Payloads of all versions, as the old releases would have sent them, partial ones too."""
    total = Readings()

    @settings(CASES)
    @given(st.data(), families(max_versions=4))
    def compare(data: st.DataObject, family: object) -> None:
        with registered(family) as classes:  # type: ignore[arg-type]
            readings = Readings()
            codec = vobj.Codec("msgpack", executor="python")
            at = data.draw(versions(family))  # type: ignore[arg-type]
            for tree in (
                data.draw(payloads(family)),  # type: ignore[arg-type]
                data.draw(payloads(family, at)),  # type: ignore[arg-type]
            ):
                readings.agree(codec._wire.encode(tree))
            assert classes
            total.read += readings.read
            total.declined += readings.declined

    compare()
    record_property(
        "note",
        f"native decode: {total.read} objects of generated own classes, {total.declined} declined",
    )
    assert total.read > 200
