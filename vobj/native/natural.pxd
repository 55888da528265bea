"""Primitives of plain types as msgpack, and sizes that are known only afterwards."""

from vobj.native.buffer cimport Buffer

cdef int put_natural(Buffer *out, object value, int depth) except -1
cdef int put_key(Buffer *out, object key) except -1
cdef bint is_list(object value) noexcept
cdef bint is_dict(object value) noexcept
cdef int put_size(Buffer *out, Py_ssize_t start, Py_ssize_t total, Py_ssize_t count) except -1
cdef int put_array_size(
    Buffer *out, Py_ssize_t start, Py_ssize_t total, Py_ssize_t count
) except -1
