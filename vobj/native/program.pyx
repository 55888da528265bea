# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Programs: what is known of a class and its fields, once, so that no call has to ask again.

Theory
    A program describes a class whose code is oslo's (or ours) wherever it touches the wire. Where a
    class overrides something, its program says so (`writes`, `reads`, `made_plainly`, `plain`), and
    the executor calls the override or declines.

    Classes change at run time: tests patch methods, projects register late. CPython gives every
    class a version tag that is void as soon as the class or a base of it changes. A guard remembers
    the tags of a class and of the types of its fields; a program whose guard does not hold is made
    again.

    Everything here is immutable once made, so threads share it.
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject, PyTypeObject

from vobj.native.record cimport Record, columns_of


cdef extern from *:
    """
    static unsigned int vobj_type_tag(PyObject *cls) {
        PyTypeObject *type = (PyTypeObject *)cls;
        unsigned int tag = type->tp_version_tag;
    #if PY_VERSION_HEX < 0x030C0000
        /* Before 3.12 the flag, not the tag, says that the tag counts. */
        if (!(type->tp_flags & Py_TPFLAGS_VALID_VERSION_TAG)) {
            return 0;
        }
    #endif
        return tag;
    }

    static uint64_t vobj_dict_tag(PyObject *dict) {
    #if PY_VERSION_HEX < 0x030E0000
        #if defined(__GNUC__)
        #pragma GCC diagnostic push
        #pragma GCC diagnostic ignored "-Wdeprecated-declarations"
        #endif
        return ((PyDictObject *)dict)->ma_version_tag;
        #if defined(__GNUC__)
        #pragma GCC diagnostic pop
        #endif
    #else
        /* No tag any more: the values themselves stand for it. */
        uint64_t tag = 0;
        Py_ssize_t place = 0;
        PyObject *key, *value;
        while (PyDict_Next(dict, &place, &key, &value)) {
            tag = tag * 1099511628211ULL + (uint64_t)(uintptr_t)value;
        }
        return tag;
    #endif
    }
    """
    unsigned int vobj_type_tag(PyObject *cls) noexcept
    uint64_t vobj_dict_tag(PyObject *made) noexcept


cdef extern from "Python.h":
    PyObject **PySequence_Fast_ITEMS(object items) noexcept
    object _PyType_Lookup(object cls, object name)


cdef class Kind:
    """How the values of a field, or of the elements inside it, go to the wire and come back."""

    def __init__(
        self,
        *,
        int write,
        int read,
        int pack=PACK_NATURAL,
        bint nullable=False,
        field=None,
        Kind element=None,
        choices=None,
        str object_name=None,
        bint polymorphic=False,
    ):
        self.write = write
        self.read = read
        self.pack = pack
        self.nullable = nullable
        self.field = field
        self.element = element
        self.choices = choices
        self.object_name = object_name
        self.polymorphic = polymorphic
        self.ordered = write != WRITE_SET and (element is None or element.ordered)
        self.holds_objects = write == WRITE_OBJECT or (
            element is not None and element.holds_objects
        )
        self.blind = (
            read != READ_CALL
            and read != READ_OBJECT
            and (element is None or element.blind)
        )


cdef class Slot:
    """One field of a class. plain: reading and setting it runs no code of the class."""

    def __init__(self, str name, Kind kind, bytes key, *, bint plain, bint read_only, int index):
        import sys

        self.name = sys.intern(name)
        self.storage = sys.intern("_obj_" + name)
        self.kind = kind
        self.key = key
        self.plain = plain
        self.read_only = read_only
        self.index = index


cdef class Guard:
    def __cinit__(self, tuple types, fields):
        cdef Py_ssize_t index
        self.types = types
        self.each = PySequence_Fast_ITEMS(types)
        self.fields = fields
        self.fields_tag = vobj_dict_tag(<PyObject *>fields)
        self.count = len(types)
        self.tags = <uint64_t *>PyMem_Malloc(sizeof(uint64_t) * max(self.count, 1))
        if self.tags == NULL:
            raise MemoryError
        self.usable = True
        for index in range(self.count):
            getattr(types[index], "__vobj_tag__", None)  # a look-up gives the class a tag
            self.tags[index] = vobj_type_tag(self.each[index])
            if self.tags[index] == 0:
                self.usable = False

    def __dealloc__(self):
        PyMem_Free(self.tags)

    cdef bint fields_hold(self) noexcept:
        return vobj_dict_tag(<PyObject *>self.fields) == self.fields_tag

    cdef bint holds(self) noexcept:
        cdef Py_ssize_t index
        if not self.usable:
            return True  # CPython gave the class no tag: its program does nothing that could age
        if not self.fields_hold():
            return False
        for index in range(self.count):
            if vobj_type_tag(self.each[index]) != self.tags[index]:
                return False
        return True

    @property
    def intact(self):
        """False once a class was changed after the guard was set."""
        return self.holds()


cdef class Registered:
    def __cinit__(self, list now):
        self.now = now
        self.known = tuple(now)

    cdef bint holds(self) noexcept:
        cdef Py_ssize_t index
        if len(self.now) != len(self.known):
            return False
        for index in range(len(self.known)):
            if self.now[index] is not self.known[index]:
                return False
        return True


cdef class ClassProgram:
    """A class as the executor sees it.

    writes: its envelope can be written from its storage. reads: an object can be made by filling
    its storage. made_plainly: and without calling the class. ours: it upgrades what it reads.
    """

    def __init__(
        self,
        cls,
        tuple slots,
        *,
        bint own,
        bint writes,
        bint reads,
        bint made_plainly,
        str object_name,
        str namespace,
        str prefix,
        str version,
        Guard guard,
    ):
        cdef Slot slot
        self.cls = cls
        self.slots = slots
        self.by_name = {slot.name: slot for slot in slots}
        self.order = Order(
            tuple([slot.storage for slot in slots]), tuple([slot.name for slot in slots])
        )
        self.guard = guard
        self.own = own
        if issubclass(cls, Record):
            self.columns = columns_of(cls)
            if self.columns is None or self.columns.names != tuple(self.by_name):
                # The fields of the class are others than those that its objects have room for.
                reads = writes = False
                self.columns = None
                self.strange = True
        self.writes = writes and self.guard.usable
        self.reads = reads and self.guard.usable
        self.made_plainly = made_plainly
        self.holds_objects = any([slot.kind.holds_objects for slot in slots])
        self.object_name = object_name
        self.namespace = namespace
        self.prefix = prefix
        self.version = version

    @property
    def intact(self):
        """False once the class was changed after the program was made."""
        return self.guard.holds()


cdef class Runtime:
    """Set once, by the model, which alone knows oslo."""

    def __init__(self, **parts):
        for name, part in parts.items():
            setattr(self, name, part)


cdef Runtime runtime = Runtime()


def configure(**parts):
    """Tell the executor what stands outside of it: the attributes of `Runtime`."""
    for name, part in parts.items():
        setattr(runtime, name, part)


# Classes are kept alive by their programs, so there is a bound for programs that make classes.
cdef dict _programs = {}
cdef Py_ssize_t _PROGRAMS_MAX = 2048


cdef ClassProgram program_of(object cls):
    """The program of a class, made again when the class was changed; None for no such class."""
    cdef ClassProgram found = <ClassProgram>_programs.get(cls)
    if found is not None and found.guard.holds():
        return found
    found = runtime.program_of(cls)
    if found is not None:
        if len(_programs) >= _PROGRAMS_MAX:
            _programs.clear()
        _programs[cls] = found
    return found


def class_program(cls):
    """The program of a class, as the executor uses it."""
    return program_of(cls)


def forget_programs():
    """Make every program again when it is needed next."""
    _programs.clear()
