"""Objects and envelopes anywhere in the arguments and the result of a method."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from oslo_versionedobjects import base

from vobj.errors import Key, VobjError
from vobj.evolve import Envelope, Node


def to_objects(value: Any, envelope: Envelope, decode: Callable[[Node], Any]) -> Any:
    """`value` with every envelope in it decoded; what is no envelope is copied as it is.

    Raises what `decode` does, with the path. The caller has held the depth to a limit.
    """
    if envelope.is_node(value):
        return decode(value)
    return _mapped(value, lambda one: to_objects(one, envelope, decode))


def to_envelopes(value: Any, encode: Callable[[Any], Node]) -> Any:
    """`value` with every object in it encoded; tuples and sets become lists, as on every text wire.

    Raises what `encode` does, with the path.
    """
    if isinstance(value, base.VersionedObject):
        return encode(value)
    return _mapped(value, lambda one: to_envelopes(one, encode))


def objects_in(value: Any) -> Iterator[base.VersionedObject]:
    """The outermost objects of a structure."""
    if isinstance(value, base.VersionedObject):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from objects_in(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from objects_in(one)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _part(key, one, change) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_part(index, one, change) for index, one in enumerate(value)]
    return value


def _part(segment: Any, value: Any, change: Callable[[Any], Any]) -> Any:
    try:
        return change(value)
    except VobjError as error:
        raise error.within(Key(segment) if isinstance(segment, str) else segment) from None
