"""Payloads of one version to payloads of another; see transform.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.buffer cimport Buffer
from vobj.native.cursor cimport Cursor
from vobj.native.program cimport Kind, Registered


ctypedef struct Span:
    Py_ssize_t start


cdef class Source:
    cdef public bytes key
    cdef public bint kept
    cdef public int output
    cdef public Kind kind
    cdef public tuple operations
    cdef public object place
    cdef object last_header
    cdef Transform last


cdef class Target:
    cdef public bytes key
    cdef public bytes constant
    cdef public int source
    cdef public bint moved


cdef class Transform:
    cdef public bytes head
    cdef public bytes version
    cdef public bytes data_key
    cdef public bytes changes_key
    cdef public tuple sources
    cdef public tuple targets
    cdef public dict by_key
    cdef public tuple changes
    cdef public tuple moved
    cdef Registered registered
    cdef public bint stays


cdef class Transforming:
    cdef public object resolve
    cdef public bytes name_key
    cdef public bytes namespace_key
    cdef public bytes version_key
    cdef public bytes data_key
    cdef public str namespace
    cdef dict transforms
    cdef Transform found(self, Cursor *c, object place, Source by)
    cdef int change_object(self, Cursor *c, Buffer *out, object place, Source by) except -1
    cdef int change_data(
        self, Transform t, Cursor *c, Buffer *out, uint8_t *written
    ) except -1
    cdef Py_ssize_t change_moved(
        self, Transform t, Cursor *c, Buffer *out, uint8_t *written, Span *spans
    ) except -1
    cdef int change_value(self, Source one, Kind kind, Cursor *c, Buffer *out) except -1
    cdef int change_changes(
        self, Transform t, Cursor *c, Buffer *out, uint8_t *written
    ) except -1
