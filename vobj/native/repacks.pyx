# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What is done with the packed payloads of one version of a class: worked out by vobj.jobs."""

from vobj.native.program cimport FIELDS_MAX, PACK_NATURAL, WRITE_OBJECT, WRITE_SET, Kind, Registered

cdef object DECLINED = ValueError


cdef bint needs_look(Kind kind):
    """Whether a value may hold objects, sets or short forms."""
    if kind.pack != PACK_NATURAL or kind.write == WRITE_OBJECT or kind.write == WRITE_SET:
        return True
    return kind.element is not None and needs_look(kind.element)


cdef class Definition:
    pass


cdef class PackedSource:
    """A field of the payload that is read."""

    def __init__(self, Kind kind, *, bint kept, tuple operations, place):
        self.kind = kind
        self.kept = kept
        self.copied = not operations and not needs_look(kind)
        self.operations = operations
        self.place = place


cdef class PackedTarget:
    """A field of the payload that is written. source: its number there; -1 for a constant, and for
    a field that nothing sets.
    """

    def __init__(self, *, bytes constant=None, int source=-1, bint counted=True):
        self.constant = constant
        self.source = source
        self.counted = counted


cdef class Repack:
    """One version of a class to another; sources and targets sorted by name.

    stays: it is the same version, so names among the changes are kept that are not set.
    """

    def __init__(
        self,
        *,
        str namespace,
        bytes short_definition,
        bytes long_definition,
        tuple sources,
        tuple targets,
        list registered,
        bint stays,
    ):
        if len(sources) > FIELDS_MAX or len(targets) > FIELDS_MAX:
            raise DECLINED
        self.namespace = namespace
        self.short_definition = short_definition
        self.long_definition = long_definition
        self.sources = sources
        self.targets = targets
        self.registered = Registered(registered)
        self.stays = stays
