"""What stands in a decoded payload: its objects, its lines, and how they fit the classes here.

Theory
    A payload is shown as it is, whatever it is: nothing is looked up, hydrated or upgraded to show
    it. An object is a dict that carries a name and data under one prefix, so payloads of any
    project are read. The wire has held the tree to its limits before, so walking it recursively is
    safe.

    With classes to compare, a second walk says of each object whether this process knows it, and
    where its data differs from the schema of its version.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vobj.cli.screen import clean, shortened
from vobj.errors import Key, PayloadError, Segment, render_path
from vobj.evolve import Envelope
from vobj.history import OBJECT, WireType

_SEQUENCES = (list, tuple, set, frozenset)


@dataclass
class ObjectSeen:
    """One object in a payload.

    problem: what is wrong with its envelope, or why it cannot be read here. known: whether a class
    of this name is here; None when that was not asked. here: the newest version of that class. The
    names of fields: `extra` that the schema of its version does not have, `unset` that it has and
    the data has not, `wrong` whose value is not of the type named.
    """

    path: str
    name: str
    version: str
    namespace: str
    data: Mapping[str, Any]
    changes: list[str]
    problem: str | None = None
    known: bool | None = None
    here: str | None = None
    extra: list[str] = field(default_factory=list)
    unset: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def fits(self) -> bool:
        """False when something is wrong with it."""
        return self.problem is None and self.known is not False and not self.wrong

    def to_dict(self) -> dict[str, Any]:
        """Plain data, without the object's own."""
        shown = {
            "path": self.path,
            "object": self.name,
            "version": self.version,
            "namespace": self.namespace,
            "changes": self.changes,
            "problem": self.problem,
        }
        if self.known is None:
            return shown
        return {
            **shown,
            "known": self.known,
            "here": self.here,
            "extra": self.extra,
            "unset": self.unset,
            "wrong": self.wrong,
        }


@dataclass(frozen=True)
class Line:
    """A line of the picture: how deep it stands, its text, and a remark on it."""

    depth: int
    text: str
    remark: str = ""
    is_object: bool = False


def prefix_of(value: object) -> str | None:
    """The serialization namespace of an envelope; None for what is none."""
    if isinstance(value, dict):
        for key in value:
            prefix = str(key).removesuffix(".name")
            if prefix != key and f"{prefix}.data" in value:
                return prefix
    return None


def objects(tree: object) -> Iterator[tuple[int, ObjectSeen]]:
    """Every object of a tree, outermost first, each with the id of its envelope."""
    yield from _objects(tree, ())


def _objects(value: object, path: tuple[Segment, ...]) -> Iterator[tuple[int, ObjectSeen]]:
    prefix = prefix_of(value)
    inside = value
    if prefix is not None:
        assert isinstance(value, dict)
        yield id(value), _object(value, prefix, path)
        inside = value[f"{prefix}.data"]
    if isinstance(inside, dict):
        for key, one in inside.items():
            yield from _objects(one, (*path, str(key) if prefix is not None else Key(key)))
    elif isinstance(inside, _SEQUENCES):
        for index, one in enumerate(inside):
            yield from _objects(one, (*path, index))


def _object(node: dict[str, Any], prefix: str, path: tuple[Segment, ...]) -> ObjectSeen:
    problem = None
    try:
        Envelope.of(prefix).check(node)
    except PayloadError as error:
        problem = error.message
    data, changes = node[f"{prefix}.data"], node.get(f"{prefix}.changes", [])
    return ObjectSeen(
        render_path(path),
        str(node.get(f"{prefix}.name")),
        str(node.get(f"{prefix}.version")),
        str(node.get(f"{prefix}.namespace")),
        data if isinstance(data, dict) else {},
        [str(one) for one in changes] if isinstance(changes, list | tuple) else [],
        problem,
    )


def compare(seen: ObjectSeen, types_at: Callable[[str, str], Mapping[str, WireType]]) -> None:
    """Note where the data of a known object differs from the schema of its version.

    types_at: the wire types of the fields of a class at a version.
    """
    types = types_at(seen.name, seen.version)
    seen.extra = [name for name in seen.data if name not in types]
    seen.unset = [name for name in types if name not in seen.data]
    seen.wrong = {
        name: str(types[name])
        for name, value in seen.data.items()
        if name in types and not _is_of(value, types[name])
    }


_SCALARS: Mapping[str, tuple[type, ...]] = {
    "Boolean": (bool,),
    "DateTime": (str,),
    "Enum": (str,),
    "Float": (int, float),
    "Integer": (int,),
    "String": (str,),
    "UUID": (str,),
}


def _is_of(value: object, kind: WireType) -> bool:
    """Whether a value looks like a type; of a type that is not known here, every value does."""
    if value is None:
        return kind.nullable
    if kind.kind == OBJECT:
        return prefix_of(value) is not None
    if kind.kind in ("List", "Set"):
        return isinstance(value, _SEQUENCES) and all(_is_element(one, kind) for one in value)
    if kind.kind == "Dict":
        return isinstance(value, dict) and all(_is_element(one, kind) for one in value.values())
    if kind.values is not None and value not in kind.values:
        return False
    expected = _SCALARS.get(kind.kind)
    if expected is None:
        return True
    return isinstance(value, expected) and (isinstance(value, bool) == (bool in expected))


def _is_element(value: object, kind: WireType) -> bool:
    return kind.element is None or _is_of(value, kind.element)


def lines(tree: object, seen: Mapping[int, ObjectSeen], longest: int) -> Iterator[Line]:
    """The picture of a tree, line by line; `longest` is where values are cut."""
    yield from _lines(tree, "", 0, seen, longest)


def _lines(
    value: object, label: str, depth: int, seen: Mapping[int, ObjectSeen], longest: int
) -> Iterator[Line]:
    prefix = prefix_of(value)
    if prefix is not None:
        assert isinstance(value, dict)
        told = seen[id(value)]
        text = f"{label}{_name(told.name, longest)} {clean(shortened(told.version, 20))}"
        yield Line(depth, text, _remark(told, longest), is_object=True)
        for key, one in told.data.items():
            inner = list(_lines(one, f"{_name(key, longest)}: ", depth + 1, seen, longest))
            if key in told.extra:
                inner[0] = Line(depth + 1, inner[0].text, "not in this version")
            if key in told.wrong:
                inner[0] = Line(depth + 1, inner[0].text, f"expected {clean(told.wrong[key])}")
            yield from inner
        return
    parts: list[tuple[str, object]] = []
    what = ""
    if isinstance(value, dict) and value:
        what = f"dict of {len(value)}"
        parts = [(f"{scalar(key, longest)}: ", one) for key, one in value.items()]
    elif isinstance(value, _SEQUENCES) and value:
        is_set = isinstance(value, set | frozenset)
        what = f"{'set' if is_set else 'list'} of {len(value)}"
        ordered = sorted(value, key=repr) if is_set else value
        parts = [(f"[{index}] ", one) for index, one in enumerate(ordered)]
    if not parts:
        yield Line(depth, f"{label}{scalar(value, longest)}")
        return
    yield Line(depth, f"{label}{what}")
    for name, one in parts:
        yield from _lines(one, name, depth + 1, seen, longest)


def _remark(told: ObjectSeen, longest: int) -> str:
    notes = []
    if told.problem is not None:
        notes.append(told.problem)
    elif told.known is not None:
        here = f"newest here {told.here}"
        notes.append("unknown here" if not told.known else here)
    if told.changes:
        notes.append(f"changes {', '.join(told.changes)}")
    if told.unset:
        notes.append(f"unset {', '.join(told.unset)}")
    return clean(shortened("; ".join(notes), max(longest, 200)))


def _name(text: str, longest: int) -> str:
    return text if text.isidentifier() and len(text) <= longest else scalar(text, longest)


def scalar(value: object, longest: int) -> str:
    """A value without values inside, in printable characters."""
    match value:
        case str():
            text = clean(json.dumps(shortened(value, longest), ensure_ascii=False))
            return text if len(value) <= longest else f"{text} ({len(value)} characters)"
        case bytes():
            more = "..." if len(value) > 16 else ""
            return f"{len(value)} bytes {value[:16].hex(' ')}{more}"
        case None | bool():
            return json.dumps(value)
        case set() | frozenset() | tuple():
            return "[]"
        case _:
            return clean(shortened(str(value), longest))


def plain(value: object) -> Any:
    """A value as JSON can hold it: sets sorted, everything else that JSON lacks as text."""
    match value:
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case set() | frozenset():
            return sorted((plain(one) for one in value), key=repr)
        case float() if not math.isfinite(value):
            return str(value)
        case None | str() | bool() | int() | float():
            return value
        case _:
            return str(value)


def measure(tree: object) -> tuple[int, int]:
    """How many values a tree has at all depths, and how many containers are nested in it."""
    count, deepest = 0, 0
    waiting = [(tree, 1)]
    while waiting:
        value, depth = waiting.pop()
        count += 1
        parts: Any = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list | tuple | set | frozenset):
            deepest = max(deepest, depth)
            waiting += [(one, depth + 1) for one in parts]
    return count, deepest
