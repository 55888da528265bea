"""What the headers of packed objects say, read as strictly as Python reads them; see layout.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.cursor cimport Cursor

cdef int shortest_head(Cursor *c) except -1
cdef object shortest_int(Cursor *c)
cdef str shortest_text(Cursor *c)
cdef object shortest_value(Cursor *c)
cdef Py_ssize_t presence_of(Cursor *c, uint8_t *present, Py_ssize_t total) except -1
cdef Py_ssize_t changes_of(
    Cursor *c, uint8_t *changed, uint8_t *present, Py_ssize_t total, Py_ssize_t set_
) except -1
cdef int skip_short(int pack, Cursor *c) except -1
