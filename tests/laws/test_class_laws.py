"""The laws on real classes: registered, with oslo fields, encoded on every wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oslo_versionedobjects.base import VersionedObject

import vobj
from vobj.testkit import laws, object_laws
from vobj.testkit.classes import Classes, object_of, registered
from vobj.testkit.edits import edits
from vobj.testkit.exchange import tree_of
from vobj.testkit.stories import Family, manifest
from vobj.testkit.strategies import families, payloads, versions

CASES = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    max_examples=max(1, settings.default.max_examples // 5),
)
WIRES = pytest.mark.parametrize("wire", ["primitive", "json", "msgpack", "packed"])


class Sent(NamedTuple):
    """An object of a registered family and a peer's versions."""

    family: Family
    classes: Classes
    codec: vobj.Codec
    obj: VersionedObject
    at: dict[str, int]

    @property
    def to(self) -> vobj.Manifest:
        """What the peer asks for."""
        return manifest(self.at)


@contextmanager
def sent(data: st.DataObject, wire: str) -> Iterator[Sent]:
    """One drawn object, while its classes are registered."""
    family = data.draw(families(max_versions=4))
    with registered(family) as classes:
        obj = object_of(classes, data.draw(payloads(family)))
        yield Sent(family, classes, vobj.Codec(wire), obj, data.draw(versions(family)))


@CASES
@given(families())
def test_a_class_body_gives_the_history_that_was_told(family: Family) -> None:
    """A registered class has at every version the schema that was told of it."""
    with registered(family) as classes:
        for story in family.stories:
            history = vobj.history_of(classes[story.name])
            for minor, moment in enumerate(story.moments):
                assert history.schema(f"1.{minor}").fields == moment.fields


@WIRES
@CASES
@given(data=st.data())
def test_encoding_for_a_peer_is_encoding_and_backporting(data: st.DataObject, wire: str) -> None:
    """Law (g): backport(encode(x), to) == encode(x, to) byte for byte."""
    with sent(data, wire) as case:
        object_laws.check_encode_for_peer(case.codec, case.obj, case.to)


@WIRES
@CASES
@given(data=st.data())
def test_what_was_encoded_is_encoded_again_as_it_was(data: st.DataObject, wire: str) -> None:
    """Law (i): encode(decode(b)) == b for what this codec encoded at the current version."""
    with sent(data, wire) as case:
        object_laws.check_encode_again(case.codec, case.obj)


@WIRES
@CASES
@given(data=st.data())
def test_decoding_upgrades_and_remembers_the_stamp(data: st.DataObject, wire: str) -> None:
    """An older payload decodes to what its upgrade says, and the object knows what it was."""
    with sent(data, wire) as case:
        older = laws.backport_or_none(case.codec, case.codec.encode(case.obj), case.to)
        assume(older is not None)
        object_laws.check_decode_upgrades(case.codec, older)


@WIRES
@CASES
@given(data=st.data())
def test_the_laws_of_backport_hold_for_payloads_of_objects(data: st.DataObject, wire: str) -> None:
    """Laws (a), (b), (c), (e) and (h) on what a codec encodes of real objects."""
    with sent(data, wire) as case:
        newest = case.codec.encode(case.obj)
        laws.check_backport_again(case.codec, newest, case.to)
        laws.check_visible_survives(case.codec, newest, case.to)
        laws.check_untouched_put_back(case.codec, newest, case.to)
        older = laws.backport_or_none(case.codec, newest, case.to)
        if older is not None:
            laws.check_older_survives(case.codec, older, case.to)
        between = manifest(data.draw(versions(case.family, at_most=case.at)))
        laws.check_hops(case.codec, newest, [case.to, between])


@CASES
@given(data=st.data())
def test_an_edit_of_a_real_payload_is_seen_by_who_made_it(data: st.DataObject) -> None:
    """Law (d) on what a codec encodes of real objects."""
    with sent(data, "primitive") as case:
        newest: Any = case.codec.encode(case.obj)
        older = laws.backport_or_none(case.codec, newest, case.to)
        assume(older is not None)
        edited = data.draw(edits(case.family, tree_of(case.codec, older), case.at))
        laws.check_edit_shows(case.codec, newest, edited, case.to)
        laws.check_edit_twice(case.codec, newest, edited, case.to)
