"""Which element is which, when elements carry no key."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vobj.evolve import pairing
from vobj.evolve.pairing import longest_common, pair_by_content


def length_of_longest(left: Sequence[object], right: Sequence[object]) -> int:
    """The textbook table, to compare with."""
    row = [0] * (len(right) + 1)
    for one in left:
        before = row
        row = [0]
        for index, other in enumerate(right):
            row.append(before[index] + 1 if one == other else max(row[-1], before[index + 1]))
    return row[-1]


_lists = st.lists(st.integers(0, 4), max_size=8)


@given(_lists, _lists)
def test_a_longest_common_subsequence(left: list[int], right: list[int]) -> None:
    """The pairs are equal elements, ascending on both sides, and there are as many as can be."""
    pairs = longest_common(left, right)
    assert all(left[one] == right[other] for one, other in pairs)
    assert pairs == sorted(pairs)
    assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)
    assert [other for _, other in pairs] == sorted(other for _, other in pairs)
    assert len(pairs) == length_of_longest(left, right)


@given(_lists, _lists)
def test_pairs_are_one_to_one(left: list[int], right: list[int]) -> None:
    """No element is two elements, and equal lists pair each with itself."""
    pairs = pair_by_content(left, right, lambda _one, _other: True)
    assert len(set(pairs.values())) == len(pairs)
    assert pair_by_content(left, left, lambda _one, _other: True) == {
        index: index for index in range(len(left))
    }


@pytest.mark.parametrize(
    ("left", "right", "pairs"),
    [
        ("", "", {}),
        ("abc", "", {}),
        ("", "abc", {}),
        ("abc", "abc", {0: 0, 1: 1, 2: 2}),
        ("aXc", "aYc", {0: 0, 1: 1, 2: 2}),
        ("abc", "ac", {0: 0, 2: 1}),
        ("ac", "abc", {0: 0, 1: 2}),
        ("aXYc", "aZc", {0: 0, 3: 2}),
        ("XaY", "VaW", {0: 0, 1: 1, 2: 2}),
        ("abcd", "bcda", {1: 0, 2: 1, 3: 2}),
        ("XY", "VW", {0: 0, 1: 1}),
    ],
)
def test_gaps_of_equal_length_pair_by_position(
    left: str, right: str, pairs: dict[int, int]
) -> None:
    """Between equal elements an edit in place keeps its place; else elements are new or gone."""
    assert pair_by_content(left, right, lambda _one, _other: True) == pairs


def test_what_may_not_pair_does_not() -> None:
    """Unequal elements pair only if they may be one, and are asked for by their own indexes."""
    asked: list[tuple[int, int]] = []

    def may(one: int, other: int) -> bool:
        asked.append((one, other))
        return one == 2

    assert pair_by_content("aXYd", "aVWd", may) == {0: 0, 2: 2, 3: 3}
    assert asked == [(1, 1), (2, 2)]


def test_lists_of_few_values_stay_affordable(monkeypatch: pytest.MonkeyPatch) -> None:
    """With many equal elements each is paired near its own place, and not with the best of all."""
    left, right = [0, 1] * 50, [1, 0] * 50
    monkeypatch.setattr(pairing, "MAX_CANDIDATES", 1_000)
    pairs = longest_common(left, right)
    assert all(left[one] == right[other] for one, other in pairs)
    assert pairs == sorted(pairs)
    assert len(pairs) == len(left) - 1
    far = [0] * 49 + [2] + [0] * 50
    assert longest_common([1, 1, *far], [*far, 3, 3])[0] == (2, 0)
