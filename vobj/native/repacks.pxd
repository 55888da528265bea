"""What is done with the packed payloads of one version of a class."""

from vobj.native.program cimport Kind, Registered


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
    cdef Registered registered
    cdef public bint stays


cdef bint needs_look(Kind kind)
