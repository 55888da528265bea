from typing import Any

from vobj.native.program import ClassProgram, Kind, Slot

Operations = tuple[tuple[int, tuple[Any, ...]], ...]

class Output:
    def __init__(
        self,
        key: bytes,
        *,
        slot: Slot | None = ...,
        kind: Kind | None = ...,
        constant: bytes | None = ...,
        operations: Operations = ...,
        place: object = ...,
    ) -> None: ...

class Emitter:
    def __init__(
        self,
        program: ClassProgram,
        *,
        outputs: tuple[Output, ...],
        dropped: tuple[Output, ...],
        changes: tuple[tuple[int, str, bytes], ...],
        head: bytes,
        version: bytes | None,
        data_key: bytes,
        changes_key: bytes,
        registered: list[Any] | None = ...,
    ) -> None: ...

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
