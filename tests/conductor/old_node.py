"""A node of the old release in a process of its own, told over its standard input what to do.

Each line is a JSON list of a number and Python. The Python runs in one namespace, where `boat` is
the class of the old release; the value of `answer`, or what was raised, comes back under the
number.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import fleet_2017
from oslo_versionedobjects import base

from vobj.errors import VobjError


def tell(value: Any) -> Any:
    """Objects as what they show to the old release."""
    if isinstance(value, base.VersionedObject):
        shown = {name: tell(getattr(value, name)) for name in value.fields
                 if value.obj_attr_is_set(name)}  # fmt: skip
        return {"version": value.VERSION, "changes": sorted(value.obj_what_changed()), **shown}
    if isinstance(value, dict):
        return {key: tell(one) for key, one in value.items()}
    if isinstance(value, list | tuple | base.ObjectListBase):
        return [tell(one) for one in value]
    return value


def failure(error: Exception) -> dict[str, Any]:
    """What a test wants to know of an exception."""
    told: dict[str, Any] = {
        "classes": [one.__name__ for one in type(error).__mro__],
        "text": str(error),
    }
    if isinstance(error, VobjError):
        told |= {
            "rule": error.rule,
            "path": list(error.path),
            "object": error.object_name,
            "exception": getattr(error, "exception", None),
            "manifest": getattr(error, "manifest", None),
        }
    return told


def main() -> None:
    names: dict[str, Any] = {"Boat": fleet_2017.FleetBoat, "Bunk": fleet_2017.FleetBunk,
                             "Fleet": fleet_2017.Fleet}  # fmt: skip
    for line in sys.stdin:
        number, code = json.loads(line)
        names["answer"] = None
        try:
            exec(code, names)
            told = {"answer": tell(names["answer"])}
        except Exception as error:  # noqa: BLE001 - the test asks what was raised
            told = {"error": failure(error)}
        sys.stdout.write(json.dumps([number, told]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
