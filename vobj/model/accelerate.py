"""`vobj.accelerate`: an existing oslo tree gets the native paths, live, and can give them back.

Theory
    Two things are put in front of oslo's code. Each field whose attribute still is the property
    that oslo made becomes a native attribute; the values stay where they are, so objects that exist
    already are as fast as new ones. And the methods that the base class inherits from oslo become
    stand-ins on that base: behind every override that the project wrote, which reaches them with
    `super()`, and in front of oslo's, to which they hand what they do not do.

    What was put there is remembered, and taken back by `undo`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from oslo_versionedobjects import base as oslo

from vobj import native
from vobj.errors import UsageError
from vobj.model.acceleration_report import Report, nothing_done
from vobj.model.histories import VersionedClass

if native.active:
    from vobj.model import acceleration_report, attributes, shapes, standins

_LOCK = threading.RLock()
_ACTIVE: dict[VersionedClass, Acceleration] = {}
_Chosen = Iterable[VersionedClass | str]


def accelerate(
    base: VersionedClass, *, only: _Chosen | None = None, skip: _Chosen = ()
) -> Acceleration:
    """Make the registered subclasses of `base` fast, without a change to how they keep their data.

    only: nothing but these classes, given as classes or object names. skip: all but these. Calling
    it again adds what was registered, or chosen, since; with the same arguments it changes nothing
    else. Overrides stay in front. Where the native executor does not run nothing is done, and the
    report says so. Raises UsageError (`usage/argument`) for what is no versioned object class.
    """
    if not (isinstance(base, type) and issubclass(base, oslo.VersionedObject)):
        raise UsageError(
            f"accelerate takes a versioned object class, not {base!r}", rule="usage/argument"
        )
    chosen = None if only is None else _checked(base, only)
    skipped = _checked(base, skip)
    with _LOCK:
        found = _ACTIVE.get(base)
        if found is None:
            found = _ACTIVE[base] = Acceleration(base)
        found._add(chosen, skipped)
        return found


def _checked(base: VersionedClass, chosen: _Chosen) -> frozenset[VersionedClass | str]:
    several = frozenset([chosen]) if isinstance(chosen, str | type) else frozenset(chosen)
    known = {cls.obj_name() for cls in _registered(base)}
    for one in several:
        if isinstance(one, str) and one in known:
            continue
        if isinstance(one, type) and issubclass(one, base):
            continue
        raise UsageError(
            f"{one!r} is no registered subclass of {base.__name__}, nor the name of one",
            rule="usage/argument",
        )
    return several


def _registered(base: VersionedClass) -> Iterator[VersionedClass]:
    for several in list(oslo.VersionedObjectRegistry.obj_classes().values()):
        yield from (cls for cls in list(several) if issubclass(cls, base))


class Acceleration:
    """What `accelerate` did to a tree; `accelerate` makes it."""

    def __init__(self, base: VersionedClass) -> None:
        self.base = base
        self._whole = False
        self._chosen: frozenset[VersionedClass | str] = frozenset()
        self._skipped: frozenset[VersionedClass | str] = frozenset()
        self._attributes: dict[VersionedClass, dict[str, object]] = {}
        self._methods: dict[str, Any] = {}
        self._replaced: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<acceleration of {self.base.__name__}: {len(self._attributes)} classes>"

    def report(self) -> Report:
        """Per class what is native and what was left alone, and why; `print` it, or read it."""
        with _LOCK:
            if not native.active:
                return nothing_done(self.base, str(native.reason))
            return acceleration_report.report(
                self.base, list(_registered(self.base)), self._covers, self._methods
            )

    def undo(self) -> None:
        """Put back what was there before; objects and everything that they hold stay as they are.

        What somebody else put in the place of ours since then is theirs, and stays.
        """
        with _LOCK:
            _ACTIVE.pop(self.base, None)
            if not native.active:
                return
            shapes.uncover(self._covers)
            for cls, before in self._attributes.items():
                attributes.restore(cls, before)
            self._attributes = {}
            standins.take_back(self.base, self._methods, self._replaced)
            self._methods, self._replaced = {}, {}
            self._whole, self._chosen, self._skipped = False, frozenset(), frozenset()

    def _add(
        self,
        chosen: frozenset[VersionedClass | str] | None,
        skipped: frozenset[VersionedClass | str],
    ) -> None:
        self._whole = self._whole or chosen is None
        self._chosen |= chosen or frozenset()
        self._skipped = skipped if chosen is None else self._skipped
        if not native.active:
            return
        shapes.cover(self._covers)
        if not self._methods:
            self._methods = standins.wanted(self.base)
            self._replaced = {
                name: vars(self.base)[name] for name in self._methods if name in vars(self.base)
            }
            standins.put(self.base, self._methods)
        for cls in _registered(self.base):
            if self._covers(cls):
                before = attributes.install(cls)
                self._attributes[cls] = {**before, **self._attributes.get(cls, {})}

    def _covers(self, cls: VersionedClass) -> bool:
        if not issubclass(cls, self.base):
            return False
        if cls in self._chosen or cls.obj_name() in self._chosen:
            return True
        return self._whole and not (cls in self._skipped or cls.obj_name() in self._skipped)
