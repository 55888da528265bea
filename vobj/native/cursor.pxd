"""Reading msgpack from bytes that a peer wrote, without ever looking past their end.

Theory
    Two ways to go on: `read_value` makes Python values, `skip_value` only moves. What is skipped
    may be copied to another payload, so it must be in the one shortest form and its text valid; a
    longer form is refused here and left to the executor that reads and writes everything anew.

    Depth and count are those of `vobj.wires.limits`: the number of containers around a value,
    itself included, and all values, keys of maps not. Any exception means "not here": the caller
    declines the payload as a whole.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_SetItem
from cpython.list cimport PyList_New
from cpython.ref cimport Py_INCREF
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy


cdef extern from "Python.h":
    object PyUnicode_DecodeUTF8(const char *data, Py_ssize_t size, const char *errors)
    object PyUnicode_FromKindAndData(int kind, const void *data, Py_ssize_t size)
    int PyUnicode_1BYTE_KIND
    void PyList_SET_ITEM(object made, Py_ssize_t index, object item)
    object PyUnicode_New(Py_ssize_t size, uint32_t highest)
    void *PyUnicode_DATA(object text)


ctypedef struct Cursor:
    const uint8_t *data
    Py_ssize_t at
    Py_ssize_t end
    Py_ssize_t values  # how many more are allowed
    Py_ssize_t depth  # how many more containers may open here
    bint distinct  # whether a map that repeats a key is refused


cdef inline int need(Cursor *c, Py_ssize_t size) except -1:
    if c.end - c.at < size:
        raise ValueError
    return 0


cdef inline uint16_t load_16(const uint8_t *at) noexcept:
    return (<uint16_t>at[0] << 8) | at[1]


cdef inline uint32_t load_32(const uint8_t *at) noexcept:
    return (
        (<uint32_t>at[0] << 24) | (<uint32_t>at[1] << 16) | (<uint32_t>at[2] << 8) | at[3]
    )


cdef inline uint64_t load_64(const uint8_t *at) noexcept:
    return (<uint64_t>load_32(at) << 32) | load_32(at + 4)


cdef inline bint is_ascii(const uint8_t *data, Py_ssize_t size) noexcept:
    cdef uint64_t word
    cdef Py_ssize_t index = 0
    while index + 8 <= size:
        memcpy(&word, data + index, 8)
        if word & 0x8080808080808080ULL:
            return False
        index += 8
    while index < size:
        if data[index] & 0x80:
            return False
        index += 1
    return True


cdef inline object text_of(const uint8_t *data, Py_ssize_t size):
    cdef object made
    if 0 < size <= 1024 and is_ascii(data, size):  # above, one pass beats two
        made = PyUnicode_New(size, 127)
        memcpy(PyUnicode_DATA(made), data, size)
        return made
    return PyUnicode_DecodeUTF8(<const char *>data, size, NULL)


cdef inline Py_ssize_t text_size(Cursor *c) except -1:
    """The length of the text that starts here; the cursor moves to its first byte."""
    cdef uint8_t head
    cdef Py_ssize_t size
    need(c, 1)
    head = c.data[c.at]
    if 0xA0 <= head < 0xC0:
        size = head & 0x1F
        c.at += 1
    elif head == 0xD9:
        need(c, 2)
        size = c.data[c.at + 1]
        c.at += 2
    elif head == 0xDA:
        need(c, 3)
        size = load_16(c.data + c.at + 1)
        c.at += 3
    elif head == 0xDB:
        need(c, 5)
        size = load_32(c.data + c.at + 1)
        c.at += 5
    else:
        raise ValueError
    need(c, size)
    return size


cdef inline Py_ssize_t binary_size(Cursor *c) except -1:
    """The length of the bytes that start here; the cursor moves to the first of them."""
    cdef uint8_t head
    cdef Py_ssize_t size
    need(c, 1)
    head = c.data[c.at]
    if head == 0xC4:
        need(c, 2)
        size = c.data[c.at + 1]
        c.at += 2
    elif head == 0xC5:
        need(c, 3)
        size = load_16(c.data + c.at + 1)
        c.at += 3
    elif head == 0xC6:
        need(c, 5)
        size = load_32(c.data + c.at + 1)
        c.at += 5
    else:
        raise ValueError
    need(c, size)
    return size


cdef inline Py_ssize_t container_size(Cursor *c, uint8_t fix, uint8_t wide) except -1:
    """The number of items of the container that starts here."""
    cdef uint8_t head
    cdef Py_ssize_t size
    need(c, 1)
    head = c.data[c.at]
    if (head & 0xF0) == fix:
        size = head & 0x0F
        c.at += 1
    elif head == wide:
        need(c, 3)
        size = load_16(c.data + c.at + 1)
        c.at += 3
    elif head == wide + 1:
        need(c, 5)
        size = load_32(c.data + c.at + 1)
        c.at += 5
    else:
        raise ValueError
    if size > c.end - c.at or size > c.values:
        raise ValueError
    c.values -= size
    return size


cdef inline Py_ssize_t array_size(Cursor *c) except -1:
    return container_size(c, 0x90, 0xDC)


cdef inline Py_ssize_t map_size(Cursor *c) except -1:
    return container_size(c, 0x80, 0xDE)


cdef inline object read_int(Cursor *c):
    """A whole number; bool is none."""
    cdef uint8_t head
    cdef const uint8_t *at
    need(c, 1)
    at = c.data + c.at
    head = at[0]
    if head < 0x80:
        c.at += 1
        return <int>head
    if head >= 0xE0:
        c.at += 1
        return <int>(<int8_t>head)
    if head == 0xCC:
        need(c, 2)
        c.at += 2
        return <int>at[1]
    if head == 0xCD:
        need(c, 3)
        c.at += 3
        return <int>load_16(at + 1)
    if head == 0xCE:
        need(c, 5)
        c.at += 5
        return load_32(at + 1)
    if head == 0xCF:
        need(c, 9)
        c.at += 9
        return load_64(at + 1)
    if head == 0xD0:
        need(c, 2)
        c.at += 2
        return <int>(<int8_t>at[1])
    if head == 0xD1:
        need(c, 3)
        c.at += 3
        return <int>(<int16_t>load_16(at + 1))
    if head == 0xD2:
        need(c, 5)
        c.at += 5
        return <int32_t>load_32(at + 1)
    if head == 0xD3:
        need(c, 9)
        c.at += 9
        return <int64_t>load_64(at + 1)
    raise ValueError


cdef inline double read_double(Cursor *c) except? -1.0:
    """A float64."""
    cdef uint64_t raw
    cdef double value
    need(c, 9)
    if c.data[c.at] != 0xCB:
        raise ValueError
    raw = load_64(c.data + c.at + 1)
    memcpy(&value, &raw, 8)
    c.at += 9
    return value


cdef inline object read_text(Cursor *c):
    cdef Py_ssize_t size = text_size(c)
    cdef object made = text_of(c.data + c.at, size)
    c.at += size
    return made


cdef object read_value(Cursor *c)
cdef int skip_value(Cursor *c) except -1
cdef int skip_text(Cursor *c) except -1
cdef int skip_map(Cursor *c, Py_ssize_t size) except -1
cdef int distinct_keys(Cursor *c, set seen, Py_ssize_t start) except -1
