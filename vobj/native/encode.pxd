"""Writing objects as msgpack; see encode.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.buffer cimport Buffer
from vobj.native.program cimport ClassProgram, Kind, Slot


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
    cdef public list registered
    cdef public tuple known
    cdef bint holds(self) noexcept


cdef class Writing:
    cdef public object resolve
    cdef public object tree_of
    cdef dict emitters
    cdef Emitter top
    cdef Emitter emitter(self, object cls, object place)
    cdef int write_object(self, Emitter e, object subject, Buffer *out, int depth) except -1
    cdef int write_version(self, Emitter e, dict store, Buffer *out) except -1
    cdef int write_data(
        self, Emitter e, object subject, dict store, Buffer *out, uint8_t *written, int depth
    ) except -1
    cdef int write_value(
        self, Kind kind, Output one, object subject, object value, Buffer *out, int depth
    ) except -1
    cdef int write_list(
        self, Kind kind, Output one, object subject, object value, Buffer *out, int depth
    ) except -1
    cdef int write_dict(
        self, Kind kind, Output one, object subject, object value, Buffer *out, int depth
    ) except -1
    cdef int write_child(self, Output one, object value, Buffer *out, int depth) except -1
    cdef int write_changes(
        self, Emitter e, dict store, Buffer *out, Py_ssize_t start, uint8_t *written, bint inner
    ) except -1


cdef int put_natural(Buffer *out, object value, int depth) except -1
cdef object operated(object value, tuple operations)
cdef int put_size(Buffer *out, Py_ssize_t start, Py_ssize_t total, Py_ssize_t count) except -1
cdef int put_array_size(
    Buffer *out, Py_ssize_t start, Py_ssize_t total, Py_ssize_t count
) except -1
cdef int hooked(dict store, Py_ssize_t used) except -1
cdef int stop_if_absent(tuple operations) except -1
cdef int check_dropped(Emitter e, object subject, dict store) except -1
cdef int other_changes(Emitter e, dict store, bint some) except -1
cdef object primitive_of(Output one, object subject, object value)
cdef int put_key(Buffer *out, object key) except -1
cdef bint is_list(object value) noexcept
cdef bint is_dict(object value) noexcept
