"""msgspec: a Struct per class, written as maps or as arrays."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import msgspec

from benchmarks import questions as ask
from benchmarks.datasets import DataSet
from benchmarks.peers.bench import Bench, object_works
from benchmarks.shapes import annotation, built, classes_of
from benchmarks.timing import Work


def bench(data: DataSet, form: str) -> Bench:
    """form: map or array."""
    classes = classes_of(
        data.shape,
        lambda shape, made: msgspec.defstruct(
            shape.name,
            [(name, annotation(kind, made)) for name, kind in shape.fields.items()],
            array_like=form == "array",
        ),
    )
    subject = built(data.shape, classes, data.values)
    encode = msgspec.msgpack.Encoder().encode
    decode = msgspec.msgpack.Decoder(type(subject)).decode
    payload, primitive = encode(subject), msgspec.to_builtins(subject)
    works: dict[str, Work] = {
        ask.ENCODE: partial(encode, subject),
        ask.DECODE: partial(decode, payload),
    }
    if form == "map":
        works |= {
            ask.CLONE: partial(copy.deepcopy, subject),
            ask.TO_PRIMITIVE: partial(msgspec.to_builtins, subject),
            ask.FROM_PRIMITIVE: partial(msgspec.convert, primitive, type(subject)),
            **object_works(data, classes, data.values, subject),
        }
        if data.old is not None and data.old.by_hand is not None:
            edit, loads = data.old.by_hand, msgspec.msgpack.Decoder().decode
            works[ask.ENCODE_OLDER] = lambda: encode(edit(msgspec.to_builtins(subject)))
            works[ask.BACKPORT] = lambda: encode(edit(loads(payload)))
    return Bench(
        works=works,
        subject=subject,
        plain=_plain,
        decode=decode,
        older=msgspec.msgpack.decode,
        restore=lambda found: msgspec.convert(found, type(subject)),
    )


def _plain(held: Any) -> Any:
    if isinstance(held, msgspec.Struct):
        return {name: _plain(getattr(held, name)) for name in held.__struct_fields__}
    if isinstance(held, list):
        return [_plain(one) for one in held]
    return held
