"""What was changed, made, set and copied; see changes.pyx."""

from vobj.native.shape cimport Shape


cdef object changed_of(Shape shape, object subject)
