"""Payloads of any wire in the versions of a manifest, with what has to be known about it.

Theory
    A payload is an envelope, or bytes that are sniffed; the answer has the same form. Bytes go
    through `Codec.backport`, which builds no object where no callable needs one.

    Beside the result it is found out which objects leave below the version they have, what the
    put-back has to remember of them, and whether the result is the same for everyone (see
    `vobj.conductor.look`). Only such results are kept.

    Whoever must not wait, such as an event loop, asks first what is known of a payload (`see`): a
    backport that runs no code of the service and waits for nobody is over in less time than it
    takes to hand it to a thread and back. What was seen is handed on to the backport either way, so
    that nothing is found out twice.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sized
from typing import Any, NamedTuple

import msgpack
from oslo_versionedobjects import base as oslo

from vobj.codec import WIRES, Codec, executor
from vobj.conductor.kept import ENVELOPE, Kept, Key, Results, unpacked
from vobj.conductor.look import Look, Looks
from vobj.conductor.observed import Caller, Tally
from vobj.conductor.putback import PutBack
from vobj.conductor.telling import Telling
from vobj.errors import PayloadError
from vobj.evolve import Node
from vobj.model import ClassCatalog, ClassSchemas, translated
from vobj.version import Manifest
from vobj.wires import Limits, PackedWire, Wire, sniff
from vobj.wires.limits import check_tree

_BYTES = "msgpack"

# A reader makes room for an array before it has read one element of it, and does so at every depth.
_SHORT_ARRAY = 4_096


class Made(NamedTuple):
    """A payload in other versions; object_name, source and target are of its top object."""

    payload: Any
    object_name: str
    source: str
    target: str


class Seen(NamedTuple):
    """What is known of a payload before its backport.

    form: the wire of bytes, or `primitive`. packed: the payload as bytes; None for an envelope that
    holds more than plain data. key and kept: where the result is kept, and the result. tree: the
    envelope, where it is known and nothing is kept. is_quick: the backport runs no code of the
    service and waits for nobody.
    """

    form: str
    packed: bytes | None
    key: Key | None
    kept: Kept | None
    tree: Node | None = None
    look: Look | None = None
    is_quick: bool = False


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

    def see(self, payload: object, speaks: Manifest) -> Seen:
        """What is known of a payload; takes time by its size, to which whoever asks has held it.

        Raises PayloadError, LimitError and what looking up a class does.
        """
        form, packed, key, kept, *_ = self._begun(payload, speaks)
        if kept is not None:
            return Seen(form, packed, key, kept, is_quick=self._is_quick(kept.noted))
        with translated():
            tree = self._envelope.check(payload if form == ENVELOPE else self._read(form, packed))
            look = self._looks.at(tree, speaks)
        is_quick = look.is_plain and self._is_quick(look.minded)
        return Seen(form, packed, key, None, tree, look, is_quick)

    def backport(
        self,
        context: object,
        payload: object,
        speaks: Manifest,
        caller: Caller,
        seen: Seen | None = None,
    ) -> Made:
        """The payload in the versions of a manifest, in the form it came in.

        seen: what `see` gave. Raises what `Codec.backport` does.
        """
        seen = self._begun(payload, speaks) if seen is None else seen
        if seen.kept is not None:
            return self._again(seen.kept, seen.kept.made(seen.form), caller)
        if seen.key is not None:
            self._results.missed()
        if seen.form != ENVELOPE:
            return self._of_bytes(context, seen, speaks, caller)
        return self._of_envelope(context, payload, seen, speaks, caller)

    def _begun(self, payload: object, speaks: Manifest) -> Seen:
        if isinstance(payload, bytes | bytearray | memoryview):
            packed: bytes | None = bytes(payload)
            with translated():
                form = sniff(packed)
        else:
            form, packed = ENVELOPE, _packed(payload)
        if packed is None or not self._results.is_on:
            return Seen(form, packed, None, None)
        key = Results.key(packed, speaks.fingerprint, form=form)
        return Seen(form, packed, key, self._results.find(key))

    def _read(self, form: str, data: bytes | None) -> object:
        """The tree of bytes, to look at; the codec holds them to the limits when it reads them."""
        if form == _BYTES:
            with contextlib.suppress(ValueError):
                return msgpack.unpackb(
                    data, ext_hook=_stop, max_ext_len=0, max_array_len=_SHORT_ARRAY
                )
        return self._wires[form].decode(data, self._limits)

    def _is_quick(self, remembered: Sized) -> bool:
        return not remembered or self._put_back.is_quick

    def _of_bytes(self, context: object, seen: Seen, speaks: Manifest, caller: Caller) -> Made:
        data, tree = seen.packed, seen.tree
        if tree is None:
            with translated():
                tree = self._envelope.check(self._wires[seen.form].decode(data, self._limits))
        with self._telling(self._envelope.name(tree)):
            made = self._codecs[seen.form].backport(data, speaks, context=context)
        look = self._looks.at(tree, speaks) if seen.look is None else seen.look
        return self._told(look, speaks, made, caller, seen.key, made)

    def _of_envelope(
        self, context: object, payload: object, seen: Seen, speaks: Manifest, caller: Caller
    ) -> Made:
        look = seen.look
        if look is not None and look.is_plain and seen.packed is not None and executor == "native":
            # Plain data both ways: from bytes to bytes is faster than from dict to dict, and the
            # bytes are held to the limits where they are read.
            with self._telling(look.object_name):
                data = self._codecs[_BYTES].backport(seen.packed, speaks, context=context)
            return self._told(look, speaks, unpacked(data), caller, seen.key, data)
        with translated():
            check_tree(payload, self._limits)
            node = self._envelope.check(payload)
        with self._telling(self._envelope.name(node)):
            made = self._codecs[ENVELOPE].backport(node, speaks, context=context)
        look = self._looks.at(node, speaks) if look is None else look
        return self._told(look, speaks, made, caller, seen.key, None)

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


def _stop(code: int, data: bytes) -> object:
    raise ValueError(f"extension type {code} of {len(data)} bytes")


def _packed(payload: object) -> bytes | None:
    """An envelope as bytes; None for one that holds more than plain data."""
    try:
        packed: bytes = msgpack.packb(payload)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    return packed
