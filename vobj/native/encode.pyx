# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Objects to msgpack, from their storage, in one pass, at their own version or an older one.

Theory
    An emitter says what the envelope of a class looks like: the bytes around the data, and per
    field the bytes of its key, where its value is, and which operations look at it on the way to an
    older version. What the objects inside are written with is looked up once per class and place.

    Callouts (a field's own `to_primitive`, an override of `obj_what_changed`) may change the object
    that is being written. They end the moment in which what it holds was found, so it is looked for
    again. Values are held while they are written, containers are read by index with their size
    asked anew, and dicts with such elements are copied first.
"""

from cpython.dict cimport PyDict_Next
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t

from vobj.native.buffer cimport (
    Buffer,
    buffer_bytes,
    buffer_close,
    buffer_open,
    put_array,
    put_byte,
    put_bytes,
    put_held_text,
    put_map,
    put_raw,
    put_text,
    reserve,
)
from vobj.native.emitter cimport (
    CONSTANT,
    FIELDS_MAX,
    OPERATED,
    Emitter,
    Output,
    Part,
    holds,
    put_simply,
)
from vobj.native.forms cimport put_address, put_moment, sorted_by_rank
from vobj.native.held cimport Held, find_changed, find_held, held_value, moment, others_ran
from vobj.native.natural cimport is_dict, is_list, put_array_size, put_key, put_natural, put_size
from vobj.native.operations cimport operated, stop_if_absent
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

cdef enum:
    DEPTH_MAX = 150

cdef object DECLINED = ValueError


cdef class Writing:
    """All emitters of one codec and one target.

    resolve(cls, place): the emitter of a class at a place, or None. tree_of(object): the envelope
    of an object that no emitter writes, in canonical order.
    """

    def __init__(self, resolve, tree_of):
        self.resolve = resolve
        self.tree_of = tree_of
        self.emitters = {}

    cdef Emitter emitter(self, object cls, object place):
        cdef Emitter found = <Emitter>self.emitters.get((cls, place))
        others_ran()
        if found is None or not holds(found):
            found = self.resolve(cls, place)
            self.emitters[cls, place] = found
        return found

    cpdef object encode(self, subject):
        """The payload of an object, or NotImplemented."""
        cdef Buffer out
        cdef Emitter e = self.top
        others_ran()
        try:
            if e is None or e.program.cls is not type(subject) or not e.holds_at_top():
                e = self.emitter(type(subject), None)
                self.top = e
            if e is None:
                return NotImplemented
            buffer_open(&out, 1024)
        except Exception:
            return NotImplemented
        try:
            self.write_object(e, subject, &out, 0)
            e.look_for_family()
            return buffer_bytes(&out)
        except Exception:
            return NotImplemented
        finally:
            buffer_close(&out)

    cdef int write_object(self, Emitter e, object subject, Buffer *out, int depth) except -1:
        """Write an envelope. True when the object or one directly inside it has changes."""
        cdef uint8_t written[FIELDS_MAX]
        cdef Py_ssize_t start = out.size
        cdef bint inner
        if depth > DEPTH_MAX:
            raise DECLINED
        put_byte(out, 0x84)
        put_bytes(out, e.head)
        inner = self.write_data(e, subject, out, written, depth)
        return write_changes(e, subject, out, start, written, inner)

    cdef int write_data(
        self, Emitter e, object subject, Buffer *out, uint8_t *written, int depth
    ) except -1:
        """The version, and the map of the fields.

        written: 1 for each output that is there, 2 if it has changes.
        """
        cdef Held held
        cdef Py_ssize_t index, count = 0, start
        cdef Part *part
        cdef bint inner = False
        find_held(e.program, subject, &held)
        write_version(e, held.version, out)
        put_bytes(out, e.data_key)
        start = out.size
        reserve(out, 3)
        out.size += 1 if e.count < 16 else 3
        for index in range(e.count):
            part = &e.parts[index]
            written[index] = 1
            if part.way == CONSTANT:
                put_raw(out, part.key, part.key_size)
                put_bytes(out, (<Output>part.output).constant)
                count += 1
                continue
            if held.moment != moment:
                find_held(e.program, subject, &held)
            if part.slot < 0 or held.values[part.slot] == NULL:
                written[index] = 0
                if part.way >= OPERATED:
                    stop_if_absent((<Output>part.output).operations)
                continue
            put_raw(out, part.key, part.key_size)
            count += 1
            if not put_simply(part, held.values[part.slot], out):
                continue
            if self.write_part(part, subject, <object>held.values[part.slot], out, depth):
                written[index] = 2
                inner = True
        if e.drops:
            check_dropped(e, subject)
        put_size(out, start, e.count, count)
        return inner

    cdef int write_part(
        self, Part *part, object subject, object value, Buffer *out, int depth
    ) except -1:
        """`write_value` of a field, after its operations."""
        cdef Output one = <Output>part.output
        if part.way < OPERATED:
            return self.write_value(one.kind, one, subject, value, out, depth)
        others_ran()
        value = _in_order(one.kind, primitive_of(one, subject, value))
        put_natural(out, operated(value, one.operations), depth)
        return 0

    cdef int write_value(
        self, Kind kind, Output one, object subject, object value, Buffer *out, int depth
    ) except -1:
        """Write the primitive of a value. 1 when the value is an object that has changes."""
        cdef int write = kind.write
        if value is None and write != WRITE_CALL:
            put_byte(out, 0xC0)
            return 0
        if write == WRITE_SAME:
            put_natural(out, value, depth)
        elif write == WRITE_OBJECT:
            return self.write_child(one, value, out, depth + 1)
        elif write == WRITE_DATETIME:
            if put_moment(out, value):
                others_ran()
                put_natural(out, kind.field.to_primitive(subject, one.slot.name, value), depth)
        elif write == WRITE_TEXT:
            if put_address(out, value):
                others_ran()
                put_text(out, str(value))
        elif write == WRITE_LIST:
            self.write_list(kind, one, subject, value, out, depth)
        elif write == WRITE_DICT:
            self.write_dict(kind, one, subject, value, out, depth)
        elif write == WRITE_SET:
            others_ran()
            _put_set(kind, one, subject, value, out, depth)
        else:
            others_ran()
            put_natural(out, kind.field.to_primitive(subject, one.slot.name, value), depth)
            if isinstance(value, runtime.versioned_object):
                return bool(value.obj_what_changed())
        return 0

    cdef int write_list(
        self, Kind kind, Output one, object subject, object value, Buffer *out, int depth
    ) except -1:
        cdef Py_ssize_t index, size
        cdef object item
        if depth > DEPTH_MAX or not is_list(value):
            raise DECLINED
        size = PyList_GET_SIZE(value)
        put_array(out, size)
        for index in range(size):
            if PyList_GET_SIZE(value) != size:
                raise DECLINED
            item = <object>PyList_GET_ITEM(value, index)
            self.write_value(kind.element, one, subject, item, out, depth + 1)
        if PyList_GET_SIZE(value) != size:
            raise DECLINED
        return 0

    cdef int write_dict(
        self, Kind kind, Output one, object subject, object value, Buffer *out, int depth
    ) except -1:
        cdef PyObject *key
        cdef PyObject *item
        cdef Py_ssize_t place = 0
        cdef int write = kind.element.write
        if depth > DEPTH_MAX or not is_dict(value):
            raise DECLINED
        put_map(out, len(<dict>value))
        if write == WRITE_SAME:
            while PyDict_Next(value, &place, &key, &item):
                put_key(out, <object>key)
                put_natural(out, <object>item, depth + 1)
            return 0
        others_ran()
        for name, held in list((<dict>value).items()):
            put_key(out, name)
            self.write_value(kind.element, one, subject, held, out, depth + 1)
        return 0

    cdef int write_child(self, Output one, object value, Buffer *out, int depth) except -1:
        cdef object cls = type(value)
        cdef Emitter e = one.last
        if e is None or e.program.cls is not cls or not holds(e):
            e = self.emitter(cls, one.place)
            one.last = e
        if e is not None:
            return self.write_object(e, value, out, depth)
        if one.place is not None or not isinstance(value, runtime.versioned_object):
            raise DECLINED
        others_ran()
        put_natural(out, self.tree_of(value), depth)
        return bool(value.obj_what_changed())


cdef int write_version(Emitter e, PyObject *own, Buffer *out) except -1:
    """own: the version that the object itself has, if any."""
    if e.version is not None:
        if own != NULL:
            raise DECLINED
        return put_bytes(out, e.version)
    if own == NULL:
        return put_text(out, e.program.version)
    if type(<object>own) is not str:
        raise DECLINED
    return put_held_text(out, own)


cdef int write_changes(
    Emitter e, object subject, Buffer *out, Py_ssize_t start, uint8_t *written, bint inner
) except -1:
    cdef uint8_t flags[FIELDS_MAX]
    cdef Py_ssize_t count = 0, at, index, total = len(e.changes)
    cdef bint any_changed = inner
    cdef Py_ssize_t some = find_changed(e.program, subject, flags)
    if not some and not inner:
        return other_changes(e, subject, some)
    for index in range(e.count):
        if e.parts[index].changed >= 0 and flags[e.parts[index].changed]:
            any_changed = True
            if written[index]:
                written[index] = 2
        count += written[index] == 2 and e.parts[index].changed >= 0
    if count and count == total:
        put_bytes(out, e.all_changes)
    elif count:
        put_bytes(out, e.changes_key)
        at = out.size
        reserve(out, 3)
        out.size += 1 if total < 16 else 3
        count = put_changed_names(e, out, written)
        put_array_size(out, at, total, count)
    if count:
        out.data[start] = 0x85
    return any_changed or other_changes(e, subject, some)


cdef Py_ssize_t put_changed_names(Emitter e, Buffer *out, uint8_t *written) except -1:
    cdef Py_ssize_t index, count = 0
    for index, _, sent in e.changes:
        if written[index] == 2:
            put_bytes(out, sent)
            count += 1
    return count


cdef int check_dropped(Emitter e, object subject) except -1:
    """Let the fields that the target lacks refuse."""
    cdef Output one
    cdef object value
    for one in e.dropped:
        value = held_value(e.program, subject, one.slot, e)
        if value is not e:
            others_ran()
            operated(primitive_of(one, subject, value), one.operations)
        else:
            stop_if_absent(one.operations)
    return 0


cdef int other_changes(Emitter e, object subject, Py_ssize_t some) except -1:
    """Whether fields that are not written have changes, as `obj_what_changed` would say.

    some: how many fields are among the changed.
    """
    cdef Slot slot
    cdef object value
    if some:
        return True
    if e.lowered and e.program.holds_objects:
        others_ran()
        for slot in e.program.slots:
            if slot.kind.write == WRITE_OBJECT:
                value = held_value(e.program, subject, slot, None)
                if value is not None and value.obj_what_changed():
                    return True
    return False


cdef object primitive_of(Output one, object subject, object value):
    if one.kind.write == WRITE_SAME or value is None:
        return value
    return one.kind.field.to_primitive(subject, one.slot.name, value)


cdef object _in_order(Kind kind, object primitive):
    """The primitive of a value with its set sorted. Sets inside containers are left to Python."""
    cdef list items
    if kind.ordered or primitive is None:
        return primitive
    if kind.write != WRITE_SET or not kind.element.ordered or kind.element.element is not None:
        raise DECLINED
    items = list(primitive)
    sorted_by_rank(items)
    return items


cdef int _put_set(
    Kind kind, Output one, object subject, object value, Buffer *out, int depth
) except -1:
    cdef list items
    cdef Kind element = kind.element
    cdef object cls = type(value)
    if cls is not set and cls is not runtime.coerced_set and cls is not runtime.own_set:
        raise DECLINED
    if element.write == WRITE_SAME:
        items = list(value)
    else:
        items = [element.field.to_primitive(subject, one.slot.name, item) for item in list(value)]
    if element.element is not None and not element.ordered:
        raise DECLINED  # sets in sets are sorted inside out
    sorted_by_rank(items)
    put_array(out, len(items))
    for item in items:
        put_natural(out, item, depth + 1)
    return 0
