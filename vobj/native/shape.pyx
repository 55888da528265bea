# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Shapes: which methods of a class are oslo's or ours in the end, and may therefore run here.

Theory
    A method is run here when nothing stands between the one that was called and the code that we
    know. Overrides in front of it may call it; whatever comes behind it, another base of the class,
    would be skipped, so it is asked for (`Place`). What a method calls in its turn on the object
    itself or on others is run here only if the class has nothing of its own there at all
    (`Shape.direct`); else it is called.

    A shape is void with the program it stands on, once the class was changed. An object may also
    carry something in front of the methods of its class; that is looked for each time.
"""

from vobj.native.held cimport is_of, storage_of
from vobj.native.program cimport ClassProgram, Guard, program_of
from vobj.native.record cimport Record, attributes_of


cdef extern from *:
    """
    static PyObject *vobj_new(PyObject *cls, PyObject *nothing) {
        return ((PyTypeObject *)cls)->tp_new((PyTypeObject *)cls, nothing, NULL);
    }
    """
    object vobj_new(object cls, object nothing)


cdef object _shape_of = None
cdef tuple _NOTHING = ()
cdef dict _shapes = {}
cdef Py_ssize_t _SHAPES_MAX = 2048
cdef long _generation = 0


def configure(*, shape_of):
    """shape_of(cls, program): the Shape of a class, or None."""
    global _shape_of
    _shape_of = shape_of


def forget_shapes():
    """Make every shape again when it is needed next."""
    global _generation
    _generation += 1
    _shapes.clear()


cdef class Shape:
    """What is known about the methods of a class."""

    def __init__(self, ClassProgram program not None, **known):
        self.program = program
        self.alone = Guard((program.cls,), program.cls.fields)
        self.by_storage = {slot.storage: slot for slot in program.slots}
        self.attributes = {
            slot.name: getattr(program.cls, slot.name)
            for slot in program.slots
            if slot.plain and hasattr(getattr(program.cls, slot.name, None), "oslo_field")
        }
        for name, value in known.items():
            setattr(self, name, value)


cdef class Checked:
    """A shape that a place has just answered with; made whole, since threads share it."""


cdef class Place:
    """Where a method was put: on `owner`, in front of what comes behind it.

    allowed(cls, method): whether what comes behind it is the code that we know.
    """

    def __init__(self, owner, allowed):
        self.owner = owner
        self.allowed = allowed
        self.known = {}

    cdef Shape shape(self, object cls, int method):
        """The shape of a class if the method may run here, else None."""
        cdef Shape found = shape_of(cls)
        cdef tuple key
        if found is None or found.direct & method:
            return found
        key = (cls, method)
        known = self.known.get(key)
        if known is None or (<tuple>known)[0] is not found:
            known = (found, self.allowed(cls, method))
            if len(self.known) >= _SHAPES_MAX:
                self.known.clear()
            self.known[key] = known
        return found if (<tuple>known)[1] else None

    cdef Shape methods(self, object cls, int method):
        """The same where the types of fields do not matter; quick for one class after another."""
        cdef Checked last = self.last
        cdef Shape found
        if (
            last is not None
            and last.shape.program.cls is cls
            and last.method == method
            and last.generation == _generation
            and last.shape.alone.holds()
        ):
            return last.shape
        found = self.shape(cls, method)
        if found is not None:
            last = Checked.__new__(Checked)
            last.shape, last.method, last.generation = found, method, _generation
            self.last = last
        return found


cdef Shape shape_of(object cls):
    """The shape of a class; None when it has no program or none of ours is wanted for it."""
    cdef Shape found = <Shape>_shapes.get(cls)
    cdef ClassProgram program
    if found is not None and found.program.guard.holds():
        return found
    program = program_of(cls)
    if program is None or not program.guard.usable or program.strange:
        return None
    found = _shape_of(cls, program)
    if found is None or not program.guard.holds():
        return None  # another thread changed the class meanwhile
    if len(_shapes) >= _SHAPES_MAX:
        _shapes.clear()
    _shapes[cls] = found
    return found


def shape_of_class(cls):
    """The shape of a class, as the executor uses it."""
    return shape_of(cls)


cdef dict beside(Shape shape, object subject):
    """The attributes of an object; of a record, those beside its fields, None for nothing."""
    if shape.program.columns is None:
        return storage_of(subject)
    return attributes_of(<Record>subject)


cdef bint shadowed(Shape shape, object subject) except -1:
    """Whether an object is not as its class says: it carries something in front of it."""
    cdef dict store = beside(shape, subject)
    if not is_of(shape.program, subject):
        return True
    return store is not None and (
        "fields" in store
        or "obj_what_changed" in store
        or "obj_attr_is_set" in store
        or "obj_to_primitive" in store
        or "obj_name" in store
        or "obj_reset_changes" in store
        or "obj_get_changes" in store
        or "obj_from_primitive" in store
        or "__deepcopy__" in store
        or "OBJ_PROJECT_NAMESPACE" in store
        or "OBJ_SERIAL_NAMESPACE" in store
        or "_obj_primitive_key" in store
    )


cdef object blank(Shape shape):
    """`cls()`."""
    cdef object made
    cdef dict store
    if not shape.made_plainly:
        return shape.program.cls()
    made = vobj_new(shape.program.cls, _NOTHING)
    if shape.program.columns is not None:
        return made
    store = storage_of(made)
    store["_changed_fields"] = set()
    store["_context"] = None
    return made


cdef bint is_text_of_version(object version) except -1:
    """Whether a version is numbers with dots between them."""
    cdef Py_UCS4 one
    cdef bint digit = False
    if type(version) is not str:
        return False
    for one in <str>version:
        if c"0" <= one <= c"9":
            digit = True
        elif one == c"." and digit:
            digit = False
        else:
            return False
    return digit
