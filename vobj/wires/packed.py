"""The packed wire: objects as the values of their fields, under the fingerprint of their schema.

Theory
    docs/packed.md is the format, byte by byte. A payload is two bytes and one msgpack value, in the
    shortest form of msgpack; so reading is msgpack's own reader, a comparison with what msgpack's
    own writer makes of the result, and a walk that puts names back.

    What this wire needs of schemas is handed in (`Schemas`), so that it knows no classes.
"""

from __future__ import annotations

import contextlib
from typing import Any

import msgpack

from vobj.errors import NewerVersionError, PayloadError
from vobj.wires.limits import DEFAULT_LIMITS, Limits, check_tree, over_depth, over_size
from vobj.wires.packed_layout import wrong
from vobj.wires.packed_reader import PackedReader
from vobj.wires.packed_scan import scan
from vobj.wires.packed_schemas import SchemaFinder, SchemaResolver, Schemas
from vobj.wires.packed_writer import AROUND_ROOT, PackedWriter
from vobj.wires.wire import read, write

MAGIC = 0xC1
FORMAT = 1
_HEAD = bytes([MAGIC, FORMAT])

# A reader makes room for an array before it has read one element of it, and does so at every depth.
_SHORT_ARRAY = 4_096


class PackedWire:
    """Payloads are bytes; what they mean depends on the schemas that are known.

    schemas: those of the classes here. resolver: asked for the others.
    """

    name = "packed"

    def __init__(self, schemas: Schemas, resolver: SchemaResolver | None = None) -> None:
        self._schemas = schemas
        self._finder = SchemaFinder(schemas, resolver)

    def encode(self, tree: dict[str, Any]) -> bytes:
        """The bytes of a tree.

        Raises UsageError (`usage/argument`) with the path of the value that plain msgpack cannot
        hold.
        """
        return write(self.name, self._dumps, tree)

    def _dumps(self, tree: object) -> bytes:
        value = PackedWriter(self._schemas).object(tree, AROUND_ROOT)
        packed: bytes = msgpack.packb(value, use_bin_type=True)
        return _HEAD + packed

    @staticmethod
    def outline(data: object, limits: Limits = DEFAULT_LIMITS) -> Any:
        """The msgpack value of a payload as it stands, whose values have no names.

        For looking at what cannot be decoded. Raises PayloadError (`payload/malformed`,
        `packed/format`) and LimitError.
        """
        value = _unpacked(_raw(data, limits), limits)
        check_tree(value, limits)
        return value

    def decode(self, data: object, limits: Limits = DEFAULT_LIMITS) -> object:
        """The tree of bytes.

        Raises PayloadError (`payload/malformed`, `packed/format`, `packed/fingerprint`,
        `packed/resolver`), LimitError, UnknownClassError, NewerVersionError (with this process's
        manifest for the top object) and what the resolver raises.
        """
        raw = _raw(data, limits)
        value = _unpacked(raw, limits)
        reader = PackedReader(self._finder, limits)
        try:
            tree = _root(value, reader)
        except NewerVersionError as error:
            spoken = self._schemas.spoken(reader.top or "")
            error.manifest = dict(spoken) or error.manifest
            raise
        except RecursionError:
            raise over_depth(limits) from None
        check_tree(tree, limits)
        return tree


def _raw(data: object, limits: Limits) -> bytes:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise PayloadError(
            f"Expected packed bytes, got {type(data).__name__}", rule="payload/malformed"
        )
    if (data.nbytes if isinstance(data, memoryview) else len(data)) > limits.max_bytes:
        raise over_size(limits)
    raw = bytes(data)
    if raw[:1] != _HEAD[:1]:
        raise wrong(f"it starts with {raw[:4].hex(' ') or 'nothing'}")
    if len(raw) > 1 and raw[1] != FORMAT:
        raise PayloadError(
            f"Expected packed format {FORMAT}, got format {raw[1]}, which another release writes",
            rule="packed/format",
        )
    return raw


def _unpacked(raw: bytes, limits: Limits) -> Any:
    """The msgpack value behind the two first bytes, in its shortest form."""
    body = raw[len(_HEAD) :]
    value: Any = None
    short = False
    if len(body) <= limits.max_values:
        with contextlib.suppress(ValueError):
            value = _unpack(body, _SHORT_ARRAY)
            short = True
    if not short:
        scan(raw, len(_HEAD), limits)
        value = read("packed", lambda one: _unpack(one, len(one)), body, limits)
    # Some releases of msgpack write fewer levels of nesting than they read.
    if read("packed", lambda _: msgpack.packb(value, use_bin_type=True), body, limits) != body:
        raise wrong("its msgpack is not in the shortest form, or repeats a key")
    return value


def _unpack(body: bytes, longest: int) -> Any:
    return msgpack.unpackb(
        body, raw=False, ext_hook=_no_extension, max_ext_len=0, max_array_len=longest
    )


def _no_extension(code: int, data: bytes) -> object:
    raise ValueError(f"extension type {code} of {len(data)} bytes")


def _root(value: Any, reader: PackedReader) -> Any:
    if type(value) is list:
        return reader.packed(value, AROUND_ROOT)
    if type(value) is dict:
        return value
    raise wrong(f"its root is {type(value).__name__}")
