"""Every registered object of Nova gives the same, accelerated or not; run by `make nova`.

Usage: `python compare_objects.py [OBJECTS]` makes that many objects of each class, and prints what
was compared. It fails when anything differs.

Theory
    The same dice make the same objects twice, with oslo's code and with the tree accelerated. Each
    is copied, written at its own and at every older version, alone and with manifests, and read
    again. What came out is told in full, errors with their texts. Hooks that look something up in a
    database fail, and must fail alike.
"""

from __future__ import annotations

import logging
import random
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from nova import objects
from nova.objects.base import NovaObject
from oslo_versionedobjects import base

import vobj
from tests.accelerate.describing import outcome
from tests.differential.field_types import sample

DEPTH = 3


def classes() -> list[type[NovaObject]]:
    """All registered classes, in one order."""
    objects.register_all()
    registered = base.VersionedObjectRegistry.obj_classes()
    found = [cls for several in registered.values() for cls in several]
    return sorted(
        (cls for cls in found if issubclass(cls, NovaObject)),
        key=lambda cls: (cls.obj_name(), cls.VERSION),
    )


def built(cls: type[Any], dice: random.Random, depth: int = 0) -> Any:
    """An object with most of its fields set to what they take, or to something else."""
    made = cls()

    def child(name: str, subclasses: object) -> Any:
        known = base.VersionedObjectRegistry.obj_classes().get(name)
        return built(known[0], dice, depth + 1) if known and depth < DEPTH else None

    for name, field in cls.fields.items():
        if dice.random() < 0.8:
            value = sample(field, dice, child)
            try:
                setattr(made, name, value)
            except Exception:  # noqa: BLE001 - not every value fits, and hooks raise what they like
                continue
    if dice.random() < 0.5:
        made.obj_reset_changes(recursive=dice.random() < 0.5)
    return made


def older(version: str) -> Iterator[str]:
    """All versions of the same major, and one that does not exist yet."""
    major, minor = version.split(".")[:2]
    for one in range(int(minor) + 2):
        yield f"{major}.{one}"


def manifests(cls: type[Any], dice: random.Random) -> Iterator[dict[str, str]]:
    """The newest versions, all of 1.0, and one version of each chosen by dice."""
    try:
        newest = base.obj_tree_get_versions(cls.obj_name())
    except Exception:  # noqa: BLE001 - some trees name what is not registered
        newest = {cls.obj_name(): cls.VERSION}
    yield newest
    yield {name: f"{version.split('.')[0]}.0" for name, version in newest.items()}
    yield {name: dice.choice(list(older(version))[:-1]) for name, version in newest.items()}


def life(cls: type[Any], seed: str) -> Iterator[tuple[str, Any]]:
    """What becomes of one object."""
    dice = random.Random(seed)
    made: list[Any] = []
    yield "build", outcome(lambda: made.append(built(cls, dice)))
    if not made:
        return
    one = made[0]
    yield "object", outcome(lambda: one)
    yield "clone", outcome(one.obj_clone)
    yield "changed", outcome(one.obj_what_changed)
    for name in (*cls.fields, "no_such_field"):
        yield "is set", outcome(lambda name=name: one.obj_attr_is_set(name))
    nodes: list[Any] = []
    for target in (None, *older(one.VERSION)):
        for manifest in (None, *manifests(cls, dice)):
            yield (
                "write",
                outcome(
                    lambda target=target, manifest=manifest: (
                        nodes.append(one.obj_to_primitive(target, manifest)) or nodes[-1]
                    )
                ),
            )
    for node in nodes:
        yield "read", outcome(lambda node=node: NovaObject.obj_from_primitive(node, "context"))
    yield "reset", outcome(lambda: one.obj_reset_changes(recursive=True))
    yield "object", outcome(lambda: one)


def tell(line: str) -> None:
    """Prints a line."""
    sys.stdout.write(f"{line}\n")


def main(count: int = 6) -> int:
    """Compares, and says how much."""
    logging.disable()
    several = classes()
    lives = [(cls, f"{cls.obj_name()} {index}") for cls in several for index in range(count)]
    before = [list(life(cls, seed)) for cls, seed in lives]
    again = [list(life(cls, seed)) for cls, seed in lives]
    made = vobj.accelerate(NovaObject)
    during = [list(life(cls, seed)) for cls, seed in lives]
    report = made.report()
    made.undo()
    counts: Counter[str] = Counter()
    different = 0
    for (cls, seed), one, same, other in zip(lives, before, again, during, strict=True):
        if one != same:
            counts["left out: by chance"] += 1
            continue
        for (what, told), (_, now) in zip(one, other, strict=True):
            failed = isinstance(told[0], tuple) and told[0][0] == "raised"
            counts[f"{what}, an error" if failed else what] += 1
            if told != now:
                different += 1
                tell(f"{cls.obj_name()} {cls.VERSION}, {seed}, {what}:\n  {told}\n  {now}")
    native = sum(len(one.fields) for one in report.classes)
    tell(f"{len(several)} classes, {native} native fields, {len(lives)} objects: {dict(counts)}")
    tell(f"{different} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
