# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Objects to the packed wire, from their storage, in one pass (docs/packed.md is the format).

Theory
    What stands before the values, and why it is written after them, is in marks.pyx.

    What is written for a value is what the text of its primitive asks for; where that text need not
    be made to know (datetimes, addresses, UUIDs), it is not made.
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
    put_map,
    put_unsigned,
    reserve,
)
from vobj.native.emitter cimport (
    CONSTANT,
    FIELDS_MAX,
    OPERATED,
    Output,
    PackedEmitter,
    Part,
    holds,
    put_simply,
)
from vobj.native.encode cimport check_dropped, other_changes, primitive_of
from vobj.native.forms cimport put_instant, put_mac, put_number, put_uuid, sorted_by_rank
from vobj.native.held cimport (
    ALL_CHANGED,
    NONE_CHANGED,
    Held,
    find_changed,
    find_held,
    how_many_changed,
    moment,
    others_ran,
)
from vobj.native.marks cimport Known, forget, number_of, put_marks
from vobj.native.natural cimport is_dict, is_list, put_array_size, put_key, put_natural
from vobj.native.operations cimport operated, stop_if_absent
from vobj.native.program cimport (
    PACK_ADDRESS,
    PACK_DATETIME,
    PACK_MAC,
    PACK_NATURAL,
    PACK_UUID,
    WRITE_CALL,
    WRITE_DATETIME,
    WRITE_DICT,
    WRITE_LIST,
    WRITE_OBJECT,
    WRITE_SAME,
    WRITE_SET,
    WRITE_TEXT,
    Kind,
    runtime,
)

cdef enum:
    DEPTH_MAX = 150

cdef object DECLINED = ValueError


cdef class Packing:
    """All packed emitters of one codec and one target.

    resolve(cls, place): the emitter of a class at a place, or None. tree_of(object): the envelope
    of an object that no emitter writes. shorten(form, primitive): the natural value that stands for
    a primitive in a position of a short form. whole(object): the payload of one that no emitter
    writes, or NotImplemented.
    """

    def __init__(self, resolve, tree_of, shorten, whole):
        self.resolve = resolve
        self.whole = whole
        self.tree_of = tree_of
        self.shorten = shorten
        self.emitters = {}
        self.definitions = {}

    cdef PackedEmitter emitter(self, object cls, object place):
        cdef PackedEmitter found = <PackedEmitter>self.emitters.get((cls, place))
        others_ran()
        if found is None or not holds(found):
            found = self.resolve(cls, place)
            if found is not None:
                definition = found.long_definition
                found.long_definition = self.definitions.setdefault(definition, definition)
            self.emitters[cls, place] = found
        return found

    cpdef object encode(self, subject):
        """The payload of an object, or NotImplemented."""
        cdef Buffer out
        cdef Known known
        cdef PackedEmitter e = self.top
        known.count = 0
        known.all = NULL
        others_ran()
        try:
            if e is None or e.program.cls is not type(subject) or not e.holds_at_top():
                e = self.emitter(type(subject), None)
                self.top = e
            if e is None:
                return self.whole(subject)
            buffer_open(&out, 1024)
        except Exception:
            return NotImplemented
        try:
            put_byte(&out, 0xC1)
            put_byte(&out, 0x01)
            self.write_object(e, subject, &out, &known, "versionedobjects", 0)
            e.look_for_family()
            return buffer_bytes(&out)
        except Exception:
            return NotImplemented
        finally:
            buffer_close(&out)
            forget(&known)

    cdef int write_object(
        self, PackedEmitter e, object subject, Buffer *out, Known *known, str around, int depth
    ) except -1:
        """Write an object. True when it, or one directly inside it, has changes."""
        cdef uint8_t written[FIELDS_MAX]
        cdef Py_ssize_t start = out.size, total = e.count, count, flags, moved, number
        cdef bint inner = False
        if depth > DEPTH_MAX:
            raise DECLINED
        reserve(out, 3)
        out.size += 1 if 3 + total < 16 else 3
        number = number_of(known, e.long_definition)
        if number >= 0:
            put_unsigned(out, number)
        elif e.namespace is around or e.namespace == around:
            put_bytes(out, e.short_definition)
        else:
            put_bytes(out, e.long_definition)
        flags = out.size
        reserve(out, 2)
        out.size += 2
        count = self.write_values(e, subject, out, written, known, depth, &inner)
        if count != total or 3 + total >= 16:
            moved = out.size
            put_array_size(out, start, 3 + total, 3 + count)
            flags -= moved - out.size
        else:
            out.data[start] = 0x90 | <uint8_t>(3 + count)
        return put_flags(e, subject, out, flags, written, count, inner)

    cdef int write_values(
        self, PackedEmitter e, object subject, Buffer *out, uint8_t *written, Known *known,
        int depth, bint *inner
    ) except -1:
        """Write the set fields, and say how many.

        written: 1 for each, 2 for an object that has changes; inner: whether there is one.
        """
        cdef Held held
        cdef Py_ssize_t index, count = 0
        cdef Part *part
        cdef object value
        find_held(e.program, subject, &held)
        if held.version != NULL:
            raise DECLINED
        for index in range(e.count):
            part = &e.parts[index]
            written[index] = 1
            if part.way == CONSTANT:
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
            count += 1
            if not put_simply(part, held.values[part.slot], out):
                continue
            value = <object>held.values[part.slot]
            if self.write_part(e, part, subject, value, out, known, depth):
                written[index] = 2
                inner[0] = True
        if e.drops:
            check_dropped(e, subject)
        return count

    cdef int write_part(
        self, PackedEmitter e, Part *part, object subject, object value, Buffer *out,
        Known *known, int depth
    ) except -1:
        """`write_value` of a field, after its operations."""
        cdef Output one = <Output>part.output
        if part.way < OPERATED:
            return self.write_value(e, one.kind, one, subject, value, out, known, depth)
        others_ran()
        value = operated(primitive_of(one, subject, value), one.operations)
        return self.write_short(one.kind, value, out, depth)

    cdef int write_value(
        self, PackedEmitter e, Kind kind, Output one, object subject, object value, Buffer *out,
        Known *known, int depth
    ) except -1:
        """Write a value. 1 when it is an object that has changes."""
        cdef int write = kind.write, pack = kind.pack
        if value is None and write != WRITE_CALL:
            put_byte(out, 0xC0)
            return 0
        if write == WRITE_SAME:
            if pack == PACK_NATURAL:
                put_natural(out, value, depth)
            else:
                self.write_short(kind, value, out, depth)
        elif write == WRITE_OBJECT:
            return self.write_child(e, one, value, out, known, depth + 1)
        elif write == WRITE_DATETIME and pack == PACK_DATETIME:
            if put_instant(out, value):
                others_ran()
                value = kind.field.to_primitive(subject, one.slot.name, value)
                self.write_short(kind, value, out, depth)
        elif write == WRITE_TEXT and pack == PACK_ADDRESS:
            if put_number(out, value):
                others_ran()
                self.write_short(kind, str(value), out, depth)
        elif write == WRITE_LIST or write == WRITE_DICT:
            self.write_list(e, kind, one, subject, value, out, known, depth)
        elif write == WRITE_SET:
            others_ran()
            self.write_set(kind, one, subject, value, out, depth)
        else:
            others_ran()
            held = kind.field.to_primitive(subject, one.slot.name, value)
            self.write_short(kind, held, out, depth)
            if isinstance(value, runtime.versioned_object):
                return bool(value.obj_what_changed())
        return 0

    cdef int write_list(
        self, PackedEmitter e, Kind kind, Output one, object subject, object value, Buffer *out,
        Known *known, int depth
    ) except -1:
        """A list, or a dict."""
        cdef PyObject *key
        cdef PyObject *held
        cdef Py_ssize_t index, size, place = 0
        cdef Kind element = kind.element
        cdef bint plain = element.write == WRITE_SAME and element.pack == PACK_NATURAL
        cdef object item
        if depth > DEPTH_MAX:
            raise DECLINED
        if kind.write == WRITE_DICT:
            if not is_dict(value):
                raise DECLINED
            put_map(out, len(<dict>value))
            if plain:
                while PyDict_Next(value, &place, &key, &held):
                    put_key(out, <object>key)
                    put_natural(out, <object>held, depth + 1)
                return 0
            others_ran()
            for name, item in list((<dict>value).items()):
                put_key(out, name)
                self.write_value(e, element, one, subject, item, out, known, depth + 1)
            return 0
        if not is_list(value):
            raise DECLINED
        size = PyList_GET_SIZE(value)
        put_array(out, size)
        for index in range(size):
            if PyList_GET_SIZE(value) != size:
                raise DECLINED
            item = <object>PyList_GET_ITEM(value, index)
            if plain:
                put_natural(out, item, depth + 1)
            else:
                self.write_value(e, element, one, subject, item, out, known, depth + 1)
        if PyList_GET_SIZE(value) != size:
            raise DECLINED
        return 0

    cdef int write_set(
        self, Kind kind, Output one, object subject, object value, Buffer *out, int depth
    ) except -1:
        cdef Kind element = kind.element
        cdef object cls = type(value)
        cdef list items
        if cls is not set and cls is not runtime.coerced_set and cls is not runtime.own_set:
            raise DECLINED
        if element.element is not None or element.write == WRITE_OBJECT:
            raise DECLINED  # what is inside has an order, or short forms, of its own
        items = list(value)
        if element.write != WRITE_SAME:
            items = [element.field.to_primitive(subject, one.slot.name, item) for item in items]
        sorted_by_rank(items)
        put_array(out, len(items))
        for item in items:
            self.write_short(element, item, out, depth + 1)
        return 0

    cdef int write_child(
        self, PackedEmitter e, Output one, object value, Buffer *out, Known *known, int depth
    ) except -1:
        cdef object cls = type(value)
        cdef PackedEmitter inner = <PackedEmitter>one.last
        if inner is None or inner.program.cls is not cls or not holds(inner):
            inner = self.emitter(cls, one.place)
            one.last = inner
        if inner is not None:
            return self.write_object(inner, value, out, known, e.namespace, depth)
        if one.place is not None or not isinstance(value, runtime.versioned_object):
            raise DECLINED
        others_ran()
        put_natural(out, self.tree_of(value), depth)
        return bool(value.obj_what_changed())

    cdef int write_short(self, Kind kind, object value, Buffer *out, int depth) except -1:
        """The primitive of a value in its short form, if it has one."""
        cdef int pack = kind.pack
        if pack == PACK_NATURAL or value is None:
            if kind.element is not None or kind.write == WRITE_OBJECT:
                raise DECLINED
            return put_natural(out, value, depth)
        if type(value) is str:
            if pack == PACK_UUID and put_uuid(out, value) == 0:
                return 0
            if pack == PACK_MAC and put_mac(out, value) == 0:
                return 0
        others_ran()
        return put_natural(out, self.shorten(pack, value), depth)


cdef int put_flags(
    PackedEmitter e, object subject, Buffer *out, Py_ssize_t at, uint8_t *written,
    Py_ssize_t count, bint inner
) except -1:
    """Presence and changes, in the two bytes kept for them or in as many as they need."""
    cdef uint8_t flags[FIELDS_MAX]
    cdef Py_ssize_t index, changes = 0, some
    cdef int how = how_many_changed(e.program, subject)
    if how == ALL_CHANGED and e.all_may_change and count == e.count:
        put_marks(out, at, written, e.count, count, count)
        return True
    if how == NONE_CHANGED and not inner:
        put_marks(out, at, written, e.count, count, 0)
        return other_changes(e, subject, 0)
    some = find_changed(e.program, subject, flags)
    for index in range(e.count):
        if written[index] and e.parts[index].changed >= 0 and flags[e.parts[index].changed]:
            written[index] = 2
        changes += written[index] == 2
    put_marks(out, at, written, e.count, count, changes)
    return changes != 0 or other_changes(e, subject, some)
