"""From the one msgpack value of a packed payload to a tree.

Theory
    Few bytes can stand for much: a number for a definition, a bit for a name. So what an object
    will take is added up from its first three parts, and held to the limits, before its envelope is
    made. Every way of writing a value that the writer does not use is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vobj.errors import LimitError, VobjError
from vobj.wires.limits import Limits, over_count
from vobj.wires.packed_layout import Layout, wrong
from vobj.wires.packed_schemas import SchemaFinder

_PARTS = 3  # of an object, before its values
_ENVELOPE = 4  # name, namespace, version and data; the envelope is a value of what holds it
_FINGERPRINT = 8


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    version: str
    namespace: str
    layout: Layout


class PackedReader:
    """Reads one payload. top: the name of the first object, once it was read."""

    def __init__(self, finder: SchemaFinder, limits: Limits) -> None:
        self._finder = finder
        self._limits = limits
        self._definitions: list[_Definition] = []
        self._defined: set[tuple[str, str, str]] = set()
        self._values = 1
        self.top: str | None = None
        parts = ("name", "namespace", "version", "data", "changes")
        self._keys = tuple(f"{finder.schemas.prefix}.{part}" for part in parts)

    def object(self, value: Any, around: str) -> Any:
        """What stands in an object position, as a tree has it."""
        if type(value) is not list:
            return value
        if len(value) != 1:
            return self.packed(value, around)
        if type(value[0]) is not list:
            raise wrong(f"{type(value[0]).__name__} is wrapped where an object stands")
        return value[0]

    def packed(self, parts: list[Any], around: str) -> dict[str, Any]:
        """The envelope of an array."""
        if len(parts) < _PARTS:
            raise wrong(f"an object of {len(parts)} parts")
        definition = self._definition(parts[0], around)
        layout = definition.layout
        present = _presence(layout, parts[1])
        changed = _changes(layout, parts[2], present)
        if len(parts) != _PARTS + present.bit_count():
            raise wrong(
                f"{len(parts) - _PARTS} values where {present.bit_count()} fields of"
                f" {definition.name} are set"
            )
        self._values += _ENVELOPE + present.bit_count()
        self._values += 1 + changed.bit_count() if changed else 0
        if self._values > self._limits.max_values:
            raise over_count(self._limits)
        name, namespace, version, data, changes = self._keys
        node: dict[str, Any] = {
            name: definition.name,
            namespace: definition.namespace,
            version: definition.version,
            data: self._data(definition, present, parts[_PARTS:]),
        }
        if changed:
            node[changes] = layout.listed(changed)
        return node

    def _data(self, definition: _Definition, present: int, values: list[Any]) -> dict[str, Any]:
        """The set fields in the order of the schema; they are read in the order of the payload."""
        layout = definition.layout
        positions: Any = range(len(layout.names))
        if present != layout.full:
            numbers = [number for number in positions if present >> number & 1]
            positions = {number: position for position, number in enumerate(numbers)}
        for number, name, place in layout.placed:
            if number in positions:
                at = positions[number]
                try:
                    values[at] = place.read(values[at], self, definition.namespace)
                except VobjError as error:
                    raise error.within(name) from error.__cause__
        return {
            name: values[positions[number]]
            for name, number in layout.declared
            if number in positions
        }

    def _definition(self, ref: Any, around: str) -> _Definition:
        if type(ref) is int:
            if 0 <= ref < len(self._definitions):
                return self._definitions[ref]
            raise wrong(f"there is no definition {ref}")
        if type(ref) is not list or len(ref) not in (3, 4):
            raise wrong("an object starts with a definition or the number of one")
        name, version, fingerprint, *other = ref
        if type(name) is not str or type(version) is not str or type(fingerprint) is not bytes:
            raise wrong("a definition is made of name, version and fingerprint")
        if len(fingerprint) != _FINGERPRINT:
            raise wrong(f"a fingerprint of {len(fingerprint)} bytes")
        namespace = other[0] if other else around
        if other and (type(namespace) is not str or namespace == around):
            raise wrong("the namespace of a definition is one that differs from that around it")
        if (name, version, namespace) in self._defined:
            raise wrong(f"{name} {version} is defined twice")
        if len(self._definitions) >= self._limits.max_schemas:
            raise LimitError(
                f"The payload has more than {self._limits.max_schemas} schemas",
                rule="payload/count",
            )
        if self.top is None:
            self._finder.schemas.check_project(name, namespace)
            self.top = name
        layout = self._finder.find(name, version, fingerprint)
        made = _Definition(name, version, namespace, layout)
        self._definitions.append(made)
        self._defined.add((name, version, namespace))
        return made


def _presence(layout: Layout, value: Any) -> int:
    if value is True:
        return layout.full
    mask = _mask(layout, value, "presence")
    if mask == layout.full:
        raise wrong("a presence bitmap of all fields, which is true")
    return mask


def _changes(layout: Layout, value: Any, present: int) -> int:
    if value is None:
        return 0
    if value is True:
        if present:
            return present
        raise wrong("changes are true where no field is set")
    mask = _mask(layout, value, "changes")
    if mask == 0:
        raise wrong("a changes bitmap of no field, which is nil")
    if mask == present:
        raise wrong("a changes bitmap of the set fields, which is true")
    return mask


def _mask(layout: Layout, value: Any, what: str) -> int:
    if type(value) is not bytes:
        raise wrong(f"{what} of {type(value).__name__}")
    if len(value) != layout.width:
        raise wrong(f"a {what} bitmap of {len(value)} bytes for {len(layout.names)} fields")
    mask = int.from_bytes(value, "little")
    if mask > layout.full:
        raise wrong(f"a {what} bitmap of more than {len(layout.names)} fields")
    return mask
