# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""msgpack to objects: bytes of oslo's envelope straight to the storage of new objects.

Theory
    Each object is made without calling its class and read in one pass, straight into its storage;
    no code but ours sees it before that is done. Classes whose own code could see it (an
    `__init__`, a property instead of a field, a field type that looks at its owner) are read in two
    passes: first the places of the fields are found, then each is read and set in the order of the
    class, exactly as oslo would.

    What is read at an older version is brought up on the way: a reader knows which field a name
    became, and which operations look at the value.

    A payload that is larger or deeper than the limits, that is written in an order of its own, or
    that any field refuses, is declined as a whole; the Python executor then says what is wrong.
"""

from copy import deepcopy

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_DelItem
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcmp, memset

from vobj.native.convert cimport NOT_USUAL
from vobj.native.cursor cimport Cursor, map_size, need, read_text, skip_value
from vobj.native.held cimport held_value, is_of, keep_value, storage_of
from vobj.native.parse cimport bare
from vobj.native.program cimport Guard, Kind, Slot
from vobj.native.reader cimport (
    Constant,
    Input,
    Reader,
    bare_record,
    begin_record,
    is_in,
    next_input,
    starts_with,
    text_set,
)
from vobj.native.record cimport Record, hold
from vobj.native.scalars cimport read_scalar
from vobj.native.storage cimport CHANGED_FIELDS, put
from vobj.native.values cimport Payload, Values, enter, operated_here

from vobj.native.values import Declined

cdef enum:
    SEEN_WORDS = 8  # 64 fields each
    READERS_MAX = 1024
    DEPTH_MAX = 200


cdef inline int _step_over(Cursor *c, bytes key) except -1:
    if not starts_with(c, key):
        raise Declined
    c.at += PyBytes_GET_SIZE(key)
    return 0


cdef class Reading(Values):
    """All readers of one base and its limits.

    resolve(name, version): the reader of a payload. settle(): whether the base reads as oslo does:
    a guard over it, its namespace or None, and the keys of the envelope. read_primitive(field,
    owner, name, primitive): `field.from_primitive` as own classes ask for it.
    """

    def __init__(self, resolve, settle, registry, read_primitive, limits):
        self.resolve = resolve
        self.settle = settle
        self.registry = registry
        self.read_primitive = read_primitive
        self.max_bytes = limits.max_bytes
        self.max_values = limits.max_values
        self.max_depth = min(limits.max_depth, DEPTH_MAX)
        self.readers = {}

    def decode(self, data, context=None):
        """The object in a payload, or NotImplemented."""
        try:
            if type(data) is not bytes:
                if not isinstance(data, (bytearray, memoryview)):
                    return NotImplemented
                if memoryview(data).nbytes > self.max_bytes:
                    return NotImplemented
                data = bytes(data)
            if PyBytes_GET_SIZE(data) > self.max_bytes:
                return NotImplemented
            return self.whole(data, context)
        except Exception:
            return NotImplemented

    cdef int begin(self) except -1:
        guard, namespace, keys = self.settle()
        self.guard = guard
        self.namespace = namespace
        self.key_name, self.key_namespace, self.key_version, self.key_data, self.key_changes = keys
        self.readers = {}
        self.last = None
        return 0

    cdef object whole(self, bytes data, object context):
        cdef Cursor c
        cdef Reader reader
        cdef Payload p
        cdef Py_ssize_t parts
        cdef object made
        if self.guard is None or not self.guard.holds():
            self.begin()
        if self.namespace is None:
            raise Declined
        p = _payload(context, self.registry._registry._obj_classes)
        c.data = <const uint8_t *>PyBytes_AS_STRING(data)
        c.at = 0
        c.end = PyBytes_GET_SIZE(data)
        c.values = self.max_values - 1
        c.depth = self.max_depth
        c.distinct = False  # of a key that stands twice the last value counts, as in msgpack
        parts = map_size(&c)
        reader = self.reader_at(&c, self.last, p)
        if not reader.within:
            raise Declined
        self.last = reader
        made = self.read_object(&c, p, reader, parts)
        if c.at != c.end:
            raise Declined
        return made

    cdef Reader reader_at(self, Cursor *c, Reader expected, Payload p):
        """The reader of the envelope whose map starts before here; moves to its data."""
        cdef str name, version
        cdef Reader found
        if (
            expected is not None
            and c.end - c.at > expected.head_size
            and memcmp(c.data + c.at, expected.head_at, expected.head_size) == 0
            and expected.holds(p.classes, p.number)
        ):
            c.at += expected.head_size
            return expected
        _step_over(c, self.key_name)
        name = read_text(c)
        _step_over(c, self.key_namespace)
        if read_text(c) != self.namespace:
            raise Declined
        _step_over(c, self.key_version)
        version = read_text(c)
        _step_over(c, self.key_data)
        found = self.reader_of(name, version, p)
        if not found.usable:
            raise Declined
        return found

    cdef Reader reader_of(self, str name, str version, Payload p):
        cdef object key = (name, version)
        cdef Reader found = <Reader>self.readers.get(key)
        if found is None or not found.holds(p.classes, p.number):
            found = self.resolve(name, version)
            # Peers choose names and versions.
            if len(self.readers) >= READERS_MAX:
                self.readers.clear()
            self.readers[key] = found
        return found

    cdef object read_object(self, Cursor *c, Payload p, Reader r, Py_ssize_t parts):
        """The object whose data is here. parts: the size of the map of its envelope."""
        cdef uint64_t seen[SEEN_WORDS]
        cdef object made, value
        cdef Record record = None
        cdef dict store = None
        cdef Py_ssize_t size
        enter(c)
        memset(seen, 0, sizeof(seen))
        if r.visible:
            made = self.read_seen(c, p, r, parts)
            c.depth += 1
            return made
        size = map_size(c)
        enter(c)
        if r.program.columns is not None:
            made = record = bare_record(r)
            begin_record(record, r, p.context)
        else:
            made = bare(r.program.cls)
            store = r.begin_fields(made, p.context, size)
        self.read_fields(c, p, r, made, record, store, size, seen)
        c.depth += 1
        if record is None:
            value = self.read_changed(c, r, parts, seen)
            put(made, store, "_changed_fields", CHANGED_FIELDS, value)
        elif parts == 5:
            r.mark_changed(c, self.key_changes, seen, record)
        elif parts != 4:
            raise Declined
        c.depth += 1
        return made

    cdef int read_fields(
        self, Cursor *c, Payload p, Reader r, object made, Record record, dict store,
        Py_ssize_t size, uint64_t *seen
    ) except -1:
        """record: the object, if it is one; else store, as for `put`."""
        cdef Py_ssize_t index, expected = 0, known = 0, item
        cdef Input one
        cdef Constant constant
        cdef object value
        for item in range(size):
            index = next_input(c, r, expected, seen)
            if index < 0:
                skip_value(c)
                continue
            known += 1
            expected = index + 1
            one = <Input>PyTuple_GET_ITEM(r.inputs, index)
            value = NOT_USUAL
            if one.direct:
                value = read_scalar(c, one.kind)
            elif one.slot is None:
                _pass_by(c, one)
                continue
            if value is NOT_USUAL:
                value = self.read_field(c, p, r, made, one)
            if record is not None:
                hold(record, one.slot.index, value)
            else:
                put(made, store, one.storage, one.stored, value)
        for constant in r.constants:
            value = self.constant(r, made, constant)
            if record is not None:
                hold(record, constant.slot.index, value)
            else:
                put(made, store, constant.slot.storage, constant.stored, value)
        if known < PyTuple_GET_SIZE(r.inputs) and store is not None:
            _forget_unseen(r, store, seen)
        return 0

    cdef object read_child(self, Cursor *c, Payload p, Input one, Kind kind):
        cdef Py_ssize_t parts = map_size(c)
        cdef Reader r = self.reader_at(c, one.last, p)
        if r.program.object_name != kind.object_name:
            if not kind.polymorphic or kind.object_name not in r.names:
                raise Declined
        one.last = r
        return self.read_object(c, p, r, parts)

    cdef object read_changed(self, Cursor *c, Reader r, Py_ssize_t parts, uint64_t *seen):
        if parts == 4:
            return text_set(NULL)
        if parts != 5:
            raise Declined
        return r.changed(c, self.key_changes, seen)

    cdef object read_seen(self, Cursor *c, Payload p, Reader r, Py_ssize_t parts):
        """An object that code of others sees while it is read."""
        cdef uint64_t seen[SEEN_WORDS]
        cdef Py_ssize_t *places
        cdef Py_ssize_t size = map_size(c)
        cdef Cursor again = c[0]
        cdef object made
        memset(seen, 0, sizeof(seen))
        enter(c)
        enter(&again)
        places = <Py_ssize_t *>PyMem_Malloc((PyTuple_GET_SIZE(r.inputs) + 1) * sizeof(Py_ssize_t))
        if places == NULL:
            raise MemoryError
        try:
            _find_places(c, r, size, places, seen)
            made = _begun(r, p.context)
            self.read_steps(&again, p, r, made, places, seen)
        finally:
            PyMem_Free(places)
        c.depth += 1
        made._changed_fields = self.read_changed(c, r, parts, seen)
        p.number = _next_number()
        if r.own:
            storage_of(made).pop("VERSION", None)
            made._vobj_received = r.version
        return made

    cdef int read_steps(
        self, Cursor *c, Payload p, Reader r, object made, Py_ssize_t *places, uint64_t *seen
    ) except -1:
        """Set each field in the order of the class."""
        cdef Input one
        cdef Slot slot
        cdef object step, primitive
        for step in r.steps:
            slot = step.slot
            if slot is None:
                continue
            one = None
            if type(step) is Input:
                one = <Input>step
                if not is_in(seen, one.place):
                    continue
                c.at = places[one.place]
                p.number = _next_number()
                if made._context is not p.context:
                    p = _payload(made._context, p.classes)
            if slot.plain and is_of(r.program, made) and not (
                slot.read_only and held_value(r.program, made, slot, NOT_USUAL) is not NOT_USUAL
            ):
                if one is None:
                    _put(r, made, slot, self.constant(r, made, step))
                else:
                    _put(r, made, slot, self.read_field(c, p, r, made, one))
                continue
            if slot.kind.holds_objects:
                raise Declined
            primitive = deepcopy(step.value) if one is None else operated_here(c, one)
            setattr(
                made, slot.name, self.from_primitive(r, slot.kind, made, slot.name, primitive)
            )
        return 0


cdef Payload _payload(object context, object classes):
    cdef Payload made = Payload.__new__(Payload)
    made.context = context
    made.classes = classes
    made.number = _next_number()
    return made


cdef uint64_t _payloads = 0


cdef uint64_t _next_number() noexcept:
    """Readers are looked at once for each number, and again when code of others has run."""
    global _payloads
    _payloads += 1
    return _payloads


cdef int _find_places(
    Cursor *c, Reader r, Py_ssize_t size, Py_ssize_t *places, uint64_t *seen
) except -1:
    cdef Py_ssize_t index, expected = 0, item
    cdef Input one
    for item in range(size):
        index = next_input(c, r, expected, seen)
        if index < 0:
            skip_value(c)
            continue
        expected = index + 1
        places[index] = c.at
        one = <Input>PyTuple_GET_ITEM(r.inputs, index)
        _pass_by(c, one)
    return 0


cdef object _begun(Reader r, object context):
    """A new object as oslo has it before the first field."""
    cdef object cls = r.program.cls
    cdef object made
    if r.program.made_plainly:
        made = bare(cls)
        made._changed_fields = set()
    else:
        made = cls()
        if type(made) is not cls:
            raise Declined
    made._context = context
    if not r.own:
        made.VERSION = r.version
    return made


cdef int _put(Reader r, object made, Slot slot, object value) except -1:
    made._changed_fields.add(slot.name)
    return keep_value(r.program, made, slot, value)


cdef int _pass_by(Cursor *c, Input one) except -1:
    need(c, 1)
    if one.stops and c.data[c.at] != 0xC0:
        raise Declined
    return skip_value(c)


cdef int _forget_unseen(Reader r, dict store, uint64_t *seen) except -1:
    cdef Input one
    for one in r.inputs:
        if one.slot is not None and not is_in(seen, one.place) and one.slot.storage in store:
            PyDict_DelItem(store, one.slot.storage)
    return 0
