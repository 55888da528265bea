"""Which element of one list is which element of another, when they carry no key.

Theory
    Elements that are exactly equal are anchors: a longest common subsequence, found by the method
    of Hunt and Szymanski (Communications of the ACM 20(5), 1977). Between two anchors, gaps of
    equal length are paired by position, since an edit in place keeps the length; in gaps of unequal
    length nothing can be told, and the elements count as deleted and new. Pairing by index alone
    would put the hidden data of one element onto another as soon as one is inserted or deleted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise

MAX_CANDIDATES = 1_000_000


def longest_common(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Index pairs of a longest common subsequence, ascending on both sides.

    With more than `MAX_CANDIDATES` equal pairs, each element considers only the candidates nearest
    to its own position, so that lists of few distinct values stay affordable.
    """
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    inner = _hunt_szymanski(left[start : len(left) - end], right[start : len(right) - end])
    tail = range(end, 0, -1)
    return [
        *((one, one) for one in range(start)),
        *((one + start, other + start) for one, other in inner),
        *((len(left) - one, len(right) - one) for one in tail),
    ]


def _hunt_szymanski(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int]]:
    where: dict[Hashable, list[int]] = {}
    for index, value in enumerate(right):
        where.setdefault(value, []).append(index)
    total = sum(len(where.get(value, ())) for value in left)
    nearest = None if total <= MAX_CANDIDATES else max(1, MAX_CANDIDATES // (len(left) or 1))
    ends: list[int] = []
    links: list[tuple[int, int, int]] = []
    tops: list[int] = []
    for index, value in enumerate(left):
        candidates = where.get(value, [])
        if nearest is not None and len(candidates) > nearest:
            middle = bisect_left(candidates, index)
            candidates = candidates[max(0, middle - nearest // 2) : middle + nearest // 2 + 1]
        for other in reversed(candidates):
            place = bisect_left(ends, other)
            links.append((index, other, tops[place - 1] if place else -1))
            if place == len(ends):
                ends.append(other)
                tops.append(len(links) - 1)
            else:
                ends[place] = other
                tops[place] = len(links) - 1
    pairs = []
    link = tops[-1] if tops else -1
    while link >= 0:
        index, other, link = links[link]
        pairs.append((index, other))
    return pairs[::-1]


def pair_by_content(
    left: Sequence[Hashable],
    right: Sequence[Hashable],
    may_pair: Callable[[int, int], bool],
) -> dict[int, int]:
    """`{index in left: index in right}`: equal elements first, then equal gaps by position.

    may_pair: whether two unequal elements may be one (the same class, say).
    """
    anchors = longest_common(left, right)
    pairs = dict(anchors)
    edges = [(-1, -1), *anchors, (len(left), len(right))]
    for (left_from, right_from), (left_to, right_to) in pairwise(edges):
        if left_to - left_from == right_to - right_from:
            for step in range(1, left_to - left_from):
                if may_pair(left_from + step, right_from + step):
                    pairs[left_from + step] = right_from + step
    return pairs
