"""What each change loses, down and up, from its declaration alone."""

from __future__ import annotations

import pytest

from tests.history.declaring import TEXT, converted, enum
from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    ClassFact,
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
from vobj.history import WireType, losses

NONE, LOSSY, FAILS = Loss.LOSSLESS, Loss.LOSSY, Loss.MAY_FAIL


@pytest.mark.parametrize(
    ("change", "down", "up"),
    [
        (Added(since="1.1"), LOSSY, NONE),
        (Admitted({"Nic"}, since="1.1"), LOSSY, NONE),
        (Removed(since="1.1"), NONE, LOSSY),
        (Nullable(since="1.1", none_as=0), LOSSY, NONE),
        (Nullable(since="1.1", none_as=0, unset_too=True), LOSSY, LOSSY),
        (NotNull(since="1.1", fill=0), NONE, LOSSY),
        (Refused({"x"}, since="1.1"), FAILS, NONE),
        (Renamed("b", since="1.1"), NONE, NONE),
        (Noted("n", since="1.1"), NONE, NONE),
        (ChildVersions({"1.0": "1.0"}), NONE, NONE),
        (NoChange("1.1"), NONE, NONE),
        (OldestSupported("1.1"), NONE, NONE),
        (Inherits({"1.0": "1.0"}), NONE, NONE),
        (converted("1.1"), LOSSY, LOSSY),
        (converted("1.1", down_loss=NONE, up_loss=FAILS), NONE, FAILS),
    ],
)
def test_the_loss_of_a_change(change: FieldChange | ClassFact, down: Loss, up: Loss) -> None:
    """Data changes lose on the side that cannot see it; converters lose what they claim."""
    assert losses(change) == (down, up)


@pytest.mark.parametrize(
    ("table", "now", "was", "down", "up"),
    [
        ({"x86": "i386"}, enum("arm", "x86"), enum("arm", "i386"), NONE, NONE),
        ({"x86": "i386"}, enum("arm", "x86"), None, NONE, LOSSY),
        ({"x86": "i386"}, TEXT, TEXT, LOSSY, LOSSY),
        ({"x86": "i386"}, None, None, LOSSY, LOSSY),
        ({"x86": "arm"}, enum("arm", "x86"), enum("arm"), LOSSY, NONE),
        ({"x86": "i386", "x64": "i386"}, enum("x64", "x86"), enum("i386"), LOSSY, NONE),
        ({"x86": ABSENT}, enum("arm", "x86"), enum("arm"), LOSSY, NONE),
        ({"x86": "i386"}, enum("arm", "x86"), enum("i386", "x86"), NONE, LOSSY),
    ],
)
def test_the_loss_of_a_mapping(
    table: dict[str, str], now: WireType | None, was: WireType | None, down: Loss, up: Loss
) -> None:
    """Down it is lossless if injective onto values that are gone today; up if no key is old."""
    assert losses(Mapped(table, since="1.1"), now, was) == (down, up)


def test_a_mapping_tells_true_from_one() -> None:
    """Injective means: no two newer values share an older one, and 1 is not True."""
    apart = Mapped({"a": 1, "b": True}, since="1.1")
    assert losses(apart, enum("a", "b"), enum("x")).down is NONE
