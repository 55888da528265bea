"""What the callers of requests in progress have shown to read.

Theory
    A request that holds objects of older versions tells what its caller reads, and the answer to it
    is held to that. oslo.messaging gives `deserialize_context`, the arguments and the result of one
    request the same context object, which is what ties them together. A cast is never answered, so
    what is remembered has a bound; the answer to a forgotten request goes as the pin says.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from vobj.rpc.carrier import note_version

SERVED = 1024
"""How many requests in progress are remembered, the latest first."""


@dataclass
class Shown:
    """versions: the lowest of each object in a request. plain: it had an object as an envelope."""

    versions: dict[str, str] = field(default_factory=dict)
    plain: bool = False


class Served:
    """The requests in progress of one serializer; any thread may use it at any time."""

    def __init__(self) -> None:
        self._shown: OrderedDict[int, tuple[object, Shown]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._shown)

    def begin(self, context: object) -> None:
        """Remember a request by its context; the one begun first is forgotten for it."""
        with self._lock:
            # The context is kept, so that no other gets its id.
            self._shown[id(context)] = (context, Shown())
            while len(self._shown) > SERVED:
                self._shown.popitem(last=False)

    def note(self, context: object, versions: Mapping[str, str], *, plain: bool) -> None:
        """The request of a context, if it is one, holds objects of these versions."""
        with self._lock:
            _, shown = self._shown.get(id(context), (None, None))
            if shown is None:
                return
            shown.plain = shown.plain or plain
            for name, version in versions.items():
                note_version(shown.versions, name, version)

    def shown(self, context: object) -> Shown:
        """What the request of a context has shown, as a copy; nothing for other contexts."""
        with self._lock:
            _, shown = self._shown.get(id(context), (None, Shown()))
            return Shown(dict(shown.versions), shown.plain)
