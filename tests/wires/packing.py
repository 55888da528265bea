"""What the tests of the packed wire share: schemas without classes, trees, payloads by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgpack
from hypothesis import strategies as st

from tests.wires.trees import text
from vobj.errors import NewerVersionError, PayloadError, UnknownClassError, VobjError
from vobj.history import Schema, WireType
from vobj.version import Version

PREFIX = "versioned_object"
NAMESPACE = "versionedobjects"
SHORT_KINDS = (
    "DateTime", "UUID", "MACAddress", "IPAddress", "IPV4Address", "IPV6Address",
    "IPV4AndV6Address", "IPNetwork", "IPV4Network", "IPV6Network",
)  # fmt: skip


class Book:
    """Schemas by name and version, as the wire asks for them."""

    prefix = PREFIX

    def __init__(self, *schemas: Schema) -> None:
        self._known = {(one.object_name, one.version): one for one in schemas}

    def written(self, name: str, version: str) -> Schema | None:
        return self._known.get((name, version))

    def read(self, name: str, version: str) -> Schema | None:
        if (name, version) in self._known:
            return self._known[name, version]
        here = [Version.parse(at).xy for one, at in self._known if one == name]
        if not here:
            raise UnknownClassError(f"{name} is unknown", rule="payload/class", object_name=name)
        try:
            wanted = Version.parse(version)
        except VobjError as error:
            raise PayloadError(error.message, rule=error.rule) from None
        if wanted.xy > max(here):
            raise NewerVersionError(f"{name} {version} is newer", object_name=name, version=version)
        return None

    def spoken(self, name: str) -> Mapping[str, str]:
        return {one: at for one, at in self._known if one == name}

    def check_project(self, name: str, namespace: str) -> None:
        if namespace not in (NAMESPACE, "other"):
            raise UnknownClassError(f"{name} of {namespace}", rule="payload/namespace")


def listed(kind: WireType) -> WireType:
    return WireType("List", element=kind)


_OBJECT = WireType("Object", object_name="Leaf")
LEAF = Schema("Leaf", "1.0", {"z": WireType("Integer"), "a": WireType("String", nullable=True)})
EMPTY = Schema("Empty", "1.0", {})
TREE = Schema(
    "Tree",
    "1.2",
    {
        "uuid": WireType("UUID"),
        "leaf": _OBJECT,
        "leaves": listed(_OBJECT),
        "shelves": WireType("Dict", element=listed(_OBJECT)),
        "name": WireType("String"),
        "raw": WireType("JsonText"),
        "when": listed(WireType("DateTime", nullable=True)),
        "homes": WireType("Dict", element=WireType("IPAddress")),
        "marks": WireType("Set", element=WireType("UUID")),
        "words": WireType("Set", element=WireType("String")),
        "opaque": WireType("List"),
    },
)
SCALARS = Schema("Scalars", "1.0", {f"f_{kind}": WireType(kind) for kind in SHORT_KINDS})
BOOK = Book(LEAF, EMPTY, TREE, SCALARS)


def node(schema: Schema, data: Mapping[str, Any], /, *changes: str, **parts: Any) -> dict[str, Any]:
    """The envelope of an object, fields in the order of its schema."""
    made = {
        f"{PREFIX}.name": schema.object_name,
        f"{PREFIX}.namespace": NAMESPACE,
        f"{PREFIX}.version": schema.version,
        f"{PREFIX}.data": dict(data),
    }
    if changes:
        made[f"{PREFIX}.changes"] = list(changes)
    return made | {f"{PREFIX}.{part}": value for part, value in parts.items()}


def defined(schema: Schema, *namespace: str) -> list[Any]:
    """The definition of a schema."""
    fingerprint = bytes.fromhex(schema.fingerprint)
    return [schema.object_name, schema.version, fingerprint, *namespace]


def payload(value: Any) -> bytes:
    """The bytes of a msgpack value behind magic byte and format number."""
    packed: bytes = msgpack.packb(value, use_bin_type=True)
    return b"\xc1\x01" + packed


def inside(data: bytes) -> Any:
    """The msgpack value of a payload."""
    assert data[:2] == b"\xc1\x01"
    return msgpack.unpackb(data[2:])


_plain = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False),
        text, st.binary(max_size=20),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip

short_texts = st.one_of(
    st.datetimes().map(lambda one: f"{one.replace(microsecond=0).isoformat()}Z"),
    st.uuids().map(str),
    st.ip_addresses().map(str),
    st.builds("{}/{}".format, st.ip_addresses(), st.integers(0, 140)),
    st.binary(min_size=6, max_size=6).map(lambda one: one.hex(":")),
    text,
)


def values(kind: WireType, depth: int) -> st.SearchStrategy[Any]:
    """Values that fit a wire type most of the time."""
    match kind.kind:
        case "List" | "Set" if kind.element is not None:
            some = st.lists(values(kind.element, depth), max_size=3)
        case "Dict" if kind.element is not None:
            some = st.dictionaries(text, values(kind.element, depth), max_size=3)
        case "Object":
            some = nodes(depth - 1)
        case "String" | "Integer" | "JsonText" | "List":
            some = _plain
        case _:
            some = short_texts
    return st.one_of(some, some, some, st.none(), _plain)


@st.composite
def nodes(draw: st.DrawFn, depth: int = 3) -> dict[str, Any]:
    """Envelopes of the schemas above; some do not fit their schema."""
    chosen = draw(st.sampled_from([LEAF, EMPTY, SCALARS, *([TREE] * 3 if depth > 0 else [])]))
    names = list(chosen.fields)
    if not draw(st.booleans()):
        names = [name for name in names if draw(st.booleans())]
    data = {name: draw(values(chosen.fields[name], depth)) for name in names}
    changes = draw(st.sampled_from([[], names, names[:2], list(chosen.fields)[1:]]))
    made = node(chosen, data, *changes)
    match draw(st.integers(0, 19)):
        case 0:
            made[f"{PREFIX}.data"]["extra"] = draw(_plain)
        case 1:
            made[f"{PREFIX}.version"] = draw(st.sampled_from(["1.7", "", "1.0.1"]))
        case 2:
            made[f"{PREFIX}.namespace"] = "other"
        case 3:
            made[f"{PREFIX}.changes"] = ["z", "nobody"]
        case 4:
            made["more"] = draw(_plain)
        case _:
            pass
    return made
