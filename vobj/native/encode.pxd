"""Writing objects as msgpack; see encode.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.buffer cimport Buffer
from vobj.native.emitter cimport Emitter, Output, Part
from vobj.native.program cimport Kind


cdef class Writing:
    cdef public object resolve
    cdef public object tree_of
    cdef dict emitters
    cdef Emitter top
    cdef Emitter emitter(self, object cls, object place)
    cpdef object encode(self, subject)
    cdef int write_object(self, Emitter e, object subject, Buffer *out, int depth) except -1
    cdef int write_data(
        self, Emitter e, object subject, Buffer *out, uint8_t *written, int depth
    ) except -1
    cdef int write_part(
        self, Part *part, object subject, object value, Buffer *out, int depth
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


cdef int check_dropped(Emitter e, object subject) except -1
cdef int other_changes(Emitter e, object subject, Py_ssize_t some) except -1
cdef object primitive_of(Output one, object subject, object value)
