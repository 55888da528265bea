"""Text of the usual forms; see parse.pyx."""

from libc.stdint cimport uint8_t

from vobj.native.program cimport Kind

cdef object bare(object cls)

cdef bint is_uuid(const uint8_t *at, Py_ssize_t size) noexcept
cdef bint is_mac(const uint8_t *at, Py_ssize_t size) noexcept
cdef object moment_of(Kind kind, const uint8_t *at, Py_ssize_t size)
cdef object address_of(const uint8_t *at, Py_ssize_t size)
cdef object address_like(object address)
