"""What an exchange must have done, worked out from payloads alone, without vobj's own machinery.

A description is what a node says it sees: `objects` (path, object, version) and `fields` (path,
value). A path is the text `$.nics[0].mac`. An edit holds a `path` and one of `value`, `append` and
`remove`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

ABSENT = "(absent)"

_SEGMENT = re.compile(r'\.(\w+)|\[(\d+)\]|\["([^"]*)"\]')


def unseen(
    newest: Mapping[str, Any], seen: Mapping[str, Any], spellings: Mapping[str, str]
) -> list[str]:
    """Paths of the newest object that a reader has nothing of, topmost only, sorted.

    spellings: `{older path: today's}`.
    """
    missing = _places(newest, {}) - _places(seen, spellings)
    return sorted(path for path in missing if _parent(path) not in missing)


def _places(description: Mapping[str, Any], spellings: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    for one in (*description["objects"], *description["fields"]):
        path = spellings.get(one["path"], one["path"])
        while path not in found and path:
            found.add(path)
            path = _parent(path)
    return found


def _parent(path: str) -> str:
    found = list(_SEGMENT.finditer(path, 1))
    return path[: found[-1].start()] if found else ""


def values(description: Mapping[str, Any], spellings: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a description by today's path."""
    return {spellings.get(one["path"], one["path"]): one["value"] for one in description["fields"]}


def under(description: Mapping[str, Any], path: str) -> list[tuple[str, Any]]:
    """Everything in a description at a path or below it."""
    return [
        (one["path"], one.get("value", one.get("version")))
        for one in (*description["objects"], *description["fields"])
        if within(one["path"], path)
    ]


def within(path: str, top: str) -> bool:
    """Whether a path is another one or below it."""
    above = _segments(top)
    return _segments(path)[: len(above)] == above


def touched(edit: Mapping[str, Any]) -> str:
    """The path below which an edit changes something: of an element that is taken out, the list."""
    path = str(edit["path"])
    return _parent(path) if edit.get("remove") else path


def edited(payload: Mapping[str, Any], edits: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A copy of a payload with edits carried out on its data."""
    result = copy.deepcopy(dict(payload))
    for edit in edits:
        *way, last = _segments(edit["path"])
        holder = _follow(result, way)
        if "append" in edit:
            holder[last].append(copy.deepcopy(edit["append"]))
        elif edit.get("remove"):
            del holder[last]
        else:
            holder[last] = copy.deepcopy(edit["value"])
    return result


def value_at(payload: Mapping[str, Any], path: str) -> Any:
    """The value at a path of a payload; `ABSENT` when there is none."""
    try:
        *way, last = _segments(path)
        return _follow(payload, way)[last]
    except (KeyError, IndexError, TypeError):
        return ABSENT


def _segments(path: str) -> list[Any]:
    return [one[1] or one[3] or int(one[2]) for one in _SEGMENT.finditer(path, 1)]


def _follow(payload: Any, way: Iterable[Any]) -> Any:
    holder = _data(payload)
    for segment in way:
        holder = _data(holder[segment])
    return holder


def _data(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    key = next((key for key in node if key.endswith("object.data")), None)
    return node if key is None else node[key]


def differences(expected: Any, got: Any, path: str = "$") -> Iterator[tuple[str, Any, Any]]:
    """Where two payloads differ in name, version or data, at every depth; `changes` are no data."""
    if isinstance(expected, dict) and isinstance(got, dict):
        keys = [key for key in {**expected, **got} if not key.endswith("object.changes")]
        for key in keys:
            inner = path if key.endswith("object.data") else f"{path}.{key}"
            yield from differences(expected.get(key, ABSENT), got.get(key, ABSENT), inner)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, (one, other) in enumerate(zip(expected, got, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif expected != got or type(expected) is not type(got):
        yield path, expected, got
