"""Reading values without objects and containers, straight to what the object holds.

Theory
    `read_scalar` reads a value of the form that a kind usually has, and moves behind it. For any
    other it gives `NOT_USUAL` and stays where it is: the caller reads the natural value and asks
    the field.
"""

from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from libc.stdint cimport uint8_t
from libc.string cimport memcmp

from vobj.native.convert cimport NOT_USUAL
from vobj.native.cursor cimport Cursor, PyUnicode_DATA, need, read_double, read_int, read_text
from vobj.native.program cimport (
    READ_BOOL,
    READ_FLOAT,
    READ_INT,
    READ_NOT_NEGATIVE,
    READ_NOT_NEGATIVE_FLOAT,
    READ_TEXT,
    Kind,
)

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)


cdef object read_form(Cursor *c, Kind kind)
cdef object read_not_negative(Cursor *c, Kind kind)


cdef enum:
    KEYS_MAX = 16  # of a dict that are remembered


cdef inline bint is_text_here(Cursor *c, str text) noexcept:
    """Whether this text of ASCII stands here, with less than 32 characters."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    return (
        c.end - c.at > size
        and c.data[c.at] == 0xA0 | size
        and memcmp(c.data + c.at + 1, PyUnicode_DATA(text), size) == 0
    )


cdef inline bint may_repeat(str text) noexcept:
    """Whether `is_text_here` may be asked about it."""
    return PyUnicode_GET_LENGTH(text) < 32 and PyUnicode_IS_COMPACT_ASCII(text)


cdef inline str known_key(Cursor *c, list keys, Py_ssize_t index):
    """The key of a dict, if it is the one that was in its place before; else None."""
    cdef str made
    need(c, 1)
    if index < PyList_GET_SIZE(keys):
        made = <str>PyList_GET_ITEM(keys, index)
        if is_text_here(c, made):
            c.at += 1 + PyUnicode_GET_LENGTH(made)
            return made
    return None


cdef inline str remembered_key(list keys, Py_ssize_t index, str made):
    """The same key, expected in its place from now on."""
    if index < KEYS_MAX and may_repeat(made):
        if index < PyList_GET_SIZE(keys):
            keys[index] = made
        elif index == PyList_GET_SIZE(keys):
            keys.append(made)
    return made


cdef inline bint starts_text(uint8_t head) noexcept:
    return 0xA0 <= head < 0xC0 or 0xD9 <= head <= 0xDB


cdef inline bint starts_int(uint8_t head) noexcept:
    return head < 0x80 or head >= 0xE0 or 0xCC <= head <= 0xD3


cdef inline object read_scalar(Cursor *c, Kind kind):
    """The value here; NOT_USUAL where the field has to be asked."""
    cdef int read = kind.read
    cdef uint8_t head
    need(c, 1)
    head = c.data[c.at]
    if head == 0xC0:
        if not kind.nullable:
            return NOT_USUAL
        c.at += 1
        return None
    if read == READ_TEXT:
        return read_text(c) if starts_text(head) else NOT_USUAL
    elif read == READ_INT:
        return read_int(c) if starts_int(head) else NOT_USUAL
    elif read == READ_BOOL:
        if head != 0xC2 and head != 0xC3:
            return NOT_USUAL
        c.at += 1
        return True if head == 0xC3 else False
    elif read == READ_FLOAT:
        return read_double(c) if head == 0xCB else NOT_USUAL
    elif read == READ_NOT_NEGATIVE or read == READ_NOT_NEGATIVE_FLOAT:
        return read_not_negative(c, kind)
    return read_form(c, kind) if starts_text(head) else NOT_USUAL
