# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The operations of vobj.jobs.flows on a primitive. What stops is left to Python."""

cdef enum:
    STOP_IF_SET = 0
    STOP_IF_ONE_OF = 1
    MAP = 2
    FILL_NULL = 3
    STOP_IF_ABSENT = 4

cdef object DECLINED = ValueError


cdef int _same_scalar(object one, object other) except -1:
    return (type(one) is bool) == (type(other) is bool) and bool(one == other)


cdef object operated(object value, tuple operations):
    """A primitive after the operations of its field."""
    cdef int code
    cdef object old, new
    for code, table in operations:
        if code == STOP_IF_SET:
            raise DECLINED
        if code == STOP_IF_ONE_OF:
            for old in table:
                if _same_scalar(value, old):
                    raise DECLINED
        elif code == MAP:
            for old, new in table:
                if _same_scalar(value, old):
                    value = new
                    break
        elif code == FILL_NULL and value is None:
            value = table[0]
    return value


cdef int stop_if_absent(tuple operations) except -1:
    cdef int code
    for code, _ in operations:
        if code == STOP_IF_ABSENT:
            raise DECLINED
    return 0
