# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Packed payloads to objects, in one pass (docs/packed.md is the format).

Theory
    A definition says which fields follow, in the order of their names, so there is nothing to look
    up: each value is read by its position and stored. The definition itself is compared with the
    one that stood there in the payload before.

    Objects that code of others sees while they are read are filled in the order of their class. So
    their values are passed over first, which finds where each starts and numbers the definitions
    inside, and then read one by one.

    What a reader knows of a class, and what it declines, is as on the msgpack wire. Beside that, a
    map where an object stands, a schema that is not known here, an escaped value, and text that
    could have a short form are left to the Python executor, and so is everything that it refuses.
"""

from copy import deepcopy

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_DelItem
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.set cimport PySet_Add
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from libc.stdint cimport uint8_t, uint64_t

from vobj.native.convert cimport NOT_USUAL
from vobj.native.cursor cimport Cursor
from vobj.native.decode cimport Reading
from vobj.native.held cimport held_value, is_of, keep_value, storage_of
from vobj.native.parse cimport bare
from vobj.native.plain cimport plain_value
from vobj.native.position cimport Form, Layout, Position
from vobj.native.program cimport FIELDS_MAX, Slot
from vobj.native.reader cimport Constant, Input, Reader, bare_record, begin_record, text_set
from vobj.native.record cimport Record, hold, mark
from vobj.native.storage cimport CHANGED_FIELDS, put
from vobj.native.unpack_heads cimport Head, PackedHeads
from vobj.native.unpack_values cimport Unpacked

cdef enum:
    DEPTH_MAX = 150

cdef object DECLINED = ValueError


cdef class Unpacking(PackedHeads):
    """All layouts of one base and its limits.

    reading: finds the readers. resolve(reader, name, version, fingerprint): the layout for a
    schema. restore: see `vobj.native.restore.short_text`.
    """

    def __init__(self, Reading reading not None, resolve, restore, limits):
        self.reading = reading
        self.read_primitive = reading.read_primitive
        self.resolve = resolve
        self.restore = restore
        self.max_bytes = limits.max_bytes
        self.max_values = limits.max_values
        self.max_depth = min(limits.max_depth, DEPTH_MAX)
        self.max_schemas = limits.max_schemas
        self.layouts = {}

    def decode(self, bytes data not None, context=None):
        """The object in a payload, or NotImplemented."""
        if PyBytes_GET_SIZE(data) > self.max_bytes:
            return NotImplemented
        try:
            return self.whole(data, context)
        except Exception:
            return NotImplemented

    cdef object whole(self, bytes data, object context):
        cdef Reading reading = self.reading
        cdef Unpacked p
        cdef Cursor c
        cdef object made
        if reading.guard is None or not reading.guard.holds():
            reading.begin()
            self.layouts = {}
            self.last = None
            self.named = reading.namespace != "versionedobjects"
        if reading.namespace is None:
            raise DECLINED
        c.data = <const uint8_t *>PyBytes_AS_STRING(data)
        c.at = 2
        c.end = PyBytes_GET_SIZE(data)
        c.values = self.max_values - 1
        c.depth = self.max_depth
        c.distinct = True
        if c.end < 3 or c.data[0] != 0xC1 or c.data[1] != 0x01:
            raise DECLINED
        p = _unpacked(context, reading.registry._registry._obj_classes, [], None)
        made = self.read_packed(&c, p, self.last, None)
        if c.at != c.end:
            raise DECLINED
        return made

    cdef object read_packed(self, Cursor *c, Unpacked p, Layout expected, Form at):
        """The object here. at: the position it stands in; None for the outermost."""
        cdef uint8_t present[FIELDS_MAX]
        cdef uint8_t changed[FIELDS_MAX]
        cdef Head head
        cdef Layout found
        cdef Reader r
        head.present = present
        head.changed = changed
        found = self.begin_object(c, p, expected, at is None, &head)
        r = found.reader
        if at is None:
            self.last = found
        else:
            if r.program.object_name != at.kind.object_name:
                if not at.kind.polymorphic or at.kind.object_name not in r.names:
                    raise DECLINED
            at.last = found
        c.depth -= 2
        if r.visible:
            made = self.read_seen(c, p, found, &head)
        elif r.program.columns is not None:
            made = self.read_record(c, p, found, &head)
        else:
            made = self.read_fields(c, p, found, &head)
        c.depth += 2
        return made

    cdef object read_record(self, Cursor *c, Unpacked p, Layout l, Head *head):
        """An own object whose class has columns."""
        cdef Reader r = l.reader
        cdef Record made = bare_record(r)
        cdef Position one
        cdef Constant constant
        cdef object value
        cdef Py_ssize_t index
        begin_record(made, r, p.context)
        for index in range(l.count):
            one = <Position>l.at[index]
            if not head.present[index]:
                _pass_absent(one, None)
                continue
            value = NOT_USUAL
            if one.direct:
                value = plain_value(c, one.form)
            elif one.slot is None:
                self.pass_over(c, p, one.wire if not one.input.stops else None)
                continue
            if value is NOT_USUAL:
                value = self.value_at(c, p, r, one, made)
            hold(made, one.slot.index, value)
            if head.changed[index]:
                mark(made, one.slot.index)
        for constant in r.constants:
            hold(made, constant.slot.index, self.constant(r, made, constant))
        if not r.older:
            _mark_absent(l, made, head)
        return made

    cdef object read_fields(self, Cursor *c, Unpacked p, Layout l, Head *head):
        cdef Reader r = l.reader
        cdef object made = bare(r.program.cls), value
        cdef dict store = r.begin_fields(made, p.context, head.count)
        cdef Position one
        cdef Constant constant
        cdef Py_ssize_t index
        for index in range(PyTuple_GET_SIZE(l.positions)):
            one = <Position>PyTuple_GET_ITEM(l.positions, index)
            if not head.present[index]:
                _pass_absent(one, store)
                continue
            value = NOT_USUAL
            if one.direct:
                value = plain_value(c, one.form)
            elif one.slot is None:
                self.pass_over(c, p, one.wire if not one.input.stops else None)
                continue
            if value is NOT_USUAL:
                value = self.value_at(c, p, r, one, made)
            put(made, store, one.storage, one.input.stored, value)
        for constant in r.constants:
            value = self.constant(r, made, constant)
            put(made, store, constant.slot.storage, constant.stored, value)
        put(made, store, "_changed_fields", CHANGED_FIELDS, _changed(l, head))
        return made

    cdef object read_seen(self, Cursor *c, Unpacked p, Layout l, Head *head):
        """An object that code of others sees while it is read."""
        cdef Py_ssize_t total = PyTuple_GET_SIZE(l.positions), index
        cdef Cursor again = c[0]
        cdef Position one
        cdef object made
        cdef Py_ssize_t *places = <Py_ssize_t *>PyMem_Malloc((total + 1) * sizeof(Py_ssize_t))
        if places == NULL:
            raise MemoryError
        try:
            if p.placed is None:
                p.placed = {}
            for index in range(total):
                one = <Position>PyTuple_GET_ITEM(l.positions, index)
                places[index] = c.at
                if not head.present[index]:
                    _pass_absent(one, None)
                else:
                    self.pass_over(c, p, one.wire if not one.input.stops else None)
            again.values = <Py_ssize_t>1 << 60  # they are counted by now
            made = _begun(l.reader, p.context)
            self.read_steps(&again, p, l, made, head, places)
        finally:
            PyMem_Free(places)
        made._changed_fields = _changed(l, head)
        p.number = _next_number()
        if l.reader.own:
            storage_of(made).pop("VERSION", None)
            made._vobj_received = l.reader.version
        return made

    cdef int read_steps(
        self, Cursor *c, Unpacked p, Layout l, object made, Head *head, Py_ssize_t *places
    ) except -1:
        """Set each field in the order of the class."""
        cdef Reader r = l.reader
        cdef Position one
        cdef Slot slot
        cdef object step, value
        for step in r.steps:
            slot = step.slot
            one = None
            if slot is None:
                continue
            if type(step) is Input:
                one = <Position>l.by_input[(<Input>step).place]
                if not head.present[one.number]:
                    continue
                c.at = places[one.number]
                p.number = _next_number()
                if made._context is not p.context:
                    p = _unpacked(made._context, p.classes, p.defined, p.placed)
            if slot.plain and is_of(r.program, made) and not (
                slot.read_only and held_value(r.program, made, slot, NOT_USUAL) is not NOT_USUAL
            ):
                if one is None:
                    value = self.constant(r, made, step)
                else:
                    value = self.value_at(c, p, r, one, made)
                made._changed_fields.add(slot.name)
                keep_value(r.program, made, slot, value)
                continue
            if slot.kind.holds_objects:
                raise DECLINED
            value = deepcopy(step.value) if one is None else self.operated_value(c, one)
            setattr(made, slot.name, self.from_primitive(r, slot.kind, made, slot.name, value))
        return 0


cdef uint64_t _payloads = 0


cdef uint64_t _next_number() noexcept:
    """Readers are looked at once for each number, and again when code of others has run."""
    global _payloads
    _payloads += 1
    return _payloads


cdef Unpacked _unpacked(object context, object classes, list defined, dict placed):
    cdef Unpacked made = Unpacked.__new__(Unpacked)
    made.context = context
    made.classes = classes
    made.number = _next_number()
    made.defined = defined
    made.placed = placed
    return made


cdef int _mark_absent(Layout l, Record made, Head *head) noexcept:
    """Fields that changed and are not set are named among the changes."""
    cdef Py_ssize_t index
    cdef Position one
    if head.count == l.count or head.all_changed:
        return 0
    for index in range(l.count):
        if head.changed[index] and not head.present[index]:
            one = <Position>l.at[index]
            if one.slot is not None:
                mark(made, one.slot.index)
    return 0


cdef int _pass_absent(Position one, dict store) except -1:
    if one.required:
        raise DECLINED
    if store is not None and one.storage is not None and one.storage in store:
        PyDict_DelItem(store, one.storage)
    return 0


cdef object _changed(Layout l, Head *head):
    """The names among the changes."""
    cdef Py_ssize_t total = PyTuple_GET_SIZE(l.positions), index
    cdef Position one
    cdef object made
    if head.all_changed and head.count == total:
        made = text_set(<void *>l.every)
        if l.last is not None:
            PySet_Add(made, l.last)
        return made
    made = text_set(NULL)
    for index in range(total):
        if head.changed[index]:
            one = <Position>PyTuple_GET_ITEM(l.positions, index)
            if one.slot is not None and (not l.reader.older or head.present[index]):
                PySet_Add(made, one.slot.name)
    return made


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
            raise DECLINED
    made._context = context
    if not r.own:
        made.VERSION = r.version
    return made
