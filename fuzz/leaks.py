"""`python -m fuzz.leaks`: does everything again and again, and says what stays in memory."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import sys
from functools import partial
from typing import Any

from oslo_versionedobjects import base

from fuzz import classes, drawn, subjects
from fuzz.counting import Step, check
from fuzz.oracle import Finding
from fuzz.quiet import quiet
from fuzz.targets import TARGETS
from vobj import Codec

_DAMAGED = 600


def watched() -> dict[str, object]:
    """The objects whose references are counted."""
    found: dict[str, object] = {"None": None, "True": True, "an empty tuple": ()}
    for cls in classes.MADE:
        found[cls.__name__] = cls
        for name, field in cls.fields.items():
            found[f"{cls.__name__}.{name}"] = field
            for text in (name, f"_obj_{name}"):
                found[f"the text {text}"] = sys.intern(text)
    return found


def steps() -> dict[str, list[Step]]:
    """What is done again and again, by name."""
    mine, vifs = subjects.bases()
    found: dict[str, list[Step]] = {
        "objects": [step for obj in mine.objects for step in _object_steps(obj)],
    }
    for wire in ("msgpack", "packed"):
        for one in (mine, vifs):
            codec = Codec(wire, base=one.root)
            name = f"{wire} {one.mark.decode()}"
            found[f"{name} encode"] = [partial(codec.encode, obj) for obj in one.objects]
            found[f"{name} encode older"] = [
                partial(codec.encode, obj, to=to) for obj in one.objects for to in one.targets
            ]
            payloads = list(subjects.seeds(one, wire))
            found[f"{name} decode"] = [partial(codec.decode, data) for data in payloads]
            found[f"{name} change"] = [
                *(partial(codec.upgrade, data) for data in payloads),
                *(partial(codec.backport, data, to=to) for data in payloads for to in one.targets),
            ]
        for does in ("decode", "change"):
            target = TARGETS[f"{wire}-{does}"]()
            damaged = itertools.islice(drawn.inputs(target, seed=7), _DAMAGED)
            found[f"{wire} damaged, {does}"] = [partial(target, data) for data in damaged]
    return found


def _object_steps(obj: base.VersionedObject) -> list[Step]:
    """Objects made, read, written, copied and compared; attributes refused."""
    cls = type(obj)
    values = {name: getattr(obj, name) for name in cls.fields if obj.obj_attr_is_set(name)}

    def handled() -> None:
        made = cls(**values)
        for name, value in values.items():
            setattr(made, name, value)
            with contextlib.suppress(Exception):
                setattr(made, name, handled)
            getattr(made, name)
        with contextlib.suppress(Exception):
            _ = made.no_such_field
        made.obj_what_changed()
        made.obj_reset_changes(recursive=True)

    def copied() -> Any:
        return obj.obj_clone()

    def there_and_back() -> Any:
        return cls.obj_from_primitive(obj.obj_to_primitive())

    return [handled, copied, there_and_back]


def main() -> int:
    """Check them all; 1 when something stays in memory."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.leaks", description=__doc__)
    parser.add_argument("--calls", type=int, default=200_000, help="calls, over everything")
    options = parser.parse_args()
    quiet()
    everything = steps()
    kept = watched()
    failed = False
    for name, todo in everything.items():
        try:
            print(check(name, todo, options.calls // len(everything), kept), flush=True)
        except Finding as finding:
            failed = True
            print(f"LEAK {finding}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
