"""`Codec`: objects to bytes and back, in the version that each side asks for.

Theory
    A codec joins a wire (bytes <-> trees, within limits), evolve (trees in other versions) and the
    model (objects <-> trees). It holds settings only; all work is in those three. A codec is
    immutable, so threads and asyncio tasks share one freely; a converter runs in the thread of its
    caller.

    What arrives is checked before anything of it is used, and what raises leaves no trace: no
    object or payload that was passed in is ever changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from oslo_serialization import jsonutils, msgpackutils
from oslo_versionedobjects import base as oslo
from oslo_versionedobjects import exception

from vobj import native
from vobj.errors import NewerVersionError, PayloadError, UsageError, VobjError
from vobj.evolve import (
    Envelope,
    Finding,
    Node,
    Scope,
    backport,
    canonical,
    explain,
    merge,
    upgrade,
)
from vobj.evolve.backport import Goal
from vobj.model import (
    ClassCatalog,
    ClassSchemas,
    from_oslo,
    live_nodes,
    translated,
    writes_in_order,
)
from vobj.version import Manifest, Version
from vobj.wires import (
    DEFAULT_LIMITS,
    Limits,
    PackedWire,
    SchemaResolver,
    Wire,
    pick,
    standard_wires,
)

if native.active:
    from vobj.native import entry
if TYPE_CHECKING:
    from vobj.jobs.native_codec import NativeCodec
    from vobj.native.entry import Aimed, Entry

__all__ = ["Codec", "Target", "executor"]

Target = Manifest | Mapping[str, str] | str
_Targets = Target | Callable[[], Target]

WIRES: Mapping[str, Wire] = standard_wires(
    json=jsonutils, msgpack=msgpackutils, schemas=ClassSchemas(ClassCatalog(oslo.VersionedObject))
)

executor = "native" if native.active else "python"
"""Which executor runs the plans: `native` or `python`. `vobj.native.reason` says why not native."""

TARGETS_MAX = 256
"""How many targets a codec remembers as parsed, with what was worked out for them."""


class _Asked(NamedTuple):
    """A target, and the native executor for it, if one runs."""

    goal: Goal
    native: Aimed | None


class Codec:
    """Encodes and decodes versioned objects of one base, on one wire.

    wire: `msgpack`, `json` (both bytes, as oslo.serialization writes them), `primitive` (a dict) or
    `packed` (bytes, see docs/packed.md).
    base: the class whose subclasses the codec handles; its serialization and project namespaces are
    those of the payloads. limits: what is accepted from a peer. to: a manifest, a version, or a
    callable that gives one, that everything encoded is held to. policy: what happens to a child
    that a manifest does not name: `raise`, `keep`, `drop` or `oldest`; by default own classes raise
    and foreign ones are kept, as oslo does. schemas: asked for the schema of what was packed in a
    version that is not known here; see `vobj.wires.SchemaResolver`. executor: `native` or `python`;
    by default `vobj.codec.executor`.
    """

    def __init__(
        self,
        wire: str = "msgpack",
        *,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        limits: Limits = DEFAULT_LIMITS,
        to: _Targets | None = None,
        policy: str | None = None,
        schemas: SchemaResolver | None = None,
        executor: str | None = None,
    ) -> None:
        """Raises UsageError (`wire/unknown`, `usage/argument`)."""
        if wire not in WIRES:
            raise UsageError(
                f"Unknown wire {wire!r}: it is one of {', '.join(WIRES)}", rule="wire/unknown"
            )
        if not (isinstance(base, type) and issubclass(base, oslo.VersionedObject)):
            raise UsageError(
                f"base is a versioned object class, not {base!r}", rule="usage/argument"
            )
        self.wire = wire
        self.base = base
        self.limits = limits
        self._to = to
        self._policy = policy
        self._catalog = ClassCatalog(base)
        self._schemas = ClassSchemas(self._catalog)
        self._wires: dict[str, Wire] = {**WIRES, "packed": PackedWire(self._schemas, schemas)}
        self._wire = self._wires[wire]
        self._native = self._native_codec(executor)
        self._targets: dict[object, _Asked] = {}
        self._entry: Entry | None = None
        if self._native is not None:
            self._entry = self._native.entry(base, self._aimed, to)

    def __repr__(self) -> str:
        return f"Codec({self.wire!r}, base={self.base.__name__})"

    def encode(
        self,
        obj: oslo.VersionedObject,
        to: _Targets | None = None,
        *,
        hidden: str = "drop",
        context: object = None,
    ) -> Any:
        """The payload of an object: bytes, or a dict on the primitive wire.

        to: the peer's manifest or version; without it the codec's own. hidden: see `backport`.
        Raises UsageError for what is no object of the base, RefusedError (or the exception that a
        `Refused` names), ConversionError, ManifestError. What a hand-written hook raises passes
        through.
        """
        if not isinstance(obj, self.base):
            raise UsageError(
                f"Expected an object of {self.base.__module__}.{self.base.__qualname__}, got"
                f" {type(obj).__name__}, which does not derive from it: give the codec its base",
                rule="usage/argument",
            )
        asked = self._asked(to)
        with translated():
            if asked is None:
                whole = obj.obj_to_primitive()
                if not writes_in_order(obj):
                    whole = canonical(whole, self._scope(context))
                return self._wire.encode(whole)
            tree, live = self._tree(obj)
            scope = replace(self._scope(context, live), hidden=hidden)
            return self._wire.encode(canonical(backport(tree, asked.goal, scope), scope))

    def decode(self, data: object, *, context: object = None) -> Any:
        """The object in a payload; own classes are upgraded to their newest registered version.

        `obj_received_version` of an own object tells the version it came with. Raises RemoteErrors
        only: PayloadError, LimitError, UnknownClassError, NewerVersionError (with this process's
        manifest).
        """
        with translated():
            tree = self._read(data)
            try:
                return self._object(tree, context)
            except NewerVersionError as error:
                error.manifest = self._spoken(tree)
                raise

    def backport(
        self,
        data: object,
        to: _Targets | None = None,
        *,
        hidden: str = "drop",
        context: object = None,
        source: str | None = None,
    ) -> Any:
        """A payload in the versions that a peer reads, without losing what it does not know.

        hidden: what happens to a field that was added after the target. `drop` leaves it out.
        `reset` is for rows: the field stays, set to its backfill and counted as changed, so that no
        older value is left in its column; without a backfill it is left out. Hand-written hooks
        drop. source: the wire that `data` is written in, when it is not the codec's own; what is
        returned is of the codec's.

        Objects are built for foreign classes only. Raises what `encode` and `decode` do.
        """
        asked = self._asked(to)
        if asked is None:
            raise UsageError("backport needs a target: to=", rule="usage/argument")

        def lowered(tree: Node, scope: Scope) -> Node:
            return backport(tree, asked.goal, replace(scope, hidden=hidden))

        return self._through(data, lowered, context, source)

    def upgrade(self, data: object, *, context: object = None, source: str | None = None) -> Any:
        """A payload in the newest versions that this process knows; foreign objects stay.

        source: see `backport`.
        """
        if self._native is not None and source in (None, self.wire):
            made = self._native.upgrade(data)
            if made is not NotImplemented:
                return made
        return self._through(data, upgrade, context, source)

    def merge(
        self,
        current: object,
        edited: object,
        base: object = None,
        *,
        on_conflict: str = "raise",
        absent: str = "keep",
        unrepresentable: str = "raise",
        context: object = None,
        source: str | None = None,
    ) -> Any:
        """The put-back of an older caller's edits: `current` with what `edited` changed.

        base: the newer payload whose backport the caller was sent; None says it equals `current`.
        on_conflict: `raise`, `current` or `edited`. absent: `keep` or `clear` a field that the
        caller left out (clear needs base). unrepresentable: `raise` or `discard` an edit that the
        newer version cannot hold. source: the wire of `edited` alone, see `backport`. Raises
        MergeConflict, UnrepresentableEdit, MergeError and what `decode` raises; nothing is changed
        then.
        """
        with translated():
            now = self._read(edited, source)
            before = None if base is None else self._read(base)

        def put_back(tree: Node, scope: Scope) -> Node:
            return merge(
                tree,
                now,
                scope,
                base=before,
                on_conflict=on_conflict,
                absent=absent,
                unrepresentable=unrepresentable,
            )

        return self._through(current, put_back, context)

    def explain(
        self,
        data: object,
        to: _Targets | None = None,
        *,
        context: object = None,
        source: str | None = None,
    ) -> list[Finding]:
        """What a backport would drop, map, convert, hide, restore or refuse, before it is sent.

        data: a payload or an object. source: see `backport`.
        """
        asked = self._asked(to)
        if asked is None:
            raise UsageError("explain needs a target: to=", rule="usage/argument")
        live: dict[int, object] = {}
        with translated():
            if isinstance(data, self.base):
                tree = data.obj_to_primitive()
                live = live_nodes(data, tree)
            else:
                tree = self._read(data, source)
            return explain(tree, asked.goal, self._scope(context, live))

    def _object(self, tree: Node, context: object) -> Any:
        """The object in a checked tree; whatever reading it raises is the payload's fault."""
        name, version = self._envelope.name(tree), self._envelope.version(tree)
        self._catalog.class_of(tree)
        try:
            return self.base.obj_from_primitive(tree, context)
        except VobjError:
            raise
        except exception.IncompatibleObjectVersion as error:
            known = Version.parse(version)
            if known.patch is not None:
                return self._object({**tree, self._envelope.key("version"): known.short}, context)
            inner = (error.kwargs.get("objname", name), error.kwargs.get("objver", version))
            self._catalog.class_for(*inner)
            raise from_oslo(error, *inner) from error
        except exception.VersionedObjectsException as error:
            raise from_oslo(error, name, version) from error
        except Exception as error:
            raise PayloadError(
                f"{name} cannot be read: {type(error).__name__}: {error}",
                rule="payload/value",
                object_name=name,
                version=version,
            ) from error

    def _spoken(self, tree: Node) -> dict[str, str]:
        """What this process speaks for the object in a tree and all that may be inside it."""
        return self._catalog.spoken(self._envelope.name(tree))

    @property
    def _envelope(self) -> Envelope:
        return Envelope.of(self._catalog.prefix)

    def _asked(self, to: _Targets | None) -> _Asked | None:
        chosen = self._to if to is None else to
        if callable(chosen):
            chosen = chosen()
        if chosen is None:
            return None
        key = tuple(chosen.items()) if type(chosen) is dict else chosen
        try:
            found = self._targets.get(key)
        except TypeError:  # lists of versions: worked out anew on each call
            return self._worked_out(chosen)
        if found is None:
            if len(self._targets) >= TARGETS_MAX:
                self._targets.clear()
            found = self._targets[key] = self._worked_out(chosen)
        return found

    def _aimed(self, to: Target) -> Aimed | None:
        """What the native executor has for a target; what is wrong is told on the long way."""
        try:
            asked = self._asked(to)
        except VobjError:
            return None
        return None if asked is None else asked.native

    def _worked_out(self, chosen: Target) -> _Asked:
        goal = Goal.of(chosen)
        return _Asked(goal, None if self._native is None else self._native.aimed_at(goal))

    def _native_codec(self, wanted: str | None) -> NativeCodec | None:
        if wanted not in (None, "native", "python"):
            told = f"Unknown executor {wanted!r}: it is native or python"
            raise UsageError(told, rule="usage/argument")
        if wanted == "native" and native.reason is not None:
            raise UsageError(f"No native executor: {native.reason}", rule="usage/argument")
        if wanted == "python" or not native.active:
            return None
        from vobj.jobs import native_codec

        if self.wire not in native_codec.WIRES:
            return None
        return native_codec.NativeCodec(self.wire, self._catalog, self.limits, self._policy)

    def _scope(self, context: object, live: Mapping[int, object] | None = None) -> Scope:
        return Scope(self._catalog, context=context, policy=self._policy, live=live or {})

    def _tree(self, obj: oslo.VersionedObject) -> tuple[Node, dict[int, object]]:
        """The envelope of an object, and which object each envelope in it was made from.

        The hook of a foreign object works on the object itself, so it gets an envelope without
        data.
        """
        envelope = self._envelope
        entry = self._catalog.entry(obj.obj_name(), obj.VERSION)
        if entry.history is None:
            stub = {
                envelope.key("name"): obj.obj_name(),
                envelope.key("namespace"): obj.OBJ_PROJECT_NAMESPACE,
                envelope.key("version"): obj.VERSION,
                envelope.key("data"): {},
            }
            return stub, {id(stub): obj}
        tree = obj.obj_to_primitive()
        return tree, live_nodes(obj, tree)

    def _read(self, data: object, source: str | None = None) -> Node:
        wire = self._wire if source is None else pick(self._wires, source)
        tree = self._envelope.check(wire.decode(data, self.limits))
        namespace: str = tree[self._envelope.key("namespace")]
        self._schemas.check_project(self._envelope.name(tree), namespace)
        return tree

    def _through(
        self,
        data: object,
        change: Callable[[Node, Scope], Node],
        context: object,
        source: str | None = None,
    ) -> Any:
        with translated():
            tree = self._read(data, source)
            scope = self._scope(context)
            return self._wire.encode(canonical(change(tree, scope), scope))


if native.active:
    entry.stand_in_for(Codec)
