# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The values of packed objects, from their positions to what an object holds.

Theory
    As in `vobj.native.values`, with positions in the place of names: a value of the usual form is
    made from its bytes, of any other the primitive is restored and the field is asked. Inside an
    object position stands an object, whose class another definition names.
"""

from copy import deepcopy

from cpython.dict cimport PyDict_SetItem
from cpython.list cimport PyList_Append
from cpython.set cimport PySet_Add

from vobj.native.containers cimport CoercingDict, CoercingList, owned_by
from vobj.native.convert cimport NOT_USUAL, empty_dict, empty_list, empty_set
from vobj.native.cursor cimport Cursor, array_size, map_size, need
from vobj.native.layout cimport shortest_value
from vobj.native.operations cimport operated
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
from vobj.native.program cimport Kind, runtime
from vobj.native.reader cimport Input, Reader
from vobj.native.restore cimport opened, primitive_here
from vobj.native.values cimport Payload, Values, enter

cdef object DECLINED = ValueError


cdef class Unpacked(Payload):
    pass


cdef class PackedValues(Values):
    """restore: see `vobj.native.restore.short_text`."""

    cdef object read_packed(self, Cursor *c, Unpacked p, Layout expected, Form at):
        """The object here; by the class that knows all layouts."""
        raise DECLINED

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
            if element.way == AS_OBJECT:
                need(c, 1)
                if c.data[c.at] != 0xC0:
                    value = self.read_packed(c, p, element.last, element)
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


cdef inline bint _is_plain(Form form) noexcept:
    return AS_TEXT <= form.way <= AS_ADDRESS


cdef object _empty_list(bint own, Kind kind, object owner, str name):
    """As `empty_list`, and faster where the attributes are in the object itself."""
    cdef CoercingList made
    if not own or not issubclass(runtime.own_list, CoercingList):
        return empty_list(own, kind, owner, name)
    made = bare(runtime.own_list)
    made._element_type = kind.element.field
    made.owner = owned_by(owner, kind.element)
    made._field = name
    return made


cdef object _empty_dict(bint own, Kind kind, object owner, str name):
    cdef CoercingDict made
    if not own or not issubclass(runtime.own_dict, CoercingDict):
        return empty_dict(own, kind, owner, name)
    made = bare(runtime.own_dict)
    made._element_type = kind.element.field
    made.owner = owned_by(owner, kind.element)
    made._field = name
    return made
