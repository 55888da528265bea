"""How long does a codec take to encode, decode and backport, against oslo itself?

Theory
    The reference is the shortest way to do the same with oslo.versionedobjects and
    oslo.serialization, on a plain class with hand-written compatibility code. Against it stand the
    codec on that same unmodified class, and the codec on the vobj class of equal fields and
    history. Before anything is timed, every contender's result is compared with that of the
    reference: work that gives something else is not faster, it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oslo_serialization import jsonutils, msgpackutils
from oslo_versionedobjects import base

from benchmarks.datasets import DATED, NEWEST, PLAIN, Family
from benchmarks.timing import Work, best_times
from vobj import Codec

REFERENCE = "oslo"
ON_PLAIN = "vobj, unmodified oslo class"
ON_DATED = "vobj, vobj class"
CONTENDERS = (REFERENCE, ON_PLAIN, ON_DATED)
WIRES: dict[str, tuple[Callable[[Any], bytes], Callable[[Any], Any]]] = {
    "msgpack": (msgpackutils.dumps, msgpackutils.loads),
    "json": (jsonutils.dump_as_bytes, jsonutils.loads),
}


@dataclass(frozen=True)
class Question:
    """One kind of work on one wire, as each contender does it."""

    name: str
    wire: str
    works: Mapping[str, Work]


@dataclass(frozen=True)
class Answer:
    """What one contender took. ratio: how many times as fast as the reference.

    size: the bytes of the result, where it is bytes.
    """

    question: str
    wire: str
    contender: str
    microseconds: float
    ratio: float
    size: int | None


def questions() -> Iterator[Question]:
    """All the work that is timed."""
    for wire in WIRES:
        reference = _oslo(wire)
        on_plain, on_dated = _vobj(wire, PLAIN), _vobj(wire, DATED)
        for name, work in reference.items():
            works = {REFERENCE: work, ON_PLAIN: on_plain[name], ON_DATED: on_dated[name]}
            yield Question(name, wire, works)


def _oslo(wire: str) -> dict[str, Work]:
    dumps, loads = WIRES[wire]
    server, manifest = PLAIN.build(), PLAIN.oldest
    target = manifest["PlainServer"]
    payload = dumps(server.obj_to_primitive())

    def decode(data: bytes) -> Any:
        return base.VersionedObject.obj_from_primitive(loads(data))

    def at_oldest(obj: Any) -> bytes:
        return dumps(obj.obj_to_primitive(target_version=target, version_manifest=manifest))

    return {
        "encode": lambda: dumps(server.obj_to_primitive()),
        "decode": lambda: decode(payload),
        "encode for an older peer": lambda: at_oldest(server),
        "backport, bytes to bytes": lambda: at_oldest(decode(payload)),
    }


def _vobj(wire: str, family: Family) -> dict[str, Work]:
    codec = Codec(wire=wire)
    server, manifest = family.build(), family.oldest
    payload = codec.encode(server)
    return {
        "encode": lambda: codec.encode(server),
        "decode": lambda: codec.decode(payload),
        "encode for an older peer": lambda: codec.encode(server, to=manifest),
        "backport, bytes to bytes": lambda: codec.backport(payload, to=manifest),
    }


def comparable(result: object, wire: str) -> object:
    """A result without what may differ between equal ones.

    That is the prefix of class names and the order of `changes`. In what goes to an older peer it
    is `changes` altogether: oslo leaves names of dropped fields in nested ones and drops renamed
    fields, a vobj class follows renames and filters at every depth.
    """
    if isinstance(result, bytes):
        return comparable(WIRES[wire][1](result), wire)
    if isinstance(result, base.VersionedObject):
        return comparable(result.obj_to_primitive(), wire)
    if isinstance(result, dict):
        return _comparable_dict(result, wire)
    if isinstance(result, list | tuple):
        return [comparable(one, wire) for one in result]
    return result


def _comparable_dict(node: dict[str, Any], wire: str) -> dict[str, object]:
    found = {key: comparable(value, wire) for key, value in node.items()}
    if "versioned_object.name" in node:
        name = node["versioned_object.name"].removeprefix(PLAIN.prefix).removeprefix(DATED.prefix)
        found["versioned_object.name"] = name
        changes: Any = found.pop("versioned_object.changes", ())
        if node["versioned_object.version"] == NEWEST[name]:
            found["versioned_object.changes"] = sorted(changes)
    return found


def check(question: Question) -> None:
    """Raises AssertionError when a contender gives something else than the reference."""
    expected = comparable(question.works[REFERENCE](), question.wire)
    for contender, work in question.works.items():
        if comparable(work(), question.wire) != expected:
            raise AssertionError(
                f"{contender} differs from {REFERENCE}: {question.name}, {question.wire}"
            )


def answers(*, rounds: int, seconds: float) -> Iterator[Answer]:
    """Every contender on every question, the reference first."""
    for question in questions():
        check(question)
        times = best_times(question.works, rounds=rounds, seconds=seconds)
        for contender, taken in times.items():
            result = question.works[contender]()
            yield Answer(
                question=question.name,
                wire=question.wire,
                contender=contender,
                microseconds=round(taken, 2),
                ratio=round(times[REFERENCE] / taken, 2),
                size=len(result) if isinstance(result, bytes) else None,
            )
