from collections.abc import Callable
from typing import Any

from vobj.native.emitter import PackedEmitter

class Packing:
    def __init__(
        self,
        resolve: Callable[[Any, Any], PackedEmitter | None],
        tree_of: Callable[[Any], dict[str, Any]],
        shorten: Callable[[int, Any], Any],
        whole: Callable[[Any], Any],
    ) -> None: ...
    def encode(self, subject: object) -> Any: ...
