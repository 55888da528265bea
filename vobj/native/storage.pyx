# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The attributes of an object of oslo's shape while it is made, and nobody else knows it.

Theory
    The `__dict__` of a class with many fields is a copy of that of an object with all of them, made
    at once; then each value is put in its place, and no name is looked up. Where that is in memory
    is CPython's own affair, the same from 3.11 to 3.14. So each time the name is compared with the
    one that stands there, and where it is another, or the interpreter is, the name is looked up.

    A dict whose values can be in cycles has to be tracked by the collector. Putting a value in its
    place does not see to that, so copies are tracked from the start.
"""

from cpython.dict cimport PyDict_Update


cdef extern from "Python.h":
    bint PyObject_GC_IsTracked(object subject) noexcept
    void PyObject_GC_Track(void *subject) noexcept


cdef dict template_of(list names):
    """A dict with these names, in this order. Copies of it are compact."""
    return dict(dict.fromkeys(names))


cdef int copy_template(dict store, dict template) except -1:
    """Fill an empty `__dict__`."""
    PyDict_Update(store, template)
    if not PyObject_GC_IsTracked(store):
        PyObject_GC_Track(<void *>store)
    return 0
