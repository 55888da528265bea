"""What stands before the values of a packed object; see marks.pyx."""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t

from vobj.native.buffer cimport Buffer

cdef enum:
    KNOWN = 16


ctypedef struct Known:
    # The long definitions that the payload has, by number. The first ones are here, held; where
    # there are more, all others are in a dict.
    PyObject *first[KNOWN]
    PyObject *all
    Py_ssize_t count


cdef Py_ssize_t number_of(Known *known, bytes definition) except -2
cdef int forget(Known *known) except -1
cdef int put_marks(
    Buffer *out,
    Py_ssize_t at,
    uint8_t *written,
    Py_ssize_t total,
    Py_ssize_t count,
    Py_ssize_t changes,
) except -1
