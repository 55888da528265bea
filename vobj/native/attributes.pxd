"""Fields as attributes; see attributes.pyx."""

from libc.stdint cimport uint64_t

from vobj.native.program cimport Guard, Kind
from vobj.native.record cimport Columns, Record


cdef class Taking:
    """How a field takes values, as long as neither it nor its type was changed."""

    cdef Kind kind
    cdef Guard guard
    cdef dict field_parts
    cdef dict type_parts
    cdef uint64_t field_tag
    cdef uint64_t type_tag
    cdef bint read_only
    cdef bint known
    cdef bint blind  # no code but ours and oslo's runs, so nobody looks at the object meanwhile
    cdef bint holds(self) noexcept


cdef class FieldAttribute:
    cdef readonly str name
    cdef readonly object oslo_field
    cdef str storage
    cdef Taking taking
    cdef Columns columns  # of the class it was made for, if its objects are records
    cdef Py_ssize_t number
    cdef bint is_plain_record(self, object owner) noexcept
    cdef int put_in_record(self, Record owner, object value) except -1
    cdef object place(self)
    cdef Taking now(self)
    cdef object take(self, Taking taking, object owner, object value)
    cdef int put(self, object owner, object value, object storage) except -1
    cdef int put_first(self, object owner, dict store, set changed, object value) except -1


cdef object MISSING
