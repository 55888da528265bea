"""What is known of a payload's form before it arrives; see reader.pyx."""

from typing import Any

from vobj.native.program import ClassProgram, Guard, Kind, Slot

class Input:
    key: bytes
    slot: Slot | None
    kind: Kind | None
    operations: tuple[tuple[int, tuple[Any, ...]], ...]
    stops: bool
    def __init__(
        self,
        key: bytes,
        *,
        slot: Slot | None = None,
        kind: Kind | None = None,
        operations: tuple[tuple[int, tuple[Any, ...]], ...] = (),
        stops: bool = False,
    ) -> None: ...

class Constant:
    slot: Slot
    value: Any
    def __init__(self, slot: Slot, value: object) -> None: ...

class Reader:
    usable: bool
    def __init__(
        self,
        name: str,
        version: str,
        *,
        registered: list[Any] | None,
        known: tuple[Any, ...] = (),
        others: Guard | None = None,
        program: ClassProgram | None = None,
        usable: bool = False,
        within: bool = False,
        older: bool = False,
        visible: bool = False,
        names: frozenset[str] = ...,
        inputs: tuple[Input, ...] = (),
        constants: tuple[Constant, ...] = (),
        head: bytes = b"",
    ) -> None: ...
