"""Reading objects from msgpack; see decode.pyx."""

from libc.stdint cimport uint64_t

from vobj.native.cursor cimport Cursor
from vobj.native.program cimport Guard
from vobj.native.reader cimport Reader
from vobj.native.record cimport Record
from vobj.native.values cimport Payload, Values


cdef class Reading(Values):
    cdef object resolve
    cdef object settle
    cdef object registry
    cdef Py_ssize_t max_bytes
    cdef Py_ssize_t max_values
    cdef Py_ssize_t max_depth
    cdef Guard guard
    cdef str namespace
    cdef bytes key_name
    cdef bytes key_namespace
    cdef bytes key_version
    cdef bytes key_data
    cdef bytes key_changes
    cdef dict readers
    cdef Reader last
    cdef int begin(self) except -1
    cdef object whole(self, bytes data, object context)
    cdef Reader reader_at(self, Cursor *c, Reader expected, Payload p)
    cdef Reader reader_of(self, str name, str version, Payload p)
    cdef object read_object(self, Cursor *c, Payload p, Reader r, Py_ssize_t parts)
    cdef int read_fields(
        self, Cursor *c, Payload p, Reader r, object made, Record record, dict store,
        Py_ssize_t size, uint64_t *seen
    ) except -1
    cdef object read_changed(self, Cursor *c, Reader r, Py_ssize_t parts, uint64_t *seen)
    cdef object read_seen(self, Cursor *c, Payload p, Reader r, Py_ssize_t parts)
    cdef int read_steps(
        self, Cursor *c, Payload p, Reader r, object made, Py_ssize_t *places, uint64_t *seen
    ) except -1
