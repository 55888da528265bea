"""What is tried: each wire, read to objects, or brought to other versions from bytes to bytes."""

from __future__ import annotations

import gc
import random
import resource
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import Any

from fuzz import subjects
from fuzz.executors import Executors
from fuzz.json_mutation import JsonMutator
from fuzz.msgpack_mutation import MsgpackMutator
from fuzz.oracle import Answer, Finding, check_changed, check_decoded
from fuzz.places import CORPUS, REGRESSIONS
from fuzz.splices import MAX_BYTES
from vobj import Codec
from vobj.wires import DEFAULT_LIMITS, Limits

Mutator = Callable[[bytes, random.Random], bytes]

TIGHT = Limits(max_bytes=2_000, max_depth=10, max_values=120, max_set_objects=4, max_schemas=3)
"""So that limits are met by inputs that are short."""

MEMORY_MIB = 1024
"""What the process may grow by, whatever the number of inputs."""

_MEMORY_EVERY = 1024
_CONTEXT = "the context"


@dataclass
class Tally:
    """What became of the inputs so far. native: as many were done by the native executor."""

    inputs: int = 0
    accepted: int = 0
    native: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def count(self, answer: Answer) -> None:
        """Count the answer to one input."""
        self.inputs += 1
        if answer.error is None:
            self.accepted += 1
            return
        rule = getattr(answer.error, "rule", type(answer.error).__name__)
        self.refused[rule] = self.refused.get(rule, 0) + 1


class Target:
    """One wire and one direction. Calling it tries an input, and raises Finding."""

    def __init__(self, wire: str, does: str) -> None:
        """does: `decode` or `change`."""
        self.name = f"{wire}-{does}"
        self.wire = wire
        self.tally = Tally()
        self._try = self._decode if does == "decode" else self._change
        self._bases = _bases()
        self._codecs = {
            (one.mark, limits): Executors(wire, one.root, limits)
            for one in self._bases
            for limits in (DEFAULT_LIMITS, TIGHT)
        }
        self._memory = 0

    def __call__(self, data: bytes) -> None:
        """Try one input. Raises Finding."""
        if self.tally.inputs % _MEMORY_EVERY == 0:
            self._check_memory()
        self.tally.count(self._try(data))

    @cached_property
    def corpus(self) -> list[bytes]:
        """Where mutations start: payloads of writers of ours, and what was interesting once."""
        made = [data for one in self._bases for data in subjects.seeds(one, self.wire)]
        if self.name != "msgpack-decode":
            # Foreign payloads go the long way there, so the other ones are what is to be tried.
            made += [data for data in made if b"Own" in data or b"Dated" in data] * 3
        for folder in (CORPUS / self.wire, REGRESSIONS / self.name):
            made += [path.read_bytes() for path in sorted(folder.glob("*"))]
        return sorted(data for data in made if len(data) <= MAX_BYTES)

    @cached_property
    def mutator(self) -> Mutator:
        """What changes payloads of this wire."""
        if self.wire == "json":
            return JsonMutator(self.corpus)
        return MsgpackMutator(self.corpus, start=2 if self.wire == "packed" else 0)

    def _chosen(self, data: bytes) -> tuple[int, subjects.Base, Executors]:
        """What an input is tried on; now and then the other base, and tight limits."""
        number = zlib.crc32(data)
        mine, vifs = self._bases
        one = vifs if vifs.mark in data else mine
        if number & 0xF == 0:
            one = mine if one is vifs else vifs
        limits = TIGHT if number & 0x70 == 0 else DEFAULT_LIMITS
        return number >> 8, one, self._codecs[one.mark, limits]

    def _decode(self, data: bytes) -> Answer:
        number, _, both = self._chosen(data)
        native, python, done = both.asked(
            lambda codec: codec.decode(data, context=_CONTEXT), whole=number % 8 == 0
        )
        self.tally.native += done
        check_decoded(native, python)
        return python

    def _change(self, data: bytes) -> Answer:
        number, one, both = self._chosen(data)
        native, python, done = both.asked(_changing(number, one, data), whole=number % 8 == 0)
        self.tally.native += done
        check_changed(native, python, both.python._wire.decode)
        return python

    def _check_memory(self) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        if self._memory == 0:
            self._memory = used
            gc.freeze()
        if used - self._memory > MEMORY_MIB:
            raise Finding(f"the process grew from {self._memory} MiB to {used} MiB")


def _changing(number: int, one: subjects.Base, data: bytes) -> Callable[[Codec], Any]:
    """What an input is brought to: the newest versions, or one of the manifests."""
    if number % 4 == 0:
        return lambda codec: codec.upgrade(data, context=_CONTEXT)
    to = one.targets[(number // 4) % len(one.targets)]
    return lambda codec: codec.backport(data, to=to, context=_CONTEXT)


@cache
def _bases() -> tuple[subjects.Base, ...]:
    """The bases, made once, since that registers classes."""
    return subjects.bases()


TARGETS: Mapping[str, Callable[[], Target]] = {
    f"{wire}-{does}": partial(Target, wire, does)
    for wire in ("msgpack", "packed", "json")
    for does in ("decode", "change")
}
"""What makes each target, by name."""
