"""Reading objects from msgpack; see decode.pyx."""

from collections.abc import Callable
from typing import Any

from vobj.native.program import Guard
from vobj.native.reader import Reader
from vobj.wires import Limits

class Reading:
    def __init__(
        self,
        resolve: Callable[[str, str], Reader],
        settle: Callable[[], tuple[Guard, str | None, tuple[bytes, ...]]],
        registry: type[Any],
        read_primitive: Callable[[Any, Any, str, Any], Any],
        limits: Limits,
    ) -> None: ...
    def decode(self, data: object, context: object = None) -> Any: ...
