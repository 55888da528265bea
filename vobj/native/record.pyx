# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Objects that keep the values of their fields in an array, by number.

Theory
    oslo keeps the value of a field as the attribute `_obj_<name>`, an entry of the `__dict__` of
    each object. A record keeps it in an array that its class lays out once, when it is registered,
    so reading a field is reading memory. Projects write `self._obj_<name>` in their own code, so
    that attribute is there as well, as a descriptor. What is changed is a bit for each field, until
    somebody asks for `_changed_fields`; from then on that set, which they may keep, says it. All
    other attributes are where those of any object are.

    The array belongs to the columns that an object was made with. A class may get other columns
    later; whoever goes by number compares the columns of the object first.

    Cython has no word for an array of objects, so the collector and `__dict__` are told about it
    here, before any class is derived.
"""

cimport cython
from cpython.list cimport PyList_GET_ITEM
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from libc.stdint cimport uint64_t


cdef extern from *:
    """
    typedef struct {
        PyObject **values;
        Py_ssize_t count;
        PyObject **attributes;
        PyObject **context;
    } vobj_Parts;

    static traverseproc vobj_traverse_rest;
    static vobj_Parts (*vobj_parts)(PyObject *);

    static int vobj_traverse(PyObject *self, visitproc visit, void *arg) {
        vobj_Parts parts = vobj_parts(self);
        for (Py_ssize_t at = 0; at < parts.count; at++) {
            Py_VISIT(parts.values[at]);
        }
        Py_VISIT(*parts.attributes);
        Py_VISIT(*parts.context);
        return vobj_traverse_rest(self, visit, arg);
    }

    static int vobj_clear(PyObject *self) {
        vobj_Parts parts = vobj_parts(self);
        for (Py_ssize_t at = 0; at < parts.count; at++) {
            Py_CLEAR(parts.values[at]);
        }
        Py_CLEAR(*parts.attributes);
        Py_CLEAR(*parts.context);
        return 0;
    }

    static void vobj_tell(PyTypeObject *type, vobj_Parts (*parts)(PyObject *), Py_ssize_t at) {
        vobj_parts = parts;
        vobj_traverse_rest = type->tp_traverse;
        type->tp_traverse = vobj_traverse;
        type->tp_clear = vobj_clear;
        type->tp_dictoffset = at;
        PyType_Modified(type);
    }

    static inline void vobj_let_go(PyObject **place) {
        Py_CLEAR(*place);
    }
    """
    ctypedef struct Parts "vobj_Parts":
        PyObject **values
        Py_ssize_t count
        PyObject **attributes
        PyObject **context
    ctypedef struct PyTypeObject:
        pass
    void vobj_tell(
        PyTypeObject *type, Parts (*parts)(PyObject *) noexcept, Py_ssize_t at
    ) noexcept
    void vobj_let_go(PyObject **place) noexcept


cdef extern from "Python.h":
    object PyObject_GenericGetDict(object subject, void *context)
    int PyObject_GenericSetDict(object subject, object value, void *context) except -1


cdef object _names_of = None
# Classes whose objects were made lately, each with its columns; of both or of none at a time, since
# threads share them. A class has one place among them, which another one may take.
cdef enum:
    RECENT = 16
cdef list _recent = [(None, None)] * RECENT


def configure(*, names_of):
    """names_of(cls): the fields of a class whose objects may be held in columns now, or None."""
    global _names_of
    _names_of = names_of


cdef class Columns:
    """The number of each field of a class."""

    def __init__(self, cls, names):
        import sys

        self.owner = cls
        self.names = tuple([sys.intern(name) for name in names])
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.kept = {f"_obj_{name}": number for number, name in enumerate(self.names)}
        self.count = len(self.names)
        self.words = (self.count + 63) >> 6


def lay_out(cls, names):
    """Give a class columns for fields of these names: objects made from now on are held in them."""
    global _recent
    cdef Columns made = <Columns>cls.__dict__.get("_vobj_columns")
    if made is None or made.names != tuple(names):
        made = Columns(cls, names)
    cls._vobj_columns = made
    _recent = [(None, None)] * RECENT
    for name in made.names:
        setattr(cls, f"_obj_{name}", StoredValue(name, made))


cdef Columns columns_of(object cls):
    """The columns of a class, its own or those of the nearest base; None where there are none."""
    cdef Columns found
    cdef Py_ssize_t place = (<size_t><void *>cls >> 6) % RECENT
    cdef tuple last = <tuple>PyList_GET_ITEM(_recent, place)
    if <object>last[0] is cls:
        return <Columns>last[1]
    found = <Columns>getattr(cls, "_vobj_columns", None)
    if (found is None or found.owner is not cls) and _names_of is not None:
        names = _names_of(cls)
        if names is not None:
            lay_out(cls, names)
            found = <Columns>cls._vobj_columns
    if found is not None:  # else the class may be registered yet
        _recent[place] = (cls, found)
    return found


def columns_of_class(cls):
    """The columns of a class, as its next object gets them."""
    return columns_of(cls)


# The collector is told what to let go of at the end of this module.
@cython.auto_pickle(False)
@cython.no_gc_clear
cdef class Record:
    """A base of versioned objects. Its own attributes are those that oslo gives every object."""

    def __cinit__(self):
        cdef Columns columns = columns_of(type(self))
        self.columns = columns
        if columns is None:
            self.changed_names = set()
            return
        # One block: the values, then the bits of the changes.
        self.values = <PyObject **>PyMem_Calloc(columns.count + columns.words + 1, 8)
        if self.values == NULL:
            raise MemoryError
        self.count = columns.count
        self.changes = <uint64_t *>(self.values + columns.count)

    def __dealloc__(self):
        cdef Py_ssize_t number
        for number in range(self.count):
            vobj_let_go(&self.values[number])
        PyMem_Free(self.values)
        vobj_let_go(&self.attributes)
        vobj_let_go(&self.context)

    @property
    def __dict__(self):
        return PyObject_GenericGetDict(self, NULL)

    @__dict__.setter
    def __dict__(self, value):
        PyObject_GenericSetDict(self, value, NULL)

    @property
    def _changed_fields(self):
        if self.changed_names is None:
            self.changed_names = changed_names(self)
        return self.changed_names

    @_changed_fields.setter
    def _changed_fields(self, value):
        self.changed_names = value

    @property
    def _context(self):
        return None if self.context == NULL else <object>self.context

    @_context.setter
    def _context(self, value):
        vobj_hold(&self.context, <PyObject *>value)

    @property
    def _vobj_received(self):
        return self.received

    @_vobj_received.setter
    def _vobj_received(self, value):
        self.received = value

    def _vobj_held(self):
        """What is held, as oslo's attributes: what pickle and copy take along."""
        cdef Py_ssize_t number
        cdef dict found = {}
        for number in range(self.count):
            if self.values[number] != NULL:
                found["_obj_" + self.columns.names[number]] = <object>self.values[number]
        return found


cdef object changed_names(Record r):
    """The names of the fields that the bits say."""
    cdef set found = set()
    cdef Py_ssize_t number
    for number in range(r.columns.count):
        if is_marked(r, number):
            found.add(r.columns.names[number])
    return found


cdef int set_changes(Record r, object names) except -1:
    """Count exactly these names as changed."""
    cdef Py_ssize_t word
    cdef object name
    if r.columns is None:
        r.changed_names = set(names)
        return 0
    r.changed_names = None
    for word in range(r.columns.words):
        r.changes[word] = 0
    for name in names:
        if name not in r.columns.numbers:
            r.changed_names = set(names)
            return 0
        mark(r, r.columns.numbers[name])
    return 0


cdef class StoredValue:
    """The attribute `_obj_<name>`: the value of a field as it is kept."""

    def __init__(self, str name, Columns columns not None):
        self.name = "_obj_" + name
        self.columns = columns
        self.number = columns.numbers[name]

    def __repr__(self):
        return f"<stored {self.name!r}>"

    cdef Py_ssize_t at(self, Record owner) except -2:
        """The number of the value in an object; -1 where the object keeps it as an attribute."""
        if owner.columns is self.columns:
            return self.number
        if owner.columns is None:
            return -1
        return owner.columns.kept.get(self.name, -1)

    def __get__(self, owner, cls):
        cdef Record r
        cdef Py_ssize_t number
        if owner is None:
            return self
        r = <Record?>owner
        number = self.at(r)
        if number < 0:
            if r.attributes != NULL and self.name in <dict>r.attributes:
                return (<dict>r.attributes)[self.name]
        elif r.values[number] != NULL:
            return <object>r.values[number]
        raise AttributeError(f"{type(owner).__name__!r} object has no attribute {self.name!r}")

    def __set__(self, owner, value):
        cdef Record r = <Record?>owner
        cdef Py_ssize_t number = self.at(r)
        if number < 0:
            PyObject_GenericGetDict(owner, NULL)[self.name] = value
        else:
            hold(r, number, value)

    def __delete__(self, owner):
        cdef Record r = <Record?>owner
        cdef Py_ssize_t number = self.at(r)
        if number < 0:
            if r.attributes == NULL or self.name not in <dict>r.attributes:
                raise AttributeError(self.name)
            del (<dict>r.attributes)[self.name]
        elif r.values[number] == NULL:
            raise AttributeError(self.name)
        else:
            vobj_let_go(&r.values[number])


cdef Parts _parts(PyObject *subject) noexcept:
    cdef Record r = <Record>subject
    cdef Parts parts
    parts.values = r.values
    parts.count = r.count
    parts.attributes = &r.attributes
    parts.context = &r.context
    return parts


cdef int _tell() except -1:
    cdef Record one = Record.__new__(Record)
    vobj_tell(<PyTypeObject *>Record, _parts, <char *>&one.attributes - <char *><PyObject *>one)
    return 0


_tell()
