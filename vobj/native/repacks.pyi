from typing import Any

from vobj.native.emitter import Operations
from vobj.native.program import Kind

class PackedSource:
    def __init__(
        self, kind: Kind, *, kept: bool, operations: Operations, place: object
    ) -> None: ...

class PackedTarget:
    def __init__(
        self, *, constant: bytes | None = ..., source: int = ..., counted: bool = ...
    ) -> None: ...

class Repack:
    def __init__(
        self,
        *,
        namespace: str,
        short_definition: bytes,
        long_definition: bytes,
        sources: tuple[PackedSource, ...],
        targets: tuple[PackedTarget, ...],
        registered: list[Any],
        stays: bool,
    ) -> None: ...
