"""protobuf: messages from descriptors that are made at run time, so that no protoc is needed."""

from __future__ import annotations

import datetime
import itertools
from functools import partial
from typing import Any

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    json_format,
    message_factory,
    timestamp_pb2,
)
from google.protobuf.internal import api_implementation

from benchmarks import questions as ask
from benchmarks.datasets import DataSet
from benchmarks.peers.bench import Bench, NotAvailableError, object_works
from benchmarks.shapes import Shape, Type, built, classes_of
from benchmarks.timing import Work

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bool": _Field.TYPE_BOOL,
    "int": _Field.TYPE_INT64,
    "float": _Field.TYPE_DOUBLE,
    "str": _Field.TYPE_STRING,
    "enum": _Field.TYPE_ENUM,
}
_packages = itertools.count()


def bench(data: DataSet, form: str) -> Bench:
    """form: the implementation that is measured, upb."""
    running = api_implementation.Type()
    if running != form:
        raise NotAvailableError(f"protobuf runs its {running} implementation here, not {form}")
    package = f"benchmarks{next(_packages)}"
    described = _file(data.shape, package)
    pool = descriptor_pool.Default()
    pool.Add(described)
    classes = {
        one.name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"{package}.{one.name}")
        )
        for one in described.message_type
    }
    values = _values(data.shape, data.values)
    subject = built(data.shape, classes, values)
    cls = type(subject)
    payload, primitive = subject.SerializeToString(), json_format.MessageToDict(subject)

    def clone() -> Any:
        made = cls()
        made.CopyFrom(subject)
        return made

    works: dict[str, Work] = {
        ask.ENCODE: subject.SerializeToString,
        ask.DECODE: partial(cls.FromString, payload),
        ask.CLONE: clone,
        ask.TO_PRIMITIVE: partial(json_format.MessageToDict, subject),
        ask.FROM_PRIMITIVE: lambda: json_format.ParseDict(primitive, cls()),
        **object_works(data, classes, values, subject),
    }
    return Bench(
        works=works,
        subject=subject,
        plain=partial(_plain, data.shape),
        decode=cls.FromString,
        restore=lambda found: json_format.ParseDict(found, cls()),
    )


def _file(shape: Shape, package: str) -> Any:
    """Every shape as a message of one file."""
    found = descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto",
        package=package,
        syntax="proto3",
        dependency=[timestamp_pb2.DESCRIPTOR.name],
    )
    classes_of(shape, lambda one, _: _message(found.message_type.add(), one, package))
    return found


def _message(message: Any, shape: Shape, package: str) -> Any:
    message.name = shape.name
    place = f".{package}.{shape.name}"
    optional = []
    for number, (name, kind) in enumerate(shape.fields.items(), start=1):
        field = message.field.add(name=name, number=number, label=_Field.LABEL_OPTIONAL)
        if kind.kind == "dict":
            _map_entry(message.nested_type.add(name=f"{_camel(name)}Entry"), kind, package)
            field.label, field.type = _Field.LABEL_REPEATED, _Field.TYPE_MESSAGE
            field.type_name = f"{place}.{_camel(name)}Entry"
            continue
        if kind.kind == "list":
            field.label = _Field.LABEL_REPEATED
        elif kind.nullable and kind.kind in _SCALARS:
            field.proto3_optional = True
            optional.append(field)
        if kind.kind == "enum":
            _enum(message.enum_type.add(name=f"{_camel(name)}Enum"), name, kind)
            field.type_name = f"{place}.{_camel(name)}Enum"
        _typed(field, kind.element or kind, package)
    for index, field in enumerate(optional):
        field.oneof_index = index
        message.oneof_decl.add(name=f"_{field.name}")
    return message


def _typed(field: Any, kind: Type, package: str) -> None:
    if kind.kind in _SCALARS:
        field.type = _SCALARS[kind.kind]
        return
    field.type = _Field.TYPE_MESSAGE
    name = f"{package}.{kind.shape.name}" if kind.shape else "google.protobuf.Timestamp"
    field.type_name = f".{name}"


def _map_entry(entry: Any, kind: Type, package: str) -> None:
    assert kind.element is not None
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=_Field.LABEL_OPTIONAL, type=_Field.TYPE_STRING)
    _typed(entry.field.add(name="value", number=2, label=1), kind.element, package)


def _enum(described: Any, name: str, kind: Type) -> None:
    for number, choice in enumerate(kind.choices):
        described.value.add(name=f"{name}_{choice}", number=number)


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _values(shape: Shape, held: Any) -> dict[str, Any]:
    """The data with enums as numbers and times as messages."""
    return {name: _value(kind, held[name]) for name, kind in shape.fields.items()}


def _value(kind: Type, held: Any) -> Any:
    if held is None:
        return None
    if kind.shape is not None:
        return _values(kind.shape, held)
    if kind.kind == "list" and kind.element is not None:
        return [_value(kind.element, one) for one in held]
    if kind.kind == "enum":
        return kind.choices.index(held)
    if kind.kind == "time":
        moment = timestamp_pb2.Timestamp()
        moment.FromDatetime(held)
        return moment
    return held


def _plain(shape: Shape, message: Any) -> dict[str, Any]:
    return {name: _read(kind, message, name) for name, kind in shape.fields.items()}


def _read(kind: Type, message: Any, name: str) -> Any:
    if kind.nullable and not message.HasField(name):
        return None
    held = getattr(message, name)
    if kind.shape is not None:
        return _plain(kind.shape, held)
    if kind.kind == "dict":
        return dict(held)
    if kind.kind == "list":
        inner = kind.element.shape if kind.element else None
        return [_plain(inner, one) if inner else one for one in held]
    if kind.kind == "enum":
        return kind.choices[held]
    if kind.kind == "time":
        return held.ToDatetime(tzinfo=datetime.UTC)
    return held
