# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Payloads to payloads in other versions, from bytes to bytes.

Theory
    What a transform does with a field is known before any payload is seen: leave it out, copy its
    bytes under the same or another name, or go into it because there are objects inside or an
    operation looks at its value. So no object is made and no tree, and memory is that of the two
    payloads.

    Fields go in the order in which they come, except those that the plan puts at the end of a
    dict: renamed ones, whose places are noted while they are passed over, and constants.

    Copied bytes were checked to be what our writer would have written (`skip_value`), so a payload
    of a vobj peer gives the same bytes as on the long way. Envelopes whose keys stand in another
    order, names that the version does not have, and names that come twice are declined.
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
    reserve,
)
from vobj.native.cursor cimport (
    Cursor,
    array_size,
    map_size,
    need,
    read_text,
    read_value,
    skip_text,
    skip_value,
)
from vobj.native.forms cimport sorted_by_rank
from vobj.native.natural cimport put_array_size, put_natural, put_size
from vobj.native.operations cimport operated, stop_if_absent
from vobj.native.program cimport (
    FIELDS_MAX,
    WRITE_DICT,
    WRITE_LIST,
    WRITE_OBJECT,
    WRITE_SET,
    Kind,
    Registered,
)

cdef enum:
    DEPTH_MAX = 150


class Declined(Exception):
    """Not here: the Python executor does this from the start."""


cdef class Source:
    """A field of the payload that is read. output: its place in what is written, if kept."""

    def __init__(self, bytes key, Kind kind, *, int output, tuple operations, place):
        self.key = key
        self.kind = kind
        self.kept = output >= 0
        self.output = output
        self.operations = operations
        self.place = place


cdef class Target:
    """A field of the payload that is written. moved: it goes after all that are not."""

    def __init__(self, bytes key, *, bytes constant=None, int source=-1, bint moved=False):
        self.key = key
        self.constant = constant
        self.source = source
        self.moved = moved


cdef class Transform:
    """One version of a class to another. changes: (place of the source, name as it is sent).

    stays: it is the same version, so names among the changes are kept that are not set.
    """

    def __init__(
        self,
        *,
        bytes head,
        bytes version,
        bytes data_key,
        bytes changes_key,
        tuple sources,
        tuple targets,
        tuple changes,
        list registered,
        bint stays,
    ):
        cdef Source one
        cdef Target each
        if len(sources) > FIELDS_MAX or len(targets) > FIELDS_MAX:
            raise Declined
        self.head = head
        self.version = version
        self.data_key = data_key
        self.changes_key = changes_key
        self.sources = sources
        self.targets = targets
        self.by_key = {one.key: index for index, one in enumerate(sources)}
        self.changes = changes
        self.moved = tuple(each for each in targets if each.moved)
        self.registered = Registered(registered)
        self.stays = stays


cdef class Transforming:
    """All transforms of one codec and one target.

    resolve(name, namespace, version, place): a Transform, or None.
    """

    def __init__(self, resolve, *, tuple keys, str namespace):
        self.resolve = resolve
        self.name_key, self.namespace_key, self.version_key, self.data_key = keys
        self.namespace = namespace
        self.transforms = {}

    def transform(self, bytes data, Py_ssize_t max_depth, Py_ssize_t max_values):
        """The payload in the other version, or NotImplemented."""
        cdef Buffer out
        cdef Cursor c
        c.data = <const uint8_t *>PyBytes_AS_STRING(data)
        c.at = 0
        c.end = PyBytes_GET_SIZE(data)
        c.values = max_values - 1
        c.depth = min(max_depth, DEPTH_MAX)
        c.distinct = False
        try:
            buffer_open(&out, max(256, c.end + 64))
        except Exception:
            return NotImplemented
        try:
            self.change_object(&c, &out, None, None)
            if c.at != c.end:
                return NotImplemented
            return buffer_bytes(&out)
        except Exception:
            return NotImplemented
        finally:
            buffer_close(&out)

    cdef Transform found(self, Cursor *c, object place, Source by):
        """The transform of the envelope here; the cursor moves behind the key of its data."""
        cdef Py_ssize_t start = c.at, size
        cdef bytes header
        cdef Transform made
        if by is not None and by.last is not None:
            header = <bytes>by.last_header
            size = PyBytes_GET_SIZE(header)
            if c.end - start >= size and by.last.registered.holds():
                if memcmp(c.data + start, PyBytes_AS_STRING(header), size) == 0:
                    c.at += size
                    return by.last
        _expect(c, self.name_key)
        name = read_text(c)
        _expect(c, self.namespace_key)
        namespace = read_text(c)
        if place is None and namespace != self.namespace:
            raise Declined
        _expect(c, self.version_key)
        version = read_text(c)
        _expect(c, self.data_key)
        header = PyBytes_FromStringAndSize(<const char *>c.data + start, c.at - start)
        made = <Transform>self.transforms.get((header, place))
        if made is None or not made.registered.holds():
            made = self.resolve(name, namespace, version, place)
            if made is None:
                raise Declined
            if len(self.transforms) >= 4096:  # peers choose the headers
                self.transforms.clear()
            self.transforms[header, place] = made
        if by is not None:
            by.last_header = header
            by.last = made
        return made

    cdef int change_object(self, Cursor *c, Buffer *out, object place, Source by) except -1:
        cdef uint8_t written[FIELDS_MAX]
        cdef Transform t
        cdef uint8_t head
        cdef Py_ssize_t start = out.size
        need(c, 1)
        head = c.data[c.at]
        if (head != 0x84 and head != 0x85) or c.depth < 2:
            raise Declined
        c.at += 1
        c.values -= head & 0x0F
        c.depth -= 1
        t = self.found(c, place, by)
        put_byte(out, 0x84)
        put_bytes(out, t.head)
        put_bytes(out, t.version)
        put_bytes(out, t.data_key)
        c.depth -= 1
        self.change_data(t, c, out, written)
        c.depth += 1
        if head == 0x85 and self.change_changes(t, c, out, written):
            out.data[start] = 0x85
        c.depth += 1
        if c.values < 0:
            raise Declined
        return 0

    cdef int change_data(
        self, Transform t, Cursor *c, Buffer *out, uint8_t *written
    ) except -1:
        """The map of the fields. written: by source, whether it came."""
        cdef Span spans[FIELDS_MAX]
        cdef Py_ssize_t left = map_size(c), start = out.size, count = 0
        cdef Py_ssize_t index, before = -1, total = len(t.targets)
        cdef Source one
        cdef Target each
        for index in range(len(t.sources)):
            written[index] = 0
        reserve(out, 3)
        out.size += 1 if total < 16 else 3
        while left:
            left -= 1
            before = index = _next_source(t, c, before)
            if written[index]:
                raise Declined
            written[index] = 1
            one = <Source>t.sources[index]
            if not one.kept:
                _drop(one, c)
                continue
            count += 1
            each = <Target>t.targets[one.output]
            if each.moved:
                spans[index].start = c.at
                skip_value(c)
                continue
            put_bytes(out, each.key)
            self.change_value(one, one.kind, c, out)
        _absent(t, written)
        count += self.change_moved(t, c, out, written, spans)
        return put_size(out, start, total, count)

    cdef Py_ssize_t change_moved(
        self, Transform t, Cursor *c, Buffer *out, uint8_t *written, Span *spans
    ) except -1:
        """Write what goes after all others: constants, which are counted, and renamed fields."""
        cdef Cursor inner = c[0]
        cdef Py_ssize_t constants = 0
        cdef Source one
        cdef Target each
        for each in t.moved:
            if each.constant is not None:
                put_bytes(out, each.key)
                put_bytes(out, each.constant)
                constants += 1
            elif written[each.source]:
                put_bytes(out, each.key)
                inner.at = spans[each.source].start
                inner.values = c.end  # they were counted when they were passed over
                one = <Source>t.sources[each.source]
                self.change_value(one, one.kind, &inner, out)
        return constants

    cdef int change_value(self, Source one, Kind kind, Cursor *c, Buffer *out) except -1:
        cdef Py_ssize_t start = c.at, size
        cdef object value
        need(c, 1)
        if one.operations:
            value = operated(read_value(c), one.operations)
            return put_natural(out, value, 0)
        if not kind.holds_objects:
            if kind.ordered:
                skip_value(c)
                return put_raw(out, c.data + start, c.at - start)
            return _sorted(kind, c, out)
        if c.data[start] == 0xC0:
            c.at += 1
            return put_byte(out, 0xC0)
        if kind.write == WRITE_OBJECT:
            return self.change_object(c, out, one.place, one)
        if c.depth <= 0:
            raise Declined
        c.depth -= 1
        if kind.write == WRITE_LIST:
            size = array_size(c)
            put_array(out, size)
            while size:
                size -= 1
                self.change_value(one, kind.element, c, out)
        elif kind.write == WRITE_DICT:
            size = map_size(c)
            put_map(out, size)
            while size:
                size -= 1
                start = c.at
                need(c, 1)
                skip_text(c)
                put_raw(out, c.data + start, c.at - start)
                self.change_value(one, kind.element, c, out)
        else:
            raise Declined
        c.depth += 1
        return 0

    cdef int change_changes(
        self, Transform t, Cursor *c, Buffer *out, uint8_t *written
    ) except -1:
        """Write the names that are left. True when there is one."""
        cdef Py_ssize_t left, index = -1, count = 0, at = out.size
        cdef int place
        _expect(c, t.changes_key)
        left = array_size(c)
        while left:
            left -= 1
            index = _next_source(t, c, index)
            if written[index] & 2 or (t.stays and not written[index]):
                raise Declined
            written[index] |= 2
        for place, sent in t.changes:
            if written[place] != 3:
                continue
            if count == 0:
                put_bytes(out, t.changes_key)
                reserve(out, 3)
                out.size += 1 if len(t.changes) < 16 else 3
            put_bytes(out, sent)
            count += 1
        if count:
            put_array_size(out, at + len(t.changes_key), len(t.changes), count)
        return count != 0


cdef int _expect(Cursor *c, bytes wanted) except -1:
    cdef Py_ssize_t size = PyBytes_GET_SIZE(wanted)
    need(c, size)
    if memcmp(c.data + c.at, PyBytes_AS_STRING(wanted), size):
        raise Declined
    c.at += size
    return 0


cdef Py_ssize_t _next_source(Transform t, Cursor *c, Py_ssize_t before) except -1:
    """Which field the key here names; most often the one after the one before."""
    cdef Py_ssize_t start = c.at, size, index = before + 1
    cdef bytes key
    if index < len(t.sources):
        key = (<Source>t.sources[index]).key
        size = PyBytes_GET_SIZE(key)
        if c.end - start >= size and memcmp(c.data + start, PyBytes_AS_STRING(key), size) == 0:
            c.at += size
            return index
    need(c, 1)
    skip_text(c)
    key = PyBytes_FromStringAndSize(<const char *>c.data + start, c.at - start)
    found = t.by_key.get(key)
    if found is None:
        raise Declined
    return found


cdef int _drop(Source one, Cursor *c) except -1:
    """Pass over a field that the target lacks; its operations may stop."""
    if one.operations:
        operated(read_value(c), one.operations)
        return 0
    return skip_value(c)


cdef int _absent(Transform t, uint8_t *written) except -1:
    cdef Py_ssize_t index
    cdef Source one
    for index in range(len(t.sources)):
        one = <Source>t.sources[index]
        if one.operations and not written[index]:
            stop_if_absent(one.operations)
    return 0


cdef int _sorted(Kind kind, Cursor *c, Buffer *out) except -1:
    """A set of scalars in the order that vobj writes."""
    cdef object value = read_value(c)
    if value is not None:
        if kind.write != WRITE_SET or type(value) is not list or not kind.element.ordered:
            raise Declined
        sorted_by_rank(value)
    return put_natural(out, value, 0)
