"""How large a payload may be before it is read, and the walk that holds a tree to it.

Theory
    A peer that means harm needs few bytes to ask for much: a header that claims four thousand
    million elements, a thousand nested brackets. So size, depth and count are checked *before*
    anything that recurses or allocates sees the bytes, and every check is linear in the length of
    the payload.

    Depth is the number of containers (dicts, lists, sets) around the innermost value, itself
    included when it is one: `{"a": [1]}` has depth 2. The count is the number of values at every
    depth, containers included and dict keys not: `{"a": [1]}` has three values. Both mean the same
    on every wire, except that msgpack counts what an extension type is made of (a datetime: nine or
    ten values).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields

from vobj.errors import Key, LimitError, PayloadError, Segment, UsageError

_SHOWN_KEY = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a codec accepts from a peer. Each is a whole number of at least 1.

    max_bytes: the length of the payload (64 MiB); the primitive wire has no bytes to count.
    max_depth: nested containers (64, about twenty versioned objects inside each other). Far larger
    values are limited by the stack of the reader, and still end in a RemoteError.
    max_values: values at all depths (1,000,000).
    max_set_objects: UUIDs, addresses, dates and frozensets inside the sets of one payload (1,024).
    They are hashed by public rules, so a peer can choose many with one hash, and building a set of
    them takes time that is quadratic in this number. Numbers and text in sets are not counted.
    max_schemas: schemas that a packed payload names (256), each of which has to be looked up.

    Inside the defaults, the worst payloads known take half a GiB and a few seconds to read.
    """

    max_bytes: int = 64 * 1024 * 1024
    max_depth: int = 64
    max_values: int = 1_000_000
    max_set_objects: int = 1_024
    max_schemas: int = 256

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if type(value) is not int or value < 1:
                raise UsageError(
                    f"Expected {each.name} to be a whole number of at least 1, got {value!r}",
                    rule="usage/argument",
                )


DEFAULT_LIMITS = Limits()


def over_size(limits: Limits) -> LimitError:
    """The error for a payload that is too long."""
    return LimitError(f"The payload has more than {limits.max_bytes} bytes", rule="payload/size")


def over_depth(limits: Limits, path: tuple[Segment, ...] = ()) -> LimitError:
    """The error for a payload that is nested too deeply."""
    return LimitError(
        f"The payload is nested more than {limits.max_depth} containers deep",
        rule="payload/depth",
        path=path,
    )


def over_count(limits: Limits, path: tuple[Segment, ...] = ()) -> LimitError:
    """The error for a payload of too many values."""
    return LimitError(
        f"The payload has more than {limits.max_values} values", rule="payload/count", path=path
    )


_SCALARS = frozenset({str, int, float, bool, type(None)})
_TEXT = frozenset({str})
_SEQUENCES = (list, tuple, set, frozenset)

# Where a container stands: its parent's place, its segment there, its depth. A linked list, so that
# the walk makes no path that it does not need.
_Place = tuple["_Place | None", Segment, int]


def _path(place: _Place) -> tuple[Segment, ...]:
    found: list[Segment] = []
    parent, segment, _ = place
    while parent is not None:
        if not isinstance(segment, int):
            long = len(segment) > _SHOWN_KEY
            segment = Key(segment[: _SHOWN_KEY - 3] + "..." if long else segment)
        found.append(segment)
        parent, segment, _ = parent
    return tuple(reversed(found))


def check_tree(tree: object, limits: Limits) -> None:
    """Hold a tree in memory to the depth, the count and text keys, without recursion.

    Raises LimitError (`payload/depth`, `payload/count`) and PayloadError (`payload/malformed`, a
    dict key that is not text), each with the path of the container. A tree that contains itself is
    too deep, one that repeats a shared part very often has too many values.
    """
    count = 1
    waiting: list[tuple[object, _Place]] = [(tree, (None, 0, 1))]
    while waiting:
        node, place = waiting.pop()
        if isinstance(node, dict):
            _check_keys(node, place)
            parts: Collection[object] = node.values()
        elif isinstance(node, _SEQUENCES):
            parts = node
        else:
            continue
        if place[2] > limits.max_depth:
            raise over_depth(limits, _path(place))
        count += len(parts)
        if count > limits.max_values:
            raise over_count(limits, _path(place))
        if not _SCALARS.issuperset(map(type, parts)):
            below = place[2] + 1
            named = node.items() if isinstance(node, dict) else enumerate(parts)
            for segment, part in named:
                if type(part) not in _SCALARS:
                    waiting.append((part, (place, segment, below)))


def _check_keys(node: dict[object, object], place: _Place) -> None:
    if not _TEXT.issuperset(map(type, node)):
        for key in node:
            if not isinstance(key, str):
                raise PayloadError(
                    f"Expected dict keys of text, got {type(key).__name__}",
                    rule="payload/malformed",
                    path=_path(place),
                )
