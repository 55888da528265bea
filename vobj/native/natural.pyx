# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Primitives of plain types as msgpack, and sizes that are known only afterwards.

Theory
    Maps and arrays are written before their size is known. The size is put in afterwards, since
    nearly always every field is set and the size of its header is known; else the bytes move.
"""

from cpython.dict cimport PyDict_Next
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t
from libc.string cimport memmove

from vobj.native.buffer cimport (
    Buffer,
    put_array,
    put_binary,
    put_map,
    put_scalar,
    put_text,
    store_16,
)
from vobj.native.program cimport runtime

cdef enum:
    DEPTH_MAX = 150

cdef object DECLINED = ValueError


cdef int put_natural(Buffer *out, object value, int depth) except -1:
    """A primitive of plain types. Declines for all others."""
    cdef object kind = type(value)
    cdef Py_ssize_t index, size
    cdef PyObject *key
    cdef PyObject *item
    cdef Py_ssize_t place = 0
    if not put_scalar(out, value):
        return 0
    if depth > DEPTH_MAX:
        raise DECLINED
    if kind is bytes:
        return put_binary(out, <char *>value, len(<bytes>value))
    if is_list(value):
        size = PyList_GET_SIZE(value)
        put_array(out, size)
        for index in range(size):
            put_natural(out, <object>PyList_GET_ITEM(value, index), depth + 1)
        return 0
    if is_dict(value):
        put_map(out, len(<dict>value))
        while PyDict_Next(value, &place, &key, &item):
            put_key(out, <object>key)
            put_natural(out, <object>item, depth + 1)
        return 0
    if kind is tuple:
        put_array(out, len(<tuple>value))
        for held in <tuple>value:
            put_natural(out, held, depth + 1)
        return 0
    raise DECLINED


cdef int put_key(Buffer *out, object key) except -1:
    if type(key) is not str:
        raise DECLINED
    return put_text(out, key)


cdef bint is_list(object value) noexcept:
    """Whether its elements are read as a list's are: no subclass that iterates in its own way."""
    cdef object cls = type(value)
    return cls is list or cls is runtime.coerced_list or cls is runtime.own_list


cdef bint is_dict(object value) noexcept:
    cdef object cls = type(value)
    return cls is dict or cls is runtime.coerced_dict or cls is runtime.own_dict


cdef int put_size(Buffer *out, Py_ssize_t start, Py_ssize_t total, Py_ssize_t count) except -1:
    """The size of a map whose place was kept for `total` items."""
    if total < 16:
        out.data[start] = 0x80 | <uint8_t>count
        return 0
    if count < 16:
        memmove(out.data + start + 1, out.data + start + 3, out.size - start - 3)
        out.size -= 2
        out.data[start] = 0x80 | <uint8_t>count
        return 0
    out.data[start] = 0xDE
    store_16(out.data + start + 1, count)
    return 0


cdef int put_array_size(
    Buffer *out, Py_ssize_t start, Py_ssize_t total, Py_ssize_t count
) except -1:
    """The same of an array."""
    put_size(out, start, total, count)
    if out.data[start] == 0xDE:
        out.data[start] = 0xDC
    else:
        out.data[start] += 0x10
    return 0
