"""How the methods of a class come about; see shape.pyx."""

from vobj.native.program cimport ClassProgram, Guard


# Which code a method of a class is in the end.
cpdef enum:
    CALLED = 0  # its own: it is called
    OSLO = 1
    OURS = 2  # of `vobj.VersionedObject`
    LIST = 3  # of oslo's ObjectListBase

# The methods that may be run here.
cpdef enum:
    WRITES = 1
    ASKS = 2
    TELLS_SET = 4
    RESETS = 8
    COPIES = 16
    CLONES = 32
    RECEIVES = 64  # obj_from_primitive
    READS = 128  # _obj_from_primitive
    MAKES = 256


cdef class Shape:
    cdef public ClassProgram program
    cdef Guard alone  # of the class without the types of its fields
    cdef public int direct  # the methods that run here, wherever they are looked up
    cdef public int writes
    cdef public int asks
    cdef public int copies
    cdef public int reads
    cdef public bint finds_plainly  # which class reads a payload is looked up as oslo does
    cdef public bint gets_plainly  # obj_get_changes is oslo's
    cdef public bint sets_plainly  # attributes are set as those of any object
    cdef public bint plain  # every field is read and set where it is kept, if it is set
    cdef public bint made_plainly
    cdef public bint named_plainly
    cdef public bint parts_plainly
    cdef public tuple ranked  # for each slot: is there a set inside that we sort?
    cdef public tuple held  # for each slot: 1 an ObjectField, 2 a ListOfObjectsField, else 0
    cdef public dict by_storage
    cdef public dict attributes  # the native ones, by name
    cdef public str name_key
    cdef public str namespace_key
    cdef public str version_key
    cdef public str data_key
    cdef public str changes_key


cdef class Checked:
    cdef Shape shape
    cdef int method
    cdef long generation


cdef class Place:
    cdef readonly object owner
    cdef object allowed
    cdef dict known
    cdef Checked last
    cdef Shape shape(self, object cls, int method)
    cdef Shape methods(self, object cls, int method)


cdef Shape shape_of(object cls)
cdef dict beside(Shape shape, object subject)
cdef bint shadowed(Shape shape, object subject) except -1
cdef object blank(Shape shape)
cdef bint is_text_of_version(object version) except -1
