"""Values: every field type of oslo, what it usually gets, and what it should not get."""

from __future__ import annotations

import copy
import pickle
import random
from typing import Any

import netaddr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oslo_versionedobjects import base, fields

from tests.differential.compare import own_registry
from tests.differential.field_types import LEAVES, sample
from tests.native.decode_agreement import Readings, packed, written

KEY = "versioned_object"
TEXTS = (
    "",
    "a",
    "on",
    "29f2b9b6-6eb4-4b55-8b8f-3f7a4ec7ce44",
    "29F2B9B6-6eb4-4b55-8b8f-3f7a4ec7ce44",
    "29f2b9b66eb44b558b8f3f7a4ec7ce44",
    "29f2b9b6-6eb4-4b55-8b8f-3f7a4ec7ce4-",
    "29f2b9b6-6eb4-4b55-8b8f-3f7a4ec7ce4g",
    "fa:16:3e:00:00:01",
    "FA:16:3E:00:00:01",
    "fa-16-3e-00-00-01",
    "fa:16:3e:00:00:0g",
    "2026-03-14T15:09:26Z",
    "2026-03-14T15:09:26.5Z",
    "2026-03-14 15:09:26Z",
    "2026-03-14T15:09:26+02:00",
    "2026-03-14T15:09:26",
    "2026-02-30T15:09:26Z",
    "0000-01-01T00:00:00Z",
    "2026-03-14T24:00:00Z",
    "2026-3-14T015:09:26Z",
    "192.0.2.1",
    "0.0.0.0",
    "255.255.255.255",
    "256.0.0.1",
    "192.0.2.01",
    "192.0.2",
    "192.0.2.1.",
    "192.0.2.1 ",
    "1234.0.0.1",
    "2001:db8::1",
    "10.0.0.0/8",
    "7",
    "-7",
    "naïve ☃ 🚀",
    "yes",
    "{}",
    ">=1.0",
)
NUMBERS = (0, 1, -1, 127, 128, -32, -33, 2**15, -(2**15), 2**31, 2**32, 2**63, 2**64 - 1, -(2**63))
ODD = (None, True, False, 0.0, -0.5, 1e300, float("inf"), float("nan"), b"raw", [], {}, *NUMBERS)
SCALARS = st.sampled_from((*TEXTS, *ODD))
PRIMITIVES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(("a", "ü", "")), inner)
    ),
    max_leaves=5,
)


def _class(kind: str, **options: Any) -> type[base.VersionedObject]:
    body = {"fields": {"value": LEAVES[kind](**options)}}
    made: type[base.VersionedObject] = type("Holder", (base.VersionedObject,), body)
    return base.VersionedObjectRegistry.register(made)


def _payload(value: Any, changes: Any = ("value",)) -> bytes:
    return packed(
        {
            f"{KEY}.name": "Holder",
            f"{KEY}.namespace": "versionedobjects",
            f"{KEY}.version": "1.0",
            f"{KEY}.data": {"value": value},
            f"{KEY}.changes": list(changes),
        }
    )


@pytest.mark.parametrize("kind", sorted(LEAVES))
def test_every_field_type_is_read(kind: str) -> None:
    """What a field holds is read natively, whatever its type; so are None and unset."""
    with own_registry():
        cls = _class(kind)
        readings = Readings()
        dice = random.Random(kind)
        for _ in range(20):
            obj = cls(value=sample(cls.fields["value"], dice, lambda *_: None))
            readings.taken(written(obj))
        readings.taken(written(cls()))
        _class(kind, nullable=True)
        if kind != "state":  # which makes text of None
            readings.taken(_payload(None))


@pytest.mark.parametrize("kind", sorted(LEAVES))
def test_values_that_do_not_fit_are_read_alike_or_declined(kind: str) -> None:
    """Every kind of primitive in every type of field: one value or one refusal."""
    with own_registry():
        _class(kind)
        readings = Readings()
        for value in (*TEXTS, *ODD):
            for primitive in (value, [value], {"k": value}, [[value, value]], [value, None]):
                readings.agree(_payload(primitive))


@settings(suppress_health_check=list(HealthCheck), max_examples=400)
@given(st.sampled_from(sorted(LEAVES)), st.booleans(), PRIMITIVES)
def test_drawn_primitives_are_read_alike_or_declined(
    kind: str, nullable: bool, primitive: Any
) -> None:
    """The same with nested ones, in fields that take None and fields that do not."""
    with own_registry():
        _class(kind, nullable=nullable)
        Readings().agree(_payload(primitive))


def test_none_becomes_the_default_where_the_field_is_not_nullable() -> None:
    """oslo sets a copy of the default, coerced, when a peer sends None."""
    with own_registry():
        _class("list_str", default=["a"])
        readings = Readings()
        one = readings.taken(_payload(None))
        assert one.value == ["a"]
        assert one.value is not readings.taken(_payload(None)).value


def test_usual_text_of_each_form_makes_no_call_to_the_field(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A UUID, a MAC, a datetime, an address and an enum are recognized from their bytes."""
    texts = {
        "uuid": "29F2B9B6-6eb4-4b55-8b8f-3f7a4ec7ce44",
        "mac": "fa:16:3e:00:00:01",
        "datetime": "2026-03-14T15:09:26Z",
        "naive_datetime": "2026-03-14T15:09:26Z",
        "ip": "192.0.2.1",
        "ipv4": "192.0.2.1",
        "enum": "on",
    }
    called: list[str] = []

    def counted(*_: Any) -> Any:
        called.append("coerce")
        raise AssertionError

    for kind, text in texts.items():
        with own_registry():
            cls = _class(kind)
            readings = Readings()
            readings.taken(_payload(text))
            # An attribute of the type instance is not looked at again: it would be a slow way.
            monkeypatch.setitem(vars(cls.fields["value"]._type), "coerce", counted)
            assert readings.job.decode(_payload(text)) is not NotImplemented
            monkeypatch.undo()
    assert called == []


def test_an_invalid_uuid_warns_as_oslo_does() -> None:
    """Text that is no UUID is kept, with the warning that oslo gives."""
    with own_registry():
        _class("uuid")
        with pytest.warns(FutureWarning, match="is an invalid UUID"):
            made = Readings().job.decode(_payload("no uuid"))
        assert made.value == "no uuid"


def test_addresses_are_as_good_as_netaddrs_own() -> None:
    """An address that was made here is pickled, copied, compared and hashed like any other."""
    with own_registry():
        _class("ip")
        one = Readings().taken(_payload("192.0.2.1")).value
    theirs = netaddr.IPAddress("192.0.2.1")
    assert one == theirs
    assert (hash(one), repr(one)) == (hash(theirs), repr(theirs))
    assert pickle.loads(pickle.dumps(one)) == theirs
    assert copy.deepcopy(one) == theirs
    assert one + 1 == netaddr.IPAddress("192.0.2.2")


def test_containers_coerce_what_is_added_later() -> None:
    """A list inside a list knows its element type, its owner and its name."""
    with own_registry():
        _class("list_list_str")
        made = Readings().taken(_payload([["a"], []]))
        made.value[0].append(7)
        assert made.value == [["a", "7"], []]
        assert made.value[1]._field == "value[1]"
        with pytest.raises(ValueError, match=r"A list is required in field value\[3\]"):
            made.value.append(7)


def test_an_object_field_takes_only_what_it_declares() -> None:
    """A registered class of another name is refused, unless the field takes subclasses."""
    with own_registry():
        register = base.VersionedObjectRegistry.register
        inner = register(type("Inner", (base.VersionedObject,), {"fields": {}}))
        heir = register(type("Heir", (inner,), {"fields": {}}))
        other = register(type("Other", (base.VersionedObject,), {"fields": {}}))
        for subclasses in (False, True):
            held = {"value": fields.ObjectField("Inner", subclasses=subclasses, nullable=True)}
            register(type("Holder", (base.VersionedObject,), {"fields": held}))
            readings = Readings()
            for cls in (inner, heir, other):
                readings.agree(_payload(cls().obj_to_primitive()))
            readings.taken(_payload(None))
            assert (readings.read, readings.refused) == ((3, 1) if subclasses else (2, 2))
