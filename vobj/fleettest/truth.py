"""What is true of a server at each release, in plain Python.

Theory
    Written by hand from the releases' own sources and without vobj, so that it can be compared with
    what vobj makes of them. A row is what is stored: the fields of release 2. `seal` is drawn from
    what release 1 sees of a row and `full_seal` from all of it, and both travel in the object as
    ordinary fields: a reader of either release finds out whether all that it reads is from one
    moment, without asking anybody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]


class UnknownField(Exception):
    """A release does not know a field."""


STATES = ("active", "building", "suspended", "error")
SINCE_2 = ("owner", "wear")
"""What only release 2 knows: a field of a server, and one of its disks."""

_PAUSED, _SUSPENDED = "paused", "suspended"


def first_row(uuid: str, number: int) -> Row:
    """A server as it is before anything happens to it."""
    row = {
        "uuid": uuid, "name": f"server-{number}", "memory_mb": 512 + number, "state": "active",
        "engine": "steam", "note": None, "owner": f"owner-{number}", "runs": 0,
        "disks": [{"number": one, "size": 10 * one, "label": f"disk-{one}", "wear": one + number}
                  for one in range(3)],
    }  # fmt: skip
    return sealed(row)


def seen_at_1(row: Mapping[str, Any]) -> Row:
    """What release 1 sees of a row, without the seal."""
    return {
        "uuid": row["uuid"],
        "name": row["name"],
        "ram": row["memory_mb"],
        "state": _PAUSED if row["state"] == _SUSPENDED else row["state"],
        "engine": row["engine"],
        "note": row["note"],
        "runs": row["runs"],
        "disks": [{name: disk[name] for name in ("number", "size", "label")}
                  for disk in row["disks"]],
    }  # fmt: skip


def seen_at_2(row: Mapping[str, Any]) -> Row:
    """What release 2 sees of a row, without the seals."""
    return {name: value for name, value in row.items() if name not in ("seal", "full_seal")}


def sealed(row: Mapping[str, Any]) -> Row:
    """The row with the seals that it should have."""
    return {**row, "seal": seal(seen_at_1(row)), "full_seal": seal(seen_at_2(row))}


def seal(seen: Mapping[str, Any]) -> str:
    """A digest of what one release sees."""
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:24]


def edited(row: Mapping[str, Any], edit: Mapping[str, Any]) -> Row:
    """The row after an edit, with new seals.

    edit: `field` and `value` as release 2 has them, `disk` for a field of a disk; or `runs` to add.
    """
    made = {**row, "disks": [dict(one) for one in row["disks"]]}
    if edit["field"] == "runs":
        made["runs"] += edit["value"]
    elif edit.get("disk") is None:
        made[edit["field"]] = edit["value"]
    else:
        next(one for one in made["disks"] if one["number"] == edit["disk"])[edit["field"]] = edit[
            "value"
        ]
    return sealed(made)


def at_1(edit: Mapping[str, Any]) -> Row:
    """An edit as release 1 has it."""
    made = dict(edit)
    if edit["field"] == "memory_mb":
        made["field"] = "ram"
    elif edit["field"] == "state":
        for one in ("value", "or"):
            made[one] = _PAUSED if edit[one] == _SUSPENDED else edit[one]
    return made


def make(server: Any, edit: Mapping[str, Any]) -> bool:
    """Make an edit on an object, in the words of its release; whether it took the other value.

    An edit that sets what is there is none: where values are few it has another one, `or`. Raises
    UnknownField.
    """
    target = server
    if edit.get("disk") is not None:
        target = next(one for one in server.disks if one.number == edit["disk"])
    name, value = edit["field"], edit["value"]
    if name not in target.fields:
        raise UnknownField(name)
    other = "or" in edit and getattr(target, name) == value
    setattr(target, name, edit["or"] if other else value)
    return other


def decided(edit: Mapping[str, Any], *, other: bool) -> Row:
    """An edit with the value that was taken."""
    made = {name: value for name, value in edit.items() if name != "or"}
    return {**made, "value": edit["or"]} if other else made
