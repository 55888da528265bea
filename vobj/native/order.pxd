"""In which order objects hold their attributes; see order.pyx."""

from cpython.object cimport PyObject
from libc.stdint cimport int16_t, uint8_t


ctypedef struct Found:
    PyObject *changed  # `_changed_fields`
    PyObject *version  # `VERSION`
    Py_ssize_t others  # how many attributes are neither fields nor oslo's own


cdef class Order:
    cdef dict codes
    cdef dict numbers
    cdef dict kept
    cdef Py_ssize_t total
    cdef Py_ssize_t count
    cdef Py_ssize_t room
    cdef bint stale
    cdef PyObject **keys
    cdef int16_t *places
    cdef Py_ssize_t mask
    cdef PyObject **table
    cdef uint8_t *flags
    cdef Py_ssize_t flagged
    cdef int spread(self, dict store, PyObject **values, Found *found) except -1
    cdef Py_ssize_t changed(self, PyObject *names, uint8_t *flags) except -1
    cdef int _code_of(self, PyObject *key, Py_ssize_t *at) except -100
    cdef int _learn(self, dict store) except -1
    cdef int _remember(self, PyObject *names, uint8_t *flags, Py_ssize_t count) except -1
