# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Where the calls of a codec come in: the quick answer first, the long way when there is none.

Theory
    Most calls of a codec are alike: its own version or the target of the call before, and an
    executor that knows the class. These functions are methods of `Codec` where the native executor
    runs. What they cannot answer they give to the method that they stand for.

    A target is known again by what it is: text and manifests never change, a dict that did is
    compared with a copy of what it was.
"""

from libc.stdint cimport uint64_t

from vobj.native.encode cimport Writing
from vobj.native.pack cimport Packing
from vobj.native.storage cimport tag_of


cdef enum:
    KEPT_MAX = 8  # targets that are known again without the codec; a fleet has few versions


cdef extern from "Python.h":
    bint PyType_IsSubtype(object cls, object base) noexcept


cdef class Aimed:
    """The native executor for one target.

    encoder: what writes objects for it. transform(data, *bounds): a payload in its versions, or
    NotImplemented.
    """

    cdef Writing writing
    cdef Packing packing
    cdef object transform
    cdef Py_ssize_t max_bytes
    cdef tuple bounds

    def __init__(self, encoder, transform, Py_ssize_t max_bytes, tuple bounds not None):
        if isinstance(encoder, Packing):
            self.packing = encoder
        else:
            self.writing = encoder
        self.transform = transform
        self.max_bytes = max_bytes
        self.bounds = bounds

    cpdef object encode(self, obj):
        """The payload of an object, or NotImplemented."""
        if self.packing is not None:
            return self.packing.encode(obj)
        return self.writing.encode(obj)

    cpdef object change(self, data):
        """A payload in the versions of the target, or NotImplemented."""
        if type(data) is not bytes or len(<bytes>data) > self.max_bytes:
            return NotImplemented
        return self.transform(data, *self.bounds)


cdef class _Kept:
    """A target and what was found for it; made whole, since threads share it.

    given: the dict that was passed, and the tag it had.
    """

    cdef object target
    cdef object given
    cdef uint64_t tag
    cdef Aimed aimed


cdef class Entry:
    """What the calls of one codec come to.

    base: of its objects. own: for their own versions. decode(data, context): an object, or
    NotImplemented. find(target): what is aimed at a target, or None. to: the target of all calls
    that name none, or a callable that gives it.
    """

    cdef object base
    cdef Aimed own
    cdef object decode
    cdef object find
    cdef object to
    cdef object unchanging
    cdef tuple kept

    def __init__(self, base, Aimed own not None, decode, find, to, unchanging):
        self.base = base
        self.own = own
        self.decode = decode
        self.find = find
        self.to = to
        self.unchanging = unchanging
        self.kept = ()

    cdef Aimed aimed(self, object to):
        """What is aimed at a target; None when the long way has to say."""
        cdef object cls
        if to is None:
            to = self.to
        if to is None:
            return self.own
        cls = type(to)
        if cls is not dict and cls is not str and cls is not self.unchanging and callable(to):
            to = to()
            if to is None:
                return self.own
        return self.aimed_at(to)

    cdef Aimed aimed_at(self, object to):
        cdef object cls = type(to)
        cdef _Kept kept
        for kept in self.kept:
            if to is kept.target or (
                to is kept.given and kept.tag and tag_of(to) == kept.tag
            ):
                return kept.aimed
        if cls is dict:
            for kept in self.kept:
                if type(kept.target) is dict and to == kept.target:
                    return kept.aimed
        elif cls is not str and cls is not self.unchanging:
            return None
        kept = _Kept.__new__(_Kept)
        kept.target = to
        if cls is dict:
            kept.tag = tag_of(to)
            kept.given, kept.target = to, dict(<dict>to)
        kept.aimed = self.find(kept.target)
        self.kept = (kept, *self.kept[: KEPT_MAX - 1])
        return kept.aimed


cdef object _encode_slowly = None
cdef object _decode_slowly = None
cdef object _backport_slowly = None


def stand_in_for(cls):
    """Put the functions below in the place of the methods of a class of codecs."""
    global _encode_slowly, _decode_slowly, _backport_slowly
    _encode_slowly, _decode_slowly, _backport_slowly = cls.encode, cls.decode, cls.backport
    for function in (encode, decode, backport):
        name = function.__name__
        slow = getattr(cls, name)
        function.__doc__, function.__wrapped__ = slow.__doc__, slow
        function.__module__, function.__qualname__ = slow.__module__, slow.__qualname__
        setattr(cls, name, function)


cdef inline Entry entry_of(object codec):
    """That of a codec; None where Python does everything."""
    cdef object found = codec._entry
    return <Entry>found if type(found) is Entry else None


def encode(self, obj, to=None, *, hidden="drop", context=None):
    cdef Entry entry = entry_of(self)
    cdef Aimed aimed
    cdef object made = NotImplemented
    if entry is not None and hidden == "drop" and PyType_IsSubtype(type(obj), entry.base):
        aimed = entry.aimed(to)
        if aimed is not None:
            made = aimed.encode(obj)
    if made is not NotImplemented:
        return made
    return _encode_slowly(self, obj, to, hidden=hidden, context=context)


def decode(self, data, *, context=None):
    cdef Entry entry = entry_of(self)
    cdef object made = NotImplemented
    if entry is not None and type(data) is bytes:
        made = entry.decode(data, context)
    return _decode_slowly(self, data, context=context) if made is NotImplemented else made


def backport(self, data, to=None, *, hidden="drop", context=None, source=None):
    cdef Entry entry = entry_of(self)
    cdef Aimed aimed
    cdef object made = NotImplemented
    if entry is not None and hidden == "drop" and (source is None or source == self.wire):
        aimed = entry.aimed(to)
        if aimed is not None and aimed is not entry.own:
            made = aimed.change(data)
    if made is not NotImplemented:
        return made
    return _backport_slowly(self, data, to, hidden=hidden, context=context, source=source)
