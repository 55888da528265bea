"""`VersionedObject`, the class that users write.

Theory
    Two classes. `Evolving` is oslo's VersionedObject with versions that follow from declared
    changes: what is received is upgraded, what is asked for in an older version is backported, and
    oslo's own callers, a foreign parent that backports its children for one, find the same
    behaviour behind the hooks they call. It is also what `vobj.register` puts below an existing
    oslo class that declares changes. `VersionedObject` adds what a new class wants: fields from
    annotations, `==` by value and a readable repr.

    A class with a hand-written hook is foreign, and every method here steps aside for oslo's.

    Objects are not locked: as with oslo's, one thread at a time changes an object. Encoding one,
    and everything that works on classes and payloads, may run in any number of threads and tasks.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from oslo_versionedobjects import base

from vobj import evolve, native
from vobj.errors import VobjError
from vobj.evolve import Node, Scope, Upgraded
from vobj.fields import field
from vobj.model.catalog import ClassCatalog
from vobj.model.dehydrate import dehydrate, held_objects, live_nodes
from vobj.model.errors import TargetError, UnknownObjectError, translated
from vobj.model.histories import VersionedClass, body_of, by_vobj, history_of, is_own
from vobj.model.hydrate import hydrate
from vobj.model.show import shown
from vobj.version import Version

_OSLO_READER = base.VersionedObject._obj_from_primitive.__func__  # type: ignore[attr-defined]


class Evolving(base.VersionedObject):
    """An oslo object whose versions follow from the changes its class declares."""

    _vobj_declaring: ClassVar[bool] = True
    _vobj_annotated: ClassVar[bool] = False
    _vobj_received: str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not by_vobj(cls):
            settle(cls)

    @property
    def obj_received_version(self) -> str | None:
        """The version the object had on the wire; None for one that was made here."""
        return self._vobj_received

    @classmethod
    def supports(cls, name: str, version: str) -> bool:
        """Whether the field with this newest name exists at a version, under any name."""
        return history_of(cls).supports(name, version)

    def upgrade_to_latest(self) -> None:
        """Be of the VERSION of the class, with all objects inside; no data changes.

        Objects with declared changes always are. One with a hand-written hook keeps the version it
        came with, as oslo has it, and is neither sent at a newer one nor to be asked for it.
        """
        for one in held_objects(self):
            vars(one).pop("VERSION", None)

    def obj_to_primitive(
        self,
        target_version: str | None = None,
        version_manifest: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """The envelope of the object, a plain dict, in its own or an older version.

        target_version: the version of this object; by default its own. version_manifest:
        `{name: version}` for the objects inside. `changes` stand in field order, sets are sorted.
        Raises UsageError, RefusedError, ConversionError or ManifestError, each of them also as the
        exception of oslo that its callers catch, or the exception that a `Refused` names.
        """
        cls = type(self)
        if not is_own(cls):
            return super().obj_to_primitive(target_version, version_manifest)
        with translated():
            node = self._vobj_node()
            if target_version in (None, self.VERSION) and not version_manifest:
                return node
            target = self._vobj_target(target_version)
            named = {**version_manifest, self.obj_name(): target} if version_manifest else None
            return evolve.backport(node, named or target, self._vobj_scope(live_nodes(self, node)))

    def _vobj_node(self) -> Node:
        """The envelope at the own version, as it is before anything is made of it."""
        return dehydrate(self)

    def _vobj_target(self, target_version: str | None) -> str:
        own = Version.parse(self.VERSION)
        wanted = own if target_version is None else self._vobj_parsed(target_version)
        if wanted.xy > own.xy:
            raise TargetError(
                f"{self.obj_name()} is {own}; it has no version {wanted} to be sent at",
                rule="usage/argument",
                object_name=self.obj_name(),
                version=str(own),
                target=str(wanted),
            )
        return str(wanted)

    def _vobj_parsed(self, version: str) -> Version:
        try:
            return Version.parse(version)
        except VobjError as error:
            raise TargetError(error.message, rule=error.rule, object_name=self.obj_name()) from None

    def _vobj_scope(self, live: Mapping[int, object]) -> Scope:
        cls = type(self)
        catalog = ClassCatalog(cls, within=base.VersionedObject, also=cls)
        return Scope(catalog, context=self._context, live=live)

    def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
        """Turn the data of this object into that of an older version, in place.

        Called by oslo, with the manifest left on the object for the time of the call. A target that
        is not older changes nothing but the objects inside.
        """
        if not is_own(type(self)):
            super().obj_make_compatible(primitive, target_version)
            return
        history = history_of(type(self))
        with translated():
            wanted = self._vobj_parsed(target_version)
            older = evolve.downgrade_data(
                history,
                primitive,
                wanted if wanted.xy < history.version.xy else history.version,
                self._vobj_scope(live_nodes(self, primitive)),
                getattr(self, "_obj_version_manifest", None),
                live=self,
            )
        primitive.clear()
        primitive.update(older)

    @classmethod
    def obj_from_primitive(cls, primitive: dict[str, Any], context: Any = None) -> Self:
        """The object in an envelope, upgraded to the newest version of its class.

        Raises PayloadError, UnknownClassError or NewerVersionError with the path, each of them also
        as the exception of oslo that its callers catch.
        """
        with translated():
            catalog = ClassCatalog(cls, within=base.VersionedObject)
            node = primitive
            if not isinstance(node, Upgraded):
                node = catalog.envelope.check(primitive)
            namespace = node[catalog.envelope.key("namespace")]
            if namespace != cls.OBJ_PROJECT_NAMESPACE:
                raise UnknownObjectError(
                    f"Expected the namespace {cls.OBJ_PROJECT_NAMESPACE!r}, got {namespace!r:.60}",
                    rule="payload/namespace",
                    object_name=catalog.envelope.name(node),
                )
            found = catalog.class_of(node)
        if not is_own(found):
            return super().obj_from_primitive(primitive, context)
        version = catalog.envelope.version(node)
        return typing.cast("Self", found._obj_from_primitive(context, version, node))

    @classmethod
    def _obj_from_primitive(cls, context: Any, objver: str, primitive: dict[str, Any]) -> Self:
        if not is_own(cls):
            return super()._obj_from_primitive(context, objver, primitive)
        with translated():
            catalog = ClassCatalog(cls, within=base.VersionedObject, also=cls)
            node = primitive
            if not isinstance(node, Upgraded):
                node = evolve.upgrade(catalog.envelope.check(node), Scope(catalog, context))
            newest = catalog.class_of(node)
            if newest is not cls:
                read = newest._obj_from_primitive(context, newest.VERSION, node)
                return typing.cast("Self", read)
            made = cls._vobj_read(context, node, super()._obj_from_primitive)
        received = node.received if isinstance(node, Upgraded) else catalog.envelope.version(node)
        # oslo's reader makes the received version that of the object; here VERSION is the class's.
        vars(made).pop("VERSION", None)
        made._vobj_received = received
        return made

    @classmethod
    def _vobj_read(cls, context: Any, node: Node, inherited: Any) -> Self:
        """Read a node of the newest version, by the reader of a base further up if it has one."""
        if inherited.__func__ is _OSLO_READER:
            return typing.cast("Self", hydrate(cls, context, node))
        return typing.cast("Self", inherited(context, cls.VERSION, node))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        made = super().__deepcopy__(memo)
        made._vobj_received = self._vobj_received
        return made


if native.active:
    from vobj.model import standins

    standins.speed_up(Evolving)


def settle(cls: VersionedClass) -> None:
    """Read the body of a new class, and put our hooks before those of oslo's list class."""
    body_of(cls)
    resolved = getattr(cls, "obj_make_compatible", None)
    if is_own(cls) and resolved is base.ObjectListBase.obj_make_compatible:
        cls.obj_make_compatible = Evolving.obj_make_compatible  # type: ignore[assignment, method-assign]


if native.active and not typing.TYPE_CHECKING:
    from vobj.native.record import Record as _Stored
else:

    class _Stored:
        """Where objects keep their values: as oslo does, where the native executor does not run."""


@typing.dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(field,))
class VersionedObject(_Stored, Evolving):
    """A versioned object: fields are annotations, and each says which changes it went through.

    Annotations are fields, except ClassVar, private names and names of this base class; mixins use
    oslo's `fields`. `changes = {"name": [...]}` dates fields declared with `fields`, or inherited;
    `history = [...]` holds facts about the class. Both belong to the class body that wrote them.

    Two objects are equal when name, version and data are, at every depth, sets as sets; what
    changed does not count. The hash is that of the identity, since objects can change: a set or a
    dict tells equal objects apart. An unset field stays unset: type checkers expect all fields
    without a default in the constructor, the class does not.
    """

    _vobj_annotated: ClassVar[bool] = True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Evolving):
            return NotImplemented
        if self.obj_name() != other.obj_name() or self.VERSION != other.VERSION:
            return False
        scope = self._vobj_scope({})
        mine, theirs = self.obj_to_primitive(), other.obj_to_primitive()
        return evolve.frozen_node(mine, scope) == evolve.frozen_node(theirs, scope)

    # As in oslo's ComparableVersionedObject: its serializer takes sets of objects.
    __hash__ = base.VersionedObject.__hash__

    def __repr__(self) -> str:
        return shown(self)

    if native.active:

        def __getstate__(self) -> dict[str, Any]:
            """The attributes that oslo keeps in the `__dict__`: what pickle and copy take along."""
            kept = {name: getattr(self, name) for name in ("_changed_fields", "_context")}
            if self._vobj_received is not None:
                kept["_vobj_received"] = self._vobj_received
            return {**kept, **self._vobj_held(), **vars(self)}  # type: ignore[attr-defined]

        def __setstate__(self, state: dict[str, Any]) -> None:
            for name, value in state.items():
                setattr(self, name, value)
