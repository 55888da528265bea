"""What the native executor knows about classes; see program.pyx."""

from cpython.object cimport PyObject
from libc.stdint cimport uint64_t

from vobj.native.order cimport Order
from vobj.native.record cimport Columns


cdef enum:
    FIELDS_MAX = 512  # classes with more are left to Python


# How a value that an object holds becomes a primitive.
cpdef enum:
    WRITE_SAME = 0  # the value is its own primitive
    WRITE_DATETIME = 1
    WRITE_TEXT = 2  # str(value)
    WRITE_OBJECT = 3
    WRITE_LIST = 4
    WRITE_SET = 5
    WRITE_DICT = 6
    WRITE_CALL = 7  # field.to_primitive(owner, name, value)

# How a primitive becomes the value that an object holds: `coerce(from_primitive(value))`.
cpdef enum:
    READ_CALL = 0  # by the field itself
    READ_TEXT = 1
    READ_INT = 2
    READ_NOT_NEGATIVE = 3
    READ_FLOAT = 4
    READ_NOT_NEGATIVE_FLOAT = 5
    READ_BOOL = 6
    READ_AWARE = 7  # a datetime with a time zone
    READ_NAIVE = 8
    READ_UUID = 9
    READ_MAC = 10
    READ_ADDRESS = 11  # netaddr.IPAddress of either version
    READ_ADDRESS_4 = 12
    READ_CHOICE = 13
    READ_OBJECT = 14
    READ_LIST = 15
    READ_SET = 16
    READ_DICT = 17
    READ_SAME = 18  # any value

# The short forms of the packed wire.
cpdef enum:
    PACK_NATURAL = 0
    PACK_DATETIME = 1
    PACK_UUID = 2
    PACK_ADDRESS = 3
    PACK_NETWORK = 4
    PACK_MAC = 5


cdef class Kind:
    cdef public int write
    cdef public int read
    cdef public int pack
    cdef public bint nullable
    cdef public object field
    cdef public Kind element
    cdef public object choices
    cdef public str object_name
    cdef public bint polymorphic
    cdef public bint ordered  # no set inside: what a peer wrote may be copied as it stands
    cdef public bint holds_objects
    cdef public bint blind  # no code of others takes part, so nobody sees the owner of a value


cdef class Slot:
    cdef public str name
    cdef public str storage
    cdef public bytes key
    cdef public Kind kind
    cdef public bint plain
    cdef public bint read_only
    cdef public int index


cdef class Guard:
    """Notices that a class, or a type that its fields are of, was changed since it was read."""

    cdef tuple types
    cdef PyObject **each  # of the types
    cdef uint64_t *tags
    cdef Py_ssize_t count
    cdef dict fields
    cdef uint64_t fields_tag
    cdef readonly bint usable
    cdef bint fields_hold(self) noexcept
    cdef bint holds(self) noexcept


cdef class Registered:
    """Notices that something was registered under a name since it was looked up."""

    cdef list now
    cdef tuple known
    cdef bint holds(self) noexcept


cdef class ClassProgram:
    cdef public object cls
    cdef public tuple slots
    cdef public dict by_name
    cdef public bint own
    cdef public bint writes
    cdef public bint reads
    cdef public bint made_plainly
    cdef bint holds_objects
    cdef public str object_name
    cdef public str namespace
    cdef public str prefix
    cdef public str version
    cdef public Guard guard
    cdef Order order
    cdef readonly bint strange  # its objects have columns, but others: nothing is done here
    cdef readonly Columns columns  # None: values are in the `__dict__` of an object


cdef class Runtime:
    """What the executor calls outside of itself."""

    cdef public object versioned_object
    cdef public object address
    cdef public object address_4
    cdef public object coerced_list
    cdef public object coerced_dict
    cdef public object coerced_set
    cdef public object own_list
    cdef public object own_dict
    cdef public object own_set
    cdef public object rank
    cdef public object program_of


cdef Runtime runtime

cdef ClassProgram program_of(object cls)
