"""Writing objects on the packed wire; see pack.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.buffer cimport Buffer
from vobj.native.emitter cimport Output, PackedEmitter, Part
from vobj.native.marks cimport Known
from vobj.native.program cimport Kind


cdef class Packing:
    cdef public object resolve
    cdef public object tree_of
    cdef public object shorten
    cdef public object whole
    cdef dict emitters
    cdef dict definitions  # of all emitters, each once: what is another object is another one
    cdef PackedEmitter top
    cdef PackedEmitter emitter(self, object cls, object place)
    cpdef object encode(self, subject)
    cdef int write_object(
        self, PackedEmitter e, object subject, Buffer *out, Known *known, str around, int depth
    ) except -1
    cdef int write_values(
        self, PackedEmitter e, object subject, Buffer *out, uint8_t *written, Known *known,
        int depth, bint *inner
    ) except -1
    cdef int write_part(
        self, PackedEmitter e, Part *part, object subject, object value, Buffer *out,
        Known *known, int depth
    ) except -1
    cdef int write_value(
        self, PackedEmitter e, Kind kind, Output one, object subject, object value, Buffer *out,
        Known *known, int depth
    ) except -1
    cdef int write_list(
        self, PackedEmitter e, Kind kind, Output one, object subject, object value, Buffer *out,
        Known *known, int depth
    ) except -1
    cdef int write_child(
        self, PackedEmitter e, Output one, object value, Buffer *out, Known *known, int depth
    ) except -1
    cdef int write_short(self, Kind kind, object value, Buffer *out, int depth) except -1
    cdef int write_set(
        self, Kind kind, Output one, object subject, object value, Buffer *out, int depth
    ) except -1
