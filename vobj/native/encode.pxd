"""Writing objects as msgpack; see encode.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.buffer cimport Buffer
from vobj.native.emitter cimport Emitter, Output
from vobj.native.program cimport Kind


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


cdef int hooked(dict store, Py_ssize_t used) except -1
cdef int check_dropped(Emitter e, object subject, dict store) except -1
cdef int other_changes(Emitter e, dict store, bint some) except -1
cdef object primitive_of(Output one, object subject, object value)
