# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The values of fields, from msgpack to what an object holds.

Theory
    A value of the usual form is made from its bytes. Of any other the natural value is read, and
    the field is asked, as oslo asks it: `from_primitive`, then what setting the attribute does.
    Containers are walked here; one whose elements need code of others is given to its field as a
    whole (`vobj.jobs.readers` sees to that).
"""

cimport cython
from copy import deepcopy

from cpython.dict cimport PyDict_SetItem
from cpython.list cimport PyList_Append
from cpython.set cimport PySet_Add
from libc.stdint cimport uint8_t

from vobj.native.convert cimport NOT_USUAL, empty_dict, empty_list, empty_set, take, usual
from vobj.native.cursor cimport Cursor, array_size, map_size, need, read_text, read_value
from vobj.native.operations cimport operated
from vobj.native.program cimport (
    READ_CALL,
    READ_DICT,
    READ_LIST,
    READ_OBJECT,
    READ_SAME,
    READ_SET,
    Kind,
    Slot,
)
from vobj.native.reader cimport Constant, Input, Reader, is_scalar
from vobj.native.scalars cimport known_key, read_scalar, remembered_key


class Declined(Exception):
    """Not here: the Python executor does this from the start."""


cdef int enter(Cursor *c) except -1:
    """Count one more container around what follows."""
    if c.depth <= 0:
        raise Declined
    c.depth -= 1
    return 0


cdef inline bint _opens_array(uint8_t head) noexcept:
    return (head & 0xF0) == 0x90 or head == 0xDC or head == 0xDD


cdef inline bint _opens_map(uint8_t head) noexcept:
    return (head & 0xF0) == 0x80 or head == 0xDE or head == 0xDF


cdef object _key_here(Cursor *c, Input one, Py_ssize_t index):
    """The key of a dict; often the one that was in its place before."""
    cdef str made = known_key(c, one.keys, index)
    return remembered_key(one.keys, index, read_text(c)) if made is None else made


cdef object operated_here(Cursor *c, Input one):
    """The primitive here, after what an upgrade does with it."""
    cdef object primitive = read_value(c)
    cdef object made
    if not one.operations:
        return primitive
    made = operated(primitive, one.operations)
    return made if made is primitive else deepcopy(made)


# One lives as long as a call does, so no cycle that it is in outlives it.
@cython.freelist(8)
@cython.no_gc
cdef class Payload:
    pass


cdef class Values:
    """read_primitive(field, owner, name, primitive): `field.from_primitive` for own classes."""

    cdef object read_child(self, Cursor *c, Payload p, Input one, Kind kind):
        """The object here; by the class that knows all readers."""
        raise Declined

    cdef object constant(self, Reader r, object made, Constant constant):
        cdef Slot slot = constant.slot
        cdef object value = deepcopy(constant.value)
        return self.primitive_to_value(r, slot.kind, slot.kind, made, slot.name, value)

    cdef object read_field(self, Cursor *c, Payload p, Reader r, object made, Input one):
        cdef object primitive
        need(c, 1)
        if not one.operations or (one.kind.holds_objects and c.data[c.at] != 0xC0):
            return self.read_value(c, p, r, one, one.kind, made, one.slot.name)
        primitive = operated_here(c, one)
        return self.primitive_to_value(r, one.kind, one.slot.kind, made, one.slot.name, primitive)

    cdef object read_value(
        self, Cursor *c, Payload p, Reader r, Input one, Kind kind, object made, str name
    ):
        cdef int read = kind.read
        cdef object value
        cdef uint8_t head
        if is_scalar(kind):
            value = read_scalar(c, kind)
            if value is not NOT_USUAL:
                return value
        else:
            need(c, 1)
            head = c.data[c.at]
            if head == 0xC0 and kind.nullable and read != READ_CALL:
                c.at += 1
                return None
            if read == READ_OBJECT and head != 0xC0:
                return self.read_child(c, p, one, kind)
            if read == READ_LIST and _opens_array(head):
                return self.read_list(c, p, r, one, kind, made, name)
            if read == READ_DICT and _opens_map(head):
                return self.read_dict(c, p, r, one, kind, made, name)
            if read == READ_SET and _opens_array(head):
                return self.read_set(c, r, kind, made, name)
            if read == READ_SAME and head != 0xC0:
                return read_value(c)
            if kind.holds_objects and head != 0xC0:
                raise Declined  # own parents refuse a shape that oslo might take
        value = read_value(c)
        return self.primitive_to_value(
            r, kind, one.slot.kind if kind is one.kind else kind, made, name, value
        )

    cdef object primitive_to_value(
        self, Reader r, Kind kind, Kind taken, object made, str name, object primitive
    ):
        """What is set to the primitive. taken: how the class of the object takes the value."""
        cdef object value = NOT_USUAL
        if primitive is not None:
            value = usual(kind, primitive)
        if value is not NOT_USUAL:
            return value
        return take(taken, made, name, self.from_primitive(r, kind, made, name, primitive))

    cdef object from_primitive(self, Reader r, Kind kind, object made, str name, object primitive):
        if not r.own:
            return kind.field.from_primitive(made, name, primitive)
        if primitive is None:
            return None
        return self.read_primitive(kind.field, made, name, primitive)

    cdef object read_list(
        self, Cursor *c, Payload p, Reader r, Input one, Kind kind, object made, str name
    ):
        cdef Py_ssize_t size = array_size(c), index
        cdef object items = empty_list(r.own, kind, made, name)
        cdef Kind element = kind.element
        cdef object value
        enter(c)
        for index in range(size):
            value = self.read_element(c, p, one, element)
            if value is NOT_USUAL:
                value = self.read_value(c, p, r, one, element, made, f"{name}[{index}]")
            PyList_Append(items, value)
        c.depth += 1
        return items

    cdef object read_dict(
        self, Cursor *c, Payload p, Reader r, Input one, Kind kind, object made, str name
    ):
        cdef Py_ssize_t size = map_size(c), index
        cdef object items = empty_dict(r.own, kind, made, name)
        cdef Kind element = kind.element
        cdef object key, value
        enter(c)
        for index in range(size):
            key = _key_here(c, one, index) if kind is one.kind else read_text(c)
            value = self.read_element(c, p, one, element)
            if value is NOT_USUAL:
                value = self.read_value(c, p, r, one, element, made, f"{name}[{key}]")
            PyDict_SetItem(items, key, value)
        c.depth += 1
        return items

    cdef object read_set(self, Cursor *c, Reader r, Kind kind, object made, str name):
        """Sets have elements of the usual forms only: what is equal as text is equal as value."""
        cdef Py_ssize_t size = array_size(c), index
        cdef object items = empty_set(r.own, kind, made, name)
        cdef object value
        enter(c)
        for index in range(size):
            value = read_scalar(c, kind.element)
            if value is NOT_USUAL:
                raise Declined
            PySet_Add(items, value)
        c.depth += 1
        return items

    cdef object read_element(self, Cursor *c, Payload p, Input one, Kind kind):
        """A value that needs no name for the place it is at, or NOT_USUAL."""
        if is_scalar(kind):
            return read_scalar(c, kind)
        need(c, 1)
        if kind.read == READ_OBJECT and c.data[c.at] != 0xC0:
            return self.read_child(c, p, one, kind)
        return NOT_USUAL
