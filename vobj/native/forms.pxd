"""How datetimes and addresses are written as the text that oslo gives them."""

from libc.stdint cimport uint8_t

from vobj.native.buffer cimport Buffer

cdef int moment_text(object value, uint8_t *at) except -1
cdef int put_moment(Buffer *out, object value) except -1
cdef int address_text(object value, uint8_t *text) except -2
cdef int put_address(Buffer *out, object value) except -1
cdef int sorted_by_rank(list items) except -1
cdef int put_instant(Buffer *out, object value) except -1
cdef int put_number(Buffer *out, object value) except -1
cdef int put_uuid(Buffer *out, object text) except -1
cdef int put_mac(Buffer *out, object text) except -1
