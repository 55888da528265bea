# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What the headers of packed objects say, read as strictly as Python reads them.

Theory
    One value has one encoding on this wire (docs/packed.md), and the Python reader refuses every
    other one. Whoever reads packed bytes here reads them with these functions; what they decline
    is refused, or understood, on the long way.
"""

from libc.stdint cimport uint8_t
from libc.string cimport memset

from vobj.native.cursor cimport (
    Cursor,
    binary_size,
    need,
    read_int,
    read_value,
    skip_value,
    text_of,
    text_size,
)
from vobj.native.program cimport PACK_ADDRESS, PACK_DATETIME, PACK_MAC, PACK_NETWORK, PACK_UUID

cdef object DECLINED = ValueError

# Seconds of 0001-01-01T00:00:00Z and of 9999-12-31T23:59:59Z.
cdef object FIRST_INSTANT = -62135596800
cdef object LAST_INSTANT = 253402300799


cdef object shortest_int(Cursor *c):
    """An integer in its shortest form."""
    cdef Py_ssize_t start = c.at
    skip_value(c)
    c.at = start
    return read_int(c)


cdef object shortest_value(Cursor *c):
    """A natural value in its shortest form."""
    cdef Cursor looked = c[0]
    skip_value(&looked)
    return read_value(c)


cdef int shortest_head(Cursor *c) except -1:
    """Raises for a container whose header could be shorter."""
    cdef const uint8_t *at = c.data + c.at
    need(c, 1)
    if at[0] == 0xDC or at[0] == 0xDE:
        need(c, 3)
        if at[1] == 0 and at[2] < 16:
            raise DECLINED
    elif at[0] == 0xDD or at[0] == 0xDF:
        need(c, 5)
        if at[1] == 0 and at[2] == 0:
            raise DECLINED
    return 0


cdef str shortest_text(Cursor *c):
    """Text behind its shortest header."""
    cdef uint8_t head
    cdef Py_ssize_t size
    cdef object made
    need(c, 1)
    head = c.data[c.at]
    size = text_size(c)
    if (head == 0xD9 and size < 32) or (head == 0xDA and size < 0x100):
        raise DECLINED
    if head == 0xDB and size < 0x10000:
        raise DECLINED
    made = text_of(c.data + c.at, size)
    c.at += size
    return made


cdef Py_ssize_t _mask(Cursor *c, uint8_t *flags, Py_ssize_t total) except -1:
    """A bitmap into one byte for each field; how many bits it has."""
    cdef Py_ssize_t size, index, count = 0
    size = binary_size(c)
    if size != (total + 7) // 8 or c.data[c.at - 2] != 0xC4:
        raise DECLINED
    for index in range(size * 8):
        if c.data[c.at + index // 8] >> (index % 8) & 1:
            if index >= total:
                raise DECLINED
            flags[index] = 1
            count += 1
        elif index < total:
            flags[index] = 0
    c.at += size
    return count


cdef Py_ssize_t presence_of(Cursor *c, uint8_t *present, Py_ssize_t total) except -1:
    """Which fields are set, and how many."""
    cdef Py_ssize_t count
    need(c, 1)
    if c.data[c.at] == 0xC3:
        c.at += 1
        memset(present, 1, total)
        return total
    count = _mask(c, present, total)
    if count == total:
        raise DECLINED
    return count


cdef Py_ssize_t changes_of(
    Cursor *c, uint8_t *changed, uint8_t *present, Py_ssize_t total, Py_ssize_t set_
) except -1:
    """Which fields changed; how many values the list of their names would have been."""
    cdef Py_ssize_t count, index
    cdef bint same = True
    need(c, 1)
    if c.data[c.at] == 0xC0:
        c.at += 1
        memset(changed, 0, total)
        return 0
    if c.data[c.at] == 0xC3:
        c.at += 1
        if set_ == 0:
            raise DECLINED
        for index in range(total):
            changed[index] = present[index]
        return 1 + set_
    count = _mask(c, changed, total)
    for index in range(total):
        if changed[index] != present[index]:
            same = False
    if count == 0 or same:
        raise DECLINED
    return 1 + count


cdef int skip_short(int pack, Cursor *c) except -1:
    """Move behind a short form, or None. All else is declined."""
    cdef Py_ssize_t size
    cdef uint8_t head
    need(c, 1)
    head = c.data[c.at]
    if head == 0xC0:
        c.at += 1
        return 0
    if head < 0x80 or head >= 0xE0 or 0xCC <= head <= 0xD3:
        number = shortest_int(c)
        if pack == PACK_DATETIME and FIRST_INSTANT <= number <= LAST_INSTANT:
            return 0
        if pack == PACK_ADDRESS and 0 <= number <= 0xFFFFFFFF:
            return 0
        raise DECLINED
    size = binary_size(c)
    if head != 0xC4:
        raise DECLINED
    if pack == PACK_UUID or pack == PACK_ADDRESS:
        if size != 16:
            raise DECLINED
    elif pack == PACK_MAC:
        if size != 6:
            raise DECLINED
    elif pack != PACK_NETWORK or not (
        (size == 5 and c.data[c.at + 4] <= 32) or (size == 17 and c.data[c.at + 16] <= 128)
    ):
        raise DECLINED
    c.at += size
    return 0
