"""What peers exchange here: payloads written out by hand, and the ways that must agree on them.

Theory
    Expected payloads are made by `node`, from a name, a version and plain data; no code under test
    has a part in them. `sent` and `refusal` ask the same of an object and of its newest payload, on
    every wire, and return the one answer.

    Classes at module level carry the name of the project whose class they are modelled after, so
    that no other test has them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import pytest
from oslo_serialization import jsonutils, msgpackutils
from oslo_versionedobjects import base

from vobj import Codec, Finding, VobjError
from vobj.errors import render_path

Node = dict[str, Any]
To = Mapping[str, str] | str
E = TypeVar("E", bound=Exception)

CODEC = Codec("primitive")


def node(
    name: str,
    version: str,
    data: Mapping[str, Any],
    *,
    unchanged: Collection[str] = (),
    prefix: str = "versioned_object",
    namespace: str = "versionedobjects",
) -> Node:
    """An envelope; every field counts as changed, in the order of `data`, but for `unchanged`."""
    made: Node = {
        f"{prefix}.name": name,
        f"{prefix}.namespace": namespace,
        f"{prefix}.version": version,
        f"{prefix}.data": dict(data),
    }
    changes = [one for one in data if one not in unchanged]
    if changes:
        made[f"{prefix}.changes"] = changes
    return made


def sent(
    obj: base.VersionedObject,
    to: To,
    *,
    context: object = None,
    policy: str | None = None,
    root: type[base.VersionedObject] = base.VersionedObject,
) -> Node:
    """What a peer gets: the same from the object and from its newest payload, on every wire."""
    codec = Codec("primitive", base=root, policy=policy)
    newest = codec.encode(obj)
    made = codec.encode(obj, to=to, context=context)
    assert codec.backport(newest, to=to, context=context) == made
    assert codec.encode(obj) == newest, "the object is not what it was"
    packed = Codec("packed", base=root)._wire.decode
    loads = {"json": jsonutils.loads, "msgpack": msgpackutils.loads, "packed": packed}
    for wire, load in loads.items():
        other = Codec(wire, base=root, policy=policy)
        text = other.encode(obj, to=to, context=context)
        assert other.backport(other.encode(obj), to=to, context=context) == text
        assert _lists(load(text)) == _lists(made)
    return made


def _lists(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _lists(value) for key, value in tree.items()}
    return [_lists(one) for one in tree] if isinstance(tree, list | tuple) else tree


def data_of(payload: Node, *path: str | int) -> Any:
    """The data of an envelope, or what stands in it at the end of a path of fields and indexes."""
    found: Any = payload["versioned_object.data"]
    for one in path:
        if isinstance(found, dict) and "versioned_object.data" in found:
            found = found["versioned_object.data"]
        found = found[one]
    return found


def refusal(
    obj: base.VersionedObject,
    to: To,
    kind: type[E],
    text: str,
    *,
    context: object = None,
    policy: str | None = None,
) -> E:
    """The error that the object and its newest payload raise alike."""
    codec = Codec("primitive", policy=policy)
    newest = codec.encode(obj)
    with pytest.raises(kind, match=text) as direct:
        codec.encode(obj, to=to, context=context)
    with pytest.raises(kind, match=text) as relayed:
        codec.backport(newest, to=to, context=context)
    assert type(direct.value) is type(relayed.value)
    assert str(direct.value) == str(relayed.value)
    return direct.value


def rule_of(error: Exception) -> tuple[str, str]:
    """The rule that an error names, and the path it names it for."""
    assert isinstance(error, VobjError)
    return error.rule, render_path(error.path)


def effects(findings: list[Finding]) -> list[tuple[str, str, str | None]]:
    """What `explain` found, as (path, effect, version)."""
    told = [one.to_dict() for one in findings]
    return [(str(one["path"]), str(one["effect"]), one["at"]) for one in told]


def received(payload: Node) -> Any:
    """The object that a peer of today reads."""
    return CODEC.decode(payload)
