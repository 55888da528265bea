"""Reading and editing a tree of versioned objects through what every release of them offers.

A path is the text `$.nics[0].mac` or `$.tags["rack"]`: attributes, elements and dict keys from the
top object down. Nothing is imported from the library that made the objects: `fields`,
`obj_attr_is_set`, `obj_name` and `VERSION` are there in every release of oslo.versionedobjects.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Envelope = dict[str, Any]
Hydrate = Callable[[Envelope], Any]

_SEGMENT = re.compile(r'\.(\w+)|\[(\d+)\]|\["([^"]*)"\]')


def describe(obj: Any) -> dict[str, Any]:
    """What a holder of the object sees: objects with their versions, set fields with their values.

    Values are what travels on the wire, so they are plain JSON.
    """
    objects: list[dict[str, Any]] = []
    fields: list[dict[str, Any]] = []
    for path, found, value in _walk("$", obj):
        if found is None:
            fields.append({"path": path, "value": value})
        else:
            objects.append({"path": path, "object": found.obj_name(), "version": found.VERSION})
    return {
        "object": obj.obj_name(), "version": obj.VERSION, "objects": objects, "fields": fields
    }  # fmt: skip


def _walk(path: str, obj: Any) -> Iterator[tuple[str, Any, Any]]:
    yield path, obj, None
    for name, field in obj.fields.items():
        if not obj.obj_attr_is_set(name):
            continue
        value = getattr(obj, name)
        children = list(_children(f"{path}.{name}", value))
        for place, child in children:
            yield from _walk(place, child)
        if not children:
            yield f"{path}.{name}", None, field.to_primitive(obj, name, value)


def _children(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        inside = [(f'{path}["{key}"]', child) for key, child in value.items()]
    elif isinstance(value, list | tuple):
        inside = [(f"{path}[{index}]", child) for index, child in enumerate(value)]
    else:
        inside = [(path, value)]
    return ((place, child) for place, child in inside if hasattr(child, "obj_name"))


def apply_edits(obj: Any, edits: Iterable[Mapping[str, Any]], hydrate: Hydrate) -> None:
    """Carry out edits by plain assignment, as the code of a service does.

    An edit holds a `path` and one of `value` (assign), `append` (to the list at the path) and
    `remove` (the element at the path). A value that is an object's envelope becomes that object.
    """
    for edit in edits:
        *way, last = _segments(edit["path"])
        holder = obj
        for segment in way:
            holder = _get(holder, segment)
        if "append" in edit:
            _get(holder, last).append(_value(edit["append"], hydrate))
        elif edit.get("remove"):
            del holder[last]
        elif isinstance(holder, list | dict):
            holder[last] = _value(edit["value"], hydrate)
        else:
            if last not in holder.fields:
                raise AttributeError(f"{holder.obj_name()} {holder.VERSION} has no field {last!r}")
            setattr(holder, last, _value(edit["value"], hydrate))


def _segments(path: str) -> list[Any]:
    found = list(_SEGMENT.finditer(path, 1))
    if not found or "$" + "".join(one.group() for one in found) != path:
        raise ValueError(f"Expected a path such as $.nics[0].mac, got {path!r}")
    return [int(one[2]) if one[2] else one[1] or one[3] for one in found]


def _get(holder: Any, segment: Any) -> Any:
    return holder[segment] if isinstance(holder, list | dict) else getattr(holder, segment)


def _value(value: Any, hydrate: Hydrate) -> Any:
    enveloped = isinstance(value, dict) and any(key.endswith("object.name") for key in value)
    return hydrate(value) if enveloped else value
