"""Packed payloads read by both executors, and how tests write them.

`Unpackings` is `Readings` for this wire: the same object, or declined. `packed_tree` packs every
class by its schema, also a foreign one, as another release that declares changes would.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import msgpack
from oslo_versionedobjects import base

import vobj
from tests.native.decode_agreement import Readings
from vobj.history import Schema
from vobj.jobs.unpacking import unpacking
from vobj.model import ClassCatalog, ClassSchemas
from vobj.wires import PackedWire


@dataclass
class Unpackings(Readings):
    """Reads packed payloads of a base with both executors, and holds one to the other."""

    def __post_init__(self) -> None:
        self.job = unpacking(ClassCatalog(self.root), self.limits)
        self.codec = vobj.Codec("packed", base=self.root, limits=self.limits, executor="python")


class _AllSchemas(ClassSchemas):
    """Packs every class whose schema is known, foreign ones too."""

    def written(self, name: str, version: str) -> Schema | None:
        try:
            return self.read(name, version)
        except vobj.VobjError:
            return None


def packed_tree(tree: dict[str, Any], root: type[Any] = base.VersionedObject) -> bytes:
    """An envelope, with all envelopes inside as arrays where their classes are known."""
    made: bytes = PackedWire(_AllSchemas(ClassCatalog(root))).encode(tree)
    return made


def packed_object(obj: base.VersionedObject, root: type[Any] = base.VersionedObject) -> bytes:
    """The same of an object."""
    return packed_tree(obj.obj_to_primitive(), root)


def outline(data: bytes) -> Any:
    """The msgpack value of a payload."""
    return msgpack.unpackb(data[2:], strict_map_key=False)


def payload(value: Any) -> bytes:
    """The payload of a msgpack value."""
    made: bytes = b"\xc1\x01" + msgpack.packb(value, use_bin_type=True)
    return made


def damaged(data: bytes, dice: random.Random) -> bytes:
    """Bytes changed, lost, put in or repeated, behind the two first."""
    made = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(2, max(3, len(made)))
        match dice.randrange(6):
            case 0:
                made[at] = dice.randrange(256)
            case 1:
                made[at] ^= 1 << dice.randrange(8)
            case 2:
                del made[at : at + dice.randrange(1, 9)]
            case 3:
                made[at:at] = dice.randbytes(dice.randrange(1, 5))
            case 4:
                other = dice.randrange(len(made))
                made[at:at] = made[other : other + dice.randrange(40)]
            case _:
                made[at] = dice.choice((0x80, 0x90, 0x93, 0xC0, 0xC3, 0xC4, 0xCC, 0xD9, 0xDC, 0xFF))
        if len(made) < 4:
            break
    return bytes(made)
