"""What is known of a payload's form before it arrives; see reader.pyx."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from libc.stdint cimport int16_t, uint8_t, uint64_t
from libc.string cimport memcmp, memcpy

from vobj.native.cursor cimport Cursor
from vobj.native.program cimport READ_CALL, READ_OBJECT, READ_SAME, ClassProgram, Guard, Kind, Slot
from vobj.native.record cimport Record


cdef class Input:
    cdef public bytes key  # the name in the payload, as msgpack
    cdef public Slot slot  # None where the value is not taken
    cdef public Kind kind
    cdef public tuple operations
    cdef public bint stops
    cdef bint direct  # a scalar that is taken as it comes
    cdef str storage
    cdef Py_ssize_t stored  # the place of that name in the template of its reader
    cdef const uint8_t *key_at
    cdef Py_ssize_t key_size
    cdef Py_ssize_t head_size  # of the bytes that say how long the name is
    cdef uint64_t first  # up to eight bytes of the key at its start, and at its end
    cdef uint64_t mask
    cdef uint64_t last_bytes
    cdef Py_ssize_t place  # among the inputs of its reader
    cdef list keys  # of the dict that was here before
    cdef Reader last
    cdef void _fill_words(self) noexcept


cdef class Constant:
    cdef public Slot slot
    cdef public object value
    cdef Py_ssize_t stored


cdef class Reader:
    cdef public ClassProgram program
    cdef public str name
    cdef public str version
    cdef public bint usable
    cdef public bint within
    cdef public bint own
    cdef public bint older
    cdef public bint visible
    cdef bint small
    cdef str stamped  # the attribute that has the version
    cdef uint64_t classes_tag  # of the registry when the name was last looked up in it
    cdef uint64_t checked  # the payload in which it was found to hold
    cdef public frozenset names
    cdef public tuple inputs
    cdef public tuple constants
    cdef public tuple steps  # inputs and constants in the order of the fields
    cdef readonly bytes head
    cdef const uint8_t *head_at
    cdef Py_ssize_t head_size
    cdef dict template
    cdef Guard others
    cdef object registered
    cdef tuple known
    cdef tuple spelled  # the changes of the payload before: bytes, names, how many, marks
    cdef int16_t *table
    cdef Py_ssize_t mask
    cdef bint holds(self, object classes, uint64_t payload) noexcept
    cdef bint _is_intact(self, object classes) noexcept
    cdef Py_ssize_t find(self, const uint8_t *at, Py_ssize_t size) noexcept
    cdef dict begin_fields(self, object made, object context, Py_ssize_t size)
    cdef Py_ssize_t input_elsewhere(self, Cursor *c) except -2
    cdef object changed(self, Cursor *c, bytes key, uint64_t *seen)
    cdef int mark_changed(self, Cursor *c, bytes key, uint64_t *seen, Record made) except -1
    cdef tuple _spelled(self, Cursor *c)


cdef object text_set(void *names)
cdef Record bare_record(Reader r)
cdef int begin_record(Record made, Reader r, object context) except -1


cdef inline bint is_scalar(Kind kind) noexcept:
    """Whether values are read by `read_scalar`."""
    return kind.read != READ_CALL and not READ_OBJECT <= kind.read <= READ_SAME


cdef inline uint64_t eight_bytes(const uint8_t *at) noexcept:
    cdef uint64_t made
    memcpy(&made, at, 8)
    return made


cdef inline bint key_is_at(Input one, const uint8_t *at, Py_ssize_t left) noexcept:
    """Whether the key of an input stands here, where so many bytes are left."""
    cdef Py_ssize_t size = one.key_size
    if left < 8 or left < size:
        return left >= size and memcmp(at, one.key_at, size) == 0
    if (eight_bytes(at) & one.mask) != one.first:
        return False
    if size <= 8:
        return True
    if eight_bytes(at + size - 8) != one.last_bytes:
        return False
    return size <= 16 or memcmp(at + 8, one.key_at + 8, size - 16) == 0


cdef inline bint starts_with(Cursor *c, bytes key) noexcept:
    cdef Py_ssize_t size = PyBytes_GET_SIZE(key)
    return c.end - c.at > size and memcmp(c.data + c.at, PyBytes_AS_STRING(key), size) == 0


cdef inline bint is_in(uint64_t *seen, Py_ssize_t index) noexcept:
    return (seen[index >> 6] >> (index & 63)) & 1


cdef inline Py_ssize_t input_here(Cursor *c, Reader r, Py_ssize_t expected) except -2:
    """Which input the text here names, -1 for none; moves behind it."""
    cdef Input one
    if expected < PyTuple_GET_SIZE(r.inputs):
        one = <Input>PyTuple_GET_ITEM(r.inputs, expected)
        if key_is_at(one, c.data + c.at, c.end - c.at):
            c.at += one.key_size
            return expected
    return r.input_elsewhere(c)


cdef inline Py_ssize_t next_input(
    Cursor *c, Reader r, Py_ssize_t expected, uint64_t *seen
) except -2:
    """The same of a key. Names that are not of an older version may mean something later on."""
    cdef Py_ssize_t index = input_here(c, r, expected)
    if index < 0:
        if r.older:
            raise ValueError
        return -1
    if is_in(seen, index):
        raise ValueError
    seen[index >> 6] |= <uint64_t>1 << (index & 63)
    return index
