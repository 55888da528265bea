"""Payloads of any wire in the versions of a manifest, with what has to be known about it.

Theory
    A payload is an envelope, or bytes that are sniffed; the answer has the same form. Bytes go
    through `Codec.backport`, which builds no object where no callable needs one.

    Beside the result it is found out which objects leave below the version they have, what the
    put-back has to remember of them, and whether the result is the same for everyone (see
    `vobj.conductor.look`). Only such results are kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgpack
from oslo_versionedobjects import base as oslo

from vobj.codec import WIRES, Codec, executor
from vobj.conductor.kept import Kept, Key, Results
from vobj.conductor.look import Look, Looks
from vobj.conductor.observed import Caller, Tally
from vobj.conductor.putback import PutBack
from vobj.conductor.telling import Telling
from vobj.errors import PayloadError
from vobj.model import ClassCatalog, ClassSchemas, translated
from vobj.version import Manifest
from vobj.wires import Limits, PackedWire, Wire, sniff
from vobj.wires.limits import check_tree

_ENVELOPE, _BYTES = "primitive", "msgpack"


class Made(NamedTuple):
    """A payload in other versions; object_name, source and target are of its top object."""

    payload: Any
    object_name: str
    source: str
    target: str


class Backports:
    """Backports for the classes of one base."""

    def __init__(
        self,
        base: type[oslo.VersionedObject],
        limits: Limits,
        put_back: PutBack,
        results: Results,
        tally: Tally,
        telling: Telling,
    ) -> None:
        self._codecs = {wire: Codec(wire, base=base, limits=limits) for wire in WIRES}
        self._catalog = ClassCatalog(base)
        packed = PackedWire(ClassSchemas(self._catalog))
        self._wires: dict[str, Wire] = {**WIRES, packed.name: packed}
        self._envelope = self._catalog.envelope
        self._limits = limits
        self._put_back = put_back
        self._looks = Looks(self._catalog, put_back)
        self._results = results
        self._tally = tally
        self._telling = telling

    def ready(self, payload: bytes, fingerprint: str, caller: Caller) -> Made | None:
        """The result for bytes, when it is kept: so fast that an event loop may ask."""
        if not self._results.is_on:
            return None
        try:
            wire = sniff(payload)
        except PayloadError:
            return None
        kept = self._results.find(Results.key(payload, fingerprint, form=wire))
        if kept is None or (kept.noted and not self._put_back.is_quick):
            return None
        return self._again(kept, kept.payload, caller)

    def quick(self, payload: object, speaks: Manifest) -> Look | None:
        """A look at an envelope whose backport runs no code of the service and waits for nobody.

        The envelope has been held to a size by whoever asks. Raises what looking up a class does.
        """
        look = self._looks.at(self._envelope.check(payload), speaks)
        waits = look.minded and not self._put_back.is_quick
        return look if look.is_plain and not waits else None

    def backport(
        self,
        context: object,
        payload: object,
        speaks: Manifest,
        caller: Caller,
        look: Look | None = None,
    ) -> Made:
        """The payload in the versions of a manifest, in the form it came in.

        look: what `quick` gave. Raises what `Codec.backport` does.
        """
        if isinstance(payload, bytes | bytearray | memoryview):
            return self._of_bytes(context, bytes(payload), speaks, caller)
        return self._of_envelope(context, payload, speaks, caller, look)

    def _of_bytes(self, context: object, data: bytes, speaks: Manifest, caller: Caller) -> Made:
        with translated():
            wire = sniff(data)
        key = Results.key(data, speaks.fingerprint, form=wire) if self._results.is_on else None
        kept = None if key is None else self._results.find(key)
        if kept is not None:
            return self._again(kept, kept.payload, caller)
        with translated():
            tree = self._envelope.check(self._wires[wire].decode(data, self._limits))
        with self._telling(self._envelope.name(tree)):
            made = self._codecs[wire].backport(data, speaks, context=context)
        look = self._looks.at(tree, speaks)
        return self._told(look, speaks, made, caller, key, made)

    def _of_envelope(
        self,
        context: object,
        payload: object,
        speaks: Manifest,
        caller: Caller,
        look: Look | None,
    ) -> Made:
        packed = _packed(payload) if self._results.is_on or look is not None else None
        key = None
        if packed is not None and self._results.is_on:
            key = Results.key(packed, speaks.fingerprint, form=_ENVELOPE)
            kept = self._results.find(key)
            if kept is not None:
                return self._again(kept, _unpacked(kept.payload), caller)
        with translated():
            check_tree(payload, self._limits)
            node = self._envelope.check(payload)
        if look is not None and packed is not None and executor == "native":
            # Plain data both ways: from bytes to bytes is faster than from dict to dict.
            with self._telling(look.object_name):
                data = self._codecs[_BYTES].backport(packed, speaks, context=context)
            return self._told(look, speaks, _unpacked(data), caller, key, data)
        with self._telling(self._envelope.name(node)):
            made = self._codecs[_ENVELOPE].backport(node, speaks, context=context)
        look = self._looks.at(node, speaks) if look is None else look
        return self._told(look, speaks, made, caller, key, None)

    def _again(self, kept: Kept, payload: Any, caller: Caller) -> Made:
        self._put_back.remember(kept.noted)
        self._tally.add(caller, kept.lowered)
        return Made(payload, kept.object_name, kept.source, kept.target)

    def _told(
        self,
        look: Look,
        speaks: Manifest,
        made: Any,
        caller: Caller,
        key: Key | None,
        kept: bytes | None,
    ) -> Made:
        """Remember and count what leaves, and keep the result where it is the same for everyone."""
        noted = tuple(self._put_back.noted(look.minded, speaks)) if look.lowered else ()
        self._put_back.remember(noted)
        self._tally.add(caller, look.lowered)
        told = look.object_name, look.source, look.target
        if key is not None and look.is_plain:
            data = _packed(made) if kept is None else kept
            if data is not None:
                self._results.keep(key, Kept(data, noted, look.lowered, *told))
        return Made(made, *told)


def _packed(payload: object) -> bytes | None:
    """An envelope as bytes; None for one that holds more than plain data."""
    try:
        packed: bytes = msgpack.packb(payload)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    return packed


def _unpacked(packed: bytes) -> Any:
    return msgpack.unpackb(packed, strict_map_key=False)
