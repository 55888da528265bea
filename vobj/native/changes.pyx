# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Which fields of an object are set and which were changed.

Theory
    As everywhere here, what the class or the object overrides is called, as often as oslo calls it
    and in its order. The set that `obj_what_changed` gives is filled in oslo's order too, since
    that decides in which order a peer sees the names.
"""

from cpython.datetime cimport datetime, import_datetime
from cpython.dict cimport PyDict_Next
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject
from cpython.set cimport PySet_GET_SIZE

from vobj.native.attributes cimport MISSING
from vobj.native.held cimport is_of, storage_of
from vobj.native.program cimport Slot, runtime
from vobj.native.record cimport Record, changed_names, set_changes
from vobj.native.shape cimport (
    ASKS,
    CALLED,
    LIST,
    RESETS,
    TELLS_SET,
    Place,
    Shape,
    shadowed,
    shape_of,
)

import_datetime()


cdef extern from "Python.h":
    int Py_EnterRecursiveCall(const char *where) except -1
    void Py_LeaveRecursiveCall()


def attr_is_set(Place place not None, subject, name):
    """`subject.obj_attr_is_set(name)`, or NotImplemented."""
    cdef Shape shape = place.methods(type(subject), TELLS_SET)
    cdef Slot slot
    if shape is None or type(name) is not str:
        return NotImplemented
    slot = <Slot>shape.program.by_name.get(name)
    if slot is None or subject.fields is not shape.program.cls.fields:
        return NotImplemented
    if shape.program.columns is not None and is_of(shape.program, subject):
        return (<Record>subject).values[slot.index] != NULL
    return getattr(subject, slot.storage, MISSING) is not MISSING


def what_changed(Place place not None, subject):
    """`subject.obj_what_changed()`, or NotImplemented."""
    cdef Shape shape = place.shape(type(subject), ASKS)
    if shape is None or not shape.plain or shadowed(shape, subject):
        return NotImplemented
    return _of_fields(shape, subject)


cdef object changed_of(Shape shape, object subject):
    """`subject.obj_what_changed()` of a shape that does not have it called."""
    cdef set found
    if shape.asks != LIST:
        return _of_fields(shape, subject)
    found = set(subject._changed_fields)
    for child in subject.objects:
        if _has_changes(child):
            found.add("objects")
    return found


cdef set _of_fields(Shape shape, object subject):
    cdef set found = set()
    cdef dict known = shape.program.by_name
    cdef object changed
    cdef list held
    if shape.program.columns is not None and (<Record>subject).changed_names is None:
        found = changed_names(<Record>subject)
    else:
        changed = subject._changed_fields
        if type(changed) is not set or PySet_GET_SIZE(changed):
            for name in changed:
                if name in known:
                    found.add(name)
    held = _objects_in(shape, subject)
    if held is not None:
        for index, name, value in held:
            if isinstance(value, runtime.versioned_object) and _has_changes(value):
                found.add(name)
    return found


cdef bint _may_be_object(object value) noexcept:
    """False for the types that nearly all values have, which are no objects."""
    cdef object cls = type(value)
    return not (
        cls is str
        or cls is int
        or cls is bool
        or value is None
        or cls is float
        or cls is datetime
        or cls is list
        or cls is dict
        or cls is runtime.coerced_list
        or cls is runtime.coerced_dict
        or cls is runtime.coerced_set
        or cls is runtime.own_list
        or cls is runtime.own_dict
        or cls is runtime.own_set
        or cls is runtime.address
    )


cdef list _objects_in(Shape shape, object subject):
    """What may be an object in a field, in the order of the fields; None for nothing."""
    cdef PyObject *key
    cdef PyObject *value
    cdef Py_ssize_t place = 0
    cdef list found = None
    cdef Slot slot
    cdef dict store
    if shape.program.columns is not None:
        for slot in shape.program.slots:
            value = (<Record>subject).values[slot.index]
            if value != NULL and _may_be_object(<object>value):
                if found is None:
                    found = []
                found.append((slot.index, slot.name, <object>value))
        return found
    store = storage_of(subject)
    while PyDict_Next(store, &place, &key, &value):
        if _may_be_object(<object>value):
            slot = <Slot>shape.by_storage.get(<object>key)
            if slot is not None:
                if found is None:
                    found = []
                found.append((slot.index, slot.name, <object>value))
    if found is not None and len(found) > 1:
        found.sort(key=_index)
    return found


def _index(tuple one):
    return one[0]


cdef bint _has_changes(object value) except -1:
    """The truth of `value.obj_what_changed()`."""
    cdef Shape shape = None
    if isinstance(value, runtime.versioned_object):
        shape = shape_of(type(value))
    if shape is None or shape.asks == CALLED or not shape.plain or shadowed(shape, value):
        return bool(value.obj_what_changed())
    Py_EnterRecursiveCall(" while changes are looked for")
    try:
        return bool(changed_of(shape, value))
    finally:
        Py_LeaveRecursiveCall()


def reset(Place place not None, subject, fields, recursive):
    """`subject.obj_reset_changes(fields, recursive)`: True, or NotImplemented."""
    cdef Shape shape
    if recursive:
        shape = place.shape(type(subject), RESETS)
    else:
        shape = place.methods(type(subject), RESETS)
    if shape is None or (recursive and not _resets_inside(shape, subject)):
        return NotImplemented
    _reset(shape, subject, fields, recursive)
    return True


cdef bint _resets_inside(Shape shape, object subject) except -1:
    """Whether the objects in the changed fields of an object are found as oslo finds them."""
    if not shape.plain or not shape.gets_plainly or shape.asks == CALLED:
        return False
    if shadowed(shape, subject):
        return False
    if shape.asks == LIST:
        for name in subject._changed_fields:
            if name not in shape.program.by_name:
                return False
    return True


cdef int _reset(Shape shape, object subject, object fields, bint recursive) except -1:
    if recursive:
        Py_EnterRecursiveCall(" while changes are reset")
        try:
            _reset_inside(shape, subject, fields)
        finally:
            Py_LeaveRecursiveCall()
    if fields:
        subject._changed_fields -= set(fields)
    elif (
        shape.program.columns is not None
        and is_of(shape.program, subject)
        and (<Record>subject).changed_names is None
    ):
        set_changes(<Record>subject, ())
    else:
        subject._changed_fields.clear()
    return 0


cdef int _reset_inside(Shape shape, object subject, object fields) except -1:
    """The objects in the changed fields; reading a changed field may load it, as in oslo."""
    cdef Slot slot
    cdef object value
    cdef int holds
    cdef list slots = []
    for name in changed_of(shape, subject):
        getattr(subject, name)
        slots.append(shape.program.by_name[name])
    for slot in slots:
        holds = shape.held[slot.index]
        if not holds or (fields and slot.name not in fields):
            continue
        value = getattr(subject, slot.storage, MISSING)
        if value is MISSING or value is None:
            continue
        if holds == 1:
            _reset_child(value)
        else:
            for child in value:
                _reset_child(child)
    return 0


cdef int _reset_child(object value) except -1:
    """`value.obj_reset_changes(recursive=True)`."""
    cdef Shape shape = None
    if isinstance(value, runtime.versioned_object):
        shape = shape_of(type(value))
    if shape is None or not shape.direct & RESETS or not _resets_inside(shape, value):
        value.obj_reset_changes(recursive=True)
    else:
        _reset(shape, value, None, True)
    return 0
