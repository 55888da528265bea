"""The operations of vobj.jobs.flows on a primitive."""

from cpython.object cimport PyObject

cdef PyObject *outcome(object value, dict outcomes) noexcept
cdef dict outcomes_of(tuple operations)
cdef object operated(object value, tuple operations)
cdef int stop_if_absent(tuple operations) except -1
