# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The operations of vobj.jobs.flows on a primitive. What stops is left to Python.

Theory
    Nearly every value with operations is a text out of a few. What becomes of each text that they
    name is worked out once; any other text stays as it is.
"""

from cpython.dict cimport PyDict_GetItemWithError
from cpython.object cimport PyObject

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


cdef dict outcomes_of(tuple operations):
    """What becomes of the texts that operations name; None for all but another text.

    None where a text that they do not name may not stay as it is.
    """
    cdef int code
    cdef dict found = {}
    for code, table in operations:
        if code == STOP_IF_SET:
            return None
        if code == STOP_IF_ONE_OF or code == MAP:
            for one in table:
                old = one[0] if code == MAP else one
                if type(old) is str:
                    found[old] = None
    for old in found:
        try:
            new = operated(old, operations)
        except DECLINED:
            continue
        if type(new) is str:
            found[old] = new
    return found


cdef PyObject *outcome(object value, dict outcomes) noexcept:
    """What becomes of a value, borrowed; NULL where `operated` has to be asked."""
    cdef PyObject *found
    if type(value) is not str:
        return NULL
    found = PyDict_GetItemWithError(outcomes, value)
    if found == NULL:
        return <PyObject *>value
    return NULL if found == <PyObject *>None else found


cdef int stop_if_absent(tuple operations) except -1:
    cdef int code
    for code, _ in operations:
        if code == STOP_IF_ABSENT:
            raise DECLINED
    return 0
