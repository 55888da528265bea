"""oslo.versionedobjects with oslo.serialization: the reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oslo_serialization import jsonutils, msgpackutils
from oslo_versionedobjects import base

from benchmarks import questions as ask
from benchmarks.datasets import DataSet
from benchmarks.peers.bench import Bench, object_works
from benchmarks.shapes import bare, value
from benchmarks.timing import Work

TEXT: Mapping[str, tuple[Callable[[Any], bytes], Callable[[Any], Any]]] = {
    "msgpack": (msgpackutils.dumps, msgpackutils.loads),
    "json": (jsonutils.dump_as_bytes, jsonutils.loads),
}


def bench(data: DataSet, wire: str) -> Bench:
    """The shortest way to do each piece of work with oslo itself."""
    dumps, loads = TEXT[wire]
    subject = data.plain
    payload, primitive = dumps(subject.obj_to_primitive()), subject.obj_to_primitive()
    read = data.base.obj_from_primitive

    def encode() -> bytes:
        return dumps(subject.obj_to_primitive())

    def decode() -> Any:
        return read(loads(payload))

    works: dict[str, Work] = {
        ask.ENCODE: encode,
        ask.DECODE: decode,
        ask.CLONE: subject.obj_clone,
        ask.TO_PRIMITIVE: subject.obj_to_primitive,
        ask.FROM_PRIMITIVE: lambda: read(primitive),
        **object_works(data, plain_classes(subject), data.values, subject),
    }
    if data.old is not None:
        manifest = dict(data.old.plain)
        target = manifest[subject.obj_name()]

        def at_oldest(obj: Any) -> bytes:
            return dumps(obj.obj_to_primitive(target_version=target, version_manifest=manifest))

        works[ask.ENCODE_OLDER] = lambda: at_oldest(subject)
        works[ask.BACKPORT] = lambda: at_oldest(decode())

    def decoded(found: bytes) -> Any:
        return read(loads(found))

    return Bench(
        works=works,
        subject=subject,
        plain=value,
        decode=decoded,
        older=lambda found: tree_data(loads(found)),
        restore=read,
        envelope=lambda question, found: envelope(tree(found, loads), older=question in ask.OLDER),
    )


def plain_classes(obj: base.VersionedObject) -> dict[str, type[base.VersionedObject]]:
    """The classes of an object and of those in it, by the names of their shapes."""
    found = {bare(obj.obj_name()): type(obj)}
    for name in obj.fields:
        held = getattr(obj, name) if name in obj else None
        for one in held if isinstance(held, list) else [held]:
            if isinstance(one, base.VersionedObject):
                found.update(plain_classes(one))
    return found


def tree(result: Any, loads: Callable[[Any], Any]) -> Any:
    """A result as the envelope of oslo."""
    if isinstance(result, base.VersionedObject):
        return result.obj_to_primitive()
    return loads(result) if isinstance(result, bytes) else result


def tree_data(node: Any) -> Any:
    """The data in an envelope, without any envelope."""
    if isinstance(node, dict):
        if "versioned_object.data" in node:
            node = node["versioned_object.data"]
        return {key: tree_data(one) for key, one in node.items()}
    if isinstance(node, list | tuple):
        return [tree_data(one) for one in node]
    return node


def envelope(node: Any, *, older: bool) -> Any:
    """An envelope without what may differ between equal ones.

    That is the project, the prefix of class names and the order of `changes`. In what goes to an
    older peer it is `changes` altogether: oslo leaves names of dropped fields in nested ones and
    drops renamed fields, a vobj class follows renames and filters at every depth.
    """
    if isinstance(node, list | tuple):
        return [envelope(one, older=older) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: envelope(one, older=older) for key, one in node.items()}
    if "versioned_object.name" in node:
        found["versioned_object.name"] = bare(node["versioned_object.name"])
        del found["versioned_object.namespace"]
        changes = found.pop("versioned_object.changes", ())
        if not older:
            found["versioned_object.changes"] = sorted(changes)
    return found
