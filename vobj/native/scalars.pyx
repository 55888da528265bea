# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The forms that are not inline; see the theory in scalars.pxd."""

from libc.stdint cimport uint8_t

from vobj.native.convert cimport NOT_USUAL
from vobj.native.cursor cimport Cursor, read_double, read_int, text_of, text_size
from vobj.native.parse cimport address_of, is_mac, is_uuid, moment_of
from vobj.native.program cimport (
    READ_ADDRESS,
    READ_ADDRESS_4,
    READ_AWARE,
    READ_CHOICE,
    READ_MAC,
    READ_NAIVE,
    READ_NOT_NEGATIVE,
    READ_UUID,
    Kind,
)


cdef object read_not_negative(Cursor *c, Kind kind):
    cdef uint8_t head = c.data[c.at]
    cdef double number
    cdef object made
    if kind.read == READ_NOT_NEGATIVE:
        if not starts_int(head):
            return NOT_USUAL
        made = read_int(c)
        if made < 0:
            raise ValueError
        return made
    if head != 0xCB:
        return NOT_USUAL
    number = read_double(c)
    if number < 0:
        raise ValueError
    return number


cdef object read_form(Cursor *c, Kind kind):
    """A value that travels as text of some form."""
    cdef int read = kind.read
    cdef Py_ssize_t start = c.at, size
    cdef const uint8_t *at
    cdef object made = None
    size = text_size(c)
    at = c.data + c.at
    if read == READ_CHOICE:
        made = text_of(at, size)
        if made not in <frozenset>kind.choices:
            raise ValueError
    elif read == READ_AWARE or read == READ_NAIVE:
        made = moment_of(kind, at, size)
    elif read == READ_UUID:
        if is_uuid(at, size):
            made = text_of(at, size)
    elif read == READ_MAC:
        if is_mac(at, size):
            made = text_of(at, size)
    elif read == READ_ADDRESS or read == READ_ADDRESS_4:
        made = address_of(at, size)
    if made is None:
        c.at = start
        return NOT_USUAL
    c.at += size
    return made
