"""Values of packed objects without objects and containers, straight to what the object holds.

Theory
    As in `vobj.native.scalars`: a value of the form that its position usually has is read here, for
    any other there is `NOT_USUAL`, and the cursor stays where it is. Whatever is read is in its
    shortest form, or declined.
"""

from libc.stdint cimport uint8_t

from vobj.native.convert cimport NOT_USUAL
from vobj.native.cursor cimport Cursor, load_16, load_32, need, read_double, text_of
from vobj.native.layout cimport shortest_int, shortest_text
from vobj.native.position cimport (
    AS_ADDRESS,
    AS_BOOL,
    AS_CHOICE,
    AS_FLOAT,
    AS_INT,
    AS_MAC,
    AS_MOMENT,
    AS_TEXT,
    AS_UUID,
    Form,
)
from vobj.native.restore cimport mac_text, uuid_text

cdef object plain_choice(Cursor *c, Form form, uint8_t head)
cdef object plain_short(Cursor *c, Form form, uint8_t head)
cdef object plain_not_negative(Cursor *c, Form form, uint8_t head)
cdef object plain_key(Cursor *c, Form form, Py_ssize_t index)


cdef inline object plain_text(Cursor *c, uint8_t head):
    """Text behind its shortest header."""
    cdef Py_ssize_t size
    cdef object made
    if 0xA0 <= head < 0xC0:
        size = head & 0x1F
        need(c, 1 + size)
        made = text_of(c.data + c.at + 1, size)
        c.at += 1 + size
        return made
    if 0xD9 <= head <= 0xDB:
        return shortest_text(c)
    return NOT_USUAL


cdef inline object plain_int(Cursor *c, uint8_t head):
    """A whole number in its shortest form."""
    cdef const uint8_t *at = c.data + c.at
    if head < 0x80:
        c.at += 1
        return <int>head
    if head == 0xCC and c.end - c.at > 1 and at[1] >= 0x80:
        c.at += 2
        return <int>at[1]
    if head == 0xCD and c.end - c.at > 2 and at[1] != 0:
        c.at += 3
        return <int>load_16(at + 1)
    if head == 0xCE and c.end - c.at > 4 and load_16(at + 1) != 0:
        c.at += 5
        return load_32(at + 1)
    if head >= 0xE0 or 0xCC <= head <= 0xD3:
        return shortest_int(c)
    return NOT_USUAL


cdef inline bint is_binary(Cursor *c, uint8_t head, uint8_t size) noexcept:
    """Whether so many bytes stand here."""
    return head == 0xC4 and c.end - c.at >= 2 + size and c.data[c.at + 1] == size


cdef inline object plain_value(Cursor *c, Form form):
    """The value here; NOT_USUAL where the field has to be asked."""
    cdef uint8_t head
    cdef int way = form.way
    need(c, 1)
    head = c.data[c.at]
    if head == 0xC0:
        if not form.none:
            return NOT_USUAL
        c.at += 1
        return None
    if way == AS_TEXT:
        return plain_text(c, head)
    elif way == AS_INT:
        return plain_int(c, head)
    elif way == AS_BOOL:
        if head != 0xC2 and head != 0xC3:
            return NOT_USUAL
        c.at += 1
        return True if head == 0xC3 else False
    elif way == AS_FLOAT:
        return read_double(c) if head == 0xCB else NOT_USUAL
    elif way == AS_UUID:
        if not is_binary(c, head, 16):
            return NOT_USUAL
        c.at += 18
        return uuid_text(c.data + c.at - 16)
    elif way == AS_MAC:
        if not is_binary(c, head, 6):
            return NOT_USUAL
        c.at += 8
        return mac_text(c.data + c.at - 6)
    elif way == AS_CHOICE:
        return plain_choice(c, form, head)
    elif way == AS_MOMENT or way == AS_ADDRESS:
        return plain_short(c, form, head)
    return plain_not_negative(c, form, head)
