# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Text of the usual forms: UUIDs, MAC addresses, datetimes, IP addresses of four numbers.

Theory
    What is in the form that everyone writes is recognized here, byte by byte; all other text is
    left to the field. That datetimes and addresses come out as the libraries below make them is
    compared with one of theirs at the first use. If a release of these makes them otherwise, theirs
    are used.
"""

from cpython.datetime cimport PyDateTimeAPI, datetime, datetime_new, datetime_tzinfo, import_datetime
from libc.stdint cimport uint8_t, uint32_t

from vobj.native.program cimport READ_AWARE, READ_NAIVE, Kind, runtime

import_datetime()


cdef extern from *:
    """
    static PyObject *vobj_bare(PyObject *cls, PyObject *nothing) {
        PyTypeObject *type = (PyTypeObject *)cls;
        return type->tp_new(type, nothing, NULL);
    }

    static int vobj_put(PyObject *descriptor, PyObject *subject, PyObject *value) {
        return Py_TYPE(descriptor)->tp_descr_set(descriptor, subject, value);
    }
    """
    object vobj_bare(object cls, object nothing)
    int vobj_put(object descriptor, object subject, object value) except -1


cdef extern from "Python.h":
    void PyObject_GC_UnTrack(void *subject) noexcept


cdef enum:
    UNKNOWN = 0
    ALIKE = 1
    OTHERWISE = 2

cdef int _moments = UNKNOWN
cdef int _addresses = UNKNOWN
cdef object _value_slot = None
cdef object _module_slot = None



cdef object bare(object cls):
    """`cls.__new__(cls)`."""
    return vobj_bare(cls, ())


cdef enum:
    LOWER = 1  # 0-9, a-f
    UPPER = 2  # A-F

cdef uint8_t[256] _HEX


cdef void _fill_hex() noexcept:
    cdef int one
    for one in range(256):
        _HEX[one] = 0
    for one in range(48, 58):
        _HEX[one] = LOWER
    for one in range(97, 103):
        _HEX[one] = LOWER
        _HEX[one - 32] = UPPER


_fill_hex()


cdef bint is_uuid(const uint8_t *at, Py_ssize_t size) noexcept:
    """Whether this is a UUID as it is written everywhere, in either case."""
    cdef Py_ssize_t index
    cdef int digits = 0
    if size != 36 or at[8] != b"-" or at[13] != b"-" or at[18] != b"-" or at[23] != b"-":
        return False
    for index in range(36):
        digits += _HEX[at[index]] != 0
    return digits == 32


cdef bint is_mac(const uint8_t *at, Py_ssize_t size) noexcept:
    """Whether this is a MAC address in the form that `coerce` gives: lower case, colons."""
    cdef Py_ssize_t index
    if size != 17:
        return False
    for index in range(0, 15, 3):
        if at[index + 2] != b":":
            return False
        if not _HEX[at[index]] & _HEX[at[index + 1]] & LOWER:
            return False
    return _HEX[at[15]] & _HEX[at[16]] & LOWER


cdef inline int _digits(const uint8_t *at, int count) noexcept:
    """A number of this many digits; far below zero if one is no digit."""
    cdef int value = 0, index
    for index in range(count):
        if not 48 <= at[index] <= 57:
            return -1000000
        value = value * 10 + at[index] - 48
    return value


cdef object moment_of(Kind kind, const uint8_t *at, Py_ssize_t size):
    """The datetime of `2026-03-14T15:09:26Z`; None for text in another form."""
    cdef int year, month, day, hour, minute, second
    if size != 20 or at[19] != b"Z" or at[10] != b"T":
        return None
    if at[4] != b"-" or at[7] != b"-" or at[13] != b":" or at[16] != b":":
        return None
    year, month, day = _digits(at, 4), _digits(at + 5, 2), _digits(at + 8, 2)
    hour, minute, second = _digits(at + 11, 2), _digits(at + 14, 2), _digits(at + 17, 2)
    if year < 1 or month < 1 or day < 1 or hour < 0 or minute < 0 or second < 0:
        return None
    if _moments != ALIKE and not _moments_are_alike(kind):
        return None
    return datetime_new(
        year,
        month,
        day,
        hour,
        minute,
        second,
        0,
        <object>PyDateTimeAPI.TimeZone_UTC if kind.read == READ_AWARE else None,
    )


cdef bint _moments_are_alike(Kind kind) except -1:
    """Whether the field takes UTC to be `datetime.timezone.utc`, asked once."""
    global _moments
    cdef object read
    if _moments == UNKNOWN and kind.read == READ_AWARE:
        read = kind.field.coerce(None, "", "2000-01-01T00:00:00Z")
        if type(read) is datetime and datetime_tzinfo(read) is <object>PyDateTimeAPI.TimeZone_UTC:
            _moments = ALIKE
        else:
            _moments = OTHERWISE
    return _moments == ALIKE or kind.read == READ_NAIVE


cdef object address_of(const uint8_t *at, Py_ssize_t size):
    """The `netaddr.IPAddress` of four numbers with dots between; None for other text."""
    cdef uint32_t number = 0
    cdef Py_ssize_t index = 0, start
    cdef int part, parts
    if size > 15 or _addresses == OTHERWISE:
        return None
    for parts in range(4):
        start = index
        part = 0
        while index < size and 48 <= at[index] <= 57:
            part = part * 10 + at[index] - 48
            index += 1
            if index - start > 3:
                return None
        # A number that starts with 0 means different things to different readers.
        if index == start or part > 255 or (at[start] == 48 and index - start > 1):
            return None
        number = (number << 8) | <uint32_t>part
        if parts < 3:
            if index >= size or at[index] != b".":
                return None
            index += 1
    if index != size or (_addresses == UNKNOWN and not _addresses_are_alike()):
        return None
    return _address(number, runtime.address_4)


cdef object _address(object value, object module):
    cdef object made = bare(runtime.address)
    vobj_put(_value_slot, made, value)
    vobj_put(_module_slot, made, module)
    # A number and a module: no cycle can go through it, so the collector need not look at it.
    PyObject_GC_UnTrack(<void *>made)
    return made


cdef object address_like(object address):
    """A copy of a `netaddr.IPAddress`; None where they cannot be made here."""
    if _addresses == ALIKE or (_addresses == UNKNOWN and _addresses_are_alike()):
        return _address(address._value, address._module)
    return None


cdef bint _addresses_are_alike() except -1:
    """Whether an address is its two slots and nothing else, asked once."""
    global _addresses, _value_slot, _module_slot
    cdef object cls = runtime.address
    cdef object theirs = cls("192.0.2.1"), ours
    cdef object base
    _addresses = OTHERWISE
    slots = [name for base in cls.__mro__ for name in base.__dict__.get("__slots__", ())]
    if sorted(slots) != ["__weakref__", "_module", "_value"] or hasattr(theirs, "__dict__"):
        return False
    if type(theirs._value) is not int or theirs._module is not runtime.address_4:
        return False
    _value_slot, _module_slot = cls._value, cls._module
    ours = _address(theirs._value, theirs._module)
    if ours == theirs and hash(ours) == hash(theirs) and str(ours) == str(theirs):
        _addresses = ALIKE
    return _addresses == ALIKE
