"""Values of packed payloads: every field type in every shape, short forms, what should not be."""

from __future__ import annotations

import datetime
from typing import Any

import netaddr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oslo_versionedobjects import base, fields

import vobj
from tests.differential.compare import own_registry
from tests.differential.field_types import LEAVES, values
from tests.native.test_decode_values import ODD, PRIMITIVES, TEXTS
from tests.native.unpack_agreement import Unpackings, outline, packed_object, packed_tree, payload

BOTH = pytest.mark.parametrize(
    "root", [base.VersionedObject, vobj.VersionedObject], ids=["foreign", "own"]
)
FEW = settings(
    suppress_health_check=list(HealthCheck),
    max_examples=max(1, settings.default.max_examples // 10),
)


def holder(root: type[Any], **held: fields.Field[Any]) -> type[Any]:
    """A registered class of these fields."""
    return base.VersionedObjectRegistry.register(type("Holder", (root,), {"fields": held}))


def _shapes(kind: str) -> dict[str, fields.Field[Any]]:
    def element(**options: Any) -> fields.Field[Any]:
        return LEAVES[kind](**options)

    listed = fields.List(fields.String())
    listed._element_type = element(nullable=True)
    tabled = fields.Dict(fields.String())
    tabled._element_type = element()
    deep = fields.Dict(fields.String())
    deep._element_type = fields.Field(listed, nullable=True)
    return {
        "maybe": element(nullable=True),
        "some": element(),
        "list": fields.Field(listed, nullable=True),
        "dict": fields.Field(tabled, nullable=True),
        "deep": fields.Field(deep),
    }


def _tree(data: dict[str, Any]) -> dict[str, Any]:
    key = "versioned_object"
    return {
        f"{key}.name": "Holder",
        f"{key}.namespace": "versionedobjects",
        f"{key}.version": "1.0",
        f"{key}.data": data,
    }


@BOTH
@pytest.mark.parametrize("kind", sorted(LEAVES))
@FEW
@given(data=st.data())
def test_every_field_type_is_read(root: type[Any], kind: str, data: st.DataObject) -> None:
    """As a field, as an element of a list, of a dict and of a list in a dict."""
    with own_registry():
        cls = holder(root, **_shapes(kind))
        made = cls()
        for name, held in cls.fields.items():
            # oslo's state machine makes text of None, and its elements share one history.
            if kind == "state" and name != "some":
                continue
            if data.draw(st.integers(0, 3)):
                setattr(made, name, data.draw(values(held, lambda *_: st.nothing())))
        Unpackings().taken(packed_object(made))


@BOTH
@pytest.mark.parametrize("kind", sorted(LEAVES))
@FEW
@given(data=st.data())
def test_what_a_field_should_not_get_is_read_alike(
    root: type[Any], kind: str, data: st.DataObject
) -> None:
    """Any primitive in any place, through the writer and past it."""
    with own_registry():
        shapes = _shapes(kind)
        holder(root, **shapes)
        wrong = {name: data.draw(PRIMITIVES) for name in shapes if data.draw(st.booleans())}
        readings = Unpackings()
        whole = packed_tree(_tree(wrong))
        readings.agree(whole)
        parts = outline(whole)
        for at in range(3, len(parts)):
            odd = data.draw(PRIMITIVES | st.binary(max_size=17) | st.integers(-(2**40), 2**40))
            readings.agree(payload([*parts[:at], odd, *parts[at + 1 :]]))


INSTANTS = (
    0, 1, -1, 86399, 86400, 951782400, 951868800, 4102444799, 65535, 65536, 2**32 - 1, 2**32,
    -62135596800, -62135596801, 253402300799, 253402300800, -(2**63), 2**64 - 1, -32, -33, -2**31,
)  # fmt: skip


@BOTH
@pytest.mark.parametrize("aware", [True, False])
def test_every_instant_is_the_datetime_that_its_text_gives(root: type[Any], aware: bool) -> None:
    """At the ends of the calendar, around leap days, and on one day of each year."""
    with own_registry():
        held = {"at": fields.DateTimeField(tzinfo_aware=aware)}
        cls = holder(root, **held)
        readings = Unpackings()
        start = outline(packed_object(cls(at=datetime.datetime(2026, 3, 14, 15, 9, 26))))
        for number in INSTANTS:
            readings.agree(payload([*start[:3], number]))
        for year in range(1, 10000, 7):
            day = datetime.datetime(year, 1 + year % 12, 1 + year % 28, tzinfo=datetime.UTC)
            number = int((day - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)).total_seconds())
            made = readings.taken(payload([*start[:3], number + year]))
            assert made.at.replace(tzinfo=None) == day.replace(tzinfo=None) + datetime.timedelta(
                seconds=year
            )
        assert readings.refused >= 4


@BOTH
def test_short_forms_are_the_values_of_their_text(root: type[Any]) -> None:
    """UUIDs, MAC addresses, addresses and networks of both versions."""
    held = {
        "any": fields.IPV4AndV6AddressField(),
        "mac": fields.MACAddressField(),
        "net": fields.IPNetworkField(),
        "uuid": fields.UUIDField(),
        "v4": fields.IPAddressField(),
    }
    with own_registry():
        cls = holder(root, **held)
        readings = Unpackings()
        for v4 in ("0.0.0.0", "9.99.100.255", "255.255.255.255", "10.0.0.1"):
            for other in ("::", "::1", "2001:db8::1", "1:0:0:2:0:0:0:3", "64:ff9b::1"):
                obj = cls(
                    any=other,
                    mac="00:0f:f0:ff:a0:9b",
                    net=f"{other}/64",
                    uuid="00010203-0405-0607-0809-0a0b0c0d0eff",
                    v4=v4,
                )
                made = readings.taken(packed_object(obj))
                assert made.v4 == netaddr.IPAddress(v4)
                assert type(made.uuid) is str
                readings.taken(packed_object(cls(any=v4, net=f"{v4}/8")))


@BOTH
@pytest.mark.parametrize("raw", [b"", b"x" * 5, b"x" * 6, b"x" * 15, b"x" * 16, b"x" * 17, 7, -1])
def test_short_forms_of_other_kinds_are_refused_alike(root: type[Any], raw: Any) -> None:
    """A length or a number that is not of the kind, and text that has a short form."""
    kinds = ("uuid", "mac", "ip", "ipv4", "ipv6", "network", "datetime", "string")
    with own_registry():
        holder(root, **{kind: LEAVES[kind](nullable=True) for kind in kinds})
        readings = Unpackings()
        start = outline(packed_tree(_tree(dict.fromkeys(kinds))))
        for at in range(3, len(start)):
            for value in (raw, [raw], [None], ["x"], [], {}, 1.5, 2**40, *TEXTS[3:8]):
                readings.agree(payload([*start[:at], value, *start[at + 1 :]]))
        assert readings.refused > 40


@BOTH
def test_a_set_is_read_in_any_order_with_repetitions(root: type[Any]) -> None:
    """As the Python executor does; elements without a usual form are left to it."""
    with own_registry():
        macs = fields.Field(fields.Set(fields.MACAddress()))
        cls = holder(root, macs=macs, texts=fields.SetOfStringsField())
        start = outline(packed_object(cls(macs={"00:00:00:00:00:01"}, texts={"a", "b"})))
        readings = Unpackings()
        one, other = bytes(5) + b"\1", bytes(5) + b"\2"
        made = readings.taken(payload([*start[:3], [other, one, other], ["b", "a", "b"]]))
        assert made.macs == {"00:00:00:00:00:01", "00:00:00:00:00:02"}
        for odd in ODD:
            readings.agree(payload([*start[:3], [one, odd], [odd]]))


@BOTH
def test_an_enum_that_repeats_keeps_its_text(root: type[Any]) -> None:
    """The same value again, another one, one of no member, and text outside of ASCII."""
    with own_registry():
        held = fields.EnumField(["on", "off", "né", "n☃"])
        cls = holder(root, state=held)
        start = outline(packed_object(cls(state="on")))
        readings = Unpackings()
        for state in ("on", "on", "off", "né", "né", "n☃", "n☃", "on", ""):
            got = readings.agree(payload([*start[:3], state]))
            assert (got is NotImplemented) == (state == "")
