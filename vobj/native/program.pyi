from typing import Any

WRITE_SAME: int
WRITE_DATETIME: int
WRITE_TEXT: int
WRITE_OBJECT: int
WRITE_LIST: int
WRITE_SET: int
WRITE_DICT: int
WRITE_CALL: int

READ_CALL: int
READ_TEXT: int
READ_INT: int
READ_NOT_NEGATIVE: int
READ_FLOAT: int
READ_NOT_NEGATIVE_FLOAT: int
READ_BOOL: int
READ_AWARE: int
READ_NAIVE: int
READ_UUID: int
READ_MAC: int
READ_ADDRESS: int
READ_ADDRESS_4: int
READ_CHOICE: int
READ_OBJECT: int
READ_LIST: int
READ_SET: int
READ_DICT: int
READ_SAME: int

PACK_NATURAL: int
PACK_DATETIME: int
PACK_UUID: int
PACK_ADDRESS: int
PACK_NETWORK: int
PACK_MAC: int

class Kind:
    write: int
    read: int
    pack: int
    nullable: bool
    field: Any
    element: Kind | None
    choices: frozenset[str] | None
    object_name: str | None
    polymorphic: bool
    ordered: bool
    holds_objects: bool
    def __init__(
        self,
        *,
        write: int,
        read: int,
        pack: int = ...,
        nullable: bool = ...,
        field: Any = ...,
        element: Kind | None = ...,
        choices: frozenset[str] | None = ...,
        object_name: str | None = ...,
        polymorphic: bool = ...,
    ) -> None: ...

class Slot:
    name: str
    storage: str
    key: bytes
    kind: Kind
    plain: bool
    read_only: bool
    index: int
    def __init__(
        self, name: str, kind: Kind, key: bytes, *, plain: bool, read_only: bool, index: int
    ) -> None: ...

class Guard:
    @property
    def usable(self) -> bool: ...
    @property
    def intact(self) -> bool: ...
    def __init__(self, types: tuple[type, ...], fields: dict[str, Any]) -> None: ...

class ClassProgram:
    cls: Any
    slots: tuple[Slot, ...]
    by_name: dict[str, Slot]
    own: bool
    writes: bool
    reads: bool
    made_plainly: bool
    object_name: str
    namespace: str
    prefix: str
    version: str
    guard: Guard
    def __init__(
        self,
        cls: type,
        slots: tuple[Slot, ...],
        *,
        own: bool,
        writes: bool,
        reads: bool,
        made_plainly: bool,
        object_name: str,
        namespace: str,
        prefix: str,
        version: str,
        guard: Guard,
    ) -> None: ...
    @property
    def intact(self) -> bool: ...

def configure(**parts: Any) -> None: ...
def class_program(cls: type) -> ClassProgram | None: ...
def forget_programs() -> None: ...
