"""What a library can do with one data set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks import questions as ask
from benchmarks.datasets import DataSet
from benchmarks.shapes import comparable, constructor, reader, writer
from benchmarks.timing import Work


class NotAvailableError(Exception):
    """Here and now this contender cannot take part; the text says why."""


@dataclass(frozen=True)
class Outcome:
    """What work gave, as text that is equal for all contenders that do it right.

    data: the plain data. envelope: with names, versions and changes, where there are any. size: the
    bytes of the result, where it is bytes.
    """

    data: str
    envelope: str | None
    size: int | None


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The work of one contender on one data set.

    works: by question; what the library does not do is not in it. repeats: how many times one piece
    of work does what the question asks. subject: the object that works are done on. plain: an
    object of the library as plain data. decode: its bytes to an object. older: bytes of the oldest
    version to plain data. restore: a primitive to an object. envelope: a result as the envelope
    of oslo, where the contender has one.
    """

    works: Mapping[str, Work]
    subject: Any
    plain: Callable[[Any], Any]
    decode: Callable[[bytes], Any]
    older: Callable[[bytes], Any] | None = None
    restore: Callable[[Any], Any] | None = None
    envelope: Callable[[str, Any], Any] | None = None

    def outcome(self, question: str) -> Outcome:
        """Does the work once, and says what came of it."""
        result: Any = self.works[question]()
        size = len(result) if isinstance(result, bytes) else None
        data = text(comparable(self._data(question, result)))
        if self.envelope is None or question in ask.ATTRIBUTES:
            return Outcome(data, None, size)
        return Outcome(data, text(self.envelope(question, result)), size)

    def _data(self, question: str, result: Any) -> Any:
        if question in ask.ATTRIBUTES:
            return self.plain(self.subject)
        if question in ask.OLDER:
            assert self.older is not None
            return self.older(result)
        if question == ask.ENCODE:
            return self.plain(self.decode(result))
        if question == ask.TO_PRIMITIVE:
            assert self.restore is not None
            return self.plain(self.restore(result))
        return self.plain(result)


def text(found: Any) -> str:
    """Plain data in one spelling."""
    return json.dumps(found, sort_keys=True, ensure_ascii=False)


def repeats(question: str, data: DataSet) -> int:
    """How many times one piece of work does what the question asks."""
    many = {ask.GET: len(data.shape.fields), ask.SET: len(ask.SETTABLE)}
    return {**many, ask.SET_CHECKED: len(ask.CHECKED)}.get(question, 1)


def object_works(
    data: DataSet, classes: Mapping[str, Any], values: Mapping[str, Any], subject: object
) -> dict[str, Work]:
    """Construct, get and set, for the data set that asks for them.

    classes: by the names of shapes. values: the data as these classes want it.
    """
    if data.name != ask.SERVER:
        return {}
    return {
        ask.CONSTRUCT: constructor(data.shape, classes, values),
        ask.GET: reader(subject, tuple(data.shape.fields)),
        ask.SET: writer(subject, {name: values[name] for name in ask.SETTABLE}),
        ask.SET_CHECKED: writer(subject, {name: values[name] for name in ask.CHECKED}),
    }
