"""Objects that keep the values of their fields in an array; see record.pyx."""

from cpython.object cimport PyObject
from libc.stdint cimport uint64_t


cdef class Columns:
    cdef readonly object owner
    cdef readonly tuple names
    cdef readonly dict numbers  # by name
    cdef readonly dict kept  # by the name of the attribute that oslo keeps the value in
    cdef Py_ssize_t count
    cdef Py_ssize_t words  # of 64 bits, one for each field


cdef class Record:
    cdef object __weakref__
    cdef Columns columns  # None: the values are attributes as those of any object
    cdef PyObject **values
    cdef uint64_t *changes  # a bit for each field that changed, where `changed_names` is None
    cdef object changed_names
    cdef object received
    cdef Py_ssize_t count  # of values
    cdef PyObject *context  # NULL for None
    cdef PyObject *attributes  # the `__dict__`, NULL before there is one


cdef class StoredValue:
    cdef readonly str name
    cdef Columns columns
    cdef Py_ssize_t number
    cdef Py_ssize_t at(self, Record owner) except -2


cdef Columns columns_of(object cls)
cdef object changed_names(Record r)
cdef int set_changes(Record r, object names) except -1


cdef inline void hold(Record r, Py_ssize_t number, object value) noexcept:
    """Set the value of a field."""
    vobj_hold(&r.values[number], <PyObject *>value)


cdef inline void mark(Record r, Py_ssize_t number) noexcept:
    """Count a field as changed. Only where `changed_names` is None."""
    r.changes[number >> 6] |= <uint64_t>1 << (number & 63)


cdef inline bint is_marked(Record r, Py_ssize_t number) noexcept:
    return (r.changes[number >> 6] >> (number & 63)) & 1


cdef inline dict attributes_of(Record r):
    """The attributes beside the fields; None when there are none."""
    return None if r.attributes == NULL else <dict>r.attributes


cdef extern from *:
    """
    static inline void vobj_hold(PyObject **place, PyObject *value) {
        PyObject *before = *place;
        Py_INCREF(value);
        *place = value;
        Py_XDECREF(before);
    }
    """
    void vobj_hold(PyObject **place, PyObject *value) noexcept
