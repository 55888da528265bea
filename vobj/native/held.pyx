# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What an object holds, wherever it keeps it: in the array of a record, or in a `__dict__`.

Theory
    What is found is borrowed: it stays as long as no code of others can have changed the object.
    That is a moment. Whoever calls such code, or makes what the collector counts (which may then
    run it), says so with `others_ran`, and what was found is looked for again.
"""

from cpython.dict cimport PyDict_GetItemWithError
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memset

from vobj.native.order cimport Found
from vobj.native.program cimport ClassProgram, Slot
from vobj.native.record cimport Record, hold


cdef extern from *:
    """
    static inline int vobj_first_bit(uint64_t bits) {
    #if defined(__GNUC__)
        return __builtin_ctzll(bits);
    #else
        int at = 0;
        while (!(bits & 1)) { bits >>= 1; at++; }
        return at;
    #endif
    }
    """
    int vobj_first_bit(uint64_t bits) noexcept


cdef extern from "Python.h":
    object PyObject_GenericGetDict(object subject, void *context)


cdef object DECLINED = ValueError

moment = 0


cdef int others_ran() except -1:
    """End the moment: what was borrowed, and what was found of classes, is to be looked at anew."""
    global moment
    moment += 1
    return 0


cdef dict storage_of(object subject):
    """The `__dict__` of an object."""
    return <dict>PyObject_GenericGetDict(subject, NULL)


cdef int find_held(ClassProgram program, object subject, Held *held) except -1:
    """What an object of the class holds. Declines one with hooks in front of its class."""
    cdef Record r
    cdef Found found
    cdef dict store
    held.moment = moment
    if program.columns is not None:
        r = <Record>subject
        if r.columns is not program.columns:
            raise DECLINED
        held.values = r.values
        held.version = NULL
        if r.attributes != NULL and len(<dict>r.attributes):
            store = <dict>r.attributes
            _check_hooks(store)
            held.version = PyDict_GetItemWithError(store, "VERSION")
        return 0
    store = storage_of(subject)
    held.values = held.room
    program.order.spread(store, held.values, &found)
    held.version = found.version
    if found.others:
        _check_hooks(store)
    return 0


cdef int _check_hooks(dict store) except -1:
    """What an instance carries in front of the methods of its class stops here."""
    if (
        "obj_to_primitive" in store
        or "obj_what_changed" in store
        or "fields" in store
        or "obj_attr_is_set" in store
    ):
        raise DECLINED
    return 0


cdef int how_many_changed(ClassProgram program, object subject) except -1:
    """All fields, none, or some; nearly always it is all or none."""
    cdef Record r
    cdef Py_ssize_t word, count
    cdef uint64_t every, any_bit = 0, missing = 0
    if program.columns is None:
        return SOME_CHANGED
    r = <Record>subject
    if r.columns is not program.columns or r.changed_names is not None:
        return SOME_CHANGED
    count = r.count
    for word in range(program.columns.words):
        every = ~<uint64_t>0 if count >= 64 else (<uint64_t>1 << count) - 1
        any_bit |= r.changes[word]
        missing |= every & ~r.changes[word]
        count -= 64
    return NONE_CHANGED if not any_bit else SOME_CHANGED if missing else ALL_CHANGED


cdef Py_ssize_t find_changed(ClassProgram program, object subject, uint8_t *flags) except -1:
    """Which fields are among the changed, by their numbers; how many."""
    cdef Record r
    cdef Py_ssize_t word, count = 0
    cdef uint64_t bits
    cdef object changed
    if program.columns is None:
        changed = storage_of(subject)["_changed_fields"]
    else:
        r = <Record>subject
        if r.columns is not program.columns:
            raise DECLINED
        if r.changed_names is None:
            memset(flags, 0, r.count)
            for word in range(program.columns.words):
                bits = r.changes[word]
                while bits:
                    flags[64 * word + vobj_first_bit(bits)] = 1
                    bits &= bits - 1
                    count += 1
            return count
        changed = r.changed_names
    if type(changed) is not set:
        raise DECLINED
    return program.order.changed(<PyObject *>changed, flags)


cdef bint is_of(ClassProgram program, object subject) noexcept:
    """Whether an object of the class holds its values as the program says."""
    return program.columns is None or (<Record>subject).columns is program.columns


cdef object held_value(ClassProgram program, object subject, Slot slot, object default):
    """The value of a field as it is kept."""
    cdef PyObject *found
    if program.columns is None:
        found = PyDict_GetItemWithError(storage_of(subject), slot.storage)
    else:
        found = (<Record>subject).values[slot.index]
    return default if found == NULL else <object>found


cdef int keep_value(ClassProgram program, object subject, Slot slot, object value) except -1:
    """Set the value of a field, and nothing else."""
    if program.columns is None:
        storage_of(subject)[slot.storage] = value
    else:
        hold(<Record>subject, slot.index, value)
    return 0
