"""What it means that the native executor writes and changes payloads as the Python one does.

Theory
    Either it declines, or it gives the same bytes. Where the Python executor raises, it has to
    decline. What was not declined is counted, so that a test can say that ordinary work is not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from oslo_versionedobjects import base

import vobj
from vobj import native

if native.reason is not None:
    pytest.skip(f"the native executor: {native.reason}", allow_module_level=True)

WIRES = ("msgpack", "packed")


@dataclass
class Writings:
    """Writes objects of a base, and changes their payloads, with both executors."""

    wire: str
    root: type[base.VersionedObject] = base.VersionedObject
    policy: str | None = None
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.slow = vobj.Codec(self.wire, base=self.root, policy=self.policy, executor="python")
        self.fast: Any = vobj.Codec(
            self.wire, base=self.root, policy=self.policy, executor="native"
        )

    def encode(self, obj: base.VersionedObject, to: object = None) -> Any:
        """The payload of both; None where both refuse."""
        asked = self.fast._asked(to)
        writer = self.fast._native if asked is None else asked.native
        return self._agree(
            "encode" if to is None else "encode for a peer",
            writer.encode(obj),
            lambda: self.slow.encode(obj, to=to),
        )

    def backport(self, payload: Any, to: object) -> Any:
        """The older payload of both; None where both refuse."""
        made = self.fast._asked(to).native.change(payload)
        return self._agree("backport", made, lambda: self.slow.backport(payload, to=to))

    def upgrade(self, payload: Any) -> Any:
        """The newest payload of both; None where both refuse."""
        made = self.fast._native.upgrade(payload)
        return self._agree("upgrade", made, lambda: self.slow.upgrade(payload))

    def _agree(self, work: str, got: Any, slow: Any) -> Any:
        try:
            expected = slow()
        except vobj.VobjError as error:
            if got is not NotImplemented:
                raise AssertionError(f"{work} gave what Python refuses") from error
            self.done[f"{work}, refused"] += 1
            return None
        if got is NotImplemented:
            self.done[f"{work}, declined"] += 1
        else:
            assert got == expected, work
            self.done[work] += 1
        return expected

    def summary(self) -> str:
        """What was done, and what was left to Python."""
        counts = ", ".join(f"{work} {count}" for work, count in sorted(self.done.items()))
        return f"native {self.wire}: {counts}"
