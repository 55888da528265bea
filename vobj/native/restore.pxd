"""The short forms of the packed wire, back to text and values; see restore.pyx."""

from libc.stdint cimport int64_t, uint8_t, uint32_t

from vobj.native.cursor cimport Cursor
from vobj.native.program cimport Kind

cdef str uuid_text(const uint8_t *raw)
cdef str mac_text(const uint8_t *raw)
cdef object moment_at(Kind kind, int64_t seconds)
cdef object address_at(uint32_t number)
cdef str short_text(int pack, Cursor *c, object restore)
cdef int opened(Cursor *c) except -1
cdef object primitive_here(Cursor *c, Kind wire, object restore)
