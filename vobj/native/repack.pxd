"""Packed payloads of one version to packed payloads of another; see repack.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.buffer cimport Buffer
from vobj.native.cursor cimport Cursor
from vobj.native.program cimport Kind
from vobj.native.transform cimport Span


cdef class PackedSource:
    cdef public Kind kind
    cdef public bint kept
    cdef public bint copied  # what is inside needs no look
    cdef public tuple operations
    cdef public object place


cdef class PackedTarget:
    cdef public bytes constant
    cdef public int source
    cdef public bint counted  # may be among the changes


cdef class Repack:
    cdef public str namespace
    cdef public bytes short_definition
    cdef public bytes long_definition
    cdef public tuple sources
    cdef public tuple targets
    cdef public list registered
    cdef public tuple known
    cdef public bint stays
    cdef bint holds(self) noexcept


cdef class Definition:
    cdef public str name
    cdef public str version
    cdef public str namespace
    cdef public bytes fingerprint


cdef class Payload:
    """One payload on its way."""

    cdef list defined
    cdef set idents
    cdef dict written
    cdef Py_ssize_t schemas


ctypedef struct Walk:
    Py_ssize_t source  # the next field that was not read yet
    Py_ssize_t total
    uint8_t *present
    Span *spans


cdef class Repacking:
    cdef public object resolve
    cdef public str namespace
    cdef dict repacks
    cdef Definition definition(self, Cursor *c, Payload payload, str around)
    cdef Repack repack(self, Definition one, object place)
    cdef int change_object(
        self, Cursor *c, Buffer *out, Payload payload, str around, object place
    ) except -1
    cdef int change_values(
        self, Repack r, Definition one, Cursor *c, Buffer *out, Payload payload,
        uint8_t *present, uint8_t *written
    ) except -1
    cdef int pass_over(self, Repack r, Cursor *c, Walk *walk, Py_ssize_t upto) except -1
    cdef int change_value(
        self, PackedSource s, Kind kind, Definition one, Cursor *c, Buffer *out, Payload payload
    ) except -1
    cdef int change_items(
        self, PackedSource s, Kind kind, Definition one, Cursor *c, Buffer *out, Payload payload
    ) except -1
