"""The attributes of an object of oslo's shape while it is made; see storage.pyx."""

from cpython.dict cimport PyDict_SetItem
from libc.stdint cimport uint64_t


cdef extern from "Python.h":
    int PyObject_GenericSetAttr(object subject, object name, object value) except -1


cdef extern from *:
    """
    #if !defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030F0000
    /* The start of CPython's PyDictKeysObject, and an entry of a table with text alone. */
    typedef struct {
        Py_ssize_t refcnt;
        uint8_t log2_size, log2_index_bytes, kind;
        uint32_t version;
        Py_ssize_t usable, entries;
    } vobj_table;

    typedef struct {
        PyObject *key, *value;
    } vobj_entry;

    static inline int vobj_replace(
        PyObject *store, PyObject *name, Py_ssize_t place, PyObject *value
    ) {
        PyDictObject *dict = (PyDictObject *)store;
        vobj_table *table = (vobj_table *)dict->ma_keys;
        vobj_entry *entry;
        PyObject *before;
        if (dict->ma_values != NULL || table->kind != 1 || place >= table->entries) return 0;
        entry = (vobj_entry *)((char *)(table + 1) + ((size_t)1 << table->log2_index_bytes));
        entry += place;
        before = entry->value;
        if (entry->key != name || before == NULL) return 0;
        Py_INCREF(value);
        entry->value = value;
        Py_DECREF(before);
        return 1;
    }
    #else
    static inline int vobj_replace(
        PyObject *store, PyObject *name, Py_ssize_t place, PyObject *value
    ) {
        (void)store, (void)name, (void)place, (void)value;
        return 0;
    }
    #endif

    /* Another one after each change of the dict; 0 where CPython has none, which says nothing. */
    static inline uint64_t vobj_tag_of(PyObject *dict) {
    #if PY_VERSION_HEX < 0x030C0000
        return ((PyDictObject *)dict)->ma_version_tag;
    #else
        (void)dict;
        return 0;
    #endif
    }
    """
    uint64_t tag_of "vobj_tag_of"(object store) noexcept
    bint vobj_replace(object store, object name, Py_ssize_t place, object value) noexcept


# The places of what stands before the fields in a template.
cdef enum:
    CHANGED_FIELDS = 0
    CONTEXT = 1
    STAMPED = 2


cdef dict template_of(list names)
cdef int copy_template(dict store, dict template) except -1


cdef inline int put(
    object made, dict store, str name, Py_ssize_t place, object value
) except -1:
    """Set an attribute of a new object.

    store: its `__dict__`; None where it needs none. place: of the name in the template, if `store`
    is a copy of one.
    """
    if store is None:
        return PyObject_GenericSetAttr(made, name, value)
    if vobj_replace(store, name, place, value):
        return 0
    return PyDict_SetItem(store, name, value)
