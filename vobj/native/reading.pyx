# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Envelopes to objects, as `obj_from_primitive` makes them.

Theory
    As in the other direction: of a foreign object every callout is oslo's, and what one raises
    passes as it is. An own object is read here when its payload is of the newest version and in
    order; whatever raises makes the Python code read it from the start, with the path of the error.
"""

from vobj.native.attributes cimport MISSING
from vobj.native.convert cimport from_primitive, take
from vobj.native.held cimport is_of, keep_value
from vobj.native.program cimport (
    READ_CALL,
    READ_DICT,
    READ_LIST,
    READ_OBJECT,
    READ_SET,
    Guard,
    Kind,
    Slot,
    runtime,
)
from vobj.native.record cimport Record, set_changes
from vobj.native.shape cimport (
    OSLO,
    OURS,
    READS,
    RECEIVES,
    Place,
    Shape,
    beside,
    blank,
    shadowed,
    shape_of,
)


cdef extern from "Python.h":
    int Py_EnterRecursiveCall(const char *where) except -1
    void Py_LeaveRecursiveCall()


cdef object _registry = None
cdef object _obj_classes = None
cdef object _read_strictly = None
cdef Guard _unchanged = None


def configure(*, registry, read_strictly):
    """What stands outside.

    registry: oslo's registry class. read_strictly(field, owner, name, primitive): what own classes
    do for `field.from_primitive`, which refuses text for a list.
    """
    global _registry, _obj_classes, _read_strictly
    _registry = registry
    _read_strictly = read_strictly
    _obj_classes = registry.obj_classes.__func__


def receive(Place place not None, cls, primitive, context):
    """`cls.obj_from_primitive(primitive, context)`, or NotImplemented."""
    cdef Shape shape = place.shape(cls, RECEIVES)
    if shape is None:
        return NotImplemented
    return _received(shape, primitive, context)


def read(Place place not None, cls, context, version, primitive):
    """`cls._obj_from_primitive(context, version, primitive)`, or NotImplemented."""
    cdef Shape shape = place.shape(cls, READS)
    if shape is None or type(primitive) is not dict:
        return NotImplemented
    if shape.reads == OURS:
        return _read_own(shape, context, version, primitive)
    return _read(shape, context, version, primitive)


cdef object _received(Shape shape, object primitive, object context):
    """The object in an envelope, or NotImplemented before anything was called."""
    cdef dict node
    cdef object name, version, namespace, cls, made
    cdef Shape found
    if type(primitive) is not dict:
        return NotImplemented
    node = <dict>primitive
    namespace = _part(shape, node, shape.namespace_key, "namespace", None)
    name = _part(shape, node, shape.name_key, "name", None)
    version = _part(shape, node, shape.version_key, "version", None)
    if type(name) is not str or type(version) is not str or namespace != shape.program.namespace:
        return NotImplemented
    cls = _class_named(shape, name, version)
    if cls is None:
        return NotImplemented
    found = shape_of(cls)
    if found is not None and found.direct & READS:
        if found.reads == OSLO:
            return _read(found, context, version, node)
        made = _read_own(found, context, version, node)
        if made is not NotImplemented:
            return made
    if shape.program.own:
        return NotImplemented
    return cls._obj_from_primitive(context, version, node)


cdef object _class_named(Shape shape, str name, str version):
    """The registered class of exactly this version; None where oslo has more to do to find it."""
    cdef object known
    global _unchanged
    if not shape.finds_plainly:
        return None
    if _unchanged is None or not _unchanged.holds():
        if _registry.obj_classes.__func__ is not _obj_classes:
            return None
        _unchanged = Guard((_registry,), {})
    known = _registry._registry
    if known is None:
        return None
    known = (<dict>known._obj_classes).get(name)
    if type(known) is not list:
        return None
    for cls in <list>known:
        if cls.VERSION == version:
            return cls
    return None


cdef object _part(Shape shape, dict node, str key, str part, object default):
    """`cls._obj_primitive_field(node, part, default)`."""
    if not shape.parts_plainly:
        if default is MISSING:
            return shape.program.cls._obj_primitive_field(node, part)
        return shape.program.cls._obj_primitive_field(node, part, default)
    if default is MISSING:
        return node[key]
    return node.get(key, default)


cdef object _read(Shape shape, object context, object version, dict node):
    cdef object made, data, changes, primitive
    cdef Slot slot
    Py_EnterRecursiveCall(" while an object is read")
    try:
        made = blank(shape)
        made._context = context
        made.VERSION = version
        data = _part(shape, node, shape.data_key, "data", MISSING)
        changes = _part(shape, node, shape.changes_key, "changes", [])
        for slot in shape.program.slots:
            if type(data) is dict:
                primitive = (<dict>data).get(slot.name, MISSING)
                if primitive is MISSING:
                    continue
            elif slot.name in data:
                primitive = data[slot.name]
            else:
                continue
            _set(shape, slot, made, primitive)
        made._changed_fields = {name for name in changes if name in shape.program.by_name}
        return made
    finally:
        Py_LeaveRecursiveCall()


cdef object _read_own(Shape shape, object context, object version, dict node):
    """An own object from an envelope at the newest version, or NotImplemented."""
    cdef object made, changes, primitive
    cdef dict data, store
    cdef Slot slot
    if not _is_in_order(shape, version, node):
        return NotImplemented
    data = node[shape.data_key]
    changes = node.get(shape.changes_key, ())
    Py_EnterRecursiveCall(" while an object is read")
    try:
        made = blank(shape)
        if not is_of(shape.program, made):
            return NotImplemented
        made._context = context
        for slot in shape.program.slots:
            primitive = data.get(slot.name, MISSING)
            if primitive is not MISSING:
                _set(shape, slot, made, primitive)
        if shape.program.columns is not None:
            set_changes(<Record>made, [name for name in changes if name in shape.program.by_name])
        else:
            made._changed_fields = {name for name in changes if name in shape.program.by_name}
        store = beside(shape, made)
        if store is not None:
            store.pop("VERSION", None)
        made._vobj_received = version
        return made
    except Exception:
        return NotImplemented
    finally:
        Py_LeaveRecursiveCall()


cdef bint _is_in_order(Shape shape, object version, dict node) except -1:
    """Whether an envelope is one that a newest own class of ours gives."""
    cdef object changes, name
    if type(version) is not str or version != shape.program.version or not shape.parts_plainly:
        return False
    if node.get(shape.version_key) != version or node.get(shape.name_key) != (
        shape.program.object_name
    ):
        return False
    if type(node.get(shape.namespace_key)) is not str or type(node.get(shape.data_key)) is not dict:
        return False
    changes = node.get(shape.changes_key, ())
    if type(changes) is not list and type(changes) is not tuple:
        return False
    for name in changes:
        if type(name) is not str:
            return False
    return _is_newest(shape)


cdef bint _is_newest(Shape shape) except -1:
    cdef object known
    if _registry.obj_classes.__func__ is not _obj_classes or _registry._registry is None:
        return False
    known = (<dict>_registry._registry._obj_classes).get(shape.program.object_name)
    return type(known) is list and len(known) > 0 and known[0] is shape.program.cls


cdef int _set(Shape shape, Slot slot, object made, object primitive) except -1:
    """`setattr(made, name, field.from_primitive(made, name, primitive))`."""
    if slot.plain and shape.sets_plainly and not slot.read_only:
        primitive = _value(shape, slot.kind, made, slot.name, primitive)
        keep_value(shape.program, made, slot, primitive)
    else:
        setattr(made, slot.name, slot.kind.field.from_primitive(made, slot.name, primitive))
    return 0


cdef object _value(Shape shape, Kind kind, object made, str name, object primitive):
    cdef int read = kind.read
    if primitive is None and read != READ_CALL:
        return take(kind, made, name, None)
    if read == READ_OBJECT and type(primitive) is dict:
        return take(kind, made, name, _child(shape, made, primitive))
    if read == READ_LIST and kind.element.read == READ_OBJECT and type(primitive) is list:
        return take(kind, made, name, [
            _child(shape, made, one) if type(one) is dict
            else kind.element.field.from_primitive(made, name, one)
            for one in <list>primitive
        ])
    if shape.reads == OURS and not (_is_simple(kind) and _is_of_form(kind, primitive)):
        return take(kind, made, name, _read_strictly(kind.field, made, name, primitive))
    if not _is_simple(kind):
        return from_primitive(kind, made, name, primitive)
    try:
        return from_primitive(kind, made, name, primitive)
    except Exception:
        # Of several mistakes in a container oslo tells another one than the first.
        return kind.field.coerce(made, name, kind.field.from_primitive(made, name, primitive))


cdef bint _is_of_form(Kind kind, object primitive) except -1:
    """Whether there is a list or a dict where one belongs, at every depth."""
    if kind.element is None or primitive is None:
        return True
    if kind.read == READ_DICT:
        if type(primitive) is not dict:
            return False
        primitive = (<dict>primitive).values()
    elif type(primitive) is not list and type(primitive) is not tuple:
        return False
    if kind.element.element is not None:
        for one in primitive:
            if not _is_of_form(kind.element, one):
                return False
    return True


cdef bint _is_simple(Kind kind) noexcept:
    """Whether nobody can notice how often a value is read."""
    if kind.read == READ_LIST or kind.read == READ_DICT or kind.read == READ_SET:
        return _is_simple(kind.element)
    return kind.read != READ_CALL and kind.read != READ_OBJECT


cdef object _child(Shape shape, object made, dict node):
    """`made.obj_from_primitive(node, made._context)`."""
    cdef object found
    if shape.direct & RECEIVES and not shadowed(shape, made):
        found = _received(shape, node, made._context)
        if found is not NotImplemented:
            return found
    return made.obj_from_primitive(node, made._context)
