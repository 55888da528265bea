"""Lists, dicts and sets that coerce what is put into them; see containers.pyx."""

from vobj.native.program cimport Kind


cdef class CoercingList(list):
    cdef public object _element_type
    cdef object owner  # what `_obj` gives, or a weak reference to it
    cdef public object _field


cdef class CoercingDict(dict):
    cdef public object _element_type
    cdef object owner  # what `_obj` gives, or a weak reference to it
    cdef public object _field


cdef class CoercingSet(set):
    cdef public object _element_type
    cdef object owner  # what `_obj` gives, or a weak reference to it
    cdef public object _field


cdef extern from "Python.h":
    object PyWeakref_NewRef(object subject, object callback)


cdef inline object owned_by(object owner, Kind element):
    """How a container with such elements holds its owner: see containers.pyx."""
    return PyWeakref_NewRef(owner, None) if element.blind else owner
