"""What evolve asks of the world: which class a payload names, and how a foreign class backports.

Theory
    Everything in evolve works on envelopes, plain dicts such as `{"versioned_object.name":
    "Server", ".namespace": ..., ".version": "1.5", ".data": {...}, ".changes": [...]}`, and knows
    classes only as entries of a catalog. An *own* entry has a history; a *foreign* one has the code
    that oslo would run. `vobj.model` makes catalogs from oslo's registry; tests make them from bare
    histories.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vobj.errors import PayloadError
from vobj.history import History, WireType
from vobj.version import Version

Node = dict[str, Any]


class Foreign(Protocol):
    """The compatibility code of a class that vobj does not own."""

    def backport(
        self,
        node: Node,
        target: str | None,
        manifest: Mapping[str, str] | None,
        context: object,
        live: object,
    ) -> Node:
        """What oslo gives for `obj_to_primitive(target, manifest)` of the object in `node`.

        target None: the payload's own version. live: the object itself where one is at hand, else
        None, and the payload is hydrated. Leaves `node` as it was.
        """
        ...


@dataclass(frozen=True, eq=False)
class Entry:
    """A class as evolve sees it.

    version: the VERSION of the class. types: the newest wire types of its fields. ancestors: the
    registry names of its parent classes, nearest first. Exactly one of history (own) and foreign is
    set.
    """

    name: str
    version: Version
    types: Mapping[str, WireType]
    ancestors: tuple[str, ...] = ()
    history: History | None = None
    foreign: Foreign | None = field(default=None)


class Catalog(Protocol):
    """The registered classes of one base."""

    @property
    def prefix(self) -> str:
        """The serialization namespace, `versioned_object` by default."""
        ...

    def entry(self, name: str, version: str) -> Entry:
        """The class that reads a payload of this name and version.

        For own classes the newest registered one of that major version. Raises UnknownClassError
        (`payload/class`) and NewerVersionError (`version/newer`, with this process's manifest).
        """
        ...

    def parent(self, name: str) -> Entry | None:
        """The newest registered class of a name, or None."""
        ...


_PARTS = {"name": str, "namespace": str, "version": str, "data": dict}


class Envelope:
    """Reads and writes the keys of envelopes with one prefix. One per prefix: `Envelope.of`."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._required = {f"{prefix}.{part}": kind for part, kind in _PARTS.items()}
        self._name, self._namespace, self._version, self._data = self._required
        self._changes = f"{prefix}.changes"

    @staticmethod
    @functools.lru_cache(maxsize=256)
    def of(prefix: str) -> Envelope:
        """The envelope of a prefix, made once."""
        return Envelope(prefix)

    def key(self, part: str) -> str:
        """`versioned_object.data` for `data`."""
        return f"{self.prefix}.{part}"

    def is_node(self, value: object) -> bool:
        """True for a dict that carries a name under this prefix."""
        return isinstance(value, dict) and self._name in value

    def check(self, node: object) -> Node:
        """The node itself.

        Raises PayloadError (`payload/envelope`) when a part is missing or wrong.
        """
        if not isinstance(node, dict):
            raise PayloadError(
                f"Expected an envelope, got {type(node).__name__}", rule="payload/envelope"
            )
        for key, kind in self._required.items():
            value = node.get(key)
            if not isinstance(value, kind):
                got = "nothing" if value is None else type(value).__name__
                raise PayloadError(
                    f"Expected {key!r} of type {kind.__name__}, got {got}", rule="payload/envelope"
                )
        changes = node.get(self._changes, ())
        if not isinstance(changes, list | tuple) or any(type(one) is not str for one in changes):
            raise PayloadError(
                f"Expected {self._changes!r} to be a list of names", rule="payload/envelope"
            )
        return node

    def name(self, node: Node) -> str:
        """The registry name in a checked node."""
        return str(node[self._name])

    def version(self, node: Node) -> str:
        """The version text in a checked node."""
        return str(node[self._version])

    def data(self, node: Node) -> dict[str, Any]:
        """The data of a checked node, not a copy."""
        data: dict[str, Any] = node[self._data]
        return data

    def changes(self, node: Node) -> list[str]:
        """The names of changed fields in a checked node, as a new list."""
        return list(node.get(self._changes, ()))

    def replaced(
        self, node: Node, *, version: str, data: dict[str, Any], changes: list[str]
    ) -> Node:
        """A new node like `node`, with other content; empty `changes` are left out, as by oslo."""
        made = dict(node)
        made[self._version] = version
        made[self._data] = data
        made.pop(self._changes, None)
        if changes:
            made[self._changes] = changes
        return made
