# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""How the objects of a class are written: worked out by vobj.jobs, used by `encode` and `pack`."""

from vobj.native.program cimport (
    PACK_NATURAL,
    WRITE_SAME,
    ClassProgram,
    Kind,
    Registered,
    Slot,
)

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
        self.plainly = (
            self.kind is not None
            and self.kind.write == WRITE_SAME
            and self.kind.pack == PACK_NATURAL
        )
        self.constant = constant
        self.operations = operations
        self.place = place


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
        if len(outputs) > FIELDS_MAX:
            raise DECLINED
        self.program = program
        self.outputs = outputs
        self.dropped = dropped
        self.changes = changes
        self.head = head
        self.version = version
        self.data_key = data_key
        self.changes_key = changes_key
        self.lowered = version is not None
        self.registered = None if registered is None else Registered(registered)

    cdef bint holds(self) noexcept:
        if not self.program.guard.holds():
            return False
        return self.registered is None or self.registered.holds()
