from collections.abc import Callable
from typing import Any

from vobj.native.decode import Reading
from vobj.native.position import Layout
from vobj.native.reader import Reader
from vobj.wires import Limits

class Unpacking:
    def __init__(
        self,
        reading: Reading,
        resolve: Callable[[Reader, str, str, bytes], Layout],
        restore: Callable[[int, int | bytes], str | None],
        limits: Limits,
    ) -> None: ...
    def decode(self, data: bytes, context: object = ...) -> Any: ...
