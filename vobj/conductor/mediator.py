"""`Conductor`: backports and remotable methods for peers of other versions, without any I/O.

Theory
    Three operations over plain data, named after oslo's indirection API. What comes in is an
    envelope, or holds envelopes anywhere; what goes out is in the versions of the caller. Which
    those are is told by the payload itself, and by the manifest where one came with it.

    A peer gets at registered classes of the base and at methods marked remotable, nothing else;
    every part of a request is checked before anything of it is used. An older caller's object is
    put back into today's before its method runs (see `vobj.conductor.putback`), so a collision
    raises while nothing has happened. What happens after the method is told in the error, for then
    it has run.

    A conductor holds settings and a memory of what it handed out. Any number of threads may call
    it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oslo_versionedobjects import base as oslo

from vobj.changes import ABSENT
from vobj.codec import Codec
from vobj.conductor.backports import Backports, Made, Seen
from vobj.conductor.entities import objects_in, to_envelopes, to_objects
from vobj.conductor.kept import Results
from vobj.conductor.manifests import KnownManifests
from vobj.conductor.methods import Method, method_of_class, method_of_objects
from vobj.conductor.observed import NOBODY, Caller, Observer, Tally
from vobj.conductor.putback import PutBack
from vobj.conductor.remembered import InMemory, Remembered
from vobj.conductor.telling import Telling
from vobj.errors import ManifestError, PayloadError, UsageError
from vobj.evolve import Node, Scope, iter_nodes
from vobj.evolve.compare import same, types_of
from vobj.model import ClassCatalog, translated
from vobj.version import Manifest, Version
from vobj.wires import DEFAULT_LIMITS, Limits
from vobj.wires.limits import check_tree

CHANGED = "obj_what_changed"


class Conductor:
    """Answers peers of other versions.

    base: the class whose registered subclasses peers get at. limits: what is accepted from a peer.
    remembered: where it is kept what older callers were sent; by default in memory. expected:
    exceptions of the remotable methods that callers are told by class and text; of any other they
    learn only that there was one. observer: is told which backports were asked for, in batches.
    cache_bytes: how much is kept of results that are the same for everyone (32 MiB; 0 for nothing).
    manifests: how many manifests are known by their fingerprint (1,024).
    """

    def __init__(
        self,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        *,
        limits: Limits = DEFAULT_LIMITS,
        remembered: Remembered | None = None,
        expected: Sequence[type[Exception]] = (),
        observer: Observer | None = None,
        cache_bytes: int = 32 * 1024 * 1024,
        manifests: int = 1_024,
    ) -> None:
        """Raises UsageError (`usage/argument`), also for a base that itself calls a conductor."""
        self._codec = Codec("primitive", base=base, limits=limits)
        self._answers = Codec("primitive", base=base, limits=limits, policy="keep")
        if base.indirection_api is not None:
            raise UsageError(
                f"{base.__name__} has an indirection API: a conductor runs its methods itself",
                rule="usage/argument",
            )
        self._catalog = ClassCatalog(base)
        self._envelope = self._catalog.envelope
        self._own_memory = remembered is None
        self._put_back = PutBack(
            base, self._answers, InMemory() if remembered is None else remembered
        )
        self._telling = Telling(expected)
        self._known = KnownManifests(most=manifests)
        self.tally = Tally()
        self.results = Results(cache_bytes)
        self._backports = Backports(
            base, limits, self._put_back, self.results, self.tally, self._telling
        )
        if observer is not None:
            self.tally.tell(observer)

    @property
    def limits(self) -> Limits:
        """What is accepted from a peer."""
        return self._codec.limits

    def remember_in(self, remembered: Remembered) -> None:
        """Keep what callers were sent there, unless this conductor was made with a memory."""
        if self._own_memory:
            self._put_back.remember_in(remembered)

    def object_backport_versions(
        self,
        context: object,
        payload: object,
        manifest: Mapping[str, str],
        *,
        caller: Caller = NOBODY,
    ) -> Any:
        """The payload in the versions of a manifest; objects are built for foreign classes only.

        payload: an envelope, or bytes of any wire; the answer has the same form. Raises what
        `Codec.backport` does.
        """
        return self.backport(context, payload, manifest=manifest, caller=caller).payload

    def backport(
        self,
        context: object,
        payload: object,
        *,
        manifest: Mapping[str, str] | None = None,
        fingerprint: str | None = None,
        caller: Caller = NOBODY,
        seen: Seen | None = None,
    ) -> Made:
        """The same, for a manifest that may be named by its fingerprint alone.

        seen: what `see` gave for the same payload and manifest. A manifest that comes with its
        fingerprint is known by it from then on. Raises ManifestError
        (`manifest/unknown-fingerprint`) for one that is not.
        """
        speaks = self.speaks(manifest, fingerprint)
        return self._backports.backport(context, payload, speaks, caller, seen)

    def ready(self, payload: bytes, fingerprint: str, *, caller: Caller = NOBODY) -> Made | None:
        """What `backport` gives, when it is kept already; takes microseconds."""
        return self._backports.ready(payload, fingerprint, caller)

    def see(self, payload: object, speaks: Manifest) -> Seen:
        """What is known of a payload, above all whether its backport is quick.

        Raises PayloadError, LimitError, UnknownClassError and NewerVersionError.
        """
        return self._backports.see(payload, speaks)

    def speaks(
        self, manifest: Mapping[str, str] | None, fingerprint: str | None = None
    ) -> Manifest:
        """The manifest of a request, which holds it or names it. Raises ManifestError."""
        return self._known.resolve(fingerprint, manifest)

    def object_action(
        self,
        context: object,
        payload: object,
        method: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        manifest: Mapping[str, str] | None = None,
        *,
        caller: Caller = NOBODY,
    ) -> tuple[dict[str, Any], Any]:
        """Run a remotable method on the object in a payload: `(updates, result)`.

        context: what the object gets as its context; None gives an empty dict, since oslo runs no
        method without one. manifest: what the caller speaks beyond what its payload shows. updates:
        the fields that are now different from the payload, as primitives in the caller's version,
        and under `obj_what_changed` the sorted names of those that are changed and not saved.

        Raises UnknownMethodError, MergeConflict, MethodError, what `Codec.decode` raises, and,
        after the method has run, what `Codec.encode` raises.
        """
        node = self._checked(payload)
        found = method_of_objects(self._catalog.class_of(node), method)
        context = {} if context is None else context
        arguments = self._arguments(found, (), args, kwargs, context)
        given = {**self._shown([node, args, kwargs]), **Manifest(manifest)}
        with self._telling(found.owner.obj_name()):
            subject = self._put_back.subject(node, context)
        with self._telling(found.owner.obj_name(), found.name):
            result = found(subject, *arguments)
        with self._telling(found.owner.obj_name(), ran=found.name):
            updates = self._updates(node, subject, given, context, caller)
            return updates, self._sent(result, given, context, caller)

    def object_class_action_versions(
        self,
        context: object,
        name: str,
        method: str,
        manifest: Mapping[str, str],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        caller: Caller = NOBODY,
    ) -> Any:
        """Run a remotable class method: its result, with objects in the versions of a manifest.

        The manifest names the class; objects it does not name are sent as they are here. Raises
        what `object_action` does, and ManifestError.
        """
        speaks = Manifest(manifest)
        if name not in speaks:
            raise ManifestError(
                f"The manifest does not name {name!r:.60}", rule="manifest/object-unnamed"
            )
        with translated():
            found = method_of_class(self._catalog.class_for(name, speaks[name]), method)
        context = {} if context is None else context
        positional, named = self._arguments(found, (context,), args, kwargs, context)
        with self._telling(name, found.name):
            result = found(found.owner, positional, named)
        with self._telling(name, ran=found.name):
            return self._sent(result, speaks, context, caller)

    def _checked(self, payload: object) -> Node:
        """An envelope within the limits. Raises PayloadError and LimitError."""
        with translated():
            check_tree(payload, self.limits)
            return self._envelope.check(payload)

    def _arguments(
        self, method: Method, first: tuple[Any, ...], args: Any, kwargs: Any, context: object
    ) -> tuple[list[Any], dict[str, Any]]:
        """What the method is called with, objects decoded. Raises before anything of it is used."""
        args, kwargs = [] if args is None else args, {} if kwargs is None else kwargs
        if not isinstance(args, list | tuple) or not isinstance(kwargs, dict):
            raise PayloadError(
                "Expected args to be a list and kwargs to be a dict", rule="conductor/request"
            )
        check_tree([args, kwargs], self.limits)

        def decode(node: Node) -> Any:
            return self._codec.decode(node, context=context)

        method.check([*first, *args], kwargs)
        positional = to_objects(args, self._envelope, decode)
        return [*first, *positional], to_objects(kwargs, self._envelope, decode)

    def _shown(self, value: Any) -> dict[str, str]:
        """The lowest version of each object in what a caller sent: it reads these."""
        found: dict[str, str] = {}
        for node in iter_nodes(value, self._envelope):
            name, version = self._envelope.name(node), self._envelope.version(node)
            known = found.setdefault(name, version)
            found[name] = min(known, version, key=lambda one: Version.parse(one).xy)
        return found

    def _updates(
        self,
        payload: Node,
        subject: oslo.VersionedObject,
        given: Mapping[str, str],
        context: object,
        caller: Caller,
    ) -> dict[str, Any]:
        """What oslo's caller applies to its object after the method has run."""
        name, version = self._envelope.name(payload), self._envelope.version(payload)
        after = self._sent(subject, {**given, name: version}, context, caller)
        scope = Scope(self._catalog)
        types = types_of(self._catalog.entry(name, version), version)
        before = self._envelope.data(payload)
        updates = {
            field: value
            for field, value in self._envelope.data(after).items()
            if not same(value, before.get(field, ABSENT), types.get(field), scope)
        }
        return {**updates, CHANGED: sorted(self._envelope.changes(after))}

    def _sent(self, value: Any, speaks: Mapping[str, str], context: object, caller: Caller) -> Any:
        """A result in the caller's versions; what leaves in an older one is remembered."""
        made = to_envelopes(
            value, lambda one: self._answers.encode(one, to=Manifest(speaks), context=context)
        )
        lowered = self._put_back.lowered(made)
        if lowered:
            self.tally.add(caller, lowered.items())
            for one in objects_in(value):
                self._put_back.note(self._answers.encode(one, context=context), speaks)
        return made
