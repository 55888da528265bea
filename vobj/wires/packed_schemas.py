"""Where the packed wire has its schemas from: the classes of this process, then a resolver.

Theory
    The wire does not know classes. It is given a `Schemas`, which finds the schema of a name and a
    version here, and perhaps a resolver, which knows the schemas of other releases: from a lock, or
    from a conductor. Whatever either says counts only when its fingerprint is the one that the
    payload names, so neither can make a payload mean what its writer did not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from vobj.errors import PayloadError, RemoteError
from vobj.history import Schema
from vobj.wires.packed_layout import Layout, layout_of

SchemaResolver = Callable[[str, str, str], Schema | None]
"""`(object name, version, fingerprint as 16 hex digits)` to the schema, or None.

Asked by any thread that decodes, once for each definition that is not known here. Its answers are
remembered, None is not. What it raises passes through the codec.
"""

_REMEMBERED = 1_024


class Schemas(Protocol):
    """The schemas of the classes that a codec handles."""

    @property
    def prefix(self) -> str:
        """The serialization namespace of their envelopes, `versioned_object` by default."""
        ...

    def written(self, name: str, version: str) -> Schema | None:
        """The schema that an object of this name and version is written by.

        None for what is to be written as a map: classes without declared changes, and what is not
        known. Raises nothing.
        """
        ...

    def read(self, name: str, version: str) -> Schema | None:
        """The schema that this process has for a name and version; None when it cannot tell.

        Raises RemoteErrors, such as UnknownClassError and NewerVersionError.
        """
        ...

    def spoken(self, name: str) -> Mapping[str, str]:
        """`{name: version}` of the newest class of a name, and of all that its tree may hold."""
        ...

    def check_project(self, name: str, namespace: str) -> None:
        """Raises UnknownClassError when the top object is of another project."""
        ...


class SchemaFinder:
    """The layout for a definition: by a fingerprint that is known here, or that is resolved."""

    def __init__(self, schemas: Schemas, resolver: SchemaResolver | None = None) -> None:
        self.schemas = schemas
        self._resolver = resolver
        self._resolved: dict[tuple[str, bytes], Schema] = {}
        self._lock = threading.Lock()

    def find(self, name: str, version: str, fingerprint: bytes) -> Layout:
        """The layout of the definition.

        Raises what `Schemas.read` does, PayloadError (`packed/fingerprint`, `packed/resolver`), and
        what the resolver raises.
        """
        here: Schema | None = None
        unknown: RemoteError | None = None
        try:
            here = self.schemas.read(name, version)
        except RemoteError as error:
            unknown = error
        if here is not None:
            layout = layout_of(here)
            if layout.fingerprint == fingerprint:
                return layout
        found = self._resolve(name, version, fingerprint)
        if found is not None:
            return layout_of(found)
        raise unknown or _not_known(name, version, fingerprint, here)

    def _resolve(self, name: str, version: str, fingerprint: bytes) -> Schema | None:
        if self._resolver is None:
            return None
        found = self._resolved.get((name, fingerprint))
        if found is None:
            found = self._resolver(name, version, fingerprint.hex())
            if found is None:
                return None
            if layout_of(found).fingerprint != fingerprint or found.object_name != name:
                raise PayloadError(
                    f"The resolver was asked for {name} {version} with the fingerprint"
                    f" {fingerprint.hex()}, and gave {found.object_name} {found.version} with"
                    f" {found.fingerprint}",
                    rule="packed/resolver",
                    object_name=name,
                    version=version,
                )
            with self._lock:
                if len(self._resolved) >= _REMEMBERED:
                    del self._resolved[next(iter(self._resolved))]
                self._resolved[name, fingerprint] = found
        return found


def _not_known(name: str, version: str, fingerprint: bytes, here: Schema | None) -> PayloadError:
    known = "it has no known schema" if here is None else f"it has {here.fingerprint}"
    return PayloadError(
        f"{name} {version} was packed by the schema {fingerprint.hex()}, here {known}: give the"
        " codec a resolver that knows it (schemas=)",
        rule="packed/fingerprint",
        object_name=name,
        version=version,
    )


def known_schemas(schemas: Iterable[Schema]) -> SchemaResolver:
    """A resolver that knows these schemas, such as those of a lock. They are read once."""
    by_fingerprint = {(one.object_name, one.fingerprint): one for one in schemas}

    def resolve(name: str, version: str, fingerprint: str) -> Schema | None:  # noqa: ARG001
        return by_fingerprint.get((name, fingerprint))

    return resolve
