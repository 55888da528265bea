"""Classes made by number: more fields, deeper nesting, and values that are large or unusual."""

from __future__ import annotations

from typing import Any

from oslo_versionedobjects import base, fields

_KINDS: tuple[tuple[type[fields.Field], Any], ...] = (
    (fields.IntegerField, lambda number: 100_003 + number),
    (fields.StringField, lambda number: f"value {number}"),
    (fields.BooleanField, lambda number: number % 8 == 2),
    (fields.FloatField, lambda number: number / 4),
)


def _class(name: str, declared: dict[str, fields.Field]) -> type[base.VersionedObject]:
    made = type(f"Plain{name}", (base.VersionedObject,), {"VERSION": "1.0", "fields": declared})
    return base.VersionedObjectRegistry.register(made)


def of_fields(count: int) -> base.VersionedObject:
    """One object with this many fields: integers, text, booleans and floats in turn."""
    declared = {f"field_{number}": _KINDS[number % 4][0]() for number in range(count)}
    values = {f"field_{number}": _KINDS[number % 4][1](number) for number in range(count)}
    return _class(f"Fields{count}", declared)(**values)


def of_depth(depth: int) -> base.VersionedObject:
    """This many objects, each but the last with the next one inside. Each has its own class."""
    inner: base.VersionedObject | None = None
    for level in range(depth, 0, -1):
        declared = {"name": fields.StringField(), "level": fields.IntegerField()}
        values: dict[str, Any] = {"name": f"level {level}", "level": level}
        if inner is not None:
            declared["child"] = fields.ObjectField(inner.obj_name())
            values["child"] = inner
        inner = _class(f"Depth{depth}Level{level}", declared)(**values)
    assert inner is not None
    return inner


def wide_dict() -> base.VersionedObject:
    """One dict of a thousand short texts."""
    cls = _class("WideDict", {"items": fields.DictOfStringsField()})
    return cls(items={f"key-{number:04}": f"value {number}" for number in range(1000)})


def large_strings() -> base.VersionedObject:
    """Four texts of 256 KiB each, ASCII."""
    names = [f"text_{number}" for number in range(4)]
    cls = _class("LargeStrings", {name: fields.StringField() for name in names})
    return cls(**{name: f"{name} and more of it; " * (1024 * 256 // 23) for name in names})


def non_ascii() -> base.VersionedObject:
    """Sixteen texts of about two hundred characters, from one to four bytes each in UTF-8."""
    samples = ("Grüße aus Köln, ", "Καλημέρα κόσμε, ", "こんにちは世界、", "🛰️ орбита 🚀 ")
    names = [f"text_{number}" for number in range(16)]
    cls = _class("NonAscii", {name: fields.StringField() for name in names})
    return cls(**{name: samples[at % 4] * 14 for at, name in enumerate(names)})
