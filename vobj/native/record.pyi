from collections.abc import Callable, Iterable
from typing import Any

class Columns:
    names: tuple[str, ...]

class Record: ...

class StoredValue:
    name: str

def configure(*, names_of: Callable[[type[Any]], tuple[str, ...] | None]) -> None: ...
def lay_out(cls: type[Any], names: Iterable[str]) -> None: ...
def columns_of_class(cls: type[Any]) -> Columns | None: ...
