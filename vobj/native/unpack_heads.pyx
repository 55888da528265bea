# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What packed objects say before their values: which class and schema, what is set, what changed.

Theory
    A definition is compared with the one that stood in its place in the payload before; else its
    bytes are looked up. Within a payload definitions have numbers, in the order in which they
    start. Whoever reads values in another order has to pass over them first: what is defined on
    that way is kept by its place, and found there when the values are read.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.list cimport PyList_Append, PyList_GET_ITEM, PyList_GET_SIZE
from cpython.tuple cimport PyTuple_GET_SIZE
from libc.stdint cimport uint8_t
from libc.string cimport memcmp

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
from vobj.native.layout cimport (
    changes_of,
    presence_of,
    shortest_head,
    shortest_int,
    shortest_text,
    skip_short,
)
from vobj.native.position cimport Layout, Position
from vobj.native.program cimport FIELDS_MAX, PACK_NATURAL, WRITE_DICT, WRITE_OBJECT, Kind
from vobj.native.restore cimport opened
from vobj.native.unpack_values cimport PackedValues, Unpacked
from vobj.native.values cimport enter

cdef enum:
    LAYOUTS_MAX = 1024

cdef object DECLINED = ValueError


cdef class PackedHeads(PackedValues):
    """reading: finds the readers. resolve(reader, name, version, fingerprint): the layout for a
    schema.
    """

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
            if number >= PyList_GET_SIZE(p.defined):
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


cdef int _add_definition(Unpacked p, Layout one, Py_ssize_t most) except -1:
    """Number a definition. Raises when it is one too many, or there already."""
    cdef Py_ssize_t index, size = PyBytes_GET_SIZE(one.inner)
    cdef bytes other
    if PyList_GET_SIZE(p.defined) >= most:
        raise DECLINED
    for index in range(PyList_GET_SIZE(p.defined)):
        # Only one fingerprint is known of a name and version, so equal ones are equal bytes.
        other = (<Layout>PyList_GET_ITEM(p.defined, index)).inner
        if PyBytes_GET_SIZE(other) == size:
            if memcmp(PyBytes_AS_STRING(other), PyBytes_AS_STRING(one.inner), size) == 0:
                raise DECLINED
    PyList_Append(p.defined, one)
    return 0
