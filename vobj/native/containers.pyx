# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Lists, dicts and sets that coerce what is put into them, with little memory of their own.

Theory
    oslo's containers keep three attributes in the `__dict__` of each instance. These keep the same
    three in the object itself, and do here what puts single elements in. The model derives classes
    from these and from oslo's at once, so that everything else is oslo's.

    What is not told apart here, slices above all, is handed to oslo's method.

    oslo's containers and the object they belong to hold each other, and wait for the collector when
    nobody else holds either. The owner is there for field types that look at it. Where no element
    type runs code of others, the owner is held weakly, so that both go at once; a container that
    outlives it has None for an owner.
"""

from cpython.dict cimport PyDict_SetItem
from cpython.list cimport PyList_Append
from cpython.set cimport PySet_Add

from vobj.native.attributes cimport Taking
from vobj.native.convert cimport take
from vobj.native.program cimport READ_OBJECT

from weakref import ref as _ref


cdef extern from "Python.h":
    Py_ssize_t PyList_Size(object items) except -1


cdef object weakref = _ref
cdef object _oslo_list = None
cdef object _oslo_dict = None
cdef dict _known = {}
cdef Py_ssize_t _KNOWN_MAX = 256


def configure(*, oslo_list, oslo_dict):
    """oslo's classes, which do the rest."""
    global _oslo_list, _oslo_dict
    _oslo_list = oslo_list
    _oslo_dict = oslo_dict


cdef Taking _taking(object element):
    """How the elements of a field are taken."""
    cdef Taking found = <Taking>_known.get(element)
    if found is None or not found.holds():
        if len(_known) >= _KNOWN_MAX:
            _known.clear()
        found = _known[element] = Taking(element)
    return found


cdef object _held(object owner, object element):
    """How a container of such elements holds its owner."""
    cdef Taking taking
    if owner is None or element is None:
        return owner
    taking = _taking(element)
    if not taking.known or not taking.kind.blind:
        return owner
    try:
        return PyWeakref_NewRef(owner, None)
    except TypeError:  # a class without weak references
        return owner


cdef object _owner(object held):
    return held() if type(held) is weakref else held


cdef object _fit(object element, object owner, object field, object place, object item):
    """`element.coerce(owner, f"{field}[{place}]", item)`."""
    cdef Taking taking
    if element is None:
        return item
    taking = _taking(element)
    if taking.known and taking.kind.element is None and taking.kind.read != READ_OBJECT:
        try:
            return take(taking.kind, owner, "", item)
        except Exception:
            pass  # the field says it again, with the name
    return element.coerce(owner, f"{field}[{place}]", item)


cdef class CoercingList(list):
    @property
    def _obj(self):
        return _owner(self.owner)

    @_obj.setter
    def _obj(self, owner):
        self.owner = _held(owner, self._element_type)

    def hold_owner(self, owner):
        """Belong to an object that nobody else may hold: one that was copied along."""
        self.owner = owner

    def append(self, x):
        cdef Py_ssize_t place = PyList_Size(self) + 1
        PyList_Append(self, _fit(self._element_type, _owner(self.owner), self._field, place, x))

    def extend(self, t):
        cdef Py_ssize_t place
        cdef list made = []
        for item in t:
            # oslo counts from what the list is at that moment, and an iterator may change it.
            place = PyList_Size(self) + len(made)
            made.append(_fit(self._element_type, _owner(self.owner), self._field, place, item))
        list.extend(self, made)

    def insert(self, i, x):
        cdef object place = int(i)
        list.insert(self, i, _fit(self._element_type, _owner(self.owner), self._field, place, x))

    def __setitem__(self, i, y):
        cdef object item
        if type(i) is slice:
            _oslo_list.__setitem__(self, i, y)
            return
        item = _fit(self._element_type, _owner(self.owner), self._field, i, y)
        list.__setitem__(self, i, item)


cdef class CoercingDict(dict):
    @property
    def _obj(self):
        return _owner(self.owner)

    @_obj.setter
    def _obj(self, owner):
        self.owner = _held(owner, self._element_type)

    def hold_owner(self, owner):
        """Belong to an object that nobody else may hold: one that was copied along."""
        self.owner = owner

    def __setitem__(self, key, value):
        if type(key) is not str:
            _oslo_dict.__setitem__(self, key, value)
            return
        PyDict_SetItem(self, key, _fit(self._element_type, _owner(self.owner), self._field, key, value))

    def setdefault(self, key, default=None):
        cdef object item
        if type(key) is not str:
            return _oslo_dict.setdefault(self, key, default)
        item = _fit(self._element_type, _owner(self.owner), self._field, key, default)
        return dict.setdefault(self, key, item)


cdef class CoercingSet(set):
    @property
    def _obj(self):
        return _owner(self.owner)

    @_obj.setter
    def _obj(self, owner):
        self.owner = _held(owner, self._element_type)

    def hold_owner(self, owner):
        """Belong to an object that nobody else may hold: one that was copied along."""
        self.owner = owner

    def add(self, value):
        PySet_Add(self, _fit(self._element_type, _owner(self.owner), self._field, value, value))
