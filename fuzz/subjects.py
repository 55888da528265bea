"""What is read: bases, objects of their classes, and what their peers of any age speak."""

from __future__ import annotations

import importlib.util
import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oslo_versionedobjects import base
from oslo_versionedobjects.exception import VersionedObjectsException

from benchmarks.datasets import fleet, growth, server
from fuzz import classes
from tests.differential import os_vif_objects
from tests.differential.field_types import sample
from vobj import Codec, Manifest
from vobj.errors import VobjError

_EXAMPLES = Path(__file__).parent.parent / "examples"
_MANIFESTS = 6
_SHARES = (0.15, 0.5, 1.0)

Target = str | Mapping[str, str]


@dataclass(frozen=True)
class Base:
    """A tree of classes. mark: bytes that are in every payload of it, and of no other base."""

    root: type[base.VersionedObject]
    mark: bytes
    objects: tuple[base.VersionedObject, ...]
    targets: tuple[Target, ...]


def bases() -> tuple[Base, Base]:
    """oslo's base with all classes that are not os-vif's, and os-vif's; the same in every run."""
    mine = _mine()
    vifs = _vifs()
    return (
        Base(base.VersionedObject, b"versionedobjects", mine, _targets(mine)),
        Base(os_vif_objects.ROOT, b"os_vif", vifs, _targets(vifs)),
    )


def seeds(one: Base, wire: str) -> Iterator[bytes]:
    """Payloads of the objects of a base, at their versions and at older ones."""
    codec = Codec(wire, base=one.root, executor="python")
    dice = random.Random(1)
    for obj in one.objects:
        yield codec.encode(obj)
        for target in dice.sample(one.targets, 2):
            try:
                yield codec.encode(obj, to=target)
            except (VobjError, VersionedObjectsException):
                continue  # there is no such older version, or its hook says so


def _mine() -> tuple[base.VersionedObject, ...]:
    dice = random.Random(20170222)
    drawn = [_drawn(cls, dice, share) for cls in classes.MADE for share in _SHARES]
    release = _release()
    return (
        server.PLAIN.build(),
        server.DATED.build(),
        fleet.plain(2),
        fleet.dated(2),
        growth.of_fields(8),
        growth.of_depth(4),
        release.web(),
        release.database(),
        *drawn,
    )


def _drawn(cls: type[base.VersionedObject], dice: random.Random, share: float) -> Any:
    def child(name: str, subclasses: object) -> base.VersionedObject:
        found = base.VersionedObjectRegistry.obj_classes()[name][0]
        if subclasses and name == "OwnPart" and dice.random() < 0.5:
            found = classes.OwnSpecialPart
        return _drawn(found, dice, share / 3)

    made = cls()
    for name, field in cls.fields.items():
        if dice.random() < share:
            setattr(made, name, sample(field, dice, child))
    if dice.random() < 0.3:
        made.obj_reset_changes(recursive=True)
    return made


def _vifs() -> tuple[base.VersionedObject, ...]:
    dice = random.Random(2017)
    names = os_vif_objects.all_classes()
    drawn = [os_vif_objects.made(name, dice, share) for name in names for share in (0.3, 0.9)]
    samples = _loaded("os_vif", "objects").SAMPLES
    return (*(make() for make in samples.values()), *drawn)


def _release() -> Any:
    return _loaded("rolling_upgrade/release_2", "node", beside="nodes")


def _loaded(folder: str, name: str, beside: str | None = None) -> Any:
    """A module of an example, which imports its neighbours by their plain names."""
    ways = [str(_EXAMPLES / one) for one in (folder, beside) if one is not None]
    before = set(sys.modules)
    sys.path[:0] = ways
    try:
        spec = importlib.util.spec_from_file_location(
            f"fuzz_example_{name}", _EXAMPLES / folder / f"{name}.py"
        )
        assert spec is not None
        assert spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
    finally:
        del sys.path[: len(ways)]
        for new in {"objects", "store", "keeper", "object_tree"} - before:
            sys.modules.pop(new, None)
    return made


def _targets(objects: tuple[base.VersionedObject, ...]) -> tuple[Target, ...]:
    """Manifests of peers of all ages, some that do not know every class, and bare versions."""
    dice = random.Random(5)
    versions: dict[str, str] = {}
    for obj in objects:
        versions.update(Manifest.of(type(obj)).to_dict())
    made: list[Target] = ["1.0", "1.1", "2.0", dict(versions), dict.fromkeys(versions, "1.0")]
    made += (
        {name: _older(version, dice) for name, version in versions.items()}
        for _ in range(_MANIFESTS)
    )
    for _ in range(_MANIFESTS):
        known = [name for name in versions if dice.random() < 0.9]
        made.append({name: _older(versions[name], dice) for name in known})
    return tuple(made)


def _older(version: str, dice: random.Random) -> str:
    major, minor = version.split(".")[:2]
    return f"{major}.{dice.randint(0, int(minor))}"
