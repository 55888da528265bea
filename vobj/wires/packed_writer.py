"""From a tree to the one msgpack value of a packed payload.

Theory
    An envelope becomes an array when everything it says fits a schema that is known here, and stays
    a map when anything does not. That is decided for the whole envelope before any part of it is
    written, because writing gives numbers to definitions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from vobj.wires.packed_layout import Layout, layout_of, natural
from vobj.wires.packed_schemas import Schemas

AROUND_ROOT = "versionedobjects"

_SCALARS = frozenset({str, int, float, bool, type(None)})


class _Fit(NamedTuple):
    """An envelope that fits a schema; present and changed are sets of fields, as bits."""

    layout: Layout
    namespace: str
    data: dict[str, Any]
    present: int
    changed: int


class PackedWriter:
    """Writes one payload."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        parts = ("name", "namespace", "version", "data", "changes")
        self._keys = tuple(f"{schemas.prefix}.{part}" for part in parts)
        self._layouts: dict[tuple[str, str], Layout | None] = {}
        self._definitions: dict[tuple[str, str, str], int] = {}

    def object(self, value: Any, around: str) -> Any:
        """What stands for `value` in an object position."""
        if isinstance(value, list | tuple):
            return [natural(value)]
        fit = self._fit(value) if isinstance(value, dict) else None
        if fit is None:
            return natural(value)
        layout, namespace, data, present, changed = fit
        name, version = value[self._keys[0]], value[self._keys[2]]
        key = (name, version, namespace)
        ref: Any = self._definitions.get(key)
        if ref is None:
            self._definitions[key] = len(self._definitions)
            ref = [name, version, layout.fingerprint]
            if namespace != around:
                ref.append(namespace)
        presence = True if present == layout.full else layout.bitmap(present)
        changes: Any = None
        if changed:
            changes = True if changed == present else layout.bitmap(changed)
        return [ref, presence, changes, *self._values(layout, data, namespace)]

    def _values(self, layout: Layout, data: dict[str, Any], namespace: str) -> list[Any]:
        made = dict(data)
        for _, name, place in layout.placed:
            if name in made:
                made[name] = place.write(made[name], self, namespace)
        if len(layout.placed) < len(layout.names):
            placed = {name for _, name, _ in layout.placed}
            for name, value in data.items():
                if type(value) not in _SCALARS and name not in placed:
                    made[name] = natural(value)
        return [made[name] for name in layout.names if name in made]

    def _fit(self, node: dict[str, Any]) -> _Fit | None:
        """The envelope against the schema of its version; None when it does not fit."""
        name, namespace, version, data, changes = map(node.get, self._keys)
        if not (isinstance(name, str) and isinstance(namespace, str) and isinstance(version, str)):
            return None
        if not isinstance(data, dict) or len(node) != 4 + (self._keys[4] in node):
            return None
        layout = self._layout(name, version)
        if layout is None:
            return None
        if changes is not None and not isinstance(changes, list | tuple):
            return None
        present, changed = _bits(layout, data), _bits(layout, changes or ())
        if present is None or changed is None:
            return None
        return _Fit(layout, namespace, data, present, changed)

    def _layout(self, name: str, version: str) -> Layout | None:
        key = (name, version)
        if key not in self._layouts:
            schema = self._schemas.written(name, version)
            self._layouts[key] = None if schema is None else layout_of(schema)
        return self._layouts[key]


def _bits(layout: Layout, names: Iterable[object]) -> int | None:
    """A set of fields as bits; None when one is no name of the schema."""
    found = 0
    for name in names:
        number = layout.numbers.get(name) if isinstance(name, str) else None
        if number is None:
            return None
        found |= 1 << number
    return found
