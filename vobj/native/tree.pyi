from collections.abc import Callable
from typing import Any

from vobj.native.shape import Place

def configure(
    *, in_order: Callable[[Any, str, Any], Any], check_target: Callable[[str, str], None]
) -> None: ...
def to_primitive(place: Place, subject: Any, target: Any, manifest: Any) -> Any: ...
