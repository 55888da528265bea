from collections.abc import Callable
from typing import Any

from vobj.native.program import ClassProgram

CALLED: int
OSLO: int
OURS: int
LIST: int
WRITES: int
ASKS: int
TELLS_SET: int
RESETS: int
COPIES: int
CLONES: int
RECEIVES: int
READS: int
MAKES: int

class Shape:
    program: ClassProgram
    direct: int
    writes: int
    asks: int
    copies: int
    reads: int
    finds_plainly: bool
    gets_plainly: bool
    sets_plainly: bool
    plain: bool
    made_plainly: bool
    named_plainly: bool
    parts_plainly: bool
    def __init__(self, program: ClassProgram, **known: Any) -> None: ...

class Place:
    owner: type
    def __init__(self, owner: type, allowed: Callable[[Any, int], bool]) -> None: ...

def configure(*, shape_of: Callable[[Any, ClassProgram], Shape | None]) -> None: ...
def forget_shapes() -> None: ...
def shape_of_class(cls: type) -> Shape | None: ...
