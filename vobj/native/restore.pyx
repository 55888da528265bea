# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The short forms of the packed wire, back to the text they stand for, or straight to the value.

Theory
    A short form stands for one text, and the text becomes the value: as on the msgpack wire, by the
    same functions. Where making the text and reading it again is all that happens, the text is a
    few bytes on the stack. IPv6 addresses and networks are left to the Python executor's own
    functions, as their values need netaddr anyway.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_SetItem
from cpython.list cimport PyList_Append
from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.string cimport memcpy

from vobj.native.cursor cimport Cursor, PyUnicode_DATA, PyUnicode_New, array_size, map_size, need
from vobj.native.layout cimport (
    shortest_head,
    shortest_int,
    shortest_text,
    shortest_value,
    skip_short,
)
from vobj.native.parse cimport address_of, moment_of
from vobj.native.program cimport (
    PACK_DATETIME,
    PACK_MAC,
    PACK_NATURAL,
    PACK_UUID,
    WRITE_DICT,
    WRITE_OBJECT,
    Kind,
)

cdef object DECLINED = ValueError

cdef enum:
    MOMENT = 20  # characters of `2026-03-14T15:09:26Z`
    QUAD = 15  # at most, of `192.168.100.100`

cdef uint8_t[512] _PAIRS  # two hex digits for each byte


cdef void _fill_pairs() noexcept:
    cdef int one
    cdef const uint8_t *digits = b"0123456789abcdef"
    for one in range(256):
        _PAIRS[2 * one] = digits[one >> 4]
        _PAIRS[2 * one + 1] = digits[one & 15]


_fill_pairs()


cdef str uuid_text(const uint8_t *raw):
    """The canonical text of 16 bytes."""
    cdef str made = PyUnicode_New(36, 127)
    cdef uint8_t *at = <uint8_t *>PyUnicode_DATA(made)
    cdef int index
    for index in range(16):
        memcpy(at, _PAIRS + 2 * raw[index], 2)
        at += 2
        if index == 3 or index == 5 or index == 7 or index == 9:
            at[0] = b"-"
            at += 1
    return made


cdef str mac_text(const uint8_t *raw):
    """The canonical text of 6 bytes."""
    cdef str made = PyUnicode_New(17, 127)
    cdef uint8_t *at = <uint8_t *>PyUnicode_DATA(made)
    cdef int index
    for index in range(6):
        if index:
            at[0] = b":"
            at += 1
        memcpy(at, _PAIRS + 2 * raw[index], 2)
        at += 2
    return made


cdef inline void _digits(uint8_t *at, int count, int64_t value) noexcept:
    while count:
        count -= 1
        at[count] = 48 + value % 10
        value //= 10


cdef void _put_moment(uint8_t *at, int64_t seconds) noexcept:
    """The text of seconds since 1970, within the years 1 to 9999."""
    # Days are counted from 0000-03-01, so that the leap day is the last one of a year: Hinnant,
    # "chrono-Compatible Low-Level Date Algorithms". 719468 of them lie before 1970.
    cdef int64_t passed = seconds + 719468 * <int64_t>86400
    cdef int64_t day = passed // 86400, second = passed % 86400
    cdef int64_t era = day // 146097
    cdef int64_t of_era = day - era * 146097
    cdef int64_t year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    cdef int64_t of_year = of_era - (365 * year + year // 4 - year // 100)
    cdef int64_t month = (5 * of_year + 2) // 153
    _digits(at, 4, year + era * 400 + (month >= 10))
    at[4] = at[7] = b"-"
    _digits(at + 5, 2, month + 3 if month < 10 else month - 9)
    _digits(at + 8, 2, of_year - (153 * month + 2) // 5 + 1)
    at[10] = b"T"
    _digits(at + 11, 2, second // 3600)
    at[13] = at[16] = b":"
    _digits(at + 14, 2, second // 60 % 60)
    _digits(at + 17, 2, second % 60)
    at[19] = b"Z"


cdef object moment_at(Kind kind, int64_t seconds):
    """The datetime of seconds since 1970 within the years 1 to 9999; None where a field knows."""
    cdef uint8_t text[MOMENT]
    _put_moment(text, seconds)
    return moment_of(kind, text, MOMENT)


cdef Py_ssize_t _put_quad(uint8_t *at, uint32_t number) noexcept:
    """The text of an IPv4 address; how long it is."""
    cdef Py_ssize_t size = 0
    cdef int shift, part, digits
    for shift in range(24, -1, -8):
        part = (number >> shift) & 0xFF
        digits = 3 if part >= 100 else 2 if part >= 10 else 1
        _digits(at + size, digits, part)
        size += digits
        if shift:
            at[size] = b"."
            size += 1
    return size


cdef object address_at(uint32_t number):
    """The `netaddr.IPAddress` of a number; None where a field knows."""
    cdef uint8_t text[QUAD]
    return address_of(text, _put_quad(text, number))


cdef str _ascii(const uint8_t *at, Py_ssize_t size):
    cdef str made = PyUnicode_New(size, 127)
    memcpy(PyUnicode_DATA(made), at, size)
    return made


cdef str short_text(int pack, Cursor *c, object restore):
    """The text of the short form here; None for nil. All else is declined.

    restore(form, short): the same, for forms that are not known here.
    """
    cdef uint8_t text[MOMENT]
    cdef Py_ssize_t start = c.at, size
    cdef const uint8_t *at = c.data + start
    skip_short(pack, c)
    if at[0] == 0xC0:
        return None
    if pack == PACK_UUID:
        return uuid_text(at + 2)
    if pack == PACK_MAC:
        return mac_text(at + 2)
    if at[0] == 0xC4:
        size = c.at - start - 2
        return restore(pack, PyBytes_FromStringAndSize(<const char *>at + 2, size))
    c.at = start
    if pack == PACK_DATETIME:
        _put_moment(text, shortest_int(c))
        return _ascii(text, MOMENT)
    return _ascii(text, _put_quad(text, shortest_int(c)))


cdef int opened(Cursor *c) except -1:
    """0 when no container starts here, 1 for an array, 2 for a map."""
    cdef uint8_t head
    need(c, 1)
    head = c.data[c.at]
    if (head & 0xF0) == 0x90 or head == 0xDC or head == 0xDD:
        shortest_head(c)
        return 1
    if (head & 0xF0) == 0x80 or head == 0xDE or head == 0xDF:
        shortest_head(c)
        return 2
    return 0


cdef object primitive_here(Cursor *c, Kind wire, object restore):
    """The primitive here, without objects. restore: see `short_text`."""
    cdef int what = opened(c)
    cdef Py_ssize_t size
    cdef object key, made
    if c.data[c.at] == 0xC0:
        c.at += 1
        return None
    if wire.write == WRITE_OBJECT:
        raise DECLINED
    if wire.element is None:
        if wire.pack == PACK_NATURAL:
            return shortest_value(c)
        return short_text(wire.pack, c, restore)
    if what != (2 if wire.write == WRITE_DICT else 1):
        return shortest_value(c)
    if c.depth <= 0:
        raise DECLINED
    c.depth -= 1
    if what == 1:
        made = []
        for size in range(array_size(c)):
            PyList_Append(made, primitive_here(c, wire.element, restore))
    else:
        made = {}
        size = map_size(c)
        for _ in range(size):
            key = shortest_text(c)
            PyDict_SetItem(made, key, primitive_here(c, wire.element, restore))
        if len(<dict>made) != size:
            raise DECLINED
    c.depth += 1
    return made
