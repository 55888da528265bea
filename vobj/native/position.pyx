# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What may stand in the positions of a packed object, and what becomes of it.

Theory
    The schema that the payload names says how a value stands there (its `wire` kind); the class
    that reads it says what becomes of it (its `kind`). A form joins the two. Where they are the
    usual pair, the value is made from the bytes; where not, its primitive is, and the field gets
    that.

    A layout is the packed side of a reader of `vobj.native.reader`: the same inputs, in the order
    of their names. It is void when the reader is.
"""

from cpython.object cimport PyObject

from vobj.native.program cimport (
    FIELDS_MAX,
    PACK_ADDRESS,
    PACK_DATETIME,
    PACK_MAC,
    PACK_NATURAL,
    PACK_UUID,
    READ_ADDRESS,
    READ_ADDRESS_4,
    READ_AWARE,
    READ_BOOL,
    READ_CALL,
    READ_CHOICE,
    READ_DICT,
    READ_FLOAT,
    READ_INT,
    READ_LIST,
    READ_MAC,
    READ_NAIVE,
    READ_NOT_NEGATIVE,
    READ_NOT_NEGATIVE_FLOAT,
    READ_OBJECT,
    READ_SAME,
    READ_SET,
    READ_TEXT,
    READ_UUID,
    WRITE_DICT,
    WRITE_LIST,
    WRITE_OBJECT,
    WRITE_SET,
    Kind,
)
from vobj.native.reader cimport Input, Reader

cdef extern from "Python.h":
    PyObject **PySequence_Fast_ITEMS(object items) noexcept


cdef enum:
    STOP_IF_ABSENT = 4

cdef dict _NATURAL = {
    READ_TEXT: AS_TEXT,
    READ_INT: AS_INT,
    READ_NOT_NEGATIVE: AS_NOT_NEGATIVE,
    READ_FLOAT: AS_FLOAT,
    READ_NOT_NEGATIVE_FLOAT: AS_NOT_NEGATIVE_FLOAT,
    READ_BOOL: AS_BOOL,
    READ_CHOICE: AS_CHOICE,
    READ_SAME: AS_NATURAL,
}
cdef dict _SHORT = {
    (PACK_DATETIME, READ_AWARE): AS_MOMENT,
    (PACK_DATETIME, READ_NAIVE): AS_MOMENT,
    (PACK_UUID, READ_UUID): AS_UUID,
    (PACK_MAC, READ_MAC): AS_MAC,
    (PACK_ADDRESS, READ_ADDRESS): AS_ADDRESS,
    (PACK_ADDRESS, READ_ADDRESS_4): AS_ADDRESS,
}
cdef dict _CONTAINERS = {
    (WRITE_LIST, READ_LIST): AS_LIST,
    (WRITE_SET, READ_SET): AS_SET,
    (WRITE_DICT, READ_DICT): AS_DICT,
}


cdef int _way(Kind wire, Kind kind):
    if wire.write == WRITE_OBJECT:
        return AS_OBJECT if kind.read == READ_OBJECT else AS_PRIMITIVE
    if wire.element is not None:
        if kind.element is None:
            return AS_PRIMITIVE
        return _CONTAINERS.get((wire.write, kind.read), AS_PRIMITIVE)
    if wire.pack != PACK_NATURAL:
        return _SHORT.get((wire.pack, kind.read), AS_PRIMITIVE)
    return _NATURAL.get(kind.read, AS_PRIMITIVE)


cdef class Form:
    """What stands in a position and what becomes of it. taken: see `Values.primitive_to_value`."""

    def __init__(self, Kind wire not None, Kind kind not None, Kind taken not None):
        self.wire = wire
        self.kind = kind
        self.taken = taken
        self.way = _way(wire, kind)
        self.none = kind.nullable and kind.read != READ_CALL
        self.keys = []
        if self.way >= AS_LIST:
            self.element = Form(wire.element, kind.element, kind.element)
            if self.way == AS_SET and not AS_TEXT <= self.element.way <= AS_ADDRESS:
                self.way = AS_PRIMITIVE


cdef class Position:
    """One field of the payload. wire: its wire type; input: how the class reads it."""

    def __init__(self, Kind wire not None, Input input not None):
        self.wire = wire
        self.input = input
        self.slot = input.slot
        self.required = any(code == STOP_IF_ABSENT for code, _ in input.operations)
        if input.slot is not None:
            self.storage = input.slot.storage
            self.form = Form(wire, input.kind, input.slot.kind)
            self.direct = not input.operations and AS_TEXT <= self.form.way <= AS_ADDRESS


cdef class Layout:
    """How packed objects of one schema are read.

    wires: the wire type of each field by name. inner, outer: the definition as it stands inside
    another object, and in the first one.
    """

    def __init__(self, Reader reader not None, dict wires, bytes inner, bytes outer):
        self.reader = reader
        self.inner = inner
        self.outer = outer
        self.usable = (
            wires is not None and reader.usable and len(reader.inputs) <= FIELDS_MAX
        )
        self.positions = self.by_input = ()
        if self.usable:
            self._fill(wires)
        self.at = PySequence_Fast_ITEMS(self.positions)
        self.count = len(self.positions)

    def _fill(self, dict wires):
        import msgpack

        names = [msgpack.unpackb((<Input>one).key) for one in self.reader.inputs]
        if wires.keys() != set(names):
            self.usable = False
            return
        places = [
            Position(wires[name], one)
            for name, one in zip(names, self.reader.inputs, strict=True)
        ]
        self.by_input = tuple(places)
        self.positions = tuple(
            one for _, one in sorted(zip(names, places, strict=True), key=_first)
        )
        for number, one in enumerate(self.positions):
            (<Position>one).number = number
        slots = [(<Position>one).slot for one in places]
        every = [slot.name for slot in slots if slot is not None]
        # A copy of 2^n names gets a table twice as large as one of a name less, which has room
        # for the last one: half a set of many is memory that is only cleared.
        self.last = every.pop() if len(every) & (len(every) - 1) == 0 and every else None
        self.every = frozenset(set(every))


def _first(pair):
    return pair[0]
