"""Objects from the packed wire; see unpack.pyx."""

from vobj.native.cursor cimport Cursor
from vobj.native.position cimport Layout
from vobj.native.unpack_heads cimport Head, PackedHeads
from vobj.native.unpack_values cimport Unpacked


cdef class Unpacking(PackedHeads):
    cdef Py_ssize_t max_bytes
    cdef Py_ssize_t max_values
    cdef Py_ssize_t max_depth
    cdef Layout last
    cdef object whole(self, bytes data, object context)
    cdef object read_record(self, Cursor *c, Unpacked p, Layout l, Head *head)
    cdef object read_fields(self, Cursor *c, Unpacked p, Layout l, Head *head)
    cdef object read_seen(self, Cursor *c, Unpacked p, Layout l, Head *head)
    cdef int read_steps(
        self, Cursor *c, Unpacked p, Layout l, object made, Head *head, Py_ssize_t *places
    ) except -1
