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

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from oslo_versionedobjects import base as oslo

from vobj.changes import ABSENT
from vobj.codec import Codec
from vobj.conductor.entities import objects_in, to_envelopes, to_objects
from vobj.conductor.methods import Method, method_of_class, method_of_objects
from vobj.conductor.putback import PutBack
from vobj.conductor.remembered import InMemory, Remembered
from vobj.errors import (
    ManifestError,
    MergeError,
    MethodError,
    PayloadError,
    RefusedError,
    UsageError,
    VobjError,
)
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
    learn only that there was one.
    """

    def __init__(
        self,
        base: type[oslo.VersionedObject] = oslo.VersionedObject,
        *,
        limits: Limits = DEFAULT_LIMITS,
        remembered: Remembered | None = None,
        expected: Sequence[type[Exception]] = (),
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
        self._put_back = PutBack(
            base, self._answers, InMemory() if remembered is None else remembered
        )
        self._expected = tuple(expected)

    @property
    def limits(self) -> Limits:
        """What is accepted from a peer."""
        return self._codec.limits

    def object_backport_versions(
        self, context: object, payload: object, manifest: Mapping[str, str]
    ) -> Node:
        """The payload in the versions of a manifest; objects are built for foreign classes only.

        Raises what `Codec.backport` does.
        """
        speaks = Manifest(manifest)
        node = self._checked(payload)
        with self._telling(self._envelope.name(node)):
            made = self._codec.backport(node, speaks, context=context)
        self._put_back.note(node, speaks)
        return made

    def object_action(
        self,
        context: object,
        payload: object,
        method: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        manifest: Mapping[str, str] | None = None,
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
            updates = self._updates(node, subject, given, context)
            return updates, self._sent(result, given, context)

    def object_class_action_versions(
        self,
        context: object,
        name: str,
        method: str,
        manifest: Mapping[str, str],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
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
            return self._sent(result, speaks, context)

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
    ) -> dict[str, Any]:
        """What oslo's caller applies to its object after the method has run."""
        name, version = self._envelope.name(payload), self._envelope.version(payload)
        after = self._sent(subject, {**given, name: version}, context)
        scope = Scope(self._catalog)
        types = types_of(self._catalog.entry(name, version), version)
        before = self._envelope.data(payload)
        updates = {
            field: value
            for field, value in self._envelope.data(after).items()
            if not same(value, before.get(field, ABSENT), types.get(field), scope)
        }
        return {**updates, CHANGED: sorted(self._envelope.changes(after))}

    def _sent(self, value: Any, speaks: Mapping[str, str], context: object) -> Any:
        """A result in the caller's versions; what leaves in an older one is remembered."""
        made = to_envelopes(
            value, lambda one: self._answers.encode(one, to=Manifest(speaks), context=context)
        )
        if self._put_back.is_behind(made):
            for one in objects_in(value):
                self._put_back.note(self._answers.encode(one, context=context), speaks)
        return made

    @contextmanager
    def _telling(self, name: str, method: str = "", *, ran: str = "") -> Iterator[None]:
        """Whatever the code of the service raises inside leaves as what its caller may know.

        method: what runs. ran: what has run, when its answer is being made.
        """
        try:
            yield
        except self._expected as error:
            raise MethodError(
                str(error), exception=type(error).__name__, object_name=name
            ) from error
        except VobjError as error:
            if ran:
                error.message = f"{name}.{ran} ran, but its answer cannot be sent: {error.message}"
            if method and not isinstance(error, MergeError | MethodError | RefusedError):
                raise _failed(name, method) from error
            raise
        except Exception as error:
            raise _failed(name, method or ran) from error


def _failed(name: str, method: str) -> MethodError:
    what = f"{name}.{method}" if method else f"The code of {name}"
    return MethodError(f"{what} failed; the log of the conductor tells why", object_name=name)
