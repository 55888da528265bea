"""Lists, dicts and sets that coerce what is put into them; see containers.pyx."""


cdef class CoercingList(list):
    cdef public object _element_type
    cdef public object _obj
    cdef public object _field


cdef class CoercingDict(dict):
    cdef public object _element_type
    cdef public object _obj
    cdef public object _field


cdef class CoercingSet(set):
    cdef public object _element_type
    cdef public object _obj
    cdef public object _field
