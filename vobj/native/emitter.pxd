"""How the objects of a class are written; see emitter.pyx."""

from vobj.native.program cimport ClassProgram, Kind, Registered, Slot

cdef enum:
    FIELDS_MAX = 512


cdef class Output:
    cdef public bytes key
    cdef public bytes constant  # a value already written; None where there is a source
    cdef public Slot slot
    cdef public Kind kind
    cdef public bint plainly  # a scalar is its own primitive, and has no short form
    cdef public tuple operations
    cdef public object place
    cdef Emitter last


cdef class Emitter:
    cdef public ClassProgram program
    cdef public tuple outputs
    cdef public tuple dropped  # slots with operations that the target lacks
    cdef public tuple changes  # (index of the output, name among the changed, name as it is sent)
    cdef public bytes head  # from the first key to that of the version
    cdef public bytes version  # as msgpack; None where it is the object's own
    cdef public bytes data_key
    cdef public bytes changes_key
    cdef public bint lowered
    cdef Registered registered
    cdef bint holds(self) noexcept
