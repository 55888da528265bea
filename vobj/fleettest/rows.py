"""A row of the database, whichever kind it is of: a server of our service, or a port of os-vif."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vobj.fleettest import port_truth, truth
from vobj.fleettest.truth import Row


def is_port(row: Mapping[str, Any]) -> bool:
    """Whether it is a port."""
    return port_truth.PAYLOAD in row


def sealed(row: Mapping[str, Any]) -> Row:
    """The row with the digests that it should have."""
    return port_truth.sealed(row) if is_port(row) else truth.sealed(row)


def edited(row: Mapping[str, Any], edit: Mapping[str, Any]) -> Row:
    """The row after an edit, with new digests."""
    return port_truth.edited(row, edit) if is_port(row) else truth.edited(row, edit)


def values(row: Mapping[str, Any]) -> Row:
    """Every value in it, by its place."""
    return port_truth.contained(row[port_truth.PAYLOAD]) if is_port(row) else dict(row)


def differing(due: Row, got: Row) -> dict[str, tuple[Any, Any]]:
    """Where two rows' values differ: what is due there, and what there is."""
    return {
        place: (due.get(place), got.get(place))
        for place in {**due, **got}
        if due.get(place) != got.get(place)
    }
