from collections.abc import Callable
from typing import Any

from vobj.native.emitter import Emitter

class Writing:
    def __init__(
        self,
        resolve: Callable[[Any, Any], Emitter | None],
        tree_of: Callable[[Any], dict[str, Any]],
    ) -> None: ...
    def encode(self, subject: object) -> Any: ...
