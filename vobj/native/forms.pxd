"""How datetimes and addresses are written as the text that oslo gives them."""

from vobj.native.buffer cimport Buffer

cdef int put_moment(Buffer *out, object value) except -1
cdef int put_address(Buffer *out, object value) except -1
cdef int sorted_by_rank(list items) except -1
cdef int put_instant(Buffer *out, object value) except -1
cdef int put_number(Buffer *out, object value) except -1
cdef int put_uuid(Buffer *out, object text) except -1
cdef int put_mac(Buffer *out, object text) except -1
