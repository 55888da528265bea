# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What stands before the values of a packed object: its definition, presence and changes.

Theory
    Which fields are set and which changed is known only when the values are written, but nearly
    always each takes one byte: every field is set, and all of them changed, or none. So two bytes
    are kept, and the values move when that is not how it came out.
"""

from cpython.dict cimport PyDict_GetItemWithError
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport uint8_t
from libc.string cimport memmove, memset

from vobj.native.buffer cimport Buffer, reserve


cdef Py_ssize_t number_of(Known *known, bytes definition) except -2:
    """The number of a definition; -1, and from now on it has one, where it is new.

    Equal definitions have to be one object.
    """
    cdef Py_ssize_t index
    cdef PyObject *found
    cdef PyObject *wanted = <PyObject *>definition
    for index in range(min(known.count, KNOWN)):
        if known.first[index] == wanted:
            return index
    if known.count < KNOWN:
        Py_INCREF(definition)
        known.first[known.count] = wanted
        known.count += 1
        return -1
    if known.all == NULL:
        more = {}
        Py_INCREF(more)
        known.all = <PyObject *>more
    found = PyDict_GetItemWithError(<object>known.all, definition)
    if found != NULL:
        return <object>found
    (<dict>known.all)[definition] = known.count
    known.count += 1
    return -1


cdef int forget(Known *known) except -1:
    cdef Py_ssize_t index
    for index in range(min(known.count, KNOWN)):
        Py_DECREF(<object>known.first[index])
    if known.all != NULL:
        Py_DECREF(<object>known.all)
    return 0


cdef int put_marks(
    Buffer *out,
    Py_ssize_t at,
    uint8_t *written,
    Py_ssize_t total,
    Py_ssize_t count,
    Py_ssize_t changes,
) except -1:
    """Presence and changes, in the two bytes kept at `at` or in as many as they need.

    written: of each field 1 when it is set, 2 when it changed as well. count: how many are set.
    """
    cdef Py_ssize_t bits = (total + 7) // 8, more = 0
    if count == total and (changes == 0 or changes == count):
        out.data[at] = 0xC3
        out.data[at + 1] = 0xC0 if changes == 0 else 0xC3
        return 0
    if count != total:
        more += 1 + bits
    if changes and changes != count:
        more += 1 + bits
    if more:
        reserve(out, more)
        memmove(out.data + at + 2 + more, out.data + at + 2, out.size - at - 2)
        out.size += more
    at = _put_bitmap(out, at, written, total, 1, count == total, False)
    _put_bitmap(out, at, written, total, 2, changes == count, changes == 0)
    return 0


cdef Py_ssize_t _put_bitmap(
    Buffer *out, Py_ssize_t at, uint8_t *written, Py_ssize_t total, int least, bint every, bint none
) noexcept:
    """One of the two bitmaps into the room made for it; where the next one stands."""
    cdef Py_ssize_t index, bits = (total + 7) // 8
    if none or every:
        out.data[at] = 0xC0 if none else 0xC3
        return at + 1
    out.data[at] = 0xC4
    out.data[at + 1] = <uint8_t>bits
    memset(out.data + at + 2, 0, bits)
    for index in range(total):
        if written[index] >= least:
            out.data[at + 2 + index // 8] |= 1 << (index % 8)
    return at + 2 + bits
