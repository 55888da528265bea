"""Objects from the packed wire; see unpack.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.cursor cimport Cursor
from vobj.native.decode cimport Reading
from vobj.native.position cimport Form, Layout, Position
from vobj.native.program cimport Kind
from vobj.native.reader cimport Reader
from vobj.native.values cimport Payload, Values


cdef class Unpacked(Payload):
    """A payload while it is read."""

    cdef list defined  # its layouts, by number
    cdef dict placed  # the layouts that were defined where values are read again


# What an object says before its values.
ctypedef struct Head:
    Py_ssize_t count  # of the fields that are set
    bint all_changed
    uint8_t *present
    uint8_t *changed


cdef class Unpacking(Values):
    cdef Reading reading
    cdef object resolve
    cdef object restore
    cdef Py_ssize_t max_bytes
    cdef Py_ssize_t max_values
    cdef Py_ssize_t max_depth
    cdef Py_ssize_t max_schemas
    cdef bint named  # the first definition says the namespace
    cdef dict layouts
    cdef Layout last
    cdef object whole(self, bytes data, object context)
    cdef Layout layout_at(self, Cursor *c, Unpacked p, Layout expected, bint outermost)
    cdef Layout define(self, Cursor *c, Unpacked p, bint outermost)
    cdef Layout begin_object(
        self, Cursor *c, Unpacked p, Layout expected, bint outermost, Head *head
    )
    cdef object read_packed(self, Cursor *c, Unpacked p, Layout expected, Form at)
    cdef object read_fields(self, Cursor *c, Unpacked p, Layout l, Head *head)
    cdef object read_seen(self, Cursor *c, Unpacked p, Layout l, Head *head)
    cdef int read_steps(
        self, Cursor *c, Unpacked p, Layout l, object made, Head *head, Py_ssize_t *places
    ) except -1
    cdef object value_at(self, Cursor *c, Unpacked p, Reader r, Position one, object made)
    cdef object read_form(
        self, Cursor *c, Unpacked p, Reader r, Form form, object made, str name
    )
    cdef object read_items(
        self, Cursor *c, Unpacked p, Reader r, Form form, object made, str name
    )
    cdef object operated_value(self, Cursor *c, Position one)
    cdef int pass_over(self, Cursor *c, Unpacked p, Kind wire) except -1
    cdef int pass_object(self, Cursor *c, Unpacked p) except -1
