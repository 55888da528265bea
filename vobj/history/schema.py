"""Wire types and schemas: what the data of one version looks like.

Theory
    A wire type is what an older release would compute from its own source: a kind, nullability, a
    closed value set or an object name. It knows nothing of Python classes, defaults or
    documentation, so two releases that agree on the wire have equal schemas, and equal
    fingerprints.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

OBJECT = "Object"
CONTAINERS = ("List", "Set", "Dict")


@dataclass(frozen=True)
class WireType:
    """The type of a value on the wire.

    kind: "String", "Integer", "List", "Object", ... (the oslo field type's name). element: the type
    inside a List, Set or Dict. values: the closed set of an enum, sorted. object_name: the declared
    registry name of an Object; polymorphic: subclasses of it may stand there.
    """

    kind: str
    nullable: bool = False
    element: WireType | None = None
    values: tuple[str, ...] | None = None
    object_name: str | None = None
    polymorphic: bool = False

    def child(self) -> WireType | None:
        """The Object type at the end of any containers, or None."""
        inner: WireType | None = self
        while inner is not None and inner.kind != OBJECT:
            inner = inner.element
        return inner

    def shape(self) -> tuple[str, ...]:
        """The containers around the innermost type, outermost first: `("List",)`."""
        names: list[str] = []
        inner = self
        while inner.element is not None:
            names.append(inner.kind)
            inner = inner.element
        return tuple(names)

    def has_set(self) -> bool:
        """True when a Set stands anywhere inside: its order on the wire means nothing."""
        return self.kind == "Set" or (self.element is not None and self.element.has_set())

    @property
    def text(self) -> str:
        """`List<String?>`, `Enum`, `Object`: kind and nullability, without children and members."""
        inner = f"<{self.element.text}>" if self.element is not None else ""
        return f"{self.kind}{inner}{'?' if self.nullable else ''}"

    def __str__(self) -> str:
        inner = ""
        if self.element is not None:
            inner = f"<{self.element}>"
        elif self.object_name is not None:
            inner = f"<{self.object_name}{'+' if self.polymorphic else ''}>"
        elif self.values is not None:
            inner = f"<{'|'.join(self.values)}>"
        return f"{self.kind}{inner}{'?' if self.nullable else ''}"


@dataclass(frozen=True)
class Schema:
    """The fields of an object at one version: `{wire name: WireType}`, in declaration order."""

    object_name: str
    version: str
    fields: Mapping[str, WireType] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))

    @property
    def fingerprint(self) -> str:
        """16 hex digits over wire names, kinds and nullability; not children, members or order."""
        text = "\n".join(f"{name}:{kind.text}" for name, kind in sorted(self.fields.items()))
        return hashlib.sha256(f"{self.object_name}\n{text}".encode()).hexdigest()[:16]

    @functools.cached_property
    def children(self) -> Mapping[str, WireType]:
        """The fields that hold versioned objects, at any container depth."""
        return MappingProxyType(
            {name: kind for name, kind in self.fields.items() if kind.child() is not None}
        )

    def __hash__(self) -> int:
        return hash((self.object_name, self.version, self.fingerprint))
