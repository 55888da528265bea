# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""How the objects of a class are written: worked out by vobj.jobs, used by `encode` and `pack`.

Theory
    Each payload begins with a look at whether the classes are what they were. The classes of one
    payload share most types of their fields, so the emitters that were used together are looked at
    as a family, each type once. It is gathered after the first payload of a class, and again after
    twice as many, since other objects may have come by then.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t

from vobj.native.held cimport moment
from vobj.native.operations cimport outcomes_of
from vobj.native.program cimport (
    PACK_NATURAL,
    WRITE_SAME,
    ClassProgram,
    Guard,
    Kind,
    Registered,
    Slot,
)

cdef enum:
    MEMBERS_MAX = 64  # of a family

cdef object DECLINED = ValueError


cdef class Output:
    """One field of what is written. place: where it stands, for the objects in it."""

    def __init__(
        self,
        bytes key,
        *,
        Slot slot=None,
        Kind kind=None,
        bytes constant=None,
        tuple operations=(),
        place=None,
    ):
        self.key = key
        self.slot = slot
        self.kind = kind if kind is not None or slot is None else slot.kind
        self.constant = constant
        self.operations = operations
        self.outcomes = outcomes_of(operations)
        self.place = place

    cdef int way(self) noexcept:
        if self.constant is not None:
            return CONSTANT
        cdef bint plain = self.kind is not None and self.kind.write == WRITE_SAME
        if self.operations:
            return MAPPED if plain and self.outcomes is not None else OPERATED
        return PLAINLY if plain else BY_KIND


cdef class Family:
    """Emitters whose classes and registrations are looked at as one."""

    def __init__(self, tuple members):
        cdef Emitter one
        cdef dict types = {}
        for one in members:
            types |= dict.fromkeys(one.program.guard.types)
        self.members = members
        self.types = Guard(tuple(types), {})

    cdef bint holds(self) noexcept:
        cdef Emitter one
        if not self.types.holds():
            return False
        for one in self.members:
            if not one.program.guard.fields_hold():
                return False
            if one.registered is not None and not one.registered.holds():
                return False
        for one in self.members:
            one.checked = moment
        return True


cdef class Emitter:
    """How the objects of a class are written.

    lowered: at an older version, or with a manifest; then the classes that look-ups found are
    compared with `registered` on each use.
    """

    def __init__(
        self,
        ClassProgram program,
        *,
        tuple outputs,
        tuple dropped,
        tuple changes,
        bytes head,
        bytes version,
        bytes data_key,
        bytes changes_key,
        list registered=None,
    ):
        cdef Output one
        cdef Part *part
        cdef Py_ssize_t index
        self.program = program
        self.outputs = outputs
        self.dropped = dropped
        self.drops = len(dropped) > 0
        self.changes = changes
        self.head = head
        self.version = version
        self.data_key = data_key
        self.changes_key = changes_key
        self.lowered = version is not None
        self.registered = None if registered is None else Registered(registered)
        self.count = len(outputs)
        self.fields = len(program.slots)
        if self.count > FIELDS_MAX or self.fields > FIELDS_MAX:
            raise DECLINED
        self.parts = <Part *>PyMem_Calloc(self.count + 1, sizeof(Part))
        if self.parts == NULL:
            raise MemoryError
        for index in range(self.count):
            one = <Output>outputs[index]
            part = &self.parts[index]
            part.output = <PyObject *>one
            part.key = <const uint8_t *>PyBytes_AS_STRING(one.key)
            part.key_size = PyBytes_GET_SIZE(one.key)
            part.slot = -1 if one.slot is None else one.slot.index
            part.changed = -1
            part.way = one.way()
        for index, name, _ in changes:
            self.set_changed(index, name)
        self.all_changes = changes_key + _array_head(len(changes)) + b"".join(
            [sent for _, _, sent in changes]
        )

    def __dealloc__(self):
        PyMem_Free(self.parts)

    cdef int set_changed(self, Py_ssize_t index, object name) except -1:
        """name: under which a change of this output is among the changed; None for never."""
        cdef Slot slot = <Slot>self.program.by_name.get(name)
        if slot is not None:
            self.parts[index].changed = slot.index
        return 0

    cdef bint _is_intact(self) noexcept:
        if not self.program.guard.holds():
            return False
        if self.registered is not None and not self.registered.holds():
            return False
        self.checked = moment
        return True

    cdef bint holds_at_top(self) noexcept:
        """`holds` of the first emitter of a payload, and of those that were used with it."""
        if self.family is not None:
            if self.family.holds():
                return True
            self.family, self.uses = None, 0
        return self._is_intact()

    cdef int look_for_family(self) except -1:
        """Count a payload, and see now and then which emitters were used in those so far."""
        self.uses += 1
        return 0 if self.uses & (self.uses - 1) else self._gather()

    cdef int _gather(self) except -1:
        cdef Emitter one
        cdef Output output
        cdef dict found = {}
        cdef list left = [self]
        while left:
            one = <Emitter>left.pop()
            if one in found:
                continue
            if not one.program.guard.usable or not one._is_intact() or len(found) == MEMBERS_MAX:
                return 0
            found[one] = None
            left += [output.last for output in one.outputs if output.last is not None]
        self.family = Family(tuple(found)) if len(found) > 1 else None
        return 0


cdef class PackedEmitter(Emitter):
    """How the objects of a class are packed: `outputs` sorted by name, all fields of the schema.

    changed_as: of each output, its name among the changed ones, or None. The definitions are those
    without and with the namespace; the long one also tells objects of one kind from all others.
    """

    def __init__(
        self,
        program,
        *,
        tuple outputs,
        tuple dropped,
        tuple changed_as,
        str namespace,
        bytes short_definition,
        bytes long_definition,
        bint lowered,
        list registered=None,
    ):
        super().__init__(
            program,
            outputs=outputs,
            dropped=dropped,
            changes=(),
            head=b"",
            version=b"" if lowered else None,
            data_key=b"",
            changes_key=b"",
            registered=registered,
        )
        cdef Py_ssize_t index
        cdef Output one
        self.all_may_change = True
        for index in range(self.count):
            self.set_changed(index, changed_as[index])
            self.all_may_change = self.all_may_change and self.parts[index].changed >= 0
            one = <Output>outputs[index]
            if one.kind is not None and one.kind.pack != PACK_NATURAL:
                if self.parts[index].way == PLAINLY:
                    self.parts[index].way = BY_KIND
                elif self.parts[index].way == MAPPED:
                    self.parts[index].way = OPERATED
        self.namespace = namespace
        self.short_definition = short_definition
        self.long_definition = long_definition


cdef bytes _array_head(Py_ssize_t size):
    """The head of an array in its shortest form; it never has more than `FIELDS_MAX` items."""
    return bytes([0x90 | size]) if size < 16 else bytes([0xDC, size >> 8, size & 0xFF])
