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

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_DelItem, PyDict_SetItem
from cpython.list cimport PyList_Append
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.set cimport PySet_Add
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcmp

from vobj.native.containers cimport CoercingDict, CoercingList
from vobj.native.convert cimport NOT_USUAL, empty_dict, empty_list, empty_set
from vobj.native.cursor cimport (
    Cursor,
    array_size,
    distinct_keys,
    map_size,
    need,
    skip_text,
    skip_value,
)
from vobj.native.decode cimport Reading
from vobj.native.encode cimport operated
from vobj.native.layout cimport (
    FIELDS_MAX,
    changes_of,
    presence_of,
    shortest_head,
    shortest_int,
    shortest_text,
    shortest_value,
    skip_short,
)
from vobj.native.parse cimport bare
from vobj.native.plain cimport plain_key, plain_value
from vobj.native.position cimport (
    AS_ADDRESS,
    AS_DICT,
    AS_LIST,
    AS_NATURAL,
    AS_OBJECT,
    AS_SET,
    AS_TEXT,
    Form,
    Layout,
    Position,
)
from vobj.native.program cimport (
    PACK_NATURAL,
    WRITE_DICT,
    WRITE_OBJECT,
    Kind,
    Slot,
    runtime,
    storage_of,
)
from vobj.native.reader cimport Constant, Input, Reader, text_set
from vobj.native.restore cimport opened, primitive_here
from vobj.native.values cimport Payload, Values, enter

cdef enum:
    LAYOUTS_MAX = 1024
    DEPTH_MAX = 150


cdef extern from "Python.h":
    int PyObject_GenericSetAttr(object subject, object name, object value) except -1


cdef object DECLINED = ValueError


cdef inline int _store(object made, dict store, str name, object value) except -1:
    """Set an attribute. store: the `__dict__` of the object; None where it needs none."""
    if store is None:
        return PyObject_GenericSetAttr(made, name, value)
    return PyDict_SetItem(store, name, value)


cdef inline bint _is_plain(Form form) noexcept:
    return AS_TEXT <= form.way <= AS_ADDRESS


cdef class Unpacked(Payload):
    pass


cdef class Unpacking(Values):
    """All layouts of one base and its limits.

    reading: finds the readers. resolve(reader, name, version, fingerprint): the layout
    for a schema. restore: see
    `vobj.native.restore.short_text`.
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

    cdef Layout layout_at(self, Cursor *c, Unpacked p, Layout expected, bint outermost):
        """The layout of the object whose definition, or its number, is here."""
        cdef uint8_t head
        cdef Layout found = None
        cdef bytes known
        cdef Py_ssize_t size, start = c.at
        need(c, 1)
        head = c.data[c.at]
        if head < 0x80 or 0xCC <= head <= 0xCF:
            number = shortest_int(c)
            if number >= len(p.defined):
                raise DECLINED
            found = <Layout>p.defined[number]
        elif p.placed is not None and start in p.placed:
            found = <Layout>p.placed[start]
            c.at += PyBytes_GET_SIZE(found.inner)
        else:
            if expected is not None:
                known = expected.outer if outermost else expected.inner
                size = PyBytes_GET_SIZE(known)
                if c.end - c.at > size:
                    if memcmp(c.data + c.at, PyBytes_AS_STRING(known), size) == 0:
                        c.at += size
                        found = expected
            if found is None or not found.reader.holds(p.classes, p.number):
                c.at = start
                found = self.define(c, p, outermost)
            _add_definition(p, found, self.max_schemas)
            if p.placed is not None:
                p.placed[start] = found
        if not found.usable or not found.reader.holds(p.classes, p.number):
            raise DECLINED
        return found

    cdef Layout define(self, Cursor *c, Unpacked p, bint outermost):
        """The layout for the definition here."""
        cdef Py_ssize_t start = c.at
        cdef int parts = 4 if outermost and self.named else 3
        cdef str name, version
        cdef bytes key, fingerprint
        cdef Layout found
        if c.data[c.at] != 0x90 | parts:
            raise DECLINED
        c.at += 1
        name = shortest_text(c)
        version = shortest_text(c)
        need(c, 10)
        if c.data[c.at] != 0xC4 or c.data[c.at + 1] != 8:
            raise DECLINED
        fingerprint = PyBytes_FromStringAndSize(<const char *>c.data + c.at + 2, 8)
        c.at += 10
        key = PyBytes_FromStringAndSize(<const char *>c.data + start + 1, c.at - start - 1)
        if parts == 4 and shortest_text(c) != self.reading.namespace:
            raise DECLINED
        found = <Layout>self.layouts.get(key)
        if found is None or not found.reader.holds(p.classes, p.number):
            reader = self.reading.resolve(name, version)
            found = self.resolve(reader, name, version, fingerprint)
            # Peers choose the definitions.
            if len(self.layouts) >= LAYOUTS_MAX:
                self.layouts.clear()
            self.layouts[key] = found
        return found

    cdef Layout begin_object(
        self, Cursor *c, Unpacked p, Layout expected, bint outermost, Head *head
    ):
        """Read what stands before the values of an object."""
        cdef Py_ssize_t values = c.values, parts, total, changes
        cdef Layout found
        if c.depth < 2:
            raise DECLINED
        shortest_head(c)
        parts = array_size(c)
        c.values = values  # its parts are counted as those of an envelope
        if parts < 3:
            raise DECLINED
        found = self.layout_at(c, p, expected, outermost)
        total = PyTuple_GET_SIZE(found.positions)
        head.count = presence_of(c, head.present, total)
        need(c, 1)
        head.all_changed = c.data[c.at] == 0xC3
        changes = changes_of(c, head.changed, head.present, total, head.count)
        c.values -= 4 + head.count + changes
        if parts != 3 + head.count or c.values < 0:
            raise DECLINED
        return found

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
        made = self.read_seen(c, p, found, &head) if r.visible else (
            self.read_fields(c, p, found, &head)
        )
        c.depth += 2
        return made

    cdef object read_fields(self, Cursor *c, Unpacked p, Layout l, Head *head):
        cdef Reader r = l.reader
        cdef object made = bare(r.program.cls), value
        cdef dict store = None
        cdef Position one
        cdef Constant constant
        cdef Py_ssize_t index
        if r.small:
            PyObject_GenericSetAttr(made, "_vobj_received" if r.own else "VERSION", r.version)
        else:
            store = storage_of(made)
            r.fill(store, head.count)
        _store(made, store, "_context", p.context)
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
            pass
        for constant in r.constants:
            _store(made, store, constant.slot.storage, self.constant(r, made, constant))
        _store(made, store, "_changed_fields", _changed(l, head))
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
            if slot.plain and not (slot.read_only and slot.storage in storage_of(made)):
                if one is None:
                    value = self.constant(r, made, step)
                else:
                    value = self.value_at(c, p, r, one, made)
                made._changed_fields.add(slot.name)
                storage_of(made)[slot.storage] = value
                continue
            if slot.kind.holds_objects:
                raise DECLINED
            value = deepcopy(step.value) if one is None else self.operated_value(c, one)
            setattr(made, slot.name, self.from_primitive(r, slot.kind, made, slot.name, value))
        return 0

    cdef object value_at(self, Cursor *c, Unpacked p, Reader r, Position one, object made):
        cdef Input taken = one.input
        cdef object value
        need(c, 1)
        if not taken.operations or (taken.kind.holds_objects and c.data[c.at] != 0xC0):
            return self.read_form(c, p, r, one.form, made, one.slot.name)
        value = self.operated_value(c, one)
        return self.primitive_to_value(r, taken.kind, one.slot.kind, made, one.slot.name, value)

    cdef object operated_value(self, Cursor *c, Position one):
        """The primitive here, after what an upgrade does with it."""
        cdef object primitive = primitive_here(c, one.wire, self.restore), made
        if not one.input.operations:
            return primitive
        made = operated(primitive, one.input.operations)
        return made if made is primitive else deepcopy(made)

    cdef object read_form(
        self, Cursor *c, Unpacked p, Reader r, Form form, object made, str name
    ):
        cdef int way = form.way
        cdef object value
        if _is_plain(form):
            value = plain_value(c, form)
            if value is not NOT_USUAL:
                return value
        else:
            need(c, 1)
            if c.data[c.at] == 0xC0:
                if form.none:
                    c.at += 1
                    return None
            elif way == AS_OBJECT:
                return self.read_packed(c, p, form.last, form)
            elif way == AS_NATURAL:
                return shortest_value(c)
            elif way >= AS_LIST and opened(c) == (2 if way == AS_DICT else 1):
                return self.read_items(c, p, r, form, made, name)
            elif form.kind.holds_objects:
                raise DECLINED  # own parents refuse a shape that oslo might take
        value = primitive_here(c, form.wire, self.restore)
        return self.primitive_to_value(r, form.kind, form.taken, made, name, value)

    cdef object read_items(
        self, Cursor *c, Unpacked p, Reader r, Form form, object made, str name
    ):
        """The list, set or dict here."""
        cdef Py_ssize_t size, index
        cdef Form element = form.element
        cdef bint plain = _is_plain(element)
        cdef object items, value, key = None
        if form.way == AS_DICT:
            size = map_size(c)
            items = _empty_dict(r.own, form.kind, made, name)
        else:
            size = array_size(c)
            if form.way == AS_LIST:
                items = _empty_list(r.own, form.kind, made, name)
            else:
                items = empty_set(r.own, form.kind, made, name)
        enter(c)
        for index in range(size):
            if form.way == AS_DICT:
                key = plain_key(c, form, index)
            value = plain_value(c, element) if plain else NOT_USUAL
            if value is NOT_USUAL:
                if form.way == AS_SET:
                    raise DECLINED
                place = index if key is None else key
                value = self.read_form(c, p, r, element, made, f"{name}[{place}]")
            if form.way == AS_LIST:
                PyList_Append(items, value)
            elif form.way == AS_DICT:
                PyDict_SetItem(items, key, value)
            else:
                PySet_Add(items, value)
        if form.way == AS_DICT and len(<dict>items) != size:
            raise DECLINED
        c.depth += 1
        return items

    cdef int pass_over(self, Cursor *c, Unpacked p, Kind wire) except -1:
        """Move behind the value here. wire: None for one that may only be nil."""
        cdef Py_ssize_t size, start
        cdef set seen
        cdef int what
        need(c, 1)
        if c.data[c.at] == 0xC0:
            c.at += 1
            return 0
        if wire is None:
            raise DECLINED
        if wire.write == WRITE_OBJECT:
            return self.pass_object(c, p)
        if wire.element is None:
            return skip_value(c) if wire.pack == PACK_NATURAL else skip_short(wire.pack, c)
        what = opened(c)
        if what != (2 if wire.write == WRITE_DICT else 1):
            return skip_value(c)
        enter(c)
        if what == 1:
            for size in range(array_size(c)):
                self.pass_over(c, p, wire.element)
        else:
            seen = set()
            for size in range(map_size(c)):
                start = c.at
                need(c, 1)
                skip_text(c)
                distinct_keys(c, seen, start)
                self.pass_over(c, p, wire.element)
        c.depth += 1
        return 0

    cdef int pass_object(self, Cursor *c, Unpacked p) except -1:
        cdef uint8_t present[FIELDS_MAX]
        cdef uint8_t changed[FIELDS_MAX]
        cdef Head head
        cdef Layout found
        cdef Py_ssize_t index
        head.present = present
        head.changed = changed
        found = self.begin_object(c, p, None, False, &head)
        c.depth -= 2
        for index in range(PyTuple_GET_SIZE(found.positions)):
            if present[index]:
                self.pass_over(c, p, (<Position>found.positions[index]).wire)
        c.depth += 2
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


cdef object _empty_list(bint own, Kind kind, object owner, str name):
    """As `empty_list`, and faster where the attributes are in the object itself."""
    cdef CoercingList made
    if not own or not issubclass(runtime.own_list, CoercingList):
        return empty_list(own, kind, owner, name)
    made = bare(runtime.own_list)
    made._element_type = kind.element.field
    made._obj = owner
    made._field = name
    return made


cdef object _empty_dict(bint own, Kind kind, object owner, str name):
    cdef CoercingDict made
    if not own or not issubclass(runtime.own_dict, CoercingDict):
        return empty_dict(own, kind, owner, name)
    made = bare(runtime.own_dict)
    made._element_type = kind.element.field
    made._obj = owner
    made._field = name
    return made


cdef int _add_definition(Unpacked p, Layout one, Py_ssize_t most) except -1:
    """Number a definition. Raises when it is one too many, or there already."""
    cdef Layout other
    if len(p.defined) >= most:
        raise DECLINED
    for other in p.defined:
        if other.reader.name == one.reader.name and other.reader.version == one.reader.version:
            raise DECLINED
    PyList_Append(p.defined, one)
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
        return text_set(<void *>l.every)
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
