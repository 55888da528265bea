# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Packed payloads to packed payloads in other versions, from bytes to bytes.

Theory
    Fields stand in the order of their names, on both sides, so a rename moves a field anywhere.
    Targets are written in their order; sources that stand before the one that is wanted are passed
    over and remembered. Without renames, every byte is looked at once.

    The reader of this wire refuses what its writer does not write, so whatever is copied is looked
    at as strictly here; what is not plainly right is declined, and refused on the long way.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t
from libc.string cimport memcmp

from vobj.native.buffer cimport (
    Buffer,
    buffer_bytes,
    buffer_close,
    buffer_open,
    put_array,
    put_byte,
    put_bytes,
    put_map,
    put_raw,
    put_unsigned,
    reserve,
)
from vobj.native.cursor cimport (
    Cursor,
    array_size,
    binary_size,
    distinct_keys,
    map_size,
    need,
    skip_text,
    skip_value,
)
from vobj.native.forms cimport sorted_by_rank
from vobj.native.layout cimport (
    changes_of,
    presence_of,
    shortest_head,
    shortest_int,
    shortest_text,
    shortest_value,
    skip_short,
)
from vobj.native.marks cimport put_marks
from vobj.native.natural cimport put_array_size, put_natural
from vobj.native.operations cimport operated, stop_if_absent
from vobj.native.program cimport (
    FIELDS_MAX,
    PACK_NATURAL,
    READ_OBJECT,
    WRITE_DICT,
    WRITE_LIST,
    WRITE_OBJECT,
    WRITE_SET,
    Kind,
)
from vobj.native.repacks cimport Definition, PackedSource, PackedTarget, Repack, needs_look
from vobj.native.transform cimport Span

cdef enum:
    DEPTH_MAX = 150

cdef object DECLINED = ValueError


cdef class Payload:
    def __cinit__(self, Py_ssize_t schemas):
        self.defined = []
        self.written = {}
        self.schemas = schemas


cdef class Repacking:
    """All of them, of one codec and one target.

    resolve(name, namespace, version, fingerprint, place): a Repack, or None.
    """

    def __init__(self, resolve, *, str namespace):
        self.resolve = resolve
        self.namespace = namespace
        self.repacks = {}
        top = Kind(write=WRITE_OBJECT, read=READ_OBJECT)
        self.top = PackedSource(top, kept=True, operations=(), place=None)

    def transform(
        self, bytes data, Py_ssize_t max_depth, Py_ssize_t max_values, Py_ssize_t max_schemas
    ):
        """The payload in the other version, or NotImplemented."""
        cdef Buffer out
        cdef Cursor c
        c.data = <const uint8_t *>PyBytes_AS_STRING(data)
        c.at = 2
        c.end = PyBytes_GET_SIZE(data)
        c.values = max_values - 1
        c.depth = min(max_depth, DEPTH_MAX)
        c.distinct = True
        if c.end < 3 or c.data[0] != 0xC1 or c.data[1] != 0x01:
            return NotImplemented
        try:
            buffer_open(&out, max(256, c.end + 64))
        except Exception:
            return NotImplemented
        try:
            put_raw(&out, c.data, 2)
            self.change_object(&c, &out, Payload(max_schemas), "versionedobjects", self.top)
            if c.at != c.end:
                return NotImplemented
            return buffer_bytes(&out)
        except Exception:
            return NotImplemented
        finally:
            buffer_close(&out)

    cdef Definition definition(self, Cursor *c, Payload payload, str around, Definition expected):
        """What the object here is. expected: what stood in its place before, or None."""
        cdef Definition made = None, other
        cdef Py_ssize_t size
        need(c, 1)
        if c.data[c.at] < 0x80 or c.data[c.at] >= 0xCC:
            number = shortest_int(c)
            if number < 0 or number >= len(payload.defined):
                raise DECLINED
            return <Definition>payload.defined[number]
        if expected is not None and (expected.around is around or expected.around == around):
            size = PyBytes_GET_SIZE(expected.raw)
            if c.end - c.at > size:
                if memcmp(c.data + c.at, PyBytes_AS_STRING(expected.raw), size) == 0:
                    made = expected
                    c.at += size
        if made is None:
            made = self.read_definition(c, around)
        if not payload.defined and made.namespace != self.namespace:
            raise DECLINED
        if len(payload.defined) >= payload.schemas:
            raise DECLINED
        for other in payload.defined:
            if other is made or (
                other.name == made.name
                and other.version == made.version
                and other.namespace == made.namespace
            ):
                raise DECLINED
        payload.defined.append(made)
        return made

    cdef Definition read_definition(self, Cursor *c, str around):
        cdef Py_ssize_t parts = c.data[c.at] & 0x0F, size, start = c.at
        cdef Definition made
        if c.data[c.at] & 0xF0 != 0x90 or not 3 <= parts <= 4:
            raise DECLINED
        c.at += 1
        made = Definition.__new__(Definition)
        made.name = shortest_text(c)
        made.version = shortest_text(c)
        size = binary_size(c)
        if size != 8 or c.data[c.at - 2] != 0xC4:
            raise DECLINED
        made.fingerprint = PyBytes_FromStringAndSize(<const char *>c.data + c.at, size)
        c.at += size
        made.namespace = around if parts == 3 else shortest_text(c)
        if parts == 4 and made.namespace == around:
            raise DECLINED
        made.around = around
        made.raw = PyBytes_FromStringAndSize(<const char *>c.data + start, c.at - start)
        return made

    cdef Repack repack(self, Definition one, PackedSource at):
        """What is done with such an object in its place."""
        cdef Repack found = at.last
        cdef tuple key
        if found is not None and at.last_definition is one and found.registered.holds():
            return found
        key = (one.name, one.version, one.namespace, one.fingerprint, at.place)
        found = <Repack>self.repacks.get(key)
        if found is None or not found.registered.holds():
            found = self.resolve(one.name, one.namespace, one.version, one.fingerprint, at.place)
            if found is None:
                raise DECLINED
            if len(self.repacks) >= 4096:  # peers choose the definitions
                self.repacks.clear()
            self.repacks[key] = found
        at.last_definition, at.last = one, found
        return found

    cdef int change_object(
        self, Cursor *c, Buffer *out, Payload payload, str around, PackedSource at
    ) except -1:
        cdef uint8_t present[FIELDS_MAX]
        cdef uint8_t changed[FIELDS_MAX]
        cdef uint8_t written[FIELDS_MAX]
        cdef Py_ssize_t start = out.size, parts, total, count, index, flags, moved, changes = 0
        cdef Definition one
        cdef Repack r
        cdef PackedTarget each
        if c.depth < 2:
            raise DECLINED
        index = c.values
        shortest_head(c)
        parts = array_size(c)
        c.values = index  # its parts are counted as those of an envelope
        if parts < 3:
            raise DECLINED
        one = self.definition(c, payload, around, at.last_definition)
        r = self.repack(one, at)
        total = len(r.sources)
        count = presence_of(c, present, total)
        c.values -= 4 + count + changes_of(c, changed, present, total, count)
        if parts != 3 + count or c.values < 0:
            raise DECLINED
        for index in range(total if r.stays else 0):
            if changed[index] and not present[index]:
                raise DECLINED
        total = len(r.targets)
        reserve(out, 3)
        out.size += 1 if 3 + total < 16 else 3
        _define(r, payload, around, out)
        flags = out.size
        reserve(out, 2)
        out.size += 2
        c.depth -= 2
        count = self.change_values(r, one, c, out, payload, present, written)
        c.depth += 2
        moved = out.size
        put_array_size(out, start, 3 + total, 3 + count)
        flags -= moved - out.size
        for index in range(total):
            each = <PackedTarget>r.targets[index]
            if written[index] and each.counted and each.source >= 0 and changed[each.source]:
                written[index] = 2
                changes += 1
        return put_marks(out, flags, written, total, count, changes)

    cdef int change_values(
        self, Repack r, Definition one, Cursor *c, Buffer *out, Payload payload,
        uint8_t *present, uint8_t *written
    ) except -1:
        cdef Span spans[FIELDS_MAX]
        cdef Walk walk
        cdef Cursor inner
        cdef Py_ssize_t index, count = 0
        cdef PackedTarget each
        cdef PackedSource source
        walk.source = 0
        walk.total = len(r.sources)
        walk.present = present
        walk.spans = spans
        for index in range(len(r.targets)):
            each = <PackedTarget>r.targets[index]
            written[index] = 1
            if each.constant is not None:
                put_bytes(out, each.constant)
                count += 1
                continue
            if each.source < 0 or not present[each.source]:
                written[index] = 0
                if each.source >= 0:
                    stop_if_absent((<PackedSource>r.sources[each.source]).operations)
                continue
            source = <PackedSource>r.sources[each.source]
            count += 1
            if each.source < walk.source:
                inner = c[0]
                inner.at = spans[each.source].start
                inner.values = c.end  # they were counted when they were passed over
                self.change_value(source, source.kind, one, &inner, out, payload)
                continue
            self.pass_over(r, c, &walk, each.source)
            self.change_value(source, source.kind, one, c, out, payload)
            walk.source = each.source + 1
        self.pass_over(r, c, &walk, walk.total)
        return count

    cdef int pass_over(self, Repack r, Cursor *c, Walk *walk, Py_ssize_t upto) except -1:
        """Move behind the fields before `upto`, and note where they stand."""
        cdef PackedSource source
        while walk.source < upto:
            source = <PackedSource>r.sources[walk.source]
            if walk.present[walk.source]:
                need(c, 1)
                walk.spans[walk.source].start = c.at
                if source.kept and source.kind.holds_objects and c.data[c.at] != 0xC0:
                    raise DECLINED  # definitions count from the first object that is read
                if source.kept or source.copied:
                    skip_value(c)
                elif source.operations:
                    operated(shortest_value(c), source.operations)
                else:
                    _check_dropped(source.kind, c)
            elif not source.kept:
                stop_if_absent(source.operations)
            walk.source += 1
        return 0

    cdef int change_value(
        self, PackedSource s, Kind kind, Definition one, Cursor *c, Buffer *out, Payload payload
    ) except -1:
        cdef Py_ssize_t start = c.at
        need(c, 1)
        if s.copied or (kind.pack == PACK_NATURAL and kind.element is None and not s.operations
                        and kind.write != WRITE_OBJECT):
            skip_value(c)
            return put_raw(out, c.data + start, c.at - start)
        if s.operations:
            return put_natural(out, operated(shortest_value(c), s.operations), 0)
        if c.data[start] == 0xC0:
            c.at += 1
            return put_byte(out, 0xC0)
        if kind.write == WRITE_OBJECT:
            return self.change_object(c, out, payload, one.namespace, s)
        if kind.element is not None:
            return self.change_items(s, kind, one, c, out, payload)
        skip_short(kind.pack, c)
        return put_raw(out, c.data + start, c.at - start)

    cdef int change_items(
        self, PackedSource s, Kind kind, Definition one, Cursor *c, Buffer *out, Payload payload
    ) except -1:
        cdef Py_ssize_t size, start
        cdef set seen
        if c.depth <= 0:
            raise DECLINED
        shortest_head(c)
        if kind.write == WRITE_SET:
            return _sorted(kind, c, out)
        c.depth -= 1
        if kind.write == WRITE_LIST:
            size = array_size(c)
            put_array(out, size)
            while size:
                size -= 1
                self.change_value(s, kind.element, one, c, out, payload)
        elif kind.write == WRITE_DICT:
            size = map_size(c)
            put_map(out, size)
            seen = set()
            while size:
                size -= 1
                start = c.at
                need(c, 1)
                skip_text(c)
                distinct_keys(c, seen, start)
                put_raw(out, c.data + start, c.at - start)
                self.change_value(s, kind.element, one, c, out, payload)
        else:
            raise DECLINED
        c.depth += 1
        return 0


cdef int _define(Repack r, Payload payload, str around, Buffer *out) except -1:
    number = payload.written.get(r.long_definition)
    if number is not None:
        return put_unsigned(out, number)
    payload.written[r.long_definition] = len(payload.written)
    return put_bytes(out, r.short_definition if r.namespace == around else r.long_definition)


cdef int _check_dropped(Kind kind, Cursor *c) except -1:
    """Pass over what the target lacks; objects in it have definitions that others refer to."""
    if kind.holds_objects and c.data[c.at] != 0xC0:
        raise DECLINED
    if kind.element is None and kind.pack != PACK_NATURAL:
        return skip_short(kind.pack, c)
    if kind.element is not None and needs_look(kind):
        raise DECLINED
    return skip_value(c)


cdef int _sorted(Kind kind, Cursor *c, Buffer *out) except -1:
    """A set of natural scalars in the order that vobj writes."""
    cdef object value
    if needs_look(kind.element):
        raise DECLINED
    value = shortest_value(c)
    if type(value) is not list:
        raise DECLINED
    sorted_by_rank(value)
    return put_natural(out, value, 0)
