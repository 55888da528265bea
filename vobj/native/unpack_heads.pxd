"""What packed objects say before their values; see unpack_heads.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.cursor cimport Cursor
from vobj.native.decode cimport Reading
from vobj.native.position cimport Layout
from vobj.native.program cimport Kind
from vobj.native.unpack_values cimport PackedValues, Unpacked


# present, changed: a byte for each field. count: how many are set.
ctypedef struct Head:
    Py_ssize_t count
    bint all_changed
    uint8_t *present
    uint8_t *changed


cdef class PackedHeads(PackedValues):
    cdef Reading reading
    cdef object resolve
    cdef Py_ssize_t max_schemas
    cdef bint named  # the first definition says the namespace
    cdef dict layouts
    cdef Layout layout_at(self, Cursor *c, Unpacked p, Layout expected, bint outermost)
    cdef Layout define(self, Cursor *c, Unpacked p, bint outermost)
    cdef Layout begin_object(
        self, Cursor *c, Unpacked p, Layout expected, bint outermost, Head *head
    )
    cdef int pass_over(self, Cursor *c, Unpacked p, Kind wire) except -1
    cdef int pass_object(self, Cursor *c, Unpacked p) except -1
