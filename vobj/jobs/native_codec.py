"""What a codec asks of the native executor, for one base, one wire and one policy.

Theory
    Whatever is asked is answered, or `NotImplemented`, and then nothing has happened: the codec
    goes the long way. Nothing here is locked: two threads may work out the same thing, and either
    result serves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vobj.evolve import Goal, Scope
from vobj.jobs.changing import transforming
from vobj.jobs.packing import packing
from vobj.jobs.readers import reading
from vobj.jobs.repacking import repacking
from vobj.jobs.unpacking import unpacking
from vobj.jobs.writing import Aim, writing
from vobj.model import ClassCatalog
from vobj.native.entry import Aimed, Entry
from vobj.version import Manifest
from vobj.wires import Limits

WIRES = ("msgpack", "packed")
"""The wires that the native executor reads and writes."""


class NativeCodec:
    """The native executor for payloads of a catalog, on one of `WIRES`."""

    def __init__(
        self, wire: str, catalog: ClassCatalog, limits: Limits, policy: str | None
    ) -> None:
        self._packed = wire == "packed"
        self._catalog = catalog
        self._limits = limits
        self._policy = policy
        self._own = self._made(None)
        self._reading = (
            unpacking(catalog, limits) if self._packed else reading(catalog.root, limits)
        )

    def encode(self, obj: object) -> Any:
        """The payload of an object at its own version, or NotImplemented."""
        return self._own.encode(obj)

    def decode(self, data: object, context: object) -> Any:
        """The object in a payload, or NotImplemented."""
        if type(data) is not bytes:
            return NotImplemented
        return self._reading.decode(data, context)

    def upgrade(self, data: object) -> Any:
        """A payload in the newest versions, or NotImplemented."""
        return self._own.change(data)

    def entry(self, base: type[Any], find: Callable[[Any], Aimed | None], to: object) -> Entry:
        """What the calls of a codec come to. find, to: see `vobj.native.entry`."""
        return Entry(base, self._own, self._reading.decode, find, to, Manifest)

    def aimed_at(self, goal: Goal) -> Aimed:
        """The native executor for one target; whoever asks keeps it."""
        return self._made(Aim(goal, Scope(self._catalog, policy=self._policy)))

    def _made(self, aim: Aim | None) -> Aimed:
        limits, catalog = self._limits, self._catalog
        bounds: tuple[int, ...] = (limits.max_depth, limits.max_values)
        if self._packed:
            pack, repack = packing(catalog, aim), repacking(catalog, aim).transform
            return Aimed(pack, repack, limits.max_bytes, (*bounds, limits.max_schemas))
        write, change = writing(catalog, aim), transforming(catalog, aim).transform
        return Aimed(write, change, limits.max_bytes, bounds)
