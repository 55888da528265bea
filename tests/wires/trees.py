"""Trees as payloads hold them, ways to damage their bytes, and an independent count and depth."""

from __future__ import annotations

import datetime
from typing import Any

import netaddr
from hypothesis import strategies as st
from oslo_serialization import jsonutils, msgpackutils

from vobj.errors import RemoteError
from vobj.wires import DEFAULT_LIMITS, Limits, Wire, standard_wires

WIRES = standard_wires(json=jsonutils, msgpack=msgpackutils)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_json_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    text,
    st.sampled_from(['[{"', "\\", '\\"', "]}", "{}", "[],", '"[[']),
)
_hashable = st.one_of(
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.dates(datetime.date(1000, 1, 1)),
    st.uuids(),
    st.integers(0, 2**32 - 1).map(netaddr.IPAddress),
)
_msgpack_scalars = st.one_of(
    _json_scalars,
    _hashable,
    st.binary(max_size=40),
    st.sets(st.one_of(st.integers(0, 9), text, _hashable), max_size=3),
    st.frozensets(st.one_of(st.integers(0, 9), text, _hashable), max_size=3),
)


def _nested(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    parts = st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(text, inner, max_size=5),
        max_leaves=12,
    )
    return st.dictionaries(text, parts, min_size=1, max_size=5)


json_trees = _nested(_json_scalars)
msgpack_trees = _nested(_msgpack_scalars)


@st.composite
def damaged(draw: st.DrawFn, payloads: st.SearchStrategy[bytes]) -> bytes:
    """A payload that was cut, flipped, overwritten or spliced with another."""
    raw = bytearray(draw(payloads))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(raw)))
        match draw(st.sampled_from(["cut", "flip", "write", "insert", "splice"])):
            case "cut":
                del raw[at:]
            case "flip" if at < len(raw):
                raw[at] ^= 1 << draw(st.integers(0, 7))
            case "write":
                new = draw(st.binary(max_size=6))
                raw[at : at + len(new)] = new
            case "insert":
                raw[at:at] = draw(st.binary(max_size=6))
            case _:
                raw[at:] = draw(payloads)[at:]
    return bytes(raw)


def count(tree: object) -> int:
    """The number of values, dict keys not counted."""
    if isinstance(tree, dict):
        return 1 + sum(map(count, tree.values()))
    if isinstance(tree, list | tuple):
        return 1 + sum(map(count, tree))
    return 1


def depth(tree: object) -> int:
    """The number of containers around the innermost value."""
    if isinstance(tree, dict):
        return 1 + max(map(depth, tree.values()), default=0)
    if isinstance(tree, list | tuple):
        return 1 + max(map(depth, tree), default=0)
    return 0


def attempt(wire: Wire, payload: object, limits: Limits = DEFAULT_LIMITS) -> object:
    """The tree of a payload, or the RemoteError that it gives; any other exception is raised."""
    try:
        return wire.decode(payload, limits)
    except RemoteError as error:
        return error
