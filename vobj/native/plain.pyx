# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The forms that are not inline; see the theory in plain.pxd."""

from libc.stdint cimport int64_t, uint8_t, uint32_t

from vobj.native.convert cimport NOT_USUAL
from vobj.native.cursor cimport Cursor, load_16, load_32, read_double
from vobj.native.layout cimport shortest_int, shortest_text, skip_short
from vobj.native.position cimport AS_ADDRESS, AS_NOT_NEGATIVE, Form
from vobj.native.restore cimport address_at, moment_at
from vobj.native.scalars cimport (
    PyUnicode_GET_LENGTH,
    is_text_here,
    known_key,
    may_repeat,
    remembered_key,
)

cdef object DECLINED = ValueError


cdef object plain_choice(Cursor *c, Form form, uint8_t head):
    """One of the values of an enum; often the one that was there before."""
    cdef str made = form.chosen
    if made is not None and is_text_here(c, made):
        c.at += 1 + PyUnicode_GET_LENGTH(made)
        return made
    if not (0xA0 <= head < 0xC0 or 0xD9 <= head <= 0xDB):
        return NOT_USUAL
    made = plain_text(c, head)
    if made not in <frozenset>form.kind.choices:
        raise DECLINED
    if may_repeat(made):
        form.chosen = made
    return made


cdef object plain_key(Cursor *c, Form form, Py_ssize_t index):
    """The key of a dict; often the one that was in its place before."""
    cdef str made = known_key(c, form.keys, index)
    return remembered_key(form.keys, index, shortest_text(c)) if made is None else made


cdef object plain_short(Cursor *c, Form form, uint8_t head):
    """A datetime or an IPv4 address."""
    cdef const uint8_t *at = c.data + c.at
    cdef Py_ssize_t start = c.at
    cdef object made
    cdef int64_t number
    if head == 0xC4:
        return NOT_USUAL
    if head == 0xCE and c.end - c.at > 4 and load_16(at + 1) != 0:
        number = load_32(at + 1)
        c.at += 5
    else:
        skip_short(form.wire.pack, c)
        c.at = start
        number = shortest_int(c)
    if form.way == AS_ADDRESS:
        made = address_at(<uint32_t>number)
    else:
        made = moment_at(form.kind, number)
    if made is None:
        c.at = start
        return NOT_USUAL
    return made


cdef object plain_not_negative(Cursor *c, Form form, uint8_t head):
    cdef double number
    cdef object made
    if form.way == AS_NOT_NEGATIVE:
        made = plain_int(c, head)
        if made is not NOT_USUAL and made < 0:
            raise DECLINED
        return made
    if head != 0xCB:
        return NOT_USUAL
    number = read_double(c)
    if number < 0:
        raise DECLINED
    return number
