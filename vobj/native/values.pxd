"""Reading the values of fields; see values.pyx."""

from libc.stdint cimport uint64_t

from vobj.native.cursor cimport Cursor
from vobj.native.program cimport Kind
from vobj.native.reader cimport Constant, Input, Reader


cdef class Payload:
    """What does not change while a payload is read."""

    cdef object context
    cdef object classes  # the registry
    cdef uint64_t number  # no other payload has it


cdef class Values:
    cdef public object read_primitive
    cdef object constant(self, Reader r, object made, Constant constant)
    cdef object read_field(self, Cursor *c, Payload p, Reader r, object made, Input one)
    cdef object read_value(
        self, Cursor *c, Payload p, Reader r, Input one, Kind kind, object made, str name
    )
    cdef object primitive_to_value(
        self, Reader r, Kind kind, Kind taken, object made, str name, object primitive
    )
    cdef object from_primitive(self, Reader r, Kind kind, object made, str name, object primitive)
    cdef object read_list(
        self, Cursor *c, Payload p, Reader r, Input one, Kind kind, object made, str name
    )
    cdef object read_dict(
        self, Cursor *c, Payload p, Reader r, Input one, Kind kind, object made, str name
    )
    cdef object read_set(self, Cursor *c, Reader r, Kind kind, object made, str name)
    cdef object read_element(self, Cursor *c, Payload p, Input one, Kind kind)
    cdef object read_child(self, Cursor *c, Payload p, Input one, Kind kind)


cdef int enter(Cursor *c) except -1
cdef object operated_here(Cursor *c, Input one)
