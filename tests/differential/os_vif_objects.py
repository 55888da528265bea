"""Objects of every class of os-vif, and what its peers of any age speak."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any

import os_vif.objects
from os_vif.objects.base import VersionedObject
from oslo_versionedobjects import base

from tests.differential.field_types import sample
from vobj.version import Version

os_vif.objects.register_all()

ROOT = VersionedObject


def all_classes() -> dict[str, type[base.VersionedObject]]:
    """The newest class of every name that os-vif registers."""
    registered = base.VersionedObjectRegistry.obj_classes().items()
    return {
        name: classes[0] for name, classes in sorted(registered) if issubclass(classes[0], ROOT)
    }


def older(version: str) -> list[str]:
    """Every version up to this one: 1.0, 1.1, ..."""
    newest = Version.parse(version)
    return [f"{newest.major}.{minor}" for minor in range(newest.minor + 1)]


def made(name: str, dice: random.Random, share: float) -> base.VersionedObject:
    """An object with about this share of its fields set, at every depth."""
    cls = all_classes()[name]
    obj = cls()
    for at, held in cls.fields.items():
        if dice.random() < share:
            setattr(obj, at, sample(held, dice, lambda *child: _child(*child, dice, share)))
    if dice.random() < 0.3:
        obj.obj_reset_changes(recursive=dice.random() < 0.5)
    return obj


def _child(
    declared: str, subclasses: object, dice: random.Random, share: float
) -> base.VersionedObject:
    classes = all_classes()
    names = [
        name
        for name, cls in classes.items()
        if name == declared or (subclasses and issubclass(cls, classes[declared]))
    ]
    return made(dice.choice(names), dice, share)


def manifests(name: str) -> Iterator[Mapping[str, str]]:
    """The class at each of its versions, with all it may hold at each of theirs.

    All combinations are tried of the names that the fields declare; the classes that may stand in
    for one of them follow it, as far as they have such a version.
    """
    tree = base.obj_tree_get_versions(name)
    for versions in itertools.product(*(older(version) for version in tree.values())):
        chosen: dict[str, str] = dict(zip(tree, versions, strict=True))
        yield {**_heirs(chosen), **chosen}


def _heirs(chosen: Mapping[str, str]) -> dict[str, str]:
    classes = all_classes()
    found: dict[str, Any] = {}
    for declared, version in chosen.items():
        for name, cls in classes.items():
            if name != declared and issubclass(cls, classes[declared]):
                found[name] = min(version, cls.VERSION)
    return found
