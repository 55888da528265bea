"""Objects to and from envelopes that are plain dicts; see tree.pyx."""

from vobj.native.program cimport Kind
from vobj.native.shape cimport Shape


cdef object write_object(Shape shape, object subject, object target, object manifest)
cdef object primitive_of(Kind kind, object owner, str attr, object value, bint ours)
