# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What one value becomes: from a primitive, and from what an attribute is set to.

Theory
    Each kind has few forms that nearly every value has: text for a UUID, `2026-03-14T15:09:26Z` for
    a datetime, four numbers for an address. A value of exactly such a form and type becomes here
    what the field would make of it; any other is given to the field itself, which converts, warns
    and refuses.

    Containers are made without calling their classes, and carry the three attributes that oslo's
    `enable_coercing` sets. What they are made from may change under the hands of a callout, so
    sizes are asked anew and items are held.
"""

from cpython.datetime cimport PyDateTimeAPI, datetime, datetime_tzinfo, import_datetime
from cpython.dict cimport PyDict_SetItem
from cpython.list cimport PyList_Append, PyList_GET_ITEM, PyList_GET_SIZE
from cpython.set cimport PySet_Add
from libc.stdint cimport uint8_t

from vobj.native.parse cimport address_like, address_of, bare, is_mac, is_uuid, moment_of
from vobj.native.program cimport (
    READ_ADDRESS,
    READ_ADDRESS_4,
    READ_AWARE,
    READ_BOOL,
    READ_CALL,
    READ_CHOICE,
    READ_DICT,
    READ_FLOAT,
    READ_INT,
    READ_LIST,
    READ_MAC,
    READ_NAIVE,
    READ_NOT_NEGATIVE,
    READ_NOT_NEGATIVE_FLOAT,
    READ_OBJECT,
    READ_SAME,
    READ_SET,
    READ_TEXT,
    READ_UUID,
    ClassProgram,
    Kind,
    program_of,
    runtime,
)

import_datetime()


cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    void *PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    int PyObject_SetAttr(object subject, object name, object value) except -1


cdef object NOT_USUAL = object()


cdef inline object _coercing(object made, Kind kind, object owner, str name):
    """What `enable_coercing` sets."""
    PyObject_SetAttr(made, "_element_type", kind.element.field)
    PyObject_SetAttr(made, "_obj", owner)
    PyObject_SetAttr(made, "_field", name)
    return made


cdef object empty_list(bint own, Kind kind, object owner, str name):
    return _coercing(bare(runtime.own_list if own else runtime.coerced_list), kind, owner, name)


cdef object empty_dict(bint own, Kind kind, object owner, str name):
    return _coercing(bare(runtime.own_dict if own else runtime.coerced_dict), kind, owner, name)


cdef object empty_set(bint own, Kind kind, object owner, str name):
    return _coercing(bare(runtime.own_set if own else runtime.coerced_set), kind, owner, name)


cdef object _of_text(Kind kind, str text):
    """What text becomes, if it is of the usual form."""
    cdef int read = kind.read
    cdef const uint8_t *at
    cdef Py_ssize_t size
    cdef object made
    if read == READ_TEXT or read == READ_SAME:
        return text
    if read == READ_CHOICE:
        return text if text in kind.choices else NOT_USUAL
    if not PyUnicode_IS_COMPACT_ASCII(text):
        return NOT_USUAL
    at = <const uint8_t *>PyUnicode_DATA(text)
    size = PyUnicode_GET_LENGTH(text)
    if read == READ_UUID:
        return text if is_uuid(at, size) else NOT_USUAL
    if read == READ_MAC:
        return text if is_mac(at, size) else NOT_USUAL
    if read == READ_AWARE or read == READ_NAIVE:
        made = moment_of(kind, at, size)
        return NOT_USUAL if made is None else made
    if read == READ_ADDRESS or read == READ_ADDRESS_4:
        made = address_of(at, size)
        return NOT_USUAL if made is None else made
    return NOT_USUAL


cdef object usual(Kind kind, object value):
    """What text, a number or a truth value becomes, if it is of the usual form."""
    cdef int read = kind.read
    cdef object cls = type(value)
    if cls is str:
        return _of_text(kind, value)
    if read == READ_SAME:
        return value
    if cls is int:
        if read == READ_INT or (read == READ_NOT_NEGATIVE and value >= 0):
            return value
    elif cls is float:
        if read == READ_FLOAT or (read == READ_NOT_NEGATIVE_FLOAT and not value < 0):
            return value
    elif cls is bool and read == READ_BOOL:
        return value
    return NOT_USUAL


cdef bint _is_own(object owner) except -1:
    cdef ClassProgram program
    if not isinstance(owner, runtime.versioned_object):
        return False
    program = program_of(type(owner))
    return program is not None and program.own


cdef object from_primitive(Kind kind, object owner, str name, object primitive):
    """What `setattr(owner, name, field.from_primitive(owner, name, primitive))` stores."""
    cdef object made
    if kind.read == READ_CALL:
        return _converted(kind, owner, name, primitive)
    if primitive is None and kind.nullable:
        return None
    made = usual(kind, primitive)
    if made is not NOT_USUAL:
        return made
    if kind.read == READ_LIST and type(primitive) is list:
        return _list_from(kind, owner, name, primitive)
    if kind.read == READ_DICT and type(primitive) is dict:
        return _dict_from(kind, owner, name, primitive)
    return _converted(kind, owner, name, primitive)


cdef object _converted(Kind kind, object owner, str name, object primitive):
    return take(kind, owner, name, kind.field.from_primitive(owner, name, primitive))


cdef bint _is_simple(Kind kind) noexcept:
    """Whether reading runs no code but ours and that of oslo's scalar types."""
    if kind.read == READ_LIST or kind.read == READ_DICT:
        return _is_simple(kind.element)
    return kind.read != READ_CALL and kind.read != READ_OBJECT and kind.read != READ_SET


cdef object _list_from(Kind kind, object owner, str name, list primitive):
    # oslo reads all elements before it coerces the first, which code of others could notice.
    if not _is_simple(kind.element):
        return _converted(kind, owner, name, primitive)
    cdef object made = empty_list(_is_own(owner), kind, owner, name)
    cdef Py_ssize_t index = 0
    cdef object item
    while index < PyList_GET_SIZE(primitive):
        item = <object>PyList_GET_ITEM(primitive, index)
        PyList_Append(made, _element_from(kind.element, owner, name, index, item))
        index += 1
    return made


cdef object _dict_from(Kind kind, object owner, str name, dict primitive):
    if not _is_simple(kind.element):
        return _converted(kind, owner, name, primitive)
    cdef object made = empty_dict(_is_own(owner), kind, owner, name)
    cdef object key, item
    for key, item in list(primitive.items()):
        if type(key) is not str:
            return _converted(kind, owner, name, primitive)
        PyDict_SetItem(made, key, _element_from(kind.element, owner, name, key, item))
    return made


cdef inline object _element_from(Kind kind, object owner, str name, object place, object item):
    cdef object made = usual(kind, item) if item is not None else NOT_USUAL
    if made is not NOT_USUAL:
        return made
    return from_primitive(kind, owner, f"{name}[{place}]", item)


cdef object take(Kind kind, object owner, str name, object value):
    """`field.coerce(owner, name, value)`."""
    cdef object made
    cdef object cls
    cdef int read = kind.read
    if read == READ_CALL:
        return kind.field.coerce(owner, name, value)
    if value is None and kind.nullable:
        return None
    cls = type(value)
    if read == READ_OBJECT:
        return value if _is_named(kind, cls) else kind.field.coerce(owner, name, value)
    if value is not None:
        made = usual(kind, value)
        if made is not NOT_USUAL:
            return made
    if read == READ_LIST or read == READ_DICT or read == READ_SET:
        return _container_of(kind, owner, name, value, cls)
    if cls is datetime and (read == READ_AWARE or read == READ_NAIVE):
        return _moment_of_moment(kind, owner, name, value)
    if cls is runtime.address and (read == READ_ADDRESS or read == READ_ADDRESS_4):
        return _address_of_address(kind, owner, name, value)
    return kind.field.coerce(owner, name, value)


cdef bint _is_named(Kind kind, object cls) except -1:
    """Whether objects of this class have the name that the field declares."""
    cdef ClassProgram program
    if not issubclass(cls, runtime.versioned_object):
        return False
    program = program_of(cls)
    return program is not None and program.object_name == kind.object_name


cdef object _moment_of_moment(Kind kind, object owner, str name, object value):
    cdef object zone = datetime_tzinfo(value)
    if kind.read == READ_NAIVE and zone is None:
        return value
    if kind.read == READ_AWARE and zone is <object>PyDateTimeAPI.TimeZone_UTC:
        return value
    return kind.field.coerce(owner, name, value)


cdef object _address_of_address(Kind kind, object owner, str name, object value):
    """A copy, since addresses can be changed in place."""
    cdef object made
    if kind.read == READ_ADDRESS_4 and value._module is not runtime.address_4:
        return kind.field.coerce(owner, name, value)
    made = address_like(value)
    return kind.field.coerce(owner, name, value) if made is None else made


cdef object _container_of(Kind kind, object owner, str name, object value, object cls):
    """Containers of exactly the types whose iteration is known."""
    if kind.read == READ_LIST:
        if cls is list or cls is runtime.coerced_list or cls is runtime.own_list:
            return _list_of(kind, owner, name, value)
        if cls is tuple:
            return _list_of(kind, owner, name, list(value))
    elif kind.read == READ_DICT:
        if cls is dict or cls is runtime.coerced_dict or cls is runtime.own_dict:
            return _dict_of(kind, owner, name, value)
    elif cls is set or cls is runtime.coerced_set or cls is runtime.own_set:
        return _set_of(kind, owner, name, value)
    return kind.field.coerce(owner, name, value)


cdef object _list_of(Kind kind, object owner, str name, object value):
    cdef object made = empty_list(_is_own(owner), kind, owner, name)
    cdef Py_ssize_t index = 0
    cdef object item
    while index < PyList_GET_SIZE(value):
        item = <object>PyList_GET_ITEM(value, index)
        PyList_Append(made, _element_of(kind.element, owner, name, index, item))
        index += 1
    return made


cdef object _dict_of(Kind kind, object owner, str name, object value):
    cdef object made = empty_dict(_is_own(owner), kind, owner, name)
    cdef object key, item
    for key, item in list(value.items()):
        if type(key) is not str:
            return kind.field.coerce(owner, name, value)
        PyDict_SetItem(made, key, _element_of(kind.element, owner, name, key, item))
    return made


cdef object _set_of(Kind kind, object owner, str name, object value):
    cdef object made = empty_set(_is_own(owner), kind, owner, name)
    cdef object item
    for item in list(value):
        PySet_Add(made, _element_of(kind.element, owner, name, item, item))
    return made


cdef inline object _element_of(Kind kind, object owner, str name, object place, object item):
    cdef object made
    if item is not None and kind.read != READ_CALL and kind.read != READ_OBJECT:
        made = usual(kind, item)
        if made is not NOT_USUAL:
            return made
    return take(kind, owner, f"{name}[{place}]", item)
