"""What each change does to a value, per direction: lossless, lossy or may fail.

Theory
    Lossless down means: upgrading the backport gives the newer value again. Lossless up means:
    backporting the upgrade gives the older value again. Data that an older version cannot see is
    lost on the wire, and put-back (`vobj.evolve.merge`) exists to keep it all the same.
"""

from __future__ import annotations

from typing import NamedTuple, assert_never

from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    ClassFact,
    Converted,
    FieldChange,
    Inherits,
    Loss,
    Mapped,
    NoChange,
    Noted,
    NotNull,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)
from vobj.history.schema import WireType


class Losses(NamedTuple):
    """The loss of a change on the way down (to older versions) and up."""

    down: Loss
    up: Loss


_NONE = Losses(Loss.LOSSLESS, Loss.LOSSLESS)


def losses(
    change: FieldChange | ClassFact, now: WireType | None = None, was: WireType | None = None
) -> Losses:
    """The losses of a change; `now` and `was` are the field's type since and before it."""
    match change:
        case Added() | Admitted():
            return Losses(Loss.LOSSY, Loss.LOSSLESS)
        case Nullable():
            return Losses(Loss.LOSSY, Loss.LOSSY if change.unset_too else Loss.LOSSLESS)
        case Removed() | NotNull():
            return Losses(Loss.LOSSLESS, Loss.LOSSY)
        case Refused():
            return Losses(Loss.MAY_FAIL, Loss.LOSSLESS)
        case Converted():
            return Losses(change.down_loss, change.up_loss)
        case Mapped():
            return _mapped(change, now, was)
        case Renamed() | ChildVersions() | Noted():
            return _NONE
        case NoChange() | OldestSupported() | Inherits():
            return _NONE
        case _:
            assert_never(change)


def _mapped(change: Mapped, now: WireType | None, was: WireType | None) -> Losses:
    """Down: lossless if injective and no old value is also one of today's. Up: if no key is old."""
    old = list(change.table.values())
    injective = len(set(map(repr, old))) == len(old) and ABSENT not in old
    today = None if now is None else now.values
    outside = today is not None and not any(value in today for value in old)
    before = None if was is None else was.values
    apart = before is not None and not any(key in before for key in change.table)
    return Losses(
        Loss.LOSSLESS if injective and outside else Loss.LOSSY,
        Loss.LOSSLESS if apart else Loss.LOSSY,
    )
