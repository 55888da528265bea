"""Reading values without objects and containers, straight to what the object holds.

Theory
    `read_scalar` reads a value of the form that a kind usually has, and moves behind it. For any
    other it gives `NOT_USUAL` and stays where it is: the caller reads the natural value and asks
    the field.
"""

from libc.stdint cimport uint8_t

from vobj.native.convert cimport NOT_USUAL
from vobj.native.cursor cimport Cursor, need, read_double, read_int, read_text
from vobj.native.program cimport (
    READ_BOOL,
    READ_FLOAT,
    READ_INT,
    READ_NOT_NEGATIVE,
    READ_NOT_NEGATIVE_FLOAT,
    READ_TEXT,
    Kind,
)

cdef object read_form(Cursor *c, Kind kind)
cdef object read_not_negative(Cursor *c, Kind kind)


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
