"""The public msgpack test vectors, and random trees, against the `msgpack` package.

`msgpack-test-suite.json` is the data set of Yusuke Kawasaki's msgpack-test-suite, under the MIT
licence beside it: values, and the forms that each can be written in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_versionedobjects import fields

import vobj
from fuzz.executors import NativeAlone
from vobj import Codec, NoChange, native
from vobj.errors import PayloadError

pytestmark = pytest.mark.skipif(
    native.reason is not None, reason=f"the native executor: {native.reason}"
)

SUITE = json.loads((Path(__file__).parent / "msgpack-test-suite.json").read_text())
EXECUTORS = ("native", "python")


@vobj.register
class VectorBox(vobj.VersionedObject):
    """Holds any value."""

    VERSION = "1.1"
    history = [NoChange("1.1")]

    value: Any = vobj.field(type=fields.Field(fields.FieldType(), nullable=True))


def bytes_of(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", ""))


def forms(*, extensions: bool) -> list[bytes]:
    """Every form of every value, of the groups that are extension types or of all others."""
    return [
        bytes_of(text)
        for group, cases in SUITE.items()
        if group.startswith(("50.", "60.")) == extensions
        for case in cases
        for text in case["msgpack"]
    ]


VALUES = forms(extensions=False)
EXTENSIONS = forms(extensions=True)
SHORTEST = [raw for raw in VALUES if msgpack.packb(msgpack.unpackb(raw)) == raw]


def envelope(raw: bytes, version: str = "1.1") -> bytes:
    """The payload of a box around a value as it is written."""
    head = msgpack.packb(
        {
            "versioned_object.name": "VectorBox",
            "versioned_object.namespace": "versionedobjects",
            "versioned_object.version": version,
        }
    )
    keys = msgpack.packb("versioned_object.data") + b"\x81" + msgpack.packb("value")
    return b"\x84" + head[1:] + keys + raw


def exact(value: Any) -> Any:
    """A value with the types inside it; floats by their bits, so that nan and -0.0 are told."""
    if isinstance(value, list | tuple):
        return [exact(one) for one in value]
    if isinstance(value, dict):
        return {key: exact(one) for key, one in value.items()}
    return type(value).__name__, msgpack.packb(value) if isinstance(value, float) else value


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(("raw", "text"), [(raw, raw.hex("-")) for raw in VALUES])
def test_every_form_is_read_as_msgpack_reads_it(raw: bytes, text: str, executor: str) -> None:
    """The same value of the same type, from the shortest form and from longer ones."""
    wanted = msgpack.unpackb(raw)
    got = Codec("msgpack", executor=executor).decode(envelope(raw)).value
    assert exact(got) == exact(wanted), text


@pytest.mark.parametrize("raw", SHORTEST, ids=lambda raw: raw.hex("-"))
def test_the_shortest_form_is_read_and_copied_natively(raw: bytes) -> None:
    """None of them is left to the Python executor."""
    alone = NativeAlone("msgpack", executor="native")
    assert exact(alone.decode(envelope(raw)).value) == exact(msgpack.unpackb(raw))
    assert alone.backport(envelope(raw), to="1.0") == envelope(raw, "1.0")


@pytest.mark.parametrize(("raw", "text"), [(raw, raw.hex("-")) for raw in SHORTEST])
def test_the_shortest_form_is_what_is_written(raw: bytes, text: str) -> None:
    """The bytes of `msgpack.packb`, by both executors and to an older version."""
    box = VectorBox(value=msgpack.unpackb(raw))
    box.obj_reset_changes()
    for executor in EXECUTORS:
        codec = Codec("msgpack", executor=executor)
        assert codec.encode(box) == envelope(msgpack.packb(box.value)), text
        assert codec.encode(box, to="1.0") == envelope(msgpack.packb(box.value), "1.0"), text


@pytest.mark.parametrize("raw", VALUES, ids=lambda raw: raw.hex("-")[:40])
def test_a_value_that_is_passed_over_comes_out_in_the_shortest_form(raw: bytes) -> None:
    """A backport from bytes to bytes writes what `msgpack.packb` writes, also of longer forms."""
    wanted = envelope(msgpack.packb(msgpack.unpackb(raw)), "1.0")
    for executor in EXECUTORS:
        assert Codec("msgpack", executor=executor).backport(envelope(raw), to="1.0") == wanted


@pytest.mark.parametrize("raw", EXTENSIONS, ids=lambda raw: raw.hex("-")[:40])
def test_extensions_that_oslo_has_not_are_refused_by_both(raw: bytes) -> None:
    """What is an extension type of nobody, or one whose content is not what it has to be."""
    told = set()
    for executor in EXECUTORS:
        with pytest.raises(PayloadError, match="msgpack") as caught:
            Codec("msgpack", executor=executor).decode(envelope(raw))
        told.add(str(caught.value))
    assert len(told) == 1


KEYS = st.text("abcé", max_size=4)
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    | st.binary(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=20)
        | st.dictionaries(st.text("abcé", max_size=4), inner, max_size=20)
    ),
    max_leaves=40,
)


@given(TREES)
def test_random_trees_are_those_of_msgpack(tree: Any) -> None:
    """Written to the same bytes, read to the same values, copied as they are; packed as well."""
    raw = msgpack.packb(tree)
    box = VectorBox(value=tree)
    box.obj_reset_changes()
    for executor in EXECUTORS:
        codec = Codec("msgpack", executor=executor)
        assert codec.encode(box) == envelope(raw)
        assert exact(codec.decode(envelope(raw)).value) == exact(msgpack.unpackb(raw))
        assert codec.backport(envelope(raw), to="1.0") == envelope(raw, "1.0")
        assert codec.upgrade(envelope(raw, "1.0")) == envelope(raw)
    packed = {executor: Codec("packed", executor=executor) for executor in EXECUTORS}
    data = packed["native"].encode(box)
    assert data == packed["python"].encode(box)
    for codec in packed.values():
        assert exact(codec.decode(data).value) == exact(msgpack.unpackb(raw))
        assert codec.upgrade(codec.backport(data, to="1.0")) == data


@given(TREES, st.data())
def test_every_cut_of_a_tree_is_refused(tree: Any, data: st.DataObject) -> None:
    """A payload that ends early is malformed, wherever it ends."""
    whole = envelope(msgpack.packb(tree))
    short = whole[: data.draw(st.integers(0, len(whole) - 1))]
    for executor in EXECUTORS:
        codec = Codec("msgpack", executor=executor)
        with pytest.raises(PayloadError, match="payload/malformed"):
            codec.decode(short)
        with pytest.raises(PayloadError, match="payload/malformed"):
            codec.backport(short, to="1.0")
