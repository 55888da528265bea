# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Objects from keyword arguments and from other objects.

Theory
    A new object gets its values one after the other, each through its field, as in oslo. A copy of
    a value that is known not to change is the value itself; containers are copied once, straight
    into the form in which the field keeps them. What is not known here is copied by `copy.deepcopy`
    and set as an attribute, so that the property, the field and the type do what they do.
"""

from cpython.bytes cimport PyBytes_CheckExact
from cpython.datetime cimport PyDateTimeAPI, datetime, datetime_tzinfo, import_datetime
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from libc.string cimport memcpy

from vobj.native.attributes cimport MISSING, FieldAttribute
from vobj.native.convert cimport take
from vobj.native.held cimport held_value, is_of, keep_value, storage_of
from vobj.native.program cimport (
    READ_ADDRESS,
    READ_ADDRESS_4,
    READ_CALL,
    READ_DICT,
    READ_LIST,
    READ_OBJECT,
    READ_SET,
    Kind,
    Slot,
    runtime,
)
from vobj.native.record cimport Record, set_changes
from vobj.native.shape cimport CLONES, COPIES, MAKES, OURS, Place, Shape, blank, shadowed, shape_of

from copy import deepcopy

import_datetime()


cdef extern from "Python.h":
    int Py_EnterRecursiveCall(const char *where) except -1
    void Py_LeaveRecursiveCall()


def construct(Place place not None, subject, context, dict values not None):
    """`subject.__init__(context, **values)`: True, or NotImplemented."""
    cdef Shape shape = place.methods(type(subject), MAKES)
    if shape is None:
        return NotImplemented
    if shape.program.columns is not None and is_of(shape.program, subject):
        set_changes(<Record>subject, ())
    else:
        subject._changed_fields = set()
    subject._context = context
    if values:
        _fill(shape, subject, values)
    return True


cdef int _fill(Shape shape, object subject, dict values) except -1:
    """Set the attributes."""
    cdef FieldAttribute attribute
    cdef bint recorded = shape.program.columns is not None
    cdef object store = None, changed = None
    if not recorded:
        store = storage_of(subject)
        changed = (<dict>store).get("_changed_fields")
    for name, value in values.items():
        attribute = <FieldAttribute>shape.attributes.get(name)
        if attribute is None or not shape.sets_plainly:
            setattr(subject, name, value)
        elif recorded:
            attribute.put_in_record(<Record>subject, value)
        elif type(changed) is set:
            attribute.put_first(subject, <dict>store, <set>changed, value)
        else:
            setattr(subject, name, value)
    return 0


def deep_copy(Place place not None, subject, memo):
    """`subject.__deepcopy__(memo)`, or NotImplemented."""
    cdef Shape shape = place.shape(type(subject), COPIES)
    if shape is None or type(memo) is not dict or not _copies(shape, subject):
        return NotImplemented
    return _copied(shape, subject, memo)


def clone(Place place not None, subject):
    """`subject.obj_clone()`, or NotImplemented."""
    cdef Shape shape = place.shape(type(subject), CLONES)
    if shape is None or not shape.direct & COPIES or not _copies(shape, subject):
        return NotImplemented
    return _copied(shape, subject, {})


cdef bint _copies(Shape shape, object subject) except -1:
    return shape.plain and shape.sets_plainly and not shadowed(shape, subject)


cdef object _copied(Shape shape, object subject, dict memo):
    cdef object made, value
    cdef Slot slot
    Py_EnterRecursiveCall(" while an object is copied")
    try:
        made = blank(shape)
        memo[id(subject)] = made
        made._context = subject._context
        for slot in shape.program.slots:
            value = held_value(shape.program, subject, slot, MISSING)
            if value is not MISSING:
                _copy_value(shape, slot, made, value, memo)
        _copy_changes(shape, subject, made)
        if shape.copies == OURS:
            made._vobj_received = subject._vobj_received
        return made
    finally:
        Py_LeaveRecursiveCall()


cdef int _copy_value(Shape shape, Slot slot, object made, object value, dict memo) except -1:
    cdef object copied = _copy_of(slot.kind, value, memo)
    if copied is MISSING:
        setattr(made, slot.name, deepcopy(value, memo))
    elif slot.read_only or not is_of(shape.program, made):
        setattr(made, slot.name, copied)
    else:
        keep_value(shape.program, made, slot, take(slot.kind, made, slot.name, copied))
    return 0


cdef int _copy_changes(Shape shape, object subject, object made) except -1:
    cdef Record one, other
    if shape.program.columns is not None and is_of(shape.program, made):
        one, other = <Record>subject, <Record>made
        if one.changed_names is None:
            other.changed_names = None
            memcpy(other.changes, one.changes, one.columns.words * 8)
            return 0
    made._changed_fields = set(subject._changed_fields)
    return 0


cdef object _copy_of(Kind kind, object value, dict memo):
    """A deep copy that may share what never changes, or what the field is about to copy."""
    cdef int read = kind.read
    if read == READ_CALL:
        return MISSING
    if _never_changes(value):
        return value
    if read == READ_OBJECT:
        return _child(value, memo)
    if read == READ_LIST:
        return _list(kind.element, value, memo)
    if read == READ_DICT:
        return _dict(kind.element, value, memo)
    if read == READ_SET:
        return _set(kind.element, value)
    if (read == READ_ADDRESS or read == READ_ADDRESS_4) and type(value) is runtime.address:
        return value
    return MISSING


cdef bint _never_changes(object value) noexcept:
    cdef object cls = type(value)
    cdef object zone
    if cls is str or cls is int or cls is bool or value is None or cls is float:
        return True
    if cls is datetime:
        zone = datetime_tzinfo(value)
        return zone is None or zone is <object>PyDateTimeAPI.TimeZone_UTC
    return PyBytes_CheckExact(value)


cdef object _child(object value, dict memo):
    """`deepcopy(value, memo)`."""
    cdef Shape shape
    cdef object made = memo.get(id(value))
    if made is not None:
        return made
    if isinstance(value, runtime.versioned_object):
        shape = shape_of(type(value))
        if shape is not None and shape.direct & COPIES and _copies(shape, value):
            made = _copied(shape, value, memo)
            memo[id(value)] = made
            memo.setdefault(id(memo), []).append(value)
            return made
    return deepcopy(value, memo)


cdef object _list(Kind element, object value, dict memo):
    cdef object cls = type(value), item
    cdef Py_ssize_t index = 0
    cdef list made = []
    if cls is not list and cls is not runtime.coerced_list and cls is not runtime.own_list:
        return MISSING
    while index < PyList_GET_SIZE(value):
        item = _copy_of(element, <object>PyList_GET_ITEM(value, index), memo)
        if item is MISSING:
            return MISSING
        made.append(item)
        index += 1
    return made


cdef object _dict(Kind element, object value, dict memo):
    cdef object cls = type(value), item
    cdef dict made = {}
    if cls is not dict and cls is not runtime.coerced_dict and cls is not runtime.own_dict:
        return MISSING
    for key, item in list((<dict>value).items()):
        if type(key) is not str:
            return MISSING
        item = _copy_of(element, item, memo)
        if item is MISSING:
            return MISSING
        made[key] = item
    return made


cdef object _set(Kind element, object value):
    cdef object cls = type(value), item
    if cls is not set and cls is not runtime.coerced_set and cls is not runtime.own_set:
        return MISSING
    if element.read == READ_CALL:
        return MISSING
    for item in value:
        if not _never_changes(item):
            return MISSING
    return value
