"""A growing buffer and the shortest msgpack forms that are written into it.

Theory
    What is written equals what `msgpack.packb(use_bin_type=True)` writes: shortest headers,
    float64, text as UTF-8. A buffer lives in one call; its memory is Python's, so that tracemalloc
    sees it. A small one is kept for the next call of the same module; a call inside a call has its
    own.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Realloc
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy


cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    void *PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    long long PyLong_AsLongLongAndOverflow(object value, int *overflow) except? -1
    unsigned long long PyLong_AsUnsignedLongLong(object value) except? 0xFFFFFFFFFFFFFFFF


cdef extern from *:
    """
    enum { VOBJ_OTHER = -1, VOBJ_NONE, VOBJ_TEXT, VOBJ_FALSE, VOBJ_TRUE, VOBJ_WHOLE, VOBJ_REAL };

    static inline int vobj_scalar_kind(PyObject *value) {
        PyTypeObject *type = Py_TYPE(value);
        if (type == &PyUnicode_Type) return VOBJ_TEXT;
        if (value == Py_None) return VOBJ_NONE;
        if (type == &PyLong_Type) return VOBJ_WHOLE;
        if (type == &PyBool_Type) return value == Py_True ? VOBJ_TRUE : VOBJ_FALSE;
        if (type == &PyFloat_Type) return VOBJ_REAL;
        return VOBJ_OTHER;
    }

    static inline int vobj_small_int(PyObject *value, int64_t *found) {
    #if PY_VERSION_HEX >= 0x030C0000
        if (!PyUnstable_Long_IsCompact((PyLongObject *)value)) return 0;
        *found = (int64_t)PyUnstable_Long_CompactValue((PyLongObject *)value);
        return 1;
    #else
        Py_ssize_t size = Py_SIZE(value);
        if (size < -1 || size > 1) return 0;
        *found = size * (int64_t)((PyLongObject *)value)->ob_digit[0];
        return 1;
    #endif
    }

    #define vobj_is_ascii(text) PyUnicode_IS_COMPACT_ASCII(text)
    #define vobj_ascii_size(text) (((PyASCIIObject *)(text))->length)
    #define vobj_ascii(text) ((const char *)(((PyASCIIObject *)(text)) + 1))
    #define vobj_double(value) PyFloat_AS_DOUBLE(value)

    enum { VOBJ_KEPT_MAX = 16384 };
    static void *vobj_kept = NULL;
    static Py_ssize_t vobj_kept_room = 0;

    static inline void *vobj_open(Py_ssize_t *room) {
        void *data = vobj_kept;
        if (data == NULL || vobj_kept_room < *room) return PyMem_Malloc((size_t)*room);
        *room = vobj_kept_room;
        vobj_kept = NULL;
        return data;
    }

    static inline void vobj_close(void *data, Py_ssize_t room) {
        if (vobj_kept != NULL || room > VOBJ_KEPT_MAX) {
            PyMem_Free(data);
            return;
        }
        vobj_kept = data;
        vobj_kept_room = room;
    }
    """
    void *vobj_open(Py_ssize_t *room) noexcept
    void vobj_close(void *data, Py_ssize_t room) noexcept
    int OTHER "VOBJ_OTHER"
    int NONE "VOBJ_NONE"  # None, false and true are as far from 0xC0 as their bytes
    int TEXT "VOBJ_TEXT"
    int FALSE "VOBJ_FALSE"
    int TRUE "VOBJ_TRUE"
    int WHOLE "VOBJ_WHOLE"
    int REAL "VOBJ_REAL"
    int vobj_scalar_kind(PyObject *value) noexcept
    bint vobj_small_int(PyObject *value, int64_t *found) noexcept
    bint vobj_is_ascii(PyObject *text) noexcept
    Py_ssize_t vobj_ascii_size(PyObject *text) noexcept
    const char *vobj_ascii(PyObject *text) noexcept
    double vobj_double(PyObject *value) noexcept


ctypedef struct Buffer:
    uint8_t *data
    Py_ssize_t size
    Py_ssize_t room


cdef inline int buffer_open(Buffer *out, Py_ssize_t room) except -1:
    out.room = room
    out.data = <uint8_t *>vobj_open(&out.room)
    if out.data == NULL:
        raise MemoryError
    out.size = 0
    return 0


cdef inline void buffer_close(Buffer *out) noexcept:
    vobj_close(out.data, out.room)
    out.data = NULL


cdef inline bytes buffer_bytes(Buffer *out):
    return PyBytes_FromStringAndSize(<char *>out.data, out.size)


cdef inline int buffer_grow(Buffer *out, Py_ssize_t more) except -1:
    cdef Py_ssize_t room = out.room
    cdef void *data
    if more > (<Py_ssize_t>1 << 62) - out.size:
        raise MemoryError
    while room - out.size < more:
        room *= 2
    data = PyMem_Realloc(out.data, room)
    if data == NULL:
        raise MemoryError
    out.data = <uint8_t *>data
    out.room = room
    return 0


cdef inline int reserve(Buffer *out, Py_ssize_t more) except -1:
    if out.room - out.size < more:
        buffer_grow(out, more)
    return 0


cdef inline int put_byte(Buffer *out, uint8_t value) except -1:
    reserve(out, 1)
    out.data[out.size] = value
    out.size += 1
    return 0


cdef inline void copy_short(uint8_t *to, const void *data, Py_ssize_t size) noexcept:
    """`memcpy` of at most 32 bytes, which costs no call: two moves that may overlap."""
    cdef const uint8_t *at = <const uint8_t *>data
    if size >= 16:
        memcpy(to, at, 16)
        memcpy(to + size - 16, at + size - 16, 16)
    elif size >= 8:
        memcpy(to, at, 8)
        memcpy(to + size - 8, at + size - 8, 8)
    elif size >= 4:
        memcpy(to, at, 4)
        memcpy(to + size - 4, at + size - 4, 4)
    elif size > 0:
        to[0] = at[0]
        to[size >> 1] = at[size >> 1]
        to[size - 1] = at[size - 1]


cdef inline int put_raw(Buffer *out, const void *data, Py_ssize_t size) except -1:
    reserve(out, size)
    if size <= 32:
        copy_short(out.data + out.size, data, size)
    else:
        memcpy(out.data + out.size, data, size)
    out.size += size
    return 0


cdef inline int put_bytes(Buffer *out, bytes data) except -1:
    return put_raw(out, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))


cdef inline void store_16(uint8_t *at, uint16_t value) noexcept:
    at[0] = value >> 8
    at[1] = value & 0xFF


cdef inline void store_32(uint8_t *at, uint32_t value) noexcept:
    at[0] = value >> 24
    at[1] = (value >> 16) & 0xFF
    at[2] = (value >> 8) & 0xFF
    at[3] = value & 0xFF


cdef inline void store_64(uint8_t *at, uint64_t value) noexcept:
    store_32(at, <uint32_t>(value >> 32))
    store_32(at + 4, <uint32_t>value)


cdef inline int put_unsigned(Buffer *out, uint64_t value) except -1:
    cdef uint8_t *at
    reserve(out, 9)
    at = out.data + out.size
    if value < 0x80:
        at[0] = <uint8_t>value
        out.size += 1
    elif value < 0x100:
        at[0] = 0xCC
        at[1] = <uint8_t>value
        out.size += 2
    elif value < 0x10000:
        at[0] = 0xCD
        store_16(at + 1, <uint16_t>value)
        out.size += 3
    elif value <= 0xFFFFFFFFULL:
        at[0] = 0xCE
        store_32(at + 1, <uint32_t>value)
        out.size += 5
    else:
        at[0] = 0xCF
        store_64(at + 1, value)
        out.size += 9
    return 0


cdef inline int put_signed(Buffer *out, int64_t value) except -1:
    cdef uint8_t *at
    if value >= 0:
        return put_unsigned(out, <uint64_t>value)
    reserve(out, 9)
    at = out.data + out.size
    if value >= -32:
        at[0] = <uint8_t>(value & 0xFF)
        out.size += 1
    elif value >= -0x80:
        at[0] = 0xD0
        at[1] = <uint8_t>(value & 0xFF)
        out.size += 2
    elif value >= -0x8000:
        at[0] = 0xD1
        store_16(at + 1, <uint16_t>(value & 0xFFFF))
        out.size += 3
    elif value >= -0x80000000LL:
        at[0] = 0xD2
        store_32(at + 1, <uint32_t>value)
        out.size += 5
    else:
        at[0] = 0xD3
        store_64(at + 1, <uint64_t>value)
        out.size += 9
    return 0


cdef inline int put_int(Buffer *out, object value) except -1:
    """Raises OverflowError for what has no 64 bits."""
    cdef int overflow = 0
    cdef long long small = PyLong_AsLongLongAndOverflow(value, &overflow)
    if overflow == 0:
        return put_signed(out, small)
    return put_unsigned(out, PyLong_AsUnsignedLongLong(value))


cdef inline int put_float(Buffer *out, double value) except -1:
    cdef uint64_t raw
    memcpy(&raw, &value, 8)
    reserve(out, 9)
    out.data[out.size] = 0xCB
    store_64(out.data + out.size + 1, raw)
    out.size += 9
    return 0


cdef inline int put_text_head(Buffer *out, Py_ssize_t size) except -1:
    cdef uint8_t *at
    reserve(out, 5)
    at = out.data + out.size
    if size < 32:
        at[0] = 0xA0 | <uint8_t>size
        out.size += 1
    elif size < 0x100:
        at[0] = 0xD9
        at[1] = <uint8_t>size
        out.size += 2
    elif size < 0x10000:
        at[0] = 0xDA
        store_16(at + 1, <uint16_t>size)
        out.size += 3
    elif size <= 0xFFFFFFFFLL:
        at[0] = 0xDB
        store_32(at + 1, <uint32_t>size)
        out.size += 5
    else:
        raise OverflowError
    return 0


cdef inline int put_held_text(Buffer *out, PyObject *text) except -1:
    """Raises UnicodeEncodeError for lone surrogates."""
    cdef Py_ssize_t size
    cdef const char *data
    cdef uint8_t *at
    if vobj_is_ascii(text):
        size = vobj_ascii_size(text)
        data = vobj_ascii(text)
    else:
        data = PyUnicode_AsUTF8AndSize(<object>text, &size)
    if size < 32:
        reserve(out, 33)
        at = out.data + out.size
        at[0] = 0xA0 | <uint8_t>size
        copy_short(at + 1, data, size)
        out.size += 1 + size
        return 0
    put_text_head(out, size)
    return put_raw(out, data, size)


cdef inline int put_text(Buffer *out, object text) except -1:
    """`put_held_text` of an object."""
    return put_held_text(out, <PyObject *>text)


cdef inline int put_binary(Buffer *out, const void *data, Py_ssize_t size) except -1:
    cdef uint8_t *at
    reserve(out, 5)
    at = out.data + out.size
    if size < 0x100:
        at[0] = 0xC4
        at[1] = <uint8_t>size
        out.size += 2
    elif size < 0x10000:
        at[0] = 0xC5
        store_16(at + 1, <uint16_t>size)
        out.size += 3
    elif size <= 0xFFFFFFFFLL:
        at[0] = 0xC6
        store_32(at + 1, <uint32_t>size)
        out.size += 5
    else:
        raise OverflowError
    return put_raw(out, data, size)


cdef inline int put_container_head(
    Buffer *out, Py_ssize_t size, uint8_t fix, uint8_t wide
) except -1:
    """fix, wide: the first bytes of the forms for up to 15, and for up to 65,535 items."""
    cdef uint8_t *at
    reserve(out, 5)
    at = out.data + out.size
    if size < 16:
        at[0] = fix | <uint8_t>size
        out.size += 1
    elif size < 0x10000:
        at[0] = wide
        store_16(at + 1, <uint16_t>size)
        out.size += 3
    elif size <= 0xFFFFFFFFLL:
        at[0] = wide + 1
        store_32(at + 1, <uint32_t>size)
        out.size += 5
    else:
        raise OverflowError
    return 0


cdef inline int put_array(Buffer *out, Py_ssize_t size) except -1:
    return put_container_head(out, size, 0x90, 0xDC)


cdef inline int put_map(Buffer *out, Py_ssize_t size) except -1:
    return put_container_head(out, size, 0x80, 0xDE)


cdef inline int put_held(Buffer *out, PyObject *value) except -1:
    """Text, a number, a truth value or None; 1, and nothing written, for all others."""
    cdef int64_t small
    cdef int kind = vobj_scalar_kind(value)
    if kind == TEXT:
        return put_held_text(out, value)
    if kind == NONE or kind == FALSE or kind == TRUE:
        return put_byte(out, 0xC0 + kind)
    if kind == WHOLE:
        if vobj_small_int(value, &small):
            return put_signed(out, small)
        return put_int(out, <object>value)
    if kind == REAL:
        return put_float(out, vobj_double(value))
    return 1


cdef inline int put_scalar(Buffer *out, object value) except -1:
    """`put_held` of an object."""
    return put_held(out, <PyObject *>value)
