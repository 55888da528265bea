"""Converters with true claims about their loss, for generated histories.

Theory
    A claim is true for every value of the types on both sides, not only for likely ones: the laws
    rely on it. `lossless down` means that `up(down(new)) == new` for all new values, `lossless up`
    that `down(up(old)) == old` for all old ones: integers of up to 30 digits, None and unset where
    the converter sees them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vobj.changes import ABSENT, Converted, ConverterContext, Loss
from vobj.errors import RefusedError
from vobj.history import WireType

INTEGER = WireType("Integer")
STRING = WireType("String")
BOOLEAN = WireType("Boolean")
INTEGERS = WireType("List", element=INTEGER)
STRINGS = WireType("List", element=STRING)
STRING_SET = WireType("Set", element=STRING)
STRING_DICT = WireType("Dict", element=STRING)

SAFE, LOSSY = Loss.LOSSLESS, Loss.LOSSY
_NUMBER = re.compile(r"-?[0-9]{1,30}")


@dataclass(frozen=True)
class Recipe:
    """A pair of functions between two types.

    old, new: the types, without their nullability. options: what `Converted` takes beside them;
    makes_nullable: the newer type takes None and the older one does not.
    """

    name: str
    old: WireType
    new: WireType
    up: Callable[..., Any]
    down: Callable[..., Any]
    up_loss: Loss
    down_loss: Loss
    options: Mapping[str, Any] = field(default_factory=dict)
    makes_nullable: bool = False

    def change(self, since: str, was: object) -> Converted:
        """The change, dated."""
        return Converted(
            since=since,
            was=was,
            up=self.up,
            down=self.down,
            up_loss=self.up_loss,
            down_loss=self.down_loss,
            **self.options,
        )


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0


def _refuse_large(value: int) -> int:
    if value > 1000:
        raise RefusedError(f"{value} is more than 1000")
    return value


def _unset_as_zero(value: Any) -> Any:
    return 0 if value is ABSENT else value


def _first(values: list[Any], default: Any) -> Any:
    return values[0] if values else default


RECIPES: tuple[Recipe, ...] = (
    Recipe("negated", INTEGER, INTEGER, lambda v: -v, lambda v: -v, SAFE, SAFE),
    Recipe("moved", INTEGER, INTEGER, lambda v: v + 1, lambda v: v - 1, SAFE, SAFE),
    Recipe("tenths", INTEGER, INTEGER, lambda v: v * 10, lambda v: v // 10, SAFE, LOSSY),
    Recipe("tens", INTEGER, INTEGER, lambda v: v // 10, lambda v: v * 10, LOSSY, SAFE),
    Recipe("refusing", INTEGER, INTEGER, lambda v: min(v, 1000), _refuse_large, LOSSY, SAFE),
    Recipe("parsed", STRING, INTEGER, _number, str, LOSSY, SAFE),
    Recipe("written", INTEGER, STRING, str, _number, SAFE, LOSSY),
    Recipe("reversed", STRING, STRING, lambda v: v[::-1], lambda v: v[::-1], SAFE, SAFE),
    Recipe("counted", BOOLEAN, INTEGER, int, bool, SAFE, LOSSY),
    Recipe("flagged", INTEGER, BOOLEAN, bool, int, LOSSY, SAFE),
    Recipe("listed", INTEGER, INTEGERS, lambda v: [v], lambda v: _first(v, 0), SAFE, LOSSY),
    Recipe("picked", INTEGERS, INTEGER, lambda v: _first(v, 0), lambda v: [v], LOSSY, SAFE),
    Recipe("uniqued", STRINGS, STRING_SET, lambda v: sorted(set(v)), sorted, LOSSY, SAFE),
    Recipe(
        "keyed",
        STRING,
        STRING_DICT,
        lambda v: {"v": v},
        lambda v: v.get("v", ""),
        SAFE,
        LOSSY,
    ),
    Recipe(
        "none as minus one",
        INTEGER,
        INTEGER,
        lambda v: None if v == -1 else v,
        lambda v: -1 if v is None else v,
        SAFE,
        LOSSY,
        {"nulls": True},
        makes_nullable=True,
    ),
    Recipe(
        "unset as zero",
        INTEGER,
        INTEGER,
        lambda v: v,
        _unset_as_zero,
        LOSSY,
        LOSSY,
        {"absent": True},
    ),
)
"""The converters of one field that take the value alone."""


def beside(peer: str, sign: int) -> Callable[[Any, Mapping[str, Any], ConverterContext], Any]:
    """A converter that adds a peer field, where that is set: lossless when the peer stays."""

    def convert(value: Any, data: Mapping[str, Any], _: ConverterContext) -> Any:
        other = data.get(peer)
        return value if value is None or other is None else value + sign * other

    return convert


def swapped(one: str, other: str) -> Callable[[Mapping[str, Any], ConverterContext], Any]:
    """A group converter that swaps two fields: lossless, also when one of them is unset."""

    def convert(data: Mapping[str, Any], _: ConverterContext) -> Mapping[str, Any]:
        return {one: data.get(other, ABSENT), other: data.get(one, ABSENT)}

    return convert


def folded(value: str, into: str) -> Callable[[Mapping[str, Any], ConverterContext], Any]:
    """Down: keep `value`, which older versions do not have, under a key of the dict `into`."""

    def convert(data: Mapping[str, Any], _: ConverterContext) -> Mapping[str, Any]:
        if data.get(value) is None or into not in data:
            return {}
        return {into: {**data[into], "folded": str(data[value])}}

    return convert


def unfolded(value: str, into: str) -> Callable[[Mapping[str, Any], ConverterContext], Any]:
    """Up: the mirror of `folded`."""

    def convert(data: Mapping[str, Any], _: ConverterContext) -> Mapping[str, Any]:
        text = data.get(into, {}).get("folded")
        if text is None or str(_number(text)) != text:
            return {}
        rest = {key: one for key, one in data[into].items() if key != "folded"}
        return {into: rest, value: _number(text)}

    return convert
