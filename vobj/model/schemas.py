"""The schemas of registered classes, as the packed wire asks for them.

Theory
    An own class is written by the schema of its version, which its history tells. A foreign one is
    not, because its fields may drift while its version stays; but another release may own it, and
    what that one wrote at the version of the class here is read, if the fingerprint agrees.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping

from vobj.errors import UnknownClassError, VobjError
from vobj.history import Schema
from vobj.model.catalog import ClassCatalog
from vobj.model.histories import VersionedClass
from vobj.version import Version

_FOREIGN: weakref.WeakKeyDictionary[VersionedClass, Schema] = weakref.WeakKeyDictionary()


class ClassSchemas:
    """The schemas of the classes in a catalog.

    any_project: payloads of other projects are read as well, to be looked at.
    """

    def __init__(self, catalog: ClassCatalog, *, any_project: bool = False) -> None:
        self._catalog = catalog
        self._any_project = any_project

    @property
    def prefix(self) -> str:
        """The serialization namespace of the root."""
        return self._catalog.prefix

    def written(self, name: str, version: str) -> Schema | None:
        """The schema of an own class at a version that its history explains, or None."""
        try:
            history = self._catalog.entry(name, version).history
            return None if history is None else history.schema(version)
        except VobjError:
            return None

    def read(self, name: str, version: str) -> Schema | None:
        """The schema of an own class at a version, or of a foreign one at its own.

        Raises what `ClassCatalog.class_for` does.
        """
        entry = self._catalog.entry(name, version)
        if entry.history is not None:
            return entry.history.schema(version)
        if Version.parse(version).xy != entry.version.xy:
            return None
        cls = self._catalog.class_for(name, version)
        found = _FOREIGN.get(cls)
        if found is None or found.version != entry.version.short:
            found = _FOREIGN[cls] = Schema(entry.name, entry.version.short, entry.types)
        return found

    def spoken(self, name: str) -> Mapping[str, str]:
        """`{name: version}` of the newest class of a name and its tree; empty when none has it."""
        return self._catalog.spoken(name)

    def check_project(self, name: str, namespace: str) -> None:
        """Raises UnknownClassError (`payload/namespace`) for a namespace that is not the root's."""
        expected = self._catalog.root.OBJ_PROJECT_NAMESPACE
        if namespace != expected and not self._any_project:
            raise UnknownClassError(
                f"Expected the namespace {expected!r}, got {namespace!r}: give the codec the base"
                " class of that project",
                rule="payload/namespace",
                object_name=name,
            )
