from collections.abc import Callable
from typing import Any

from vobj.native.emitter import Operations
from vobj.native.program import Kind

class Source:
    def __init__(
        self, key: bytes, kind: Kind, *, output: int, operations: Operations, place: object
    ) -> None: ...

class Target:
    def __init__(
        self, key: bytes, *, constant: bytes | None = ..., source: int = ..., moved: bool = ...
    ) -> None: ...

class Transform:
    def __init__(
        self,
        *,
        head: bytes,
        version: bytes,
        data_key: bytes,
        changes_key: bytes,
        sources: tuple[Source, ...],
        targets: tuple[Target, ...],
        changes: tuple[tuple[int, bytes], ...],
        registered: list[Any],
        stays: bool,
    ) -> None: ...

class Transforming:
    def __init__(
        self,
        resolve: Callable[[str, str, str, Any], Transform | None],
        *,
        keys: tuple[bytes, ...],
        namespace: str,
    ) -> None: ...
    def transform(self, data: bytes, max_depth: int, max_values: int) -> Any: ...
