# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The recursive half of reading; see the theory in cursor.pxd."""


cdef object read_value(Cursor *c):
    """The natural value here: None, bool, int, float, str, bytes, list, or dict with text keys."""
    cdef uint8_t head
    cdef Py_ssize_t size, index
    cdef object key, made
    need(c, 1)
    head = c.data[c.at]
    if head < 0x80 or head >= 0xE0 or 0xCC <= head <= 0xD3:
        return read_int(c)
    if 0xA0 <= head < 0xC0 or 0xD9 <= head <= 0xDB:
        return read_text(c)
    if head == 0xC0:
        c.at += 1
        return None
    if head == 0xC2 or head == 0xC3:
        c.at += 1
        return head == 0xC3
    if head == 0xCB:
        return read_double(c)
    if 0xC4 <= head <= 0xC6:
        size = binary_size(c)
        made = PyBytes_FromStringAndSize(<const char *>c.data + c.at, size)
        c.at += size
        return made
    if c.depth <= 0:
        raise ValueError
    c.depth -= 1
    if (head & 0xF0) == 0x90 or head == 0xDC or head == 0xDD:
        size = array_size(c)
        made = []
        for index in range(size):
            made.append(read_value(c))
    else:
        size = map_size(c)
        made = {}
        for index in range(size):
            key = read_text(c)
            made[key] = read_value(c)
        if c.distinct and len(<dict>made) != size:
            raise ValueError
    c.depth += 1
    return made


cdef int skip_text(Cursor *c) except -1:
    cdef uint8_t head = c.data[c.at]
    cdef Py_ssize_t size = text_size(c)
    cdef const uint8_t *data = c.data + c.at
    if (head == 0xD9 and size < 32) or (head == 0xDA and size < 0x100):
        raise ValueError
    if head == 0xDB and size < 0x10000:
        raise ValueError
    if not is_ascii(data, size):
        PyUnicode_DecodeUTF8(<const char *>data, size, NULL)
    c.at += size
    return 0


cdef int skip_number(Cursor *c, uint8_t head) except -1:
    """The forms of more than one byte, each only for what no shorter one holds."""
    cdef const uint8_t *at = c.data + c.at + 1
    cdef Py_ssize_t size
    cdef bint shortest
    cdef int64_t signed
    size = 1 << ((head - 0xCC) & 3)
    need(c, 1 + size)
    if head <= 0xCF:
        if size == 1:
            shortest = at[0] >= 0x80
        elif size == 2:
            shortest = at[0] != 0
        elif size == 4:
            shortest = at[0] != 0 or at[1] != 0
        else:
            shortest = load_32(at) != 0
    elif size == 1:
        shortest = <int8_t>at[0] < -32
    elif size == 2:
        shortest = <int16_t>load_16(at) < -0x80
    elif size == 4:
        shortest = <int32_t>load_32(at) < -0x8000
    else:
        signed = <int64_t>load_64(at)
        shortest = signed < -0x80000000LL
    if not shortest:
        raise ValueError
    c.at += 1 + size
    return 0


cdef int skip_value(Cursor *c) except -1:
    """Move behind the value here. Raises for anything that has a shorter form or no natural one."""
    cdef uint8_t head
    cdef Py_ssize_t size, index
    cdef bint is_map
    need(c, 1)
    head = c.data[c.at]
    if head < 0x80 or head >= 0xE0 or head == 0xC0 or head == 0xC2 or head == 0xC3:
        c.at += 1
        return 0
    if 0xCC <= head <= 0xD3:
        return skip_number(c, head)
    if 0xA0 <= head < 0xC0 or 0xD9 <= head <= 0xDB:
        return skip_text(c)
    if head == 0xCB:
        need(c, 9)
        c.at += 9
        return 0
    if 0xC4 <= head <= 0xC6:
        size = binary_size(c)
        if (head == 0xC5 and size < 0x100) or (head == 0xC6 and size < 0x10000):
            raise ValueError
        c.at += size
        return 0
    if c.depth <= 0:
        raise ValueError
    c.depth -= 1
    is_map = (head & 0xF0) == 0x80 or head == 0xDE or head == 0xDF
    size = map_size(c) if is_map else array_size(c)
    if (head == 0xDC or head == 0xDE) and size < 16:
        raise ValueError
    if (head == 0xDD or head == 0xDF) and size < 0x10000:
        raise ValueError
    if is_map:
        skip_map(c, size)
    else:
        for index in range(size):
            skip_value(c)
    c.depth += 1
    return 0


cdef int skip_map(Cursor *c, Py_ssize_t size) except -1:
    """Move behind the keys and values of a map."""
    cdef Py_ssize_t index, start
    cdef set seen = set() if c.distinct and size > 1 else None
    for index in range(size):
        need(c, 1)
        start = c.at
        skip_text(c)
        if seen is not None:
            distinct_keys(c, seen, start)
        skip_value(c)
    return 0


cdef int distinct_keys(Cursor *c, set seen, Py_ssize_t start) except -1:
    """Raises when the key that was just passed over was seen before."""
    cdef bytes key = PyBytes_FromStringAndSize(<const char *>c.data + start, c.at - start)
    if key in seen:
        raise ValueError
    seen.add(key)
    return 0
