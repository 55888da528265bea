"""What a backport would do, told before it is sent."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from tests.evolve.fleet import (
    FLEET,
    NIC,
    NIC_TYPE,
    data,
    keyed,
    listed,
    nic,
    note,
    one_class,
    server,
    world,
)
from tests.evolve.foreign import foreign
from tests.history.declaring import NUMBER, OBJECT, TEXT, converted, field, history, nullable
from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    FieldChange,
    Loss,
    Mapped,
    Noted,
    Nullable,
    Refused,
    Removed,
    Renamed,
)
from vobj.errors import ManifestError, PayloadError, RefusedError
from vobj.evolve import Finding, backport, explain
from vobj.evolve.hook import record_hook
from vobj.history import WireType
from vobj.testkit.bare import BareCodec, node

Told = tuple[str, str, str | None, str, str]


def found(codec: BareCodec, payload: Any, to: Any = "1.0") -> list[Told]:
    """Path, effect, version, loss and detail of every finding; the object is the innermost."""
    return [
        (str(one["path"]), str(one["effect"]), one["at"], str(one["loss"]), str(one["detail"]))
        for one in (finding.to_dict() for finding in codec.explain(payload, to))
    ]


def fails(_value: object) -> object:
    raise OSError("disk is gone")


def refuses(_value: object) -> object:
    raise RefusedError("no such speed there")


@pytest.mark.parametrize(
    ("kind", "change", "payload", "finding"),
    [
        (TEXT, Added(since="1.1"), {"a": "x"}, ("dropped", "lossy", "'x'")),
        (TEXT, Added(since="1.1"), {"a": "x" * 99},
         ("dropped", "lossy", "'" + "x" * 76 + "...")),
        (TEXT, Removed(since="1.1", restore=0), {}, ("restored", "lossless", "0")),
        (TEXT, Renamed("b", since="1.1"), {"a": "x"}, ("renamed", "lossless", "b")),
        (TEXT, Mapped({"n": "o"}, since="1.1"), {"a": "n"}, ("mapped", "lossy", "'n' -> 'o'")),
        (TEXT, Mapped({"n": ABSENT}, since="1.1"), {"a": "n"},
         ("mapped", "lossy", "'n' -> ABSENT")),
        (nullable(TEXT), Nullable(since="1.1", none_as="-"), {"a": None},
         ("substituted", "lossy", "'-'")),
        (TEXT, Noted("careful", since="1.1"), {"a": "x"}, ("noted", "lossless", "careful")),
        (TEXT, Refused({"x"}, since="1.1", reason="no x"), {"a": "x"},
         ("refused", "may fail", "no x")),
        (TEXT, Refused({"x"}, since="1.1", exception=KeyError), {"a": "x"},
         ("refused", "may fail", "a is 'x', which versions below 1.1 cannot express")),
        (NUMBER, converted("1.1", down=str), {"a": 1}, ("converted", "lossy", "1 -> '1'")),
        (NUMBER, converted("1.1", down=str, down_loss=Loss.LOSSLESS), {"a": 1},
         ("converted", "lossless", "1 -> '1'")),
        (NUMBER, converted("1.1", down=fails), {"a": 1},
         ("refused", "may fail", "The converter of 1.1 failed: OSError: disk is gone")),
        (NUMBER, converted("1.1", down=refuses), {"a": 1},
         ("refused", "may fail", "no such speed there")),
    ],
)  # fmt: skip
def test_a_finding_of_each_kind(
    kind: WireType, change: FieldChange, payload: dict[str, Any], finding: tuple[str, str, str]
) -> None:
    """Each change tells what it does, where, at which version, and what is lost."""
    was = {"1.1": TEXT} if hasattr(change, "up") else None
    codec = one_class(field("a", kind, change, was=was))
    effect, loss, detail = finding
    assert found(codec, server("1.1", **payload)) == [("$.a", effect, "1.1", loss, detail)]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (TEXT, Added(since="1.1")),
        (TEXT, Removed(since="1.1")),
        (TEXT, Renamed("b", since="1.1")),
        (TEXT, Mapped({"n": "o"}, since="1.1")),
        (nullable(TEXT), Nullable(since="1.1", none_as="-")),
        (TEXT, Noted("careful", since="1.1")),
        (TEXT, Refused({"x"}, since="1.1")),
    ],
)
def test_what_does_not_happen_is_not_told(kind: WireType, change: FieldChange) -> None:
    """An unset field, and a payload that is old already, give no findings."""
    codec = one_class(field("a", kind, change))
    assert found(codec, server("1.1")) == []
    assert found(codec, server("1.0", a="n", b="x")) == []


def test_hidden_elements_are_counted() -> None:
    """A list tells how many of its elements older versions do not get."""
    nics = field("nics", listed(OBJECT), Admitted({"Virtual"}, since="1.1"))
    codec = world(history("1.1", nics), NIC, policy="keep")
    sent = server("1.1", nics=[nic("a"), node("Virtual", "1.0", {})])
    assert found(codec, sent, {"Server": "1.0"}) == [
        ("$.nics", "hidden", "1.1", "lossy", "1 of 2 elements")
    ]


def test_a_group_is_told_field_by_field() -> None:
    """A converter of several fields tells each that it wrote, or once that it fails."""
    group = converted("1.1", fields=("a", "b"), down=lambda _data, _ctx: {"a": 1, "b": ABSENT})
    codec = one_class(field("a", NUMBER), field("b", NUMBER), facts=[group])
    assert found(codec, server("1.1", a=5)) == [
        ("$.a", "converted", "1.1", "lossy", "1"),
        ("$.b", "converted", "1.1", "lossy", "ABSENT"),
    ]
    broken = replace(group, down=lambda _data, _ctx: fails(0))
    codec = one_class(field("a", NUMBER), field("b", NUMBER), facts=[broken])
    assert found(codec, server("1.1", a=5)) == [
        ("$", "refused", "1.1", "may fail", "The converter of 1.1 failed: OSError: disk is gone")
    ]


def test_a_refusal_does_not_end_the_walk() -> None:
    """All that would happen is told, in order, as if nothing refused."""
    codec = one_class(
        field("a", TEXT, Refused({"x"}, since="1.2")),
        field("b", TEXT, Refused({"x"}, since="1.2")),
        field("c", TEXT, Added(since="1.1")),
        version="1.2",
    )
    effects = [
        (path, effect) for path, effect, *_ in found(codec, server("1.2", a="x", b="x", c=1))
    ]
    assert effects == [("$.a", "refused"), ("$.b", "refused"), ("$.c", "dropped")]


def test_findings_have_the_path_of_their_object() -> None:
    """Objects inside are told where they stand, under their own name."""
    sent = server("1.3", nics=[nic("a"), nic("b", speed=7)], disks={"a.b": note("n", "blue")})
    findings = FLEET.explain(sent, {"Server": "1.3", "Nic": "1.0", "Note": "1.0"})
    assert [(one.to_dict()["path"], one.object_name, one.effect) for one in findings] == [
        ("$.nics[0].uuid", "Nic", "renamed"),
        ("$.nics[0].speed", "Nic", "dropped"),
        ("$.nics[1].uuid", "Nic", "renamed"),
        ("$.nics[1].speed", "Nic", "dropped"),
        ('$.disks["a.b"].colour', "Note", "dropped"),
    ]
    assert findings[0].to_dict() == {
        "path": "$.nics[0].uuid", "object": "Nic", "effect": "renamed", "at": "1.1",
        "loss": "lossless", "detail": "id",
    }  # fmt: skip


HOLDER = history("1.0", field("one", NIC_TYPE), field("many", listed(NIC_TYPE)), name="Holder")


def test_an_unnamed_child_is_a_finding() -> None:
    """A child that the target does not name is told, and the walk goes on."""
    codec = world(HOLDER, NIC)
    sent = node("Holder", "1.0", {"one": nic("a"), "many": [nic("b")]})
    unnamed = ("unnamed", None, "may fail", "the target does not name Nic")
    assert found(codec, sent, {"Holder": "1.0"}) == [("$.one", *unnamed), ("$.many[0]", *unnamed)]


def test_a_dropped_child_is_a_finding() -> None:
    """With the policy `drop` the field that goes is told, with its holder."""
    codec = world(HOLDER, NIC, policy="drop")
    sent = node("Holder", "1.0", {"one": nic("a")})
    assert codec.explain(sent, {"Holder": "1.0"}) == [
        Finding(("one",), "Holder", "dropped", None, Loss.LOSSY, "the target does not name it")
    ]


@pytest.mark.parametrize(
    ("payload", "to", "kind"),
    [
        (server("1.3", boot=7), "1.0", PayloadError),
        (server("1.3"), "newest", ManifestError),
        (server("1.3"), {"Nic": "1.0"}, ManifestError),
    ],
)
def test_what_is_wrong_raises(payload: Any, to: Any, kind: type[Exception]) -> None:
    """A payload or a manifest that cannot be read is no finding."""
    with pytest.raises(kind, match=r"Expected|does not name"):
        FLEET.explain(payload, to)


def test_explaining_logs_nothing_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A note is a finding then, not a warning."""
    codec = one_class(field("a", TEXT, Noted("careful", since="1.1")))
    scope = replace(codec.scope(), quiet=False)
    sent = server("1.1", a="x")
    with caplog.at_level(logging.WARNING, logger="vobj"):
        assert len(explain(sent, "1.0", scope)) == 1
    assert caplog.messages == []
    assert sent == server("1.1", a="x")
    with caplog.at_level(logging.WARNING, logger="vobj"):
        backport(sent, "1.0", scope)
    assert len(caplog.messages) == 1


NIC_TYPES = {
    "speed": NUMBER, "tags": WireType("Set", element=TEXT), "list": listed(TEXT),
    "dict": keyed(TEXT), "inner": NIC_TYPE, "inners": listed(NIC_TYPE),
}  # fmt: skip


def hook(found: dict[str, Any], _target: tuple[int, ...]) -> None:
    """Does everything that a hook can do."""
    found.pop("gone", None)
    found["made"] = "m" * 99
    found["speed"] = 0
    found["tags"] = list(reversed(found["tags"]))
    found["list"][1] = "changed"
    found["dict"]["a.b"] = "changed"
    found["short"] = found["short"][:1]
    found["other"] = {"k": 1}
    data(found["inner"])["speed"] = 1
    data(found["inners"][1]).pop("speed")


def test_what_a_hook_did_is_told_from_its_result() -> None:
    """Fields, elements and objects that differ are told where they stand; sets have no order."""
    codec = world(foreign=[foreign("Nic", "1.1", NIC_TYPES, hook)])
    one, two, three = (node("Nic", "1.1", {"speed": speed}) for speed in (5, 6, 7))
    sent = node(
        "Nic", "1.1",
        {"gone": "g", "speed": 9, "tags": ["a", "b"], "list": ["a", "b"],
         "dict": {"a": "a", "a.b": "b"}, "short": [1, 2], "other": [1], "same": 1, "inner": one,
         "inners": [two, three]},
    )  # fmt: skip
    assert found(codec, sent) == [
        ("$.gone", "dropped", None, "lossy", "'g'"),
        ("$.speed", "changed", None, "lossy", "9 -> 0"),
        ("$.list[1]", "changed", None, "lossy", "'b' -> 'changed'"),
        ('$.dict["a.b"]', "changed", None, "lossy", "'b' -> 'changed'"),
        ("$.short", "changed", None, "lossy", "[1, 2] -> [1]"),
        ("$.other", "changed", None, "lossy", "[1] -> {'k': 1}"),
        ("$.inner.speed", "changed", None, "lossy", "5 -> 1"),
        ("$.inners[1].speed", "dropped", None, "lossy", "7"),
        ("$.made", "restored", None, "lossless", "'" + "m" * 76 + "..."),
    ]


def no_way(_found: dict[str, Any], _target: tuple[int, ...]) -> None:
    raise LookupError("too old")


def test_a_hook_that_refuses_is_a_finding() -> None:
    """Whatever a hook raises is told as a refusal of its object."""
    codec = world(HOLDER, foreign=[foreign("Nic", "1.1", {}, no_way)])
    sent = node("Holder", "1.0", {"one": node("Nic", "1.1", {}), "many": []})
    findings = codec.explain(sent, {"Holder": "1.0", "Nic": "1.0"})
    assert findings == [
        Finding(("one",), "Nic", "refused", None, Loss.MAY_FAIL, "LookupError: too old")
    ]


def test_a_hook_is_not_watched_otherwise() -> None:
    """Without a recorder nothing is compared, whatever stands there."""
    record_hook({}, {}, FLEET.scope())
