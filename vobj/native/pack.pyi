from collections.abc import Callable
from typing import Any

from vobj.native.emitter import Emitter, Output
from vobj.native.program import ClassProgram

class PackedEmitter(Emitter):
    def __init__(
        self,
        program: ClassProgram,
        *,
        outputs: tuple[Output, ...],
        dropped: tuple[Output, ...],
        changed_as: tuple[str | None, ...],
        namespace: str,
        short_definition: bytes,
        long_definition: bytes,
        lowered: bool,
        registered: list[Any] | None = ...,
    ) -> None: ...

class Packing:
    def __init__(
        self,
        resolve: Callable[[Any, Any], PackedEmitter | None],
        tree_of: Callable[[Any], dict[str, Any]],
        shorten: Callable[[int, Any], Any],
        whole: Callable[[Any], Any],
    ) -> None: ...
    def encode(self, subject: object) -> Any: ...
