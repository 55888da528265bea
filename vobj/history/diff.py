"""The difference of two schemas, as data with stable rule ids."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vobj.history.schema import Schema, WireType


@dataclass(frozen=True)
class Difference:
    """One difference between two schemas; `rule` is a stable id such as `field/removed`."""

    rule: str
    field: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        return f"{self.field}: {self.old or '-'} -> {self.new or '-'} [{self.rule}]"


def diff(old: Schema, new: Schema) -> list[Difference]:
    """What differs from `old` to `new`, sorted by field.

    Rules: field/added, field/removed, field/nullable (None became allowed), field/not-null,
    field/values (the closed value set), field/child (the declared object), field/type.
    """
    found: list[Difference] = []
    for name in sorted({*old.fields, *new.fields}):
        before, after = old.fields.get(name), new.fields.get(name)
        if before is None:
            found.append(Difference("field/added", name, None, str(after)))
        elif after is None:
            found.append(Difference("field/removed", name, str(before), None))
        else:
            found += [
                Difference(rule, name, str(before), str(after)) for rule in _rules(before, after)
            ]
    return found


def _rules(old: WireType, new: WireType) -> list[str]:
    rules = []
    if old.nullable != new.nullable:
        rules.append("field/nullable" if new.nullable else "field/not-null")
    old, new = replace(old, nullable=False), replace(new, nullable=False)
    if old == new:
        return rules
    if old.text != new.text:
        return [*rules, "field/type"]
    before, after = old.child(), new.child()
    if before is not None and before != after:
        return [*rules, "field/child"]
    return [*rules, "field/values"]
