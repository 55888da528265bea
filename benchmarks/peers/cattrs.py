"""cattrs: an attrs class per class, written as msgpack through its own converter for that."""

from __future__ import annotations

import copy
import importlib
from functools import partial

import attrs

from benchmarks import questions as ask
from benchmarks.datasets import DataSet
from benchmarks.peers.bench import Bench, object_works
from benchmarks.shapes import annotation, built, classes_of
from benchmarks.timing import Work


def bench(data: DataSet, form: str) -> Bench:
    """form: msgpack, or another of cattrs' preconfigured ones that writes bytes."""
    classes = classes_of(
        data.shape,
        lambda shape, made: attrs.make_class(
            shape.name,
            {name: attrs.field(type=annotation(kind, made)) for name, kind in shape.fields.items()},
            slots=True,
        ),
    )
    subject = built(data.shape, classes, data.values)
    cls, converter = (
        type(subject),
        importlib.import_module(f"cattrs.preconf.{form}").make_converter(),
    )
    payload, primitive = converter.dumps(subject), converter.unstructure(subject)
    works: dict[str, Work] = {
        ask.ENCODE: partial(converter.dumps, subject),
        ask.DECODE: partial(converter.loads, payload, cls),
        ask.CLONE: partial(copy.deepcopy, subject),
        ask.TO_PRIMITIVE: partial(converter.unstructure, subject),
        ask.FROM_PRIMITIVE: partial(converter.structure, primitive, cls),
        **object_works(data, classes, data.values, subject),
    }
    return Bench(
        works=works,
        subject=subject,
        plain=attrs.asdict,
        decode=lambda found: converter.loads(found, cls),
        restore=lambda found: converter.structure(found, cls),
    )
