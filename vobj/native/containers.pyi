from collections.abc import Iterable
from typing import Any, SupportsIndex

def configure(*, oslo_list: type, oslo_dict: type) -> None: ...

class CoercingList(list[Any]):
    def hold_owner(self, owner: object) -> None: ...
    _element_type: Any
    _obj: Any
    _field: Any
    def extend(self, t: Iterable[Any]) -> None: ...
    def insert(self, i: SupportsIndex, x: Any) -> None: ...

class CoercingDict(dict[str, Any]):
    def hold_owner(self, owner: object) -> None: ...
    _element_type: Any
    _obj: Any
    _field: Any

class CoercingSet(set[Any]):
    def hold_owner(self, owner: object) -> None: ...
    _element_type: Any
    _obj: Any
    _field: Any
