"""vobj: unmodified oslo classes through a codec, and classes of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from oslo_versionedobjects import base

import vobj
from benchmarks import questions as ask
from benchmarks.datasets import DataSet
from benchmarks.peers import oslo
from benchmarks.peers.bench import Bench, NotAvailableError, object_works
from benchmarks.shapes import value
from benchmarks.timing import Work
from vobj import Codec

_undo: list[Any] = []


def unmodified(data: DataSet, wire: str) -> Bench:
    """The codec on the classes of oslo as they are."""
    old = None if data.old is None else data.old.plain
    return _bench(data, wire, data.plain, _codec(wire, data.base), old)


def own(data: DataSet, wire: str) -> Bench:
    """The codec on classes of vobj."""
    old = None if data.old is None else data.old.own
    return _bench(data, wire, data.own, _codec(wire, base.VersionedObject), old)


def accelerated(data: DataSet, wire: str) -> Bench:
    """oslo's own calls on unmodified classes, after `vobj.accelerate` of the root of them all."""
    accelerate = getattr(vobj, "accelerate", None)
    if accelerate is None:
        raise NotAvailableError("there is no vobj.accelerate")
    data.plain  # noqa: B018 - classes that this makes are to be there when they are accelerated
    while _undo:
        _undo.pop().undo()
    _undo.append(accelerate(base.VersionedObject))
    return oslo.bench(data, wire)


def _codec(wire: str, root: type) -> Codec:
    try:
        return Codec(wire=wire, base=root)
    except vobj.UsageError as error:
        if error.rule == "wire/unknown":
            raise NotAvailableError(f"there is no {wire} wire") from None
        raise


def _bench(data: DataSet, wire: str, subject: Any, codec: Codec, old: Any) -> Bench:
    payload, primitive = codec.encode(subject), subject.obj_to_primitive()
    read = codec.base.obj_from_primitive
    works: dict[str, Work] = {
        ask.ENCODE: partial(codec.encode, subject),
        ask.DECODE: partial(codec.decode, payload),
        ask.CLONE: subject.obj_clone,
        ask.TO_PRIMITIVE: subject.obj_to_primitive,
        ask.FROM_PRIMITIVE: partial(read, primitive),
        **object_works(data, oslo.plain_classes(subject), data.values, subject),
    }
    if old is not None:
        works[ask.ENCODE_OLDER] = partial(codec.encode, subject, old)
        works[ask.BACKPORT] = partial(codec.backport, payload, old)

    def loads(found: bytes, *, older: bool = False) -> Any:
        """As a peer reads it; packed bytes by way of the msgpack wire."""
        if wire in oslo.TEXT:
            return oslo.TEXT[wire][1](found)
        received = codec.decode(found)
        if not older:
            return received.obj_to_primitive()
        # Decoding upgrades, so that the bytes are of the old version is asked in another way.
        left = codec.explain(found, to=old)
        assert not left, f"{left[0]} is left to do after a backport"
        again = Codec(wire="msgpack", base=codec.base).encode(received, to=old)
        return oslo.TEXT["msgpack"][1](again)

    def envelope(question: str, found: Any) -> Any:
        older = question in ask.OLDER
        return oslo.envelope(oslo.tree(found, partial(loads, older=older)), older=older)

    return Bench(
        works=works,
        subject=subject,
        plain=value,
        decode=codec.decode,
        older=lambda found: oslo.tree_data(loads(found, older=True)),
        restore=read,
        envelope=envelope,
    )
