from collections.abc import Callable
from typing import Any

from vobj.native.repacks import Repack

class Repacking:
    def __init__(
        self,
        resolve: Callable[[str, str, str, bytes, Any], Repack | None],
        *,
        namespace: str,
    ) -> None: ...
    def transform(self, data: bytes, max_depth: int, max_values: int, max_schemas: int) -> Any: ...
