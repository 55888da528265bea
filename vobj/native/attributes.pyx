# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""A field as an attribute: what the property does that oslo makes for it.

Theory
    The value is where oslo keeps it, `_obj_<name>` of the object, and is looked up and stored as
    any attribute is, so whatever a class does to attribute access counts here too. A value whose
    type is exactly that of the field is taken as it is. Any other is given to `field.coerce`, which
    oslo would have called.

    Fields and field types are ordinary objects that tests and projects patch at run time. What is
    known of them is dropped as soon as one of their attributes, or their class, was changed. Even
    the function that says where a value is kept may be patched; then it is called.
"""

from cpython.dict cimport PyDict_Next
from cpython.object cimport PyObject
from cpython.set cimport PySet_Add
from libc.stdint cimport uint64_t

from vobj.native.convert cimport take
from vobj.native.program cimport READ_CALL, Guard, Kind
from vobj.native.record cimport Columns, Record, hold, mark


cdef extern from *:
    """
    /* A class with `__setattr__` or `__getattribute__` of its own has other functions here. */
    #define vobj_sets_plainly(owner) (Py_TYPE(owner)->tp_setattro == PyObject_GenericSetAttr \\
        && Py_TYPE(owner)->tp_getattro == PyObject_GenericGetAttr)

    static uint64_t vobj_parts_tag(PyObject *parts) {
    #if PY_VERSION_HEX < 0x030D0000
        return ((PyDictObject *)parts)->ma_version_tag;
    #else
        /* The tag went away; before that, storing in an object stopped to change it. */
        uint64_t tag = 0;
        Py_ssize_t place = 0;
        PyObject *key, *value;
        while (PyDict_Next(parts, &place, &key, &value)) {
            tag = (tag + (uint64_t)(uintptr_t)key) * 1099511628211ULL;
            tag = (tag + (uint64_t)(uintptr_t)value) * 1099511628211ULL;
        }
        return tag;
    #endif
    }

    /* Whether a name still stands for the same object. The tag says so at once where there is one. */
    static int vobj_still_is(PyObject *names, PyObject *name, PyObject *value) {
    #if PY_VERSION_HEX < 0x030D0000
        static uint64_t known = 0;
        if (((PyDictObject *)names)->ma_version_tag == known) {
            return 1;
        }
        if (PyDict_GetItemWithError(names, name) == value) {
            known = ((PyDictObject *)names)->ma_version_tag;
            return 1;
        }
        return 0;
    #else
        return PyDict_GetItemWithError(names, name) == value;
    #endif
    }
    """
    uint64_t vobj_parts_tag(object parts) noexcept
    bint vobj_sets_plainly(object owner) noexcept
    bint vobj_still_is(object names, object name, object value) noexcept


cdef object MISSING = object()

cdef object _kind_of = None
cdef object _failed = None
cdef object _read_only_error = None
cdef dict _oslo = {}
cdef object _storage_name = None


def configure(*, kind_of, failed, read_only_error, dict oslo):
    """What stands outside.

    kind_of(field): its Kind. failed(owner, name): logs the exception that is being handled.
    read_only_error(name): the exception for a field that is set already. oslo: the names of the
    module that says where values are kept, by `_get_attrname`.
    """
    global _kind_of, _failed, _read_only_error, _oslo, _storage_name
    _kind_of = kind_of
    _oslo = oslo
    _storage_name = oslo["_get_attrname"]
    _failed = failed
    _read_only_error = read_only_error


cdef class Taking:
    def __cinit__(self, field):
        cdef object kind = field._type
        self.field_parts = field.__dict__
        self.type_parts = kind.__dict__
        self.field_tag = vobj_parts_tag(self.field_parts)
        self.type_tag = vobj_parts_tag(self.type_parts)
        self.guard = Guard(_types_of(field), {})
        self.kind = _kind_of(field)
        self.read_only = field.read_only
        self.known = self.guard.usable and self.kind.read != READ_CALL
        self.blind = self.known and not _calls(self.kind)

    cdef bint holds(self) noexcept:
        return (
            vobj_parts_tag(self.field_parts) == self.field_tag
            and vobj_parts_tag(self.type_parts) == self.type_tag
            and self.guard.holds()
        )


cdef bint _calls(Kind kind) noexcept:
    """Whether some type in it has code of its own."""
    return kind.read == READ_CALL or (kind.element is not None and _calls(kind.element))


cdef tuple _types_of(object field):
    """The classes whose code decides about a value: those of the field and of all inside it."""
    cdef list found = []
    while field is not None:
        found.append(type(field))
        found.append(type(field._type))
        field = getattr(field._type, "_element_type", None)
    return tuple(found)


cdef class FieldAttribute:
    """The attribute of a field. Deleting it unsets the field; reading an unset one loads it."""

    def __init__(self, str name not None, field, Columns columns=None):
        import sys

        self.columns = columns
        self.number = -1 if columns is None else columns.numbers[name]
        self.name = sys.intern(name)
        self.storage = sys.intern("_obj_" + name)
        self.oslo_field = field
        self.taking = Taking(field)

    @property
    def __name__(self):
        return self.name

    @property
    def __doc__(self):
        return f"The field {self.name}: {self.oslo_field!r}."

    def __repr__(self):
        return f"<field {self.name!r}: {self.oslo_field!r}>"

    def __get__(self, owner, cls):
        cdef object value, storage
        if owner is None:
            return self
        if self.is_plain_record(owner) and (<Record>owner).values[self.number] != NULL:
            return <object>(<Record>owner).values[self.number]
        storage = self.place()
        value = getattr(owner, storage, MISSING)
        if value is not MISSING:
            return value
        owner.obj_load_attr(self.name)
        return getattr(owner, storage)

    def __set__(self, owner, value):
        if self.is_plain_record(owner):
            self.put_in_record(<Record>owner, value)
        else:
            self.put(owner, value, self.place())

    def __delete__(self, owner):
        cdef object storage = self.place()
        if getattr(owner, storage, MISSING) is MISSING:
            raise AttributeError(f"No such attribute `{self.name}'")
        delattr(owner, storage)

    cdef bint is_plain_record(self, object owner) noexcept:
        """Whether an object keeps the value by number, with nothing of its class in between."""
        return (
            self.columns is not None
            and isinstance(owner, Record)
            and (<Record>owner).columns is self.columns
            and vobj_sets_plainly(owner)
            and vobj_still_is(_oslo, "_get_attrname", _storage_name)
        )

    cdef int put_in_record(self, Record owner, object value) except -1:
        """`put` for a record of these columns."""
        cdef Taking taking = self.now()
        cdef object taken
        if owner.columns is not self.columns or taking.read_only or not taking.blind:
            return self.put(owner, value, self.place())
        taken = take(taking.kind, owner, self.name, value)
        if owner.changed_names is None:
            mark(owner, self.number)
        elif type(owner.changed_names) is set:
            PySet_Add(owner.changed_names, self.name)
        else:
            owner.changed_names.add(self.name)
        hold(owner, self.number, taken)
        return 0

    cdef object place(self):
        """The attribute that keeps the value."""
        if vobj_still_is(_oslo, "_get_attrname", _storage_name):
            return self.storage
        return _oslo["_get_attrname"](self.name)

    cdef Taking now(self):
        """What is known of the field; found out again when something was changed."""
        cdef Taking found = self.taking
        if not found.holds():
            found = self.taking = Taking(self.oslo_field)
        return found

    cdef object take(self, Taking taking, object owner, object value):
        """`field.coerce(owner, name, value)`."""
        if taking.known:
            return take(taking.kind, owner, self.name, value)
        return self.oslo_field.coerce(owner, self.name, value)

    cdef int put(self, object owner, object value, object storage) except -1:
        cdef Taking taking = self.now()
        cdef object taken = self.take(taking, owner, value)
        cdef object changed, held
        if taking.read_only:
            held = getattr(owner, storage, MISSING)
            if held is not MISSING:
                if held != taken:
                    raise _read_only_error(self.name)
                return 0
        changed = owner._changed_fields
        if type(changed) is set:
            PySet_Add(changed, self.name)
        else:
            changed.add(self.name)
        try:
            setattr(owner, storage, taken)
        except Exception:
            _failed(owner, self.name)
            raise
        return 0

    cdef int put_first(self, object owner, dict store, set changed, object value) except -1:
        """`put` for an object that is being made. changed: its `_changed_fields`."""
        cdef Taking taking = self.now()
        cdef object storage = self.place(), taken
        if not taking.blind or taking.read_only or storage is not self.storage:
            return self.put(owner, value, storage)
        taken = take(taking.kind, owner, self.name, value)
        PySet_Add(changed, self.name)
        store[storage] = taken
        return 0
