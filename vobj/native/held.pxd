"""What an object holds, wherever it keeps it; see held.pyx."""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint64_t

from vobj.native.program cimport FIELDS_MAX, ClassProgram, Slot

# Its number changes whenever code of others may have run.
cdef uint64_t moment


# What an object holds, borrowed from it for the moment.
ctypedef struct Held:
    PyObject **values  # of each field by its number, NULL where it is not set
    PyObject *version  # of its own, if any
    uint64_t moment
    PyObject *room[FIELDS_MAX]


cdef int others_ran() except -1
cdef dict storage_of(object subject)
cdef bint is_of(ClassProgram program, object subject) noexcept
cdef int find_held(ClassProgram program, object subject, Held *held) except -1
# Of the fields of an object, which changed.
cdef enum:
    NONE_CHANGED = 0
    SOME_CHANGED = 1  # or it takes a look at each
    ALL_CHANGED = 2


cdef int how_many_changed(ClassProgram program, object subject) except -1
cdef Py_ssize_t find_changed(ClassProgram program, object subject, uint8_t *flags) except -1
cdef object held_value(ClassProgram program, object subject, Slot slot, object default)
cdef int keep_value(ClassProgram program, object subject, Slot slot, object value) except -1
