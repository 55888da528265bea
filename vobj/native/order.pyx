# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""In which order objects hold their attributes: a prediction that saves looking each up.

Theory
    The values of fields are entries of the object's `__dict__`, and the objects of a class nearly
    always have the same entries in the same order: the one in which their code, or a reader, set
    them. So the order of the object before is a prediction, and going through the entries with it
    costs a comparison of two addresses for each, where looking them up costs a search. What is not
    where it was expected is looked up.

    The set of changed names is predicted likewise: sets that were filled alike have the same names
    at the same places of their tables.

    Addresses are compared only with those of text that is kept alive here. All that is found is
    borrowed from the object.
"""

from cpython.dict cimport PyDict_GetItemWithError, PyDict_Next
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.object cimport PyObject
from libc.stdint cimport int16_t, uint8_t
from libc.string cimport memcpy, memset


cdef extern from *:
    """
    #define vobj_set_mask(set) (((PySetObject *)(set))->mask)
    #define vobj_set_key(set, at) (((PySetObject *)(set))->table[at].key)
    #define vobj_set_size(set) (((PySetObject *)(set))->used)
    /* What was taken out leaves a key behind whose hash is -1. */
    #define vobj_set_has(set, at) (vobj_set_key(set, at) != NULL \\
        && ((PySetObject *)(set))->table[at].hash != -1)
    """
    Py_ssize_t vobj_set_mask(PyObject *names) noexcept
    PyObject *vobj_set_key(PyObject *names, Py_ssize_t at) noexcept
    Py_ssize_t vobj_set_size(PyObject *names) noexcept
    bint vobj_set_has(PyObject *names, Py_ssize_t at) noexcept


cdef enum:
    CHANGED = -1
    VERSION = -2
    OSLO = -3  # of no interest here
    OTHER = -4
    LOST_MAX = 3  # entries that may be elsewhere before the order is learned anew
    TABLE_MAX = 4096

cdef object DECLINED = ValueError

cdef class Order:
    """In which order the objects of a class hold the values of its fields.

    storages, names: of the fields, where each has its number.
    """

    def __cinit__(self, tuple storages, tuple names):
        cdef Py_ssize_t number
        self.total = len(names)
        self.codes = {
            "_changed_fields": CHANGED, "VERSION": VERSION, "_context": OSLO, "_vobj_received": OSLO
        }
        self.codes |= {storage: number for number, storage in enumerate(storages)}
        self.numbers = {name: number for number, name in enumerate(names)}
        self.kept = {id(one): one for one in (*self.codes, *self.numbers)}
        self.mask = -1
        self.stale = True
        self.flags = <uint8_t *>PyMem_Malloc(max(self.total, 1))
        if self.flags == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_Free(self.keys)
        PyMem_Free(self.places)
        PyMem_Free(self.table)
        PyMem_Free(self.flags)

    cdef int spread(self, dict store, PyObject **values, Found *found) except -1:
        """The value of each field by its number, NULL where it is not set."""
        cdef PyObject *key
        cdef PyObject *value
        cdef Py_ssize_t place = 0, at = 0, lost = 0
        cdef int code
        if self.stale:
            self._learn(store)
        memset(values, 0, self.total * sizeof(PyObject *))
        found.changed = found.version = NULL
        found.others = 0
        while PyDict_Next(store, &place, &key, &value):
            if at < self.count and self.keys[at] == key:
                code = self.places[at]
                at += 1
            else:
                code = self._code_of(key, &at)
                lost += 1
            if code >= 0:
                values[code] = value
            elif code == CHANGED:
                found.changed = value
            elif code == VERSION:
                found.version = value
            elif code == OTHER:
                found.others += 1
        if lost > LOST_MAX:
            self.stale = True
        return 0

    cdef int _code_of(self, PyObject *key, Py_ssize_t *at) except -100:
        """What an entry is that was not expected here, and where to go on."""
        cdef PyObject *code
        cdef Py_ssize_t index
        if type(<object>key) is not str:
            raise DECLINED  # comparing it may run code of others
        code = PyDict_GetItemWithError(self.codes, <object>key)
        for index in range(at[0], self.count):
            if self.keys[index] == key:
                at[0] = index + 1
                break
        return OTHER if code == NULL else <object>code

    cdef int _learn(self, dict store) except -1:
        """The order of this object is that of the next ones."""
        cdef PyObject *code
        cdef Py_ssize_t room = len(store)
        if room > self.room:
            self.keys = <PyObject **>_grown(self.keys, room * sizeof(PyObject *))
            self.places = <int16_t *>_grown(self.places, room * sizeof(int16_t))
            self.room = room
        self.count = 0
        for key in store:
            code = PyDict_GetItemWithError(self.codes, key)
            # The address of anything else may be that of other text tomorrow.
            if code != NULL and self.kept.get(id(key)) is key:
                self.keys[self.count] = <PyObject *>key
                self.places[self.count] = <object>code
                self.count += 1
        self.stale = False
        return 0

    cdef Py_ssize_t changed(self, PyObject *names, uint8_t *flags) except -1:
        """Which fields are named in a set, by their numbers; how many."""
        cdef Py_ssize_t place, count = 0, mask = vobj_set_mask(names)
        cdef PyObject *key
        cdef PyObject *number
        if vobj_set_size(names) == 0:
            memset(flags, 0, self.total)
            return 0
        if mask == self.mask:
            for place in range(mask + 1):
                if vobj_set_key(names, place) != self.table[place]:
                    break
            else:
                memcpy(flags, self.flags, self.total)
                return self.flagged
        memset(flags, 0, self.total)
        for place in range(mask + 1):
            if not vobj_set_has(names, place):
                continue
            key = vobj_set_key(names, place)
            if type(<object>key) is not str:
                raise DECLINED
            number = PyDict_GetItemWithError(self.numbers, <object>key)
            if number != NULL and not flags[<Py_ssize_t><object>number]:
                flags[<Py_ssize_t><object>number] = 1
                count += 1
        self._remember(names, flags, count)
        return count

    cdef int _remember(self, PyObject *names, uint8_t *flags, Py_ssize_t count) except -1:
        """Expect this set again, if all in it is text that is kept alive here."""
        cdef Py_ssize_t place, mask = vobj_set_mask(names)
        cdef PyObject *key
        if mask >= TABLE_MAX:
            return 0
        for place in range(mask + 1):
            key = vobj_set_key(names, place)
            if key != NULL and self.kept.get(<Py_ssize_t>key) is not <object>key:
                return 0
        if mask != self.mask:
            self.mask = -1
            self.table = <PyObject **>_grown(self.table, (mask + 1) * sizeof(PyObject *))
        for place in range(mask + 1):
            self.table[place] = vobj_set_key(names, place)
        memcpy(self.flags, flags, self.total)
        self.flagged = count
        self.mask = mask
        return 0


cdef void *_grown(void *memory, size_t size) except NULL:
    cdef void *made = PyMem_Realloc(memory, size)
    if made == NULL:
        raise MemoryError
    return made
