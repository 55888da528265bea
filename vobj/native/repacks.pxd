"""What is done with the packed payloads of one version of a class."""

from vobj.native.program cimport Kind, Registered


cdef class PackedSource:
    cdef public Kind kind
    cdef public bint kept
    cdef public bint copied  # what is inside needs no look
    cdef public tuple operations
    cdef public object place
    # What was here in the payload before, and what was done with it.
    cdef Definition last_definition
    cdef Repack last


cdef class Definition:
    """What an object is, as it stood in a payload."""

    cdef public str name
    cdef public str version
    cdef public str namespace
    cdef public bytes fingerprint
    cdef str around  # the namespace of what it stood in
    cdef bytes raw


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
