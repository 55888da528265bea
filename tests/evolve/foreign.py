"""Foreign classes in a bare world: hooks written by hand, as functions on plain data."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from vobj.evolve import Entry, Node
from vobj.history import WireType
from vobj.testkit.bare import ENVELOPE, foreign_entry

Hook = Callable[[dict[str, Any], tuple[int, ...]], None]


class HandWritten:
    """Runs a hook as oslo would: on data of its own, with the target as a tuple of numbers."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        self.asked: list[tuple[str | None, Mapping[str, str] | None, object, object]] = []

    def backport(
        self,
        node: Node,
        target: str | None,
        manifest: Mapping[str, str] | None,
        context: object,
        live: object,
    ) -> Node:
        self.asked.append((target, manifest, context, live))
        made = copy.deepcopy(node)
        if target is not None and target != ENVELOPE.version(node):
            self._hook(ENVELOPE.data(made), tuple(map(int, target.split("."))))
            made[ENVELOPE.key("version")] = target
        return made


def foreign(name: str, version: str, types: Mapping[str, WireType], hook: Hook) -> Entry:
    """The entry of a class with this hook."""
    return foreign_entry(name, version, types, HandWritten(hook))
