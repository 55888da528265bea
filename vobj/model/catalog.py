"""The registered classes of a base, as `vobj.evolve` asks for them.

Theory
    A payload of an own class is read by the newest registered class of its major version, so that
    it arrives upgraded; one of a foreign class by the class that oslo picks. A class outside the
    base is as unknown as one that was never registered: a peer chooses among the classes it was
    offered, not among all that this process happens to have.
"""

from __future__ import annotations

import weakref

from oslo_versionedobjects import base, exception

from vobj.errors import PayloadError, VobjError
from vobj.evolve import Entry, Envelope, Node
from vobj.model.adapter import ForeignCode
from vobj.model.errors import NewerObjectError, UnknownObjectError, from_oslo
from vobj.model.histories import VersionedClass, by_vobj, history_of, is_own
from vobj.model.lookup import (
    newest_class,
    newest_own,
    remember,
    remembered,
    spoken,
    types_of,
)
from vobj.version import Version

_OWN: weakref.WeakKeyDictionary[VersionedClass, Entry] = weakref.WeakKeyDictionary()


def ancestors_of(cls: VersionedClass) -> tuple[str, ...]:
    """The registry names of the parent classes, nearest first."""
    parents = (
        owner
        for owner in cls.__mro__[1:]
        if issubclass(owner, base.VersionedObject)
        and owner.__module__ != base.__name__
        and not by_vobj(owner)
    )
    return tuple(owner.obj_name() for owner in parents)


class ClassCatalog:
    """The classes that are found from `root`, and lie inside `within`.

    root: whose `obj_class_from_name` is asked. within: a class outside it is treated as unknown; by
    default `root`. also: one class that is known by its name even if it is not registered.
    """

    def __init__(
        self,
        root: VersionedClass,
        within: VersionedClass | None = None,
        also: VersionedClass | None = None,
    ) -> None:
        self.root = root
        self.within = root if within is None else within
        self._also = also
        self._foreign = ForeignCode(self, root)

    @property
    def prefix(self) -> str:
        """The serialization namespace of the root."""
        return self.root.OBJ_SERIAL_NAMESPACE

    @property
    def envelope(self) -> Envelope:
        """Reads and writes envelopes with the prefix."""
        return Envelope.of(self.prefix)

    def entry(self, name: str, version: str) -> Entry:
        """The class that reads a payload of this name and version, as evolve sees it."""
        return self.entry_of(self.class_for(name, version))

    def parent(self, name: str) -> Entry | None:
        """The newest registered class of a name, or None."""
        found = newest_class(self.root, name)
        return None if found is None else self.entry_of(found)

    def spoken(self, name: str) -> dict[str, str]:
        """`{name: version}` of the newest class of a name and its tree; empty when none has it."""
        found = newest_class(self.root, name)
        return {} if found is None else spoken([found])

    def entry_of(self, cls: VersionedClass) -> Entry:
        """A class as evolve sees it. An own one is made once; a foreign one is of this catalog."""
        version = Version.parse(cls.VERSION)
        known = _OWN.get(cls)
        if known is not None and known.version == version:
            return known
        name, types, ancestors = cls.obj_name(), types_of(cls), ancestors_of(cls)
        if not is_own(cls):
            return Entry(name, version, types, ancestors, foreign=self._foreign)
        made = _OWN[cls] = Entry(name, version, types, ancestors, history=history_of(cls))
        return made

    def class_of(self, node: Node) -> VersionedClass:
        """The class that reads a checked envelope."""
        return self.class_for(self.envelope.name(node), self.envelope.version(node))

    def class_for(self, name: str, version: str) -> VersionedClass:
        """The class that reads a payload of this name and version.

        Raises UnknownClassError (`payload/class`), NewerVersionError (`version/newer`), RemoteError
        (`version/unsupported`) for a major version that is gone, and PayloadError
        (`version/malformed`).
        """
        try:
            wanted = Version.parse(version)
        except VobjError as error:
            raise PayloadError(error.message, rule=error.rule, object_name=name) from None
        found = remembered(self.root, name, version)
        if found is None:
            found = self._find(name, wanted)
            if is_own(found):
                found = newest_own(self.root, name, found)
            if found is not self._also:
                remember(self.root, name, version, found)
        if not issubclass(found, self.within):
            raise UnknownObjectError(
                f"{name} is not a {self.within.__name__}", rule="payload/class", object_name=name
            )
        return found

    def _find(self, name: str, wanted: Version) -> VersionedClass:
        try:
            return self.root.obj_class_from_name(name, str(wanted))
        except exception.UnsupportedObjectError as error:
            if self._also is not None and name == self._also.obj_name():
                return self._also
            raise from_oslo(error, name, str(wanted)) from None
        except exception.IncompatibleObjectVersion as error:
            if self._also is not None and name == self._also.obj_name():
                own = Version.parse(self._also.VERSION)
                if own.major == wanted.major and own.xy >= wanted.xy:
                    return self._also
            if wanted.patch is not None:
                return self._find(name, Version(*wanted.xy))
            newest = newest_class(self.root, name)
            if newest is None or wanted.xy < Version.parse(newest.VERSION).xy:
                raise from_oslo(error, name, str(wanted)) from None
            raise _newer(name, wanted, newest) from None


def _newer(name: str, wanted: Version, newest: VersionedClass) -> NewerObjectError:
    return NewerObjectError(
        f"{name} {wanted} is newer than {newest.VERSION}, which is the newest here",
        manifest=spoken([newest]),
        object_name=name,
        version=str(wanted),
    )
