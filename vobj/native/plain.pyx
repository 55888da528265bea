# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The forms that are not inline; see the theory in plain.pxd."""

from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.string cimport memcmp

from vobj.native.convert cimport NOT_USUAL
from vobj.native.cursor cimport Cursor, PyUnicode_DATA, load_16, load_32, need, read_double
from vobj.native.layout cimport shortest_int, shortest_text, skip_short
from vobj.native.position cimport AS_ADDRESS, AS_NOT_NEGATIVE, Form
from vobj.native.restore cimport address_at, moment_at

cdef enum:
    KEYS_MAX = 16  # of a dict that are remembered

cdef object DECLINED = ValueError


cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)


cdef inline bint _is_here(Cursor *c, str text) noexcept:
    """Whether this text of ASCII stands here, with less than 32 characters."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    return (
        c.end - c.at > size
        and c.data[c.at] == 0xA0 | size
        and memcmp(c.data + c.at + 1, PyUnicode_DATA(text), size) == 0
    )


cdef inline bint _may_repeat(str text) noexcept:
    return PyUnicode_GET_LENGTH(text) < 32 and PyUnicode_IS_COMPACT_ASCII(text)


cdef object plain_choice(Cursor *c, Form form, uint8_t head):
    """One of the values of an enum; often the one that was there before."""
    cdef str made = form.chosen
    if made is not None and _is_here(c, made):
        c.at += 1 + PyUnicode_GET_LENGTH(made)
        return made
    if not (0xA0 <= head < 0xC0 or 0xD9 <= head <= 0xDB):
        return NOT_USUAL
    made = plain_text(c, head)
    if made not in <frozenset>form.kind.choices:
        raise DECLINED
    if _may_repeat(made):
        form.chosen = made
    return made


cdef object plain_key(Cursor *c, Form form, Py_ssize_t index):
    """The key of a dict; often the one that was in its place before."""
    cdef list keys = form.keys
    cdef str made
    need(c, 1)
    if index < PyList_GET_SIZE(keys):
        made = <str>PyList_GET_ITEM(keys, index)
        if _is_here(c, made):
            c.at += 1 + PyUnicode_GET_LENGTH(made)
            return made
    made = shortest_text(c)
    if index < KEYS_MAX and _may_repeat(made):
        if index < PyList_GET_SIZE(keys):
            keys[index] = made
        elif index == PyList_GET_SIZE(keys):
            keys.append(made)
    return made


cdef object plain_short(Cursor *c, Form form, uint8_t head):
    """A datetime or an IPv4 address."""
    cdef const uint8_t *at = c.data + c.at
    cdef Py_ssize_t start = c.at
    cdef object made
    cdef int64_t number
    if head == 0xC4:
        return NOT_USUAL
    if head == 0xCE and c.end - c.at > 4 and load_16(at + 1) != 0:
        number = load_32(at + 1)
        c.at += 5
    else:
        skip_short(form.wire.pack, c)
        c.at = start
        number = shortest_int(c)
    if form.way == AS_ADDRESS:
        made = address_at(<uint32_t>number)
    else:
        made = moment_at(form.kind, number)
    if made is None:
        c.at = start
        return NOT_USUAL
    return made


cdef object plain_not_negative(Cursor *c, Form form, uint8_t head):
    cdef double number
    cdef object made
    if form.way == AS_NOT_NEGATIVE:
        made = plain_int(c, head)
        if made is not NOT_USUAL and made < 0:
            raise DECLINED
        return made
    if head != 0xCB:
        return NOT_USUAL
    number = read_double(c)
    if number < 0:
        raise DECLINED
    return number
