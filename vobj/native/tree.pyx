# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Objects to envelopes, as `obj_to_primitive` gives them.

Theory
    For a foreign object every callout is the one that oslo makes, in oslo's order, so what it
    raises passes as it is, and a value of an unexpected type is given to the `to_primitive` of its
    field. For an own object whatever raises makes the Python code do it from the start.

    Callouts may change what is being written: values are held while they are used, and containers
    are walked as Python's iterators do.
"""

from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE, PyList_GetSlice
from cpython.unicode cimport PyUnicode_DecodeASCII
from libc.stdint cimport uint8_t

from vobj.native.attributes cimport MISSING
from vobj.native.changes cimport changed_of
from vobj.native.forms cimport address_text, moment_text, sorted_by_rank
from vobj.native.held cimport held_value
from vobj.native.program cimport (
    WRITE_CALL,
    WRITE_DATETIME,
    WRITE_DICT,
    WRITE_LIST,
    WRITE_OBJECT,
    WRITE_SAME,
    WRITE_SET,
    WRITE_TEXT,
    Kind,
    Slot,
    runtime,
)
from vobj.native.shape cimport (
    CALLED,
    OSLO,
    OURS,
    WRITES,
    Place,
    Shape,
    beside,
    is_text_of_version,
    shadowed,
    shape_of,
)


cdef extern from "Python.h":
    int Py_EnterRecursiveCall(const char *where) except -1
    void Py_LeaveRecursiveCall()


cdef object _in_order = None
cdef object _check_target = None


def configure(*, in_order, check_target):
    """What stands outside.

    in_order(cls, name, primitive): the primitive with every set in it sorted.
    check_target(target, version): raises as oslo does when the target is the newer one.
    """
    global _in_order, _check_target
    _in_order = in_order
    _check_target = check_target


def to_primitive(Place place not None, subject, target, manifest):
    """`subject.obj_to_primitive(target, manifest)`, or NotImplemented.

    Own objects are written at their own version only.
    """
    cdef Shape shape = place.shape(type(subject), WRITES)
    if shape is None or (shape.writes == OURS and (target is not None or manifest)):
        return NotImplemented
    return write_object(shape, subject, target, manifest)


cdef object write_object(Shape shape, object subject, object target, object manifest):
    """The envelope of an object, or NotImplemented before anything was called."""
    cdef dict store = beside(shape, subject)
    cdef object version = shape.program.version
    if shadowed(shape, subject):
        return NotImplemented
    if store is not None:
        version = store.get("VERSION", version)
    if not is_text_of_version(version):
        return NotImplemented
    Py_EnterRecursiveCall(" while an object is written")
    try:
        if shape.writes == OSLO:
            return _foreign(shape, subject, version, target, manifest)
        return _own(shape, subject, version)
    finally:
        Py_LeaveRecursiveCall()


cdef object _foreign(
    Shape shape, object subject, object version, object target, object manifest
):
    cdef dict data, node
    cdef list changes
    cdef object changed, name
    if target is None:
        target = version
    else:
        _check_target(target, version)
    data = _data(shape, subject, False)
    if manifest or target != version:
        subject.obj_make_compatible_from_manifest(data, target, manifest)
    node = _envelope(shape, subject, target, data)
    if shape.asks == CALLED:
        if not subject.obj_what_changed():
            return node
        changed = subject.obj_what_changed()
    else:
        changed = changed_of(shape, subject)
    changes = [name for name in changed if name in data]
    if changes:
        node[shape.changes_key] = changes
    return node


cdef object _own(Shape shape, object subject, object version):
    cdef dict data, node
    cdef list changes
    cdef object changed, name
    try:
        data = _data(shape, subject, True)
        node = _envelope(shape, subject, version, data)
        if shape.asks == CALLED:
            changed = subject.obj_what_changed()
        else:
            changed = changed_of(shape, subject)
        if changed:
            changes = [name for name in data if name in changed]
            if changes:
                node[shape.changes_key] = changes
        return node
    except Exception:
        return NotImplemented


cdef dict _envelope(Shape shape, object subject, object version, dict data):
    return {
        shape.name_key: (
            shape.program.object_name if shape.named_plainly else subject.obj_name()
        ),
        shape.namespace_key: shape.program.namespace,
        shape.version_key: version,
        shape.data_key: data,
    }


cdef dict _data(Shape shape, object subject, bint ours):
    """The primitives of the fields that are set."""
    cdef dict data = {}
    cdef Slot slot
    cdef object value
    for slot in shape.program.slots:
        if slot.plain:
            value = held_value(shape.program, subject, slot, MISSING)
            if value is MISSING:
                continue
        elif getattr(subject, slot.storage, MISSING) is MISSING:
            continue
        else:
            value = getattr(subject, slot.name)
        value = primitive_of(slot.kind, subject, slot.name, value, ours)
        if ours and value is not None and shape.ranked[slot.index]:
            if slot.kind.write != WRITE_SET or slot.kind.element.write != WRITE_SAME:
                value = _in_order(shape.program.cls, slot.name, value)
        data[slot.name] = value
    return data


cdef object primitive_of(Kind kind, object owner, str attr, object value, bint ours):
    """`kind.field.to_primitive(owner, attr, value)`; ours: with a set of plain values sorted."""
    cdef int write = kind.write
    if write == WRITE_CALL:
        return kind.field.to_primitive(owner, attr, value)
    if value is None or write == WRITE_SAME:
        return value
    if write == WRITE_OBJECT:
        return _child(value)
    if write == WRITE_TEXT:
        return _text(value)
    if write == WRITE_DATETIME:
        return _moment(kind, owner, attr, value)
    if write == WRITE_LIST:
        return _list(kind, owner, attr, value, ours)
    if write == WRITE_DICT:
        return _dict(kind, owner, attr, value, ours)
    return _set(kind, owner, attr, value, ours)


cdef object _child(object value):
    """`value.obj_to_primitive()`."""
    cdef Shape shape
    cdef object node
    if isinstance(value, runtime.versioned_object):
        shape = shape_of(type(value))
        if shape is not None and shape.direct & WRITES:
            node = write_object(shape, value, None, None)
            if node is not NotImplemented:
                return node
    return value.obj_to_primitive()


cdef object _text(object value):
    """`str(value)`, which takes netaddr long for an address of version 4."""
    cdef uint8_t text[15]
    cdef int size = address_text(value, text)
    if size < 0:
        return str(value)
    return PyUnicode_DecodeASCII(<char *>text, size, NULL)


cdef object _list(Kind kind, object owner, str attr, object value, bint ours):
    cdef object cls = type(value)
    cdef Py_ssize_t index = 0
    cdef list made
    cdef object item
    if cls is not list and cls is not runtime.coerced_list and cls is not runtime.own_list:
        return kind.field.to_primitive(owner, attr, value)
    if kind.element.write == WRITE_SAME:
        return PyList_GetSlice(value, 0, PyList_GET_SIZE(value))
    made = []
    while index < PyList_GET_SIZE(value):
        item = <object>PyList_GET_ITEM(value, index)
        made.append(primitive_of(kind.element, owner, attr, item, ours))
        index += 1
    return made


cdef object _dict(Kind kind, object owner, str attr, object value, bint ours):
    cdef object cls = type(value)
    cdef dict made
    cdef str inner
    if cls is not dict and cls is not runtime.coerced_dict and cls is not runtime.own_dict:
        return kind.field.to_primitive(owner, attr, value)
    if kind.element.write == WRITE_SAME:
        return (<dict>value).copy()
    made = {}
    for key, item in (<dict>value).items():
        inner = f'{attr}["{key}"]'
        made[key] = primitive_of(kind.element, owner, inner, item, ours)
    return made


cdef object _set(Kind kind, object owner, str attr, object value, bint ours):
    cdef object cls = type(value)
    cdef list made
    if cls is not set and cls is not runtime.coerced_set and cls is not runtime.own_set:
        return kind.field.to_primitive(owner, attr, value)
    if kind.element.write != WRITE_SAME:
        return tuple([primitive_of(kind.element, owner, attr, item, ours) for item in value])
    if not ours:
        return tuple(value)
    made = list(value)
    sorted_by_rank(made)
    return tuple(made)


cdef object _moment(Kind kind, object owner, str attr, object value):
    """The text of a datetime; what `moment_text` does not know is left to the field."""
    cdef uint8_t text[20]
    if moment_text(value, text):
        return kind.field.to_primitive(owner, attr, value)
    return PyUnicode_DecodeASCII(<char *>text, 20, NULL)
