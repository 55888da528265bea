from vobj.native.program import Kind
from vobj.native.reader import Reader

class Layout:
    def __init__(
        self, reader: Reader, wires: dict[str, Kind] | None, inner: bytes, outer: bytes
    ) -> None: ...
