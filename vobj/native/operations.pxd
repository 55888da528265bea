"""The operations of vobj.jobs.flows on a primitive."""

cdef object operated(object value, tuple operations)
cdef int stop_if_absent(tuple operations) except -1
