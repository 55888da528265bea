# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""What is known of a payload's form before it arrives: one reader per class and version.

Theory
    oslo and vobj write an envelope in one order: name, namespace, version, data, changes, and the
    fields in the order of the class. So nearly every payload of a class at a version starts with
    the same bytes, and each key can be predicted; a prediction is one comparison of memory. Where
    it fails, names are found in a small table of hashes that was made from the class, so no peer
    chooses what collides in it.

    A reader is immutable but for what it remembers to predict the next payload. It is void when the
    class was changed, or when other classes were registered under its name.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItemWithError
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.set cimport PySet_Add
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int16_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset

from vobj.native.cursor cimport Cursor, array_size, is_ascii, text_size
from vobj.native.held cimport storage_of
from vobj.native.parse cimport bare
from vobj.native.program cimport FIELDS_MAX, ClassProgram, Guard, Kind, Slot
from vobj.native.record cimport Record, set_changes
from vobj.native.storage cimport CONTEXT, STAMPED, copy_template, put, tag_of, template_of

# Instances of up to about thirty attributes need no dict: CPython keeps the values in the object.
cdef enum:
    SMALL = 26
    SPELLED_MAX = 8192


cdef extern from "Python.h":
    object PySet_New(void *items)
    void PyObject_GC_UnTrack(void *subject) noexcept


cdef class Input:
    """One field of a payload.

    operations: what an upgrade does with the value. stops: a value here has to be looked at by the
    Python executor.
    """

    def __init__(
        self, bytes key, *, Slot slot=None, Kind kind=None, tuple operations=(), bint stops=False
    ):
        cdef uint8_t first = key[0]
        self.key = key
        self.slot = slot
        self.kind = kind
        self.operations = operations
        self.stops = stops
        self.keys = []
        self.storage = None if slot is None else slot.storage
        self.direct = slot is not None and not operations and is_scalar(kind)
        self.key_at = <const uint8_t *>PyBytes_AS_STRING(key)
        self.key_size = PyBytes_GET_SIZE(key)
        self._fill_words()
        self.head_size = 1 if first < 0xC0 else 2 if first == 0xD9 else 3 if first == 0xDA else 5


    cdef void _fill_words(self) noexcept:
        cdef uint8_t *mask = <uint8_t *>&self.mask
        cdef Py_ssize_t short = min(self.key_size, 8)
        self.first = self.mask = 0
        memcpy(&self.first, self.key_at, short)
        memset(mask, 0xFF, short)
        if self.key_size > 8:
            self.last_bytes = eight_bytes(self.key_at + self.key_size - 8)


cdef class Constant:
    """A field that an upgrade sets where the payload cannot have it. value: its primitive."""

    def __init__(self, Slot slot, value):
        self.slot = slot
        self.value = value


cdef class Reader:
    """How payloads of one class at one version are read; not usable where Python has to do it.

    within: the class may stand at the top. names: of the class and its parents. visible: code of
    others can see the object while it is read.
    """

    def __init__(
        self,
        str name,
        str version,
        *,
        registered,
        tuple known=(),
        Guard others=None,
        ClassProgram program=None,
        bint usable=False,
        bint within=False,
        bint older=False,
        bint visible=False,
        frozenset names=frozenset(),
        tuple inputs=(),
        tuple constants=(),
        bytes head=b"",
    ):
        self.name = name
        self.version = version
        self.registered = registered
        self.known = known
        self.others = others
        self.program = program
        self.usable = usable and len(inputs) <= FIELDS_MAX
        self.within = within
        for place, one in enumerate(inputs):
            (<Input>one).place = place
        self.own = program is not None and program.own
        self.stamped = "_vobj_received" if self.own else "VERSION"
        self.older = older
        self.visible = visible
        self.names = names
        self.inputs = inputs
        self.constants = constants
        self.small = len(inputs) + len(constants) <= SMALL
        self.steps = tuple(sorted((*inputs, *constants), key=_place))
        self.head = head
        self.head_at = <const uint8_t *>PyBytes_AS_STRING(head)
        self.head_size = len(head)
        self._fill_template()
        self._fill_table()

    def __dealloc__(self):
        PyMem_Free(self.table)

    def _fill_template(self):
        """The `__dict__` of an object with all fields, in the order in which oslo fills it."""
        cdef list names = ["_changed_fields", "_context", self.stamped]
        cdef list steps = [step for step in self.steps if step.slot is not None]
        names += [step.slot.storage for step in steps]
        self.template = template_of(names)
        self.template[self.stamped] = self.version
        places = {name: place for place, name in enumerate(self.template)}
        for step in steps:
            if type(step) is Input:
                (<Input>step).stored = places[step.slot.storage]
            else:
                (<Constant>step).stored = places[step.slot.storage]

    cdef dict begin_fields(self, object made, object context, Py_ssize_t size):
        """Get a new object ready for about this many of the fields; its `__dict__`.

        None where it needs none. A dict that has all names already is filled faster than one that
        grows.
        """
        cdef dict store = None
        if not self.small:
            store = storage_of(made)
            if size * 2 >= PyTuple_GET_SIZE(self.inputs):
                copy_template(store, self.template)
                put(made, store, "_context", CONTEXT, context)
                return store
        put(made, store, self.stamped, STAMPED, self.version)
        put(made, store, "_context", CONTEXT, context)
        return store

    def _fill_table(self):
        cdef Py_ssize_t room = 8, index, place
        cdef Input one
        while room < 2 * len(self.inputs):
            room *= 2
        self.table = <int16_t *>PyMem_Malloc(room * sizeof(int16_t))
        if self.table == NULL:
            raise MemoryError
        self.mask = room - 1
        for index in range(room):
            self.table[index] = -1
        if not self.usable:
            return
        for index, one in enumerate(self.inputs):
            place = _hash(one.key_at + one.head_size, one.key_size - one.head_size) & self.mask
            while self.table[place] >= 0:
                place = (place + 1) & self.mask
            self.table[place] = index

    cdef Py_ssize_t find(self, const uint8_t *at, Py_ssize_t size) noexcept:
        """The place of the input of this name, or -1."""
        cdef Py_ssize_t place = _hash(at, size) & self.mask
        cdef Py_ssize_t found
        cdef Input one
        while True:
            found = self.table[place]
            if found < 0:
                return -1
            one = <Input>PyTuple_GET_ITEM(self.inputs, found)
            if one.key_size - one.head_size == size:
                if memcmp(one.key_at + one.head_size, at, size) == 0:
                    return found
            place = (place + 1) & self.mask

    cdef bint holds(self, object classes, uint64_t payload) noexcept:
        """Whether the class and its registration are what they were.

        classes: the registry. payload: the number of the payload, in which one look is enough.
        """
        if self.checked == payload:
            return True
        if not self._is_intact(classes):
            return False
        self.checked = payload
        return True

    cdef bint _is_intact(self, object classes) noexcept:
        cdef uint64_t tag = tag_of(classes)
        cdef PyObject *now
        cdef Py_ssize_t index
        if tag == 0 or tag != self.classes_tag:
            now = PyDict_GetItemWithError(classes, self.name)
            if (<PyObject *>None if now == NULL else now) != <PyObject *>self.registered:
                return False
            self.classes_tag = tag
        if self.registered is None:
            return True
        if PyList_GET_SIZE(self.registered) != PyTuple_GET_SIZE(self.known):
            return False
        for index in range(PyTuple_GET_SIZE(self.known)):
            if PyList_GET_ITEM(self.registered, index) != PyTuple_GET_ITEM(self.known, index):
                return False
        if self.others is not None and not self.others.holds():
            return False
        return self.program is None or self.program.guard.holds()

    cdef Py_ssize_t input_elsewhere(self, Cursor *c) except -2:
        cdef Py_ssize_t size = text_size(c)
        cdef Py_ssize_t index = self.find(c.data + c.at, size)
        if index < 0 and not is_ascii(c.data + c.at, size):
            PyUnicode_DecodeUTF8(<const char *>c.data + c.at, size, NULL)
        c.at += size
        return index

    cdef object changed(self, Cursor *c, bytes key, uint64_t *seen):
        """The changes of an object. key: as it stands before them. seen: which fields there were.

        Writers repeat themselves, so the bytes are compared with those of the payload before.
        """
        cdef Py_ssize_t start = c.at, size, index, item, expected = 0
        cdef tuple spelled = self._spelled(c)
        cdef object found
        cdef Input one
        if spelled is not None:
            return text_set(<void *>spelled[1])
        if not starts_with(c, key):
            raise ValueError
        c.at += PyBytes_GET_SIZE(key)
        size = array_size(c)
        found = text_set(NULL)
        for item in range(size):
            index = input_here(c, self, expected)
            if index < 0:
                continue
            expected = index + 1
            one = <Input>PyTuple_GET_ITEM(self.inputs, index)
            if one.slot is not None and (not self.older or is_in(seen, index)):
                PySet_Add(found, one.slot.name)
        if not self.older and c.at - start <= SPELLED_MAX:
            raw = PyBytes_FromStringAndSize(<const char *>c.data + start, c.at - start)
            self.spelled = (raw, frozenset(found), size, self._marks(found))
        return found

    def _marks(self, names):
        """The changes of a record, as bytes; None for other objects."""
        cdef Record one
        if self.program.columns is None:
            return None
        one = bare_record(self)
        set_changes(one, names)
        return PyBytes_FromStringAndSize(<char *>one.changes, one.columns.words * 8)

    cdef int mark_changed(self, Cursor *c, bytes key, uint64_t *seen, Record made) except -1:
        """`changed` of a record that was just made."""
        cdef tuple spelled = self._spelled(c)
        if spelled is None:
            return set_changes(made, self.changed(c, key, seen))
        memcpy(made.changes, PyBytes_AS_STRING(<bytes>spelled[3]), made.columns.words * 8)
        return 0

    cdef tuple _spelled(self, Cursor *c):
        """The changes, if they are spelled as in the payload before; else None."""
        cdef tuple spelled = self.spelled
        cdef bytes raw
        cdef Py_ssize_t count
        if spelled is None:
            return None
        raw = <bytes>spelled[0]
        count = spelled[2]
        if c.end - c.at < PyBytes_GET_SIZE(raw) or count > c.values:
            return None
        if memcmp(c.data + c.at, PyBytes_AS_STRING(raw), PyBytes_GET_SIZE(raw)) != 0:
            return None
        c.at += PyBytes_GET_SIZE(raw)
        c.values -= count
        return spelled


cdef Record bare_record(Reader r):
    """A new object of a class with columns, without calling the class."""
    cdef Record made = <Record>bare(r.program.cls)
    if made.columns is not r.program.columns:
        raise ValueError
    return made


cdef int begin_record(Record made, Reader r, object context) except -1:
    made.received = r.version
    if context is not None:
        made._context = context
    return 0


cdef object text_set(void *names):
    """A set of text, which no cycle can go through: the collector need not look at it."""
    cdef object made = PySet_New(names)
    PyObject_GC_UnTrack(<void *>made)
    return made


cdef inline uint32_t _hash(const uint8_t *at, Py_ssize_t size) noexcept:
    cdef uint32_t made = 2166136261U
    cdef Py_ssize_t index
    for index in range(size):
        made = (made ^ at[index]) * 16777619U
    return made


def _place(step):
    return -1 if step.slot is None else step.slot.index
