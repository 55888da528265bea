"""fastavro: dicts of the data by a schema; its readers resolve the schema of an older peer."""

from __future__ import annotations

import copy
import io
from typing import Any

import fastavro

from benchmarks import questions as ask
from benchmarks.datasets import DataSet
from benchmarks.datasets.history import SchemaEdits
from benchmarks.peers.bench import Bench
from benchmarks.shapes import Shape, Type
from benchmarks.timing import Work

_PLAIN: dict[str, Any] = {
    "bool": "boolean",
    "int": "long",
    "float": "double",
    "str": "string",
    "time": {"type": "long", "logicalType": "timestamp-micros"},
}


def bench(data: DataSet, form: str) -> Bench:
    """form: schemaless, one record without a header."""
    newest = fastavro.parse_schema(_schema(data.shape, SchemaEdits()))
    subject = data.values
    write = getattr(fastavro, f"{form}_writer")
    read = getattr(fastavro, f"{form}_reader")

    def encode(record: Any = subject, schema: Any = newest) -> bytes:
        file = io.BytesIO()
        write(file, schema, record)
        return file.getvalue()

    payload = encode()

    def decode(found: bytes = payload) -> Any:
        return read(io.BytesIO(found), newest, None)

    works: dict[str, Work] = {
        ask.ENCODE: encode,
        ask.DECODE: decode,
        ask.CLONE: lambda: copy.deepcopy(subject),
    }
    oldest = newest
    if data.old is not None and data.old.edits is not None:
        oldest = fastavro.parse_schema(_schema(data.shape, data.old.edits))
        works[ask.BACKPORT] = lambda: encode(read(io.BytesIO(payload), newest, oldest), oldest)
    return Bench(
        works=works,
        subject=subject,
        plain=lambda found: found,
        decode=decode,
        older=lambda found: read(io.BytesIO(found), oldest, None),
    )


def _schema(shape: Shape, edits: SchemaEdits) -> dict[str, Any]:
    """The schema of a reader. Each record is defined where it is first met."""
    known: set[str] = set()

    def record(one: Shape) -> Any:
        if one.name in known:
            return one.name
        known.add(one.name)
        dropped = edits.dropped.get(one.name, frozenset())
        listed = [field(one, name) for name in one.fields if name not in dropped]
        return {"type": "record", "name": one.name, "fields": listed}

    def field(one: Shape, name: str) -> dict[str, Any]:
        kind = one.fields[name]
        renamed = edits.renamed.get(one.name, {}).get(name)
        choices = edits.choices.get(one.name, {}).get(name, kind.choices)
        named = {"name": renamed, "aliases": [name]} if renamed else {"name": name}
        return {**named, "type": of(kind, f"{one.name}_{name}", choices)}

    def of(kind: Type, path: str, choices: tuple[str, ...] = ()) -> Any:
        found: Any
        if kind.shape is not None:
            found = record(kind.shape)
        elif kind.element is not None:
            inner = of(kind.element, path)
            found = {"type": "map", "values": inner}
            if kind.kind == "list":
                found = {"type": "array", "items": inner}
        elif kind.kind == "enum":
            found = {"type": "enum", "name": path, "symbols": list(choices)}
            found["default"] = choices[-1]
        else:
            found = _PLAIN[kind.kind]
        return ["null", found] if kind.nullable else found

    made: dict[str, Any] = record(shape)
    return made
