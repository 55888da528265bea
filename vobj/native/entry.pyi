from collections.abc import Callable
from typing import Any

from vobj.native.encode import Writing
from vobj.native.pack import Packing

class Aimed:
    def __init__(
        self,
        encoder: Writing | Packing,
        transform: Callable[..., Any],
        max_bytes: int,
        bounds: tuple[int, ...],
    ) -> None: ...
    def encode(self, obj: object) -> Any: ...
    def change(self, data: object) -> Any: ...

class Entry:
    def __init__(
        self,
        base: type[Any],
        own: Aimed,
        decode: Callable[[bytes, object], Any],
        find: Callable[[Any], Aimed | None],
        to: Any,
        unchanging: type[Any],
    ) -> None: ...

def stand_in_for(cls: type[Any]) -> None: ...
