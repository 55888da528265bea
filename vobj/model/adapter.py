"""Foreign classes: what oslo gives, from the code that oslo would run.

Theory
    A hand-written hook may be a method, a class method, run on an instance that was made for
    nothing else, or replace `obj_make_compatible_from_manifest`; it may read the object, its
    context or a database. None of that can be known from outside, so oslo itself is called, on a
    live object where there is one, else on one read from the payload.

    oslo leaves the manifest on the object while hooks run, and fields whose primitive is their
    value hand their containers to the hook. So a hook gets a twin: same class, same state,
    containers and nested objects of its own. The caller's object and payload stay as they were.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from oslo_versionedobjects import base, exception, fields

from vobj.errors import PayloadError, VobjError
from vobj.evolve import Catalog, Entry, Node, Scope, iter_nodes
from vobj.evolve.walk import map_children
from vobj.history import state_at
from vobj.model.errors import from_oslo
from vobj.version import Version


class ForeignCode:
    """The compatibility code of foreign classes, run on objects that `root` reads."""

    def __init__(self, catalog: Catalog, root: type[base.VersionedObject]) -> None:
        self._scope = Scope(catalog)
        self._root = root

    def backport(
        self,
        node: Node,
        target: str | None,
        manifest: Mapping[str, str] | None,
        context: object,
        live: object,
    ) -> Node:
        """What oslo gives for `obj_to_primitive(target, manifest)` of the object in `node`."""
        named = None if manifest is None else dict(manifest)
        if isinstance(live, base.VersionedObject):
            subject = twin(live)
        else:
            came = dict(self._own_versions(node))
            subject = self._read(node, context)
            if named is not None:
                named.update(_held(came, named))
        made: Node = subject.obj_to_primitive(target_version=target, version_manifest=named)
        self._follow_renames(made)
        return made

    def _read(self, node: Node, context: object) -> base.VersionedObject:
        """The object in a tree; whatever reading it raises is the payload's fault."""
        name, version = self._scope.envelope.name(node), self._scope.envelope.version(node)
        try:
            return self._root.obj_from_primitive(copy.deepcopy(node), context)
        except VobjError:
            raise
        except exception.VersionedObjectsException as error:
            raise from_oslo(error, name, version) from error
        except Exception as error:
            raise PayloadError(
                f"{name} cannot be read: {type(error).__name__}: {error}",
                rule="payload/value",
                object_name=name,
                version=version,
            ) from error

    def _own_versions(self, node: Node) -> Iterator[tuple[str, Version]]:
        """The own objects in a tree, with the highest version in which each name occurs last.

        Asks the catalog for every class on the way, because oslo would read any registered one.
        """
        found: list[tuple[str, Version]] = []

        def visit(inner: Node) -> Node:
            entry = self._entry(inner)
            if entry.history is not None:
                version = Version.parse(self._scope.envelope.version(inner))
                found.append((entry.name, version))
            self._descend(inner, entry, visit)
            return inner

        visit(node)
        return iter(sorted(found))

    def _follow_renames(self, made: Node) -> None:
        """Let `changes` of own objects inside follow the renames: oslo changes their data only.

        They are found by form: what a hook made of the tree need not have the shape of its types.
        """
        envelope = self._scope.envelope
        for inner in iter_nodes(envelope.data(made), envelope):
            try:
                history = self._entry(inner).history
            except VobjError:
                continue
            version = Version.parse(envelope.version(inner))
            if history is not None and version.xy < history.version.xy:
                names = {one.name: state_at(one, version).name for one in history.fields}
                data = envelope.data(inner)
                changes = [names[one] for one in envelope.changes(inner) if names.get(one) in data]
                inner.pop(envelope.key("changes"), None)
                if changes:
                    inner[envelope.key("changes")] = changes

    def _entry(self, node: Node) -> Entry:
        envelope = self._scope.envelope
        return self._scope.catalog.entry(envelope.name(node), envelope.version(node))

    def _descend(self, node: Node, entry: Entry, visit: Callable[[Node], Node]) -> None:
        for name, value in self._scope.envelope.data(node).items():
            kind = entry.types.get(name)
            if kind is None or kind.child() is None:
                continue
            try:
                map_children(value, kind, self._scope, visit)
            except VobjError as error:
                raise error.within(name) from None


def _held(came: Mapping[str, Version], named: Mapping[str, str]) -> dict[str, str]:
    """What keeps own objects from leaving newer than they came: oslo reads them upgraded."""
    return {
        name: version.short
        for name, version in came.items()
        if name not in named or Version.parse(named[name]).xy > version.xy
    }


def twin(subject: base.VersionedObject) -> base.VersionedObject:
    """An object in the same state that shares no container and no nested object with the first.

    Nothing of the class is run to make it: neither `__init__` nor a loader of unset fields.
    """
    made = copy.copy(subject)
    made._changed_fields = set(subject._changed_fields)
    for name in subject.fields:
        slot = f"_obj_{name}"
        if hasattr(subject, slot):
            setattr(made, slot, _apart(getattr(subject, slot), made))
    return made


def _apart(value: Any, owner: base.VersionedObject) -> Any:
    """A value of the same class whose containers and objects are its own."""
    match value:
        case base.VersionedObject():
            return twin(value)
        case dict():
            pairs = {key: _apart(one, owner) for key, one in value.items()}
            return _filled(value, dict.update, pairs, owner)
        case list():
            return _filled(value, list.extend, [_apart(one, owner) for one in value], owner)
        case set():
            return _filled(value, set.update, set(value), owner)
        case _:
            return value


def _filled(
    value: Any, fill: Callable[[Any, Any], Any], content: Any, owner: base.VersionedObject
) -> Any:
    """A container like `value` with this content; oslo's coercing ones belong to `owner`."""
    if isinstance(value, fields.CoercedCollectionMixin):
        made = type(value).__new__(type(value))
        made._element_type, made._field = value._element_type, value._field
        made._obj = owner
        fill(made, content)
        return made
    return content if type(value) is type(content) else copy.deepcopy(value)
