"""Values of packed objects; see unpack_values.pyx."""

from vobj.native.cursor cimport Cursor
from vobj.native.position cimport Form, Layout, Position
from vobj.native.reader cimport Reader
from vobj.native.values cimport Payload, Values


cdef class Unpacked(Payload):
    """A payload while it is read."""

    cdef list defined  # its layouts, by number
    cdef dict placed  # the layouts that were defined where values are read again


cdef class PackedValues(Values):
    cdef object restore
    cdef object read_packed(self, Cursor *c, Unpacked p, Layout expected, Form at)
    cdef object value_at(self, Cursor *c, Unpacked p, Reader r, Position one, object made)
    cdef object operated_value(self, Cursor *c, Position one)
    cdef object read_form(
        self, Cursor *c, Unpacked p, Reader r, Form form, object made, str name
    )
    cdef object read_items(
        self, Cursor *c, Unpacked p, Reader r, Form form, object made, str name
    )
