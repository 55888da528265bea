from collections.abc import Callable
from typing import Any

from vobj.native.record import Columns

def configure(
    *,
    kind_of: Callable[[Any], Any],
    failed: Callable[[Any, str], None],
    read_only_error: Callable[[str], Exception],
    oslo: dict[str, Any],
) -> None: ...

class FieldAttribute:
    name: str
    oslo_field: Any
    def __init__(self, name: str, field: Any, columns: Columns | None = ...) -> None: ...
    def __get__(self, owner: Any, cls: type | None = None) -> Any: ...
    def __set__(self, owner: Any, value: Any) -> None: ...
    def __delete__(self, owner: Any) -> None: ...
