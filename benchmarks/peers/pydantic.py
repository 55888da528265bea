"""pydantic: a model per class, written as JSON."""

from __future__ import annotations

from functools import partial
from typing import Any

import pydantic

from benchmarks import questions as ask
from benchmarks.datasets import DataSet
from benchmarks.peers.bench import Bench, object_works
from benchmarks.shapes import annotation, built, classes_of
from benchmarks.timing import Work


def bench(data: DataSet, form: str) -> Bench:
    """form: json."""
    classes = classes_of(
        data.shape,
        lambda shape, made: pydantic.create_model(
            shape.name,
            **{name: (annotation(kind, made), ...) for name, kind in shape.fields.items()},
        ),
    )
    subject = built(data.shape, classes, data.values)
    model = type(subject)

    def encode() -> bytes:
        return subject.model_dump_json().encode()

    payload, primitive = encode(), subject.model_dump(mode=form)
    works: dict[str, Work] = {
        ask.ENCODE: encode,
        ask.DECODE: partial(model.model_validate_json, payload),
        ask.CLONE: partial(subject.model_copy, deep=True),
        ask.TO_PRIMITIVE: partial(subject.model_dump, mode=form),
        ask.FROM_PRIMITIVE: partial(model.model_validate, primitive),
        **object_works(data, classes, data.values, subject),
    }
    return Bench(
        works=works,
        subject=subject,
        plain=_plain,
        decode=model.model_validate_json,
        restore=model.model_validate,
    )


def _plain(held: Any) -> Any:
    return held.model_dump()
