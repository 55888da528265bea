# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""How datetimes and addresses are written as the text that oslo gives them.

Theory
    Each function writes the usual case and says 0; 1 says that nothing was written and the field
    has to be asked. What oslo writes: `isotime` of oslo.versionedobjects, whole seconds and `Z` for
    UTC and for no time zone; `str()` of netaddr's addresses.
"""

from cpython.datetime cimport (
    PyDateTime_DATE_GET_HOUR,
    PyDateTime_DATE_GET_MINUTE,
    PyDateTime_DATE_GET_SECOND,
    PyDateTime_GET_DAY,
    PyDateTime_GET_MONTH,
    PyDateTime_GET_YEAR,
    datetime,
    datetime_tzinfo,
    import_datetime,
)
from cpython.object cimport PyObject
from libc.stdint cimport int8_t, int64_t, uint8_t, uint32_t

from vobj.native.buffer cimport (
    Buffer,
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_IS_COMPACT_ASCII,
    put_binary,
    put_raw,
    put_signed,
    put_text_head,
    put_unsigned,
    reserve,
)
from vobj.native.program cimport runtime

cdef extern from *:
    """
    #include <structmember.h>

    /* What an object has in a slot, borrowed; NULL also for what is no slot of Python code. */
    static PyObject *vobj_slot(PyObject *descriptor, PyObject *subject) {
        PyMemberDef *member;
        if (Py_TYPE(descriptor) != &PyMemberDescr_Type) return NULL;
        member = ((PyMemberDescrObject *)descriptor)->d_member;
        if (member->type != T_OBJECT_EX) return NULL;
        return *(PyObject **)((char *)subject + member->offset);
    }
    """
    PyObject *vobj_slot(object descriptor, object subject) noexcept

import datetime as _datetime

import_datetime()

cdef object _UTC = _datetime.timezone.utc


cdef inline void two_digits(uint8_t *at, int value) noexcept:
    at[0] = 48 + value // 10
    at[1] = 48 + value % 10


cdef int moment_text(object value, uint8_t *at) except -1:
    """`2026-03-14T15:09:26Z`, 20 bytes; 1 for a datetime that the field has to be asked about."""
    cdef int year
    cdef object zone
    if type(value) is not datetime:
        return 1
    zone = datetime_tzinfo(value)
    year = PyDateTime_GET_YEAR(value)
    if (zone is not None and zone is not _UTC) or year < 1000:
        return 1
    two_digits(at, year // 100)
    two_digits(at + 2, year % 100)
    at[4] = at[7] = c"-"
    two_digits(at + 5, PyDateTime_GET_MONTH(value))
    two_digits(at + 8, PyDateTime_GET_DAY(value))
    at[10] = c"T"
    two_digits(at + 11, PyDateTime_DATE_GET_HOUR(value))
    at[13] = at[16] = c":"
    two_digits(at + 14, PyDateTime_DATE_GET_MINUTE(value))
    two_digits(at + 17, PyDateTime_DATE_GET_SECOND(value))
    at[19] = c"Z"
    return 0


cdef int put_moment(Buffer *out, object value) except -1:
    """The text of a datetime."""
    reserve(out, 21)
    if moment_text(value, out.data + out.size + 1):
        return 1
    out.data[out.size] = 0xA0 | 20
    out.size += 21
    return 0


cdef object _value_slot = None
cdef object _module_slot = None


cdef bint _is_address_4(object value, uint32_t *number) except -1:
    """Whether this is an IPv4 address of netaddr, and which."""
    global _value_slot, _module_slot
    cdef object cls = type(value)
    cdef PyObject *held
    if cls is not runtime.address:
        return False
    if _value_slot is None:
        _value_slot, _module_slot = cls._value, cls._module
    held = vobj_slot(_module_slot, value)
    if held == NULL or held != <PyObject *>runtime.address_4:
        return False
    held = vobj_slot(_value_slot, value)
    if held == NULL or type(<object>held) is not int:
        return False
    number[0] = <object>held
    return True


cdef int address_text(object value, uint8_t *text) except -2:
    """`192.0.2.17`, at most 15 bytes: how many; -1 for whatever is no IPv4 address of netaddr."""
    cdef uint32_t number
    cdef int size = 0, shift, part
    if not _is_address_4(value, &number):
        return -1
    for shift in range(24, -1, -8):
        part = (number >> shift) & 0xFF
        if part >= 100:
            text[size] = 48 + part // 100
            size += 1
        if part >= 10:
            text[size] = 48 + (part // 10) % 10
            size += 1
        text[size] = 48 + part % 10
        size += 1
        if shift:
            text[size] = c"."
            size += 1
    return size


cdef int put_address(Buffer *out, object value) except -1:
    """An IPv4 address; other addresses are left to `str()`."""
    cdef uint8_t text[15]
    cdef int size = address_text(value, text)
    if size < 0:
        return 1
    put_text_head(out, size)
    put_raw(out, text, size)
    return 0


cdef int sorted_by_rank(list items) except -1:
    """Sort as the canonical order has it; equal types that compare need no key."""
    cdef object one, kind
    if len(items) < 2:
        return 0
    kind = type(items[0])
    if kind is str or kind is int:
        for one in items:
            if type(one) is not kind:
                break
        else:
            items.sort()
            return 0
    items.sort(key=runtime.rank)
    return 0


cdef int64_t days_before(int year, int month, int day) noexcept:
    """Days from 1970-01-01 in the proleptic Gregorian calendar, for years above 0."""
    # Years begin in March, so that the leap day is the last one: Hinnant, "chrono-Compatible
    # Low-Level Date Algorithms".
    cdef int64_t y = year - (month <= 2)
    cdef int64_t era = y // 400
    cdef int64_t of_era = y - era * 400
    cdef int64_t of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


cdef int put_instant(Buffer *out, object value) except -1:
    """A datetime in UTC or in no time zone as seconds since 1970: what its text says, no more."""
    cdef int64_t seconds
    cdef object zone
    if type(value) is not datetime:
        return 1
    zone = datetime_tzinfo(value)
    if (zone is not None and zone is not _UTC) or PyDateTime_GET_YEAR(value) < 1000:
        return 1
    seconds = days_before(
        PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value), PyDateTime_GET_DAY(value)
    )
    seconds = seconds * 86400 + PyDateTime_DATE_GET_HOUR(value) * 3600
    seconds += PyDateTime_DATE_GET_MINUTE(value) * 60 + PyDateTime_DATE_GET_SECOND(value)
    put_signed(out, seconds)
    return 0


cdef int put_number(Buffer *out, object value) except -1:
    """An IPv4 address as a number."""
    cdef uint32_t number
    if not _is_address_4(value, &number):
        return 1
    put_unsigned(out, number)
    return 0


cdef int8_t[256] _DIGITS  # the value of a lower-case hex digit, -1 for all else


cdef void _fill_digits() noexcept:
    cdef int one
    for one in range(256):
        _DIGITS[one] = one - 48 if 48 <= one <= 57 else one - 87 if 97 <= one <= 102 else -1


_fill_digits()


cdef inline int pairs_of(const uint8_t *at, uint8_t *raw, int count) noexcept:
    """So many pairs of hex digits as bytes; negative when one is no digit."""
    cdef int wrong = 0, index, pair
    for index in range(count):
        pair = _DIGITS[at[2 * index]] * 16 | _DIGITS[at[2 * index + 1]]
        wrong |= pair
        raw[index] = <uint8_t>pair
    return wrong


cdef int put_uuid(Buffer *out, object text) except -1:
    """A canonical UUID as 16 bytes."""
    cdef uint8_t raw[16]
    cdef const uint8_t *at
    cdef int wrong
    if PyUnicode_GET_LENGTH(text) != 36 or not PyUnicode_IS_COMPACT_ASCII(text):
        return 1
    at = <const uint8_t *>PyUnicode_DATA(text)
    if at[8] != b"-" or at[13] != b"-" or at[18] != b"-" or at[23] != b"-":
        return 1
    wrong = pairs_of(at, raw, 4) | pairs_of(at + 9, raw + 4, 2) | pairs_of(at + 14, raw + 6, 2)
    wrong |= pairs_of(at + 19, raw + 8, 2) | pairs_of(at + 24, raw + 10, 6)
    if wrong < 0:
        return 1
    put_binary(out, raw, 16)
    return 0


cdef int put_mac(Buffer *out, object text) except -1:
    """A canonical MAC address as 6 bytes."""
    cdef uint8_t raw[6]
    cdef const uint8_t *at
    cdef int wrong = 0, index
    if PyUnicode_GET_LENGTH(text) != 17 or not PyUnicode_IS_COMPACT_ASCII(text):
        return 1
    at = <const uint8_t *>PyUnicode_DATA(text)
    for index in range(6):
        wrong |= pairs_of(at + 3 * index, raw + index, 1)
        if index < 5 and at[3 * index + 2] != b":":
            return 1
    if wrong < 0:
        return 1
    put_binary(out, raw, 6)
    return 0
