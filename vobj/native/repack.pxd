"""Packed payloads of one version to packed payloads of another; see repack.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.buffer cimport Buffer
from vobj.native.cursor cimport Cursor
from vobj.native.program cimport Kind
from vobj.native.repacks cimport Definition, PackedSource, Repack
from vobj.native.transform cimport Span


cdef class Payload:
    """One payload on its way."""

    cdef list defined
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
    cdef PackedSource top  # the place of the outermost object
    cdef Definition definition(self, Cursor *c, Payload payload, str around, Definition expected)
    cdef Definition read_definition(self, Cursor *c, str around)
    cdef Repack repack(self, Definition one, PackedSource at)
    cdef int change_object(
        self, Cursor *c, Buffer *out, Payload payload, str around, PackedSource at
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
