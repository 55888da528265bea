"""The questions that are asked, and of which data sets."""

from __future__ import annotations

from collections.abc import Mapping

ENCODE = "encode"
DECODE = "decode"
ENCODE_OLDER = "encode for an older peer"
BACKPORT = "backport, bytes to bytes"
CONSTRUCT = "construct"
GET = "get a field"
SET = "set a field"
SET_CHECKED = "set a checked field"
CLONE = "clone"
TO_PRIMITIVE = "to primitive"
FROM_PRIMITIVE = "from primitive"
SIZE = "bytes on the wire"
MEMORY = "memory per object"
IMPORT = "import"

WIRE = (ENCODE, DECODE, ENCODE_OLDER, BACKPORT)
OBJECT = (CONSTRUCT, GET, SET, SET_CHECKED, CLONE, TO_PRIMITIVE, FROM_PRIMITIVE)
OLDER = (ENCODE_OLDER, BACKPORT)
ATTRIBUTES = (GET, SET, SET_CHECKED)

SERVER = "server"
SETTABLE = ("memory_mb", "name", "locked", "load")
CHECKED = ("uuid", "mac", "hypervisor")

ASKED: Mapping[str, tuple[str, ...]] = {
    SERVER: WIRE + OBJECT,
    "os-vif": WIRE,
    "list 1": WIRE,
    "list 100": WIRE,
    "list 10000": WIRE,
}
"""By data set; what is not named here is encoded and decoded."""


def asked_of(data: str) -> tuple[str, ...]:
    """The questions that a data set answers."""
    return ASKED.get(data, (ENCODE, DECODE))
