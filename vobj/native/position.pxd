"""What may stand in the positions of a packed object, and what becomes of it; see position.pyx."""

from cpython.object cimport PyObject

from vobj.native.program cimport Kind, Slot
from vobj.native.reader cimport Input, Reader

# What is done with a value.
cdef enum:
    AS_PRIMITIVE = 0  # the field is given the primitive
    AS_TEXT = 1
    AS_INT = 2
    AS_NOT_NEGATIVE = 3
    AS_FLOAT = 4
    AS_NOT_NEGATIVE_FLOAT = 5
    AS_BOOL = 6
    AS_CHOICE = 7
    AS_MOMENT = 8
    AS_UUID = 9
    AS_MAC = 10
    AS_ADDRESS = 11
    AS_NATURAL = 12  # as it is
    AS_OBJECT = 13
    AS_LIST = 14
    AS_SET = 15
    AS_DICT = 16


cdef class Form:
    cdef int way
    cdef bint none  # nil is None here
    cdef Kind kind  # how the class reads it
    cdef Kind taken  # and takes it
    cdef Kind wire  # how it stands in the payload
    cdef Form element
    cdef Layout last  # of the object that was here before
    cdef str chosen  # the text that was here before
    cdef list keys  # of the dict that was here before


cdef class Position:
    cdef Input input
    cdef Slot slot
    cdef str storage
    cdef Form form
    cdef Kind wire
    cdef Py_ssize_t number  # in the order of names
    cdef bint direct
    cdef bint required  # an upgrade looks at its absence


cdef class Layout:
    cdef Reader reader
    cdef bint usable
    cdef tuple positions  # in the order of names
    cdef PyObject **at  # the same
    cdef Py_ssize_t count
    cdef tuple by_input
    cdef str last
    cdef frozenset every  # the fields of the class that it may set
    cdef bytes inner
    cdef bytes outer
