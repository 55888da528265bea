"""What one value becomes; see convert.pyx."""

from vobj.native.program cimport Kind

cdef object from_primitive(Kind kind, object owner, str name, object primitive)
cdef object take(Kind kind, object owner, str name, object value)

cdef object NOT_USUAL  # stands for no value
cdef object usual(Kind kind, object value)

cdef object empty_list(bint own, Kind kind, object owner, str name)
cdef object empty_dict(bint own, Kind kind, object owner, str name)
cdef object empty_set(bint own, Kind kind, object owner, str name)
