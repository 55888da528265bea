"""What it means that the native executor reads a payload as the Python one does.

Theory
    Either it declines, or it gives the same object: the same classes, the same attributes in each
    `__dict__`, values of exactly the same types, containers that belong to the same owner under the
    same name. Where the Python executor raises, it has to decline. `Readings` counts what was not
    declined, so that a test can say that ordinary payloads are not.
"""

from __future__ import annotations

import datetime
import math
import warnings
from dataclasses import dataclass, field
from typing import Any

import msgpack
import pytest
from oslo_versionedobjects import base, fields

import vobj
from tests.accelerate.describing import kept_by
from tests.differential.compare import Outcome
from vobj import native
from vobj.wires import DEFAULT_LIMITS, Limits

if native.reason is not None:
    pytest.skip(f"the native executor: {native.reason}", allow_module_level=True)

from vobj.jobs.readers import reading

CONTEXT = object()


@dataclass
class Readings:
    """Reads payloads of a base with both executors, and holds one to the other."""

    root: type[base.VersionedObject] = base.VersionedObject
    limits: Limits = DEFAULT_LIMITS
    read: int = 0
    declined: int = 0
    refused: int = 0
    job: Any = field(init=False)

    def __post_init__(self) -> None:
        self.job = reading(self.root, self.limits)
        self.codec = vobj.Codec("msgpack", base=self.root, limits=self.limits, executor="python")

    def agree(self, data: bytes, context: object = CONTEXT) -> Any:
        """The object as the native executor reads it, or NotImplemented."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got = self.job.decode(data, context)
            outcome = Outcome.of(lambda: self.codec.decode(data, context=context))
        if outcome.error is not None:
            assert isinstance(outcome.error, vobj.VobjError)
            assert got is NotImplemented, f"read what is refused, {outcome.error!r}: {data!r}"
            self.refused += 1
            return got
        if got is NotImplemented:
            self.declined += 1
            return got
        self.read += 1
        assert_alike(got, outcome.value, "$")
        return got

    def taken(self, data: bytes, context: object = CONTEXT) -> Any:
        """The same of a payload that may not be declined."""
        got = self.agree(data, context)
        assert got is not NotImplemented, f"declined: {data!r}"
        return got


def written(obj: base.VersionedObject) -> bytes:
    """What oslo.versionedobjects writes."""
    return packed(obj.obj_to_primitive())


def packed(tree: Any) -> bytes:
    """A tree as msgpack."""
    made: bytes = msgpack.packb(tree, use_bin_type=True)
    return made


def assert_alike(got: Any, expected: Any, path: str) -> None:
    """Fails with the path of what differs in value, type or belonging."""
    assert type(got) is type(expected), f"{path}: {type(got)} is not {type(expected)}"
    match expected:
        case base.VersionedObject():
            _objects_alike(got, expected, path)
        case fields.CoercedCollectionMixin():
            assert got._element_type is expected._element_type, path
            assert got._field == expected._field, path
            assert type(got._obj) is type(expected._obj), path
            _items_alike(got, expected, path)
        case list() | tuple() | dict() | set():
            _items_alike(got, expected, path)
        case float() if math.isnan(expected):
            assert math.isnan(got), path
        case datetime.datetime():
            assert got == expected, path
            assert got.fold == expected.fold, path
            assert got.tzinfo is expected.tzinfo or (
                got.tzinfo == expected.tzinfo and expected.tzinfo is not datetime.UTC
            ), path
        case _:
            assert got == expected, f"{path}: {got!r} is not {expected!r}"


def _objects_alike(got: Any, expected: Any, path: str) -> None:
    mine, theirs = kept_by(got), kept_by(expected)
    assert mine.keys() == theirs.keys(), f"{path}: {mine.keys() ^ theirs.keys()}"
    assert mine["_context"] is theirs["_context"], path
    assert type(mine["_changed_fields"]) is set, path
    for name, value in theirs.items():
        if name != "_context":
            assert_alike(mine[name], value, f"{path}.{name}")
        owner = getattr(mine[name], "_obj", None)
        if isinstance(mine[name], fields.CoercedCollectionMixin):
            assert owner is got, f"{path}.{name} belongs to another object"


def _items_alike(got: Any, expected: Any, path: str) -> None:
    assert len(got) == len(expected), path
    match expected:
        case dict():
            for (mine, one), (theirs, other) in zip(got.items(), expected.items(), strict=True):
                assert_alike(mine, theirs, f"{path}, a key")
                assert_alike(one, other, f"{path}[{theirs!r}]")
        case set():
            assert got == expected, path
            assert {type(one) for one in got} == {type(one) for one in expected}, path
        case _:
            for index, (one, other) in enumerate(zip(got, expected, strict=True)):
                assert_alike(one, other, f"{path}[{index}]")
