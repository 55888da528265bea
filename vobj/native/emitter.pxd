"""How the objects of a class are written; see emitter.pyx."""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint64_t

from vobj.native.buffer cimport Buffer, put_held
from vobj.native.held cimport moment
from vobj.native.operations cimport outcome
from vobj.native.program cimport FIELDS_MAX, ClassProgram, Guard, Kind, Registered, Slot

# What is done for a part.
cdef enum:
    PLAINLY = 0  # a scalar is its own primitive; on the packed wire, one without a short form
    BY_KIND = 1
    CONSTANT = 2
    OPERATED = 3
    MAPPED = 4  # the same of a scalar, of which the outcomes are known


# An output as the loops see it. Everything is borrowed from the output, or from the emitter.
ctypedef struct Part:
    PyObject *output
    const uint8_t *key
    Py_ssize_t key_size
    Py_ssize_t slot  # the number of the field it is read from; -1 for none
    Py_ssize_t changed  # the number of the field whose change is that of this one; -1 for none
    int way


cdef class Output:
    cdef public bytes key
    cdef public bytes constant  # a value already written; None where there is a source
    cdef public Slot slot
    cdef public Kind kind
    cdef public tuple operations
    cdef public object place
    cdef dict outcomes  # of the operations on texts
    cdef Emitter last
    cdef int way(self) noexcept


cdef class Family:
    cdef tuple members
    cdef Guard types
    cdef bint holds(self) noexcept


cdef class Emitter:
    cdef public ClassProgram program
    cdef public tuple outputs
    cdef public tuple dropped  # slots with operations that the target lacks
    cdef bint drops  # whether there are any
    cdef public tuple changes  # (index of the output, name among the changed, name as it is sent)
    cdef public bytes head  # from the first key to that of the version
    cdef public bytes version  # as msgpack; None where it is the object's own
    cdef public bytes data_key
    cdef public bytes changes_key
    cdef public bint lowered
    cdef bytes all_changes  # of an object all of whose fields changed
    cdef Part *parts
    cdef Py_ssize_t count  # of parts, and of fields of the class
    cdef Py_ssize_t fields
    cdef Registered registered
    cdef uint64_t checked  # the moment in which it was found to hold
    cdef uint64_t uses  # at the top
    cdef Family family  # of which it is the top; None for one on its own
    cdef bint holds_at_top(self) noexcept
    cdef int look_for_family(self) except -1
    cdef int _gather(self) except -1
    cdef bint _is_intact(self) noexcept
    cdef int set_changed(self, Py_ssize_t index, object name) except -1


cdef class PackedEmitter(Emitter):
    cdef public str namespace
    cdef public bytes short_definition
    cdef public bytes long_definition
    cdef bint all_may_change


cdef inline bint holds(Emitter e) noexcept:
    """Whether the class and its registration are what they were; asked once in a moment."""
    return e.checked == moment or e._is_intact()


cdef inline int put_simply(Part *part, PyObject *value, Buffer *out) except -1:
    """Write a value that takes no look at its type; 1, and nothing written, for all others."""
    if part.way == MAPPED:
        value = outcome(<object>value, (<Output>part.output).outcomes)
    elif part.way != PLAINLY:
        return 1
    return 1 if value == NULL else put_held(out, value)
