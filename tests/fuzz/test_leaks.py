"""Nothing stays in memory: objects, both wires, both directions, and damaged payloads.

`VOBJ_LEAK_CALLS` is how many calls are made, over everything: a long run makes millions.
"""

from __future__ import annotations

import os
import re

import pytest

from fuzz.counting import Left, check
from fuzz.oracle import Finding
from tests.fuzz.test_fuzz import run
from vobj import native

CALLS = int(os.environ.get("VOBJ_LEAK_CALLS", "60000"))


@pytest.mark.skipif(native.reason is not None, reason=f"the native executor: {native.reason}")
def test_nothing_stays_in_memory() -> None:
    """Encode, decode, backport, upgrade, construct, get, set, clone; refused payloads too."""
    output = run("fuzz.leaks", "--calls", str(CALLS))
    calls = [int(one.replace(",", "")) for one in re.findall(r": ([\d,]+) calls", output)]
    assert len(calls) > 15
    assert sum(calls) > CALLS // 2


def test_a_leak_is_noticed() -> None:
    """One object that stays from each call."""
    held: list[object] = []
    with pytest.raises(Finding, match="blocks"):
        check("leaking", [lambda: held.append(object())], 1_000, {})


def test_a_lost_reference_is_noticed() -> None:
    """References to what is there anyway take no memory."""
    held: list[object] = []
    with pytest.raises(Finding, match="'None'"):
        check("leaking", [lambda: held.extend([None] * 10)], 1_000, {"None": None})


def test_what_is_left_by_chance_is_no_leak() -> None:
    """A few blocks, and no references."""
    assert not Left(5, 0, {}).leaks
    assert Left(100_000, 0, {}).leaks
    assert Left(0, 0, {"None": 1_000}).leaks
