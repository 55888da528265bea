"""Converters that look things up: what they are given, and when they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import vobj
from tests.requirements.exchange import CODEC, data_of, node, refusal, rule_of, sent
from vobj import (
    ABSENT,
    Added,
    Converted,
    ConverterContext,
    NoChange,
    OldestSupported,
    Removed,
)


class Database:
    """What a request context carries here: rows, and a count of how often they were read."""

    def __init__(self, services: Mapping[str, int], nodes: Mapping[str, Any] | None = None) -> None:
        self.services = services
        self.nodes = dict(nodes or {})
        self.reads = 0

    def service_of(self, host: str) -> int:
        self.reads += 1
        return self.services.get(host, -1)

    def node_of(self, host: str) -> Any:
        self.reads += 1
        return self.nodes[host]


def _service_id(value: Any, data: Mapping[str, Any], ctx: ConverterContext) -> Any:
    if value is not None and value is not ABSENT:
        return value
    assert isinstance(ctx.context, Database)
    return ctx.context.service_of(data["host"])


def _same(value: Any, data: Mapping[str, Any], ctx: ConverterContext) -> Any:
    return value


@vobj.register
class NovaHypervisorNode(vobj.VersionedObject):
    """Older versions need the id of a service; it is looked up by host when there is none."""

    VERSION = "1.14"
    history = [OldestSupported("1.12"), NoChange("1.14")]

    host: str
    service_id: int | None = vobj.field(
        Converted(since="1.13", was=int, down=_service_id, up=_same, peers=True, absent=True,
                  io=True)
    )  # fmt: skip
    extra_resources: str = vobj.field(Added(since="1.13"))


@pytest.mark.parametrize(
    ("values", "target", "expected"),
    [
        ({"host": "a", "service_id": None}, "1.14", {"host": "a", "service_id": None}),
        ({"host": "a", "service_id": None}, "1.13", {"host": "a", "service_id": None}),
        ({"host": "a", "service_id": None}, "1.12", {"host": "a", "service_id": 7}),
        ({"host": "a"}, "1.12", {"host": "a", "service_id": 7}),
        ({"host": "gone"}, "1.12", {"host": "gone", "service_id": -1}),
        ({"host": "a", "service_id": 3}, "1.12", {"host": "a", "service_id": 3}),
        ({"host": "a"}, "1.13", {"host": "a"}),
    ],
)
def test_a_missing_value_is_looked_up_through_the_context(
    values: dict[str, Any], target: str, expected: dict[str, Any]
) -> None:
    """A converter reads peers and the caller's context, for None and for an unset field."""
    payload = sent(NovaHypervisorNode(**values), target, context=Database({"a": 7}))
    assert payload == node(
        "NovaHypervisorNode", target, expected, unchanged=set(expected) - set(values)
    )


def test_a_converter_does_not_run_for_versions_that_do_not_need_it() -> None:
    """I/O happens once per call whose target lies below the change, and never otherwise."""
    database = Database({"a": 7})
    obj = NovaHypervisorNode(host="a")
    for target in ("1.14", "1.13", "1.99"):
        CODEC.encode(obj, to=target, context=database)
    assert database.reads == 0
    CODEC.encode(obj, to="1.12", context=database)
    assert database.reads == 1


def test_the_context_of_the_object_reaches_a_converter_through_oslos_method() -> None:
    """`obj_to_primitive` has no context argument, so the object's own one is given."""
    obj = NovaHypervisorNode(Database({"a": 7}), host="a")
    assert data_of(obj.obj_to_primitive("1.12")) == {"host": "a", "service_id": 7}


def test_a_converter_that_fails_names_the_field_and_its_cause() -> None:
    """What a converter raises is a ConversionError of this process, with the path."""
    error = refusal(NovaHypervisorNode(), "1.12", vobj.ConversionError, "KeyError: 'host'",
                    context=Database({}))  # fmt: skip
    assert rule_of(error) == ("convert/failed", "$.service_id")


@vobj.register
class NovaStoredNode(vobj.VersionedObject):
    """The object that older services sent inside themselves."""

    VERSION = "1.1"

    host: str
    uuid: str = vobj.field(Added(since="1.1"))


def _inject(data: Mapping[str, Any], ctx: ConverterContext) -> dict[str, Any]:
    assert isinstance(ctx.context, Database)
    return {"compute_node": ctx.context.node_of(data["host"])}


@vobj.register
class NovaService(vobj.VersionedObject):
    """Below 1.10 an object is injected that is read from the database."""

    VERSION = "1.10"
    history = [
        OldestSupported("1.9"),
        Converted(since="1.10", was={}, fields=("compute_node",), down=_inject,
                  up=lambda data, ctx: {}, absent=True, io=True),
    ]  # fmt: skip

    host: str
    compute_node: NovaStoredNode = vobj.field(Removed(since="1.10"))


@pytest.mark.parametrize(
    ("child", "expected"), [("1.1", {"host": "a", "uuid": "n"}), ("1.0", {"host": "a"})]
)
def test_an_injected_object_goes_at_the_version_the_manifest_names(
    child: str, expected: dict[str, Any]
) -> None:
    """What a converter puts in is backported like any other child."""
    row = node("NovaStoredNode", "1.1", {"host": "a", "uuid": "n"}, unchanged=["host", "uuid"])
    database = Database({}, {"a": row})
    payload = sent(
        NovaService(host="a"), {"NovaService": "1.9", "NovaStoredNode": child}, context=database
    )
    inner = node("NovaStoredNode", child, expected, unchanged=expected)
    assert payload == node(
        "NovaService", "1.9", {"host": "a", "compute_node": inner}, unchanged=["compute_node"]
    )
    assert database.nodes["a"] == row


def test_an_injected_object_is_not_read_for_peers_that_do_not_know_it() -> None:
    """At the version that removed the field nothing is read and nothing is sent."""
    database = Database({})
    payload = sent(NovaService(host="a"), {"NovaService": "1.10"}, context=database)
    assert payload == node("NovaService", "1.10", {"host": "a"})
    assert database.reads == 0


def test_what_was_injected_is_left_out_of_an_upgrade() -> None:
    """The field is no field of today: an older payload is read without it."""
    row = node("NovaStoredNode", "1.0", {"host": "a"})
    old = node("NovaService", "1.9", {"host": "a", "compute_node": row})
    assert CODEC.upgrade(old) == node("NovaService", "1.10", {"host": "a"})


SEEN: list[tuple[Any, Mapping[str, Any], ConverterContext]] = []


def _watch(value: Any, data: Mapping[str, Any], ctx: ConverterContext) -> Any:
    SEEN.append((value, data, ctx))
    return value


@vobj.register
class WatchedThing(vobj.VersionedObject):
    """Its converter records what it is given."""

    VERSION = "1.2"

    tags: list[str] = vobj.field(
        Converted(since="1.1", was=list[str], up=_watch, down=_watch, peers=True)
    )
    late: str = vobj.field(Added(since="1.2"))
    same: str = vobj.field(Added(since="1.1", backfill="b"))


@pytest.fixture
def seen() -> Iterator[list[tuple[Any, Mapping[str, Any], ConverterContext]]]:
    """What the converter of WatchedThing is given during a test."""
    SEEN.clear()
    yield SEEN
    SEEN.clear()


def test_a_converter_knows_target_manifest_context_and_object(
    seen: list[tuple[Any, Mapping[str, Any], ConverterContext]],
) -> None:
    """On encode it gets the live object, on a payload None; the data is that of its version."""
    obj = WatchedThing(tags=["a"], late="l", same="s")
    CODEC.encode(obj, to={"WatchedThing": "1.0", "Other": "1.3"}, context="ctxt")
    value, data, ctx = seen.pop()
    assert value == ["a"]
    assert data == {"tags": ["a"], "same": "s"}  # 1.2 went first, 1.1 is still whole
    assert (ctx.object_name, ctx.target, ctx.context) == ("WatchedThing", "1.0", "ctxt")
    assert ctx.manifest == {"WatchedThing": "1.0", "Other": "1.3"}
    assert ctx.obj is obj
    CODEC.backport(CODEC.encode(obj), to="1.0")
    assert (seen[0][2].manifest, seen[0][2].obj) == (None, None)


def test_a_converter_sees_backfilled_peers_on_the_way_up(
    seen: list[tuple[Any, Mapping[str, Any], ConverterContext]],
) -> None:
    """Up is the mirror: what its version added is there before it runs, what came later is not."""
    CODEC.upgrade(node("WatchedThing", "1.0", {"tags": ["a"]}))
    assert seen[0][1] == {"tags": ["a"], "same": "b"}


def test_a_converter_cannot_write_into_what_it_reads() -> None:
    """The data is a view of a copy, the value a copy: object and payload stay as they were."""

    def spoil(value: Any, data: Any, ctx: ConverterContext) -> Any:
        value.append("spoilt")
        data["tags"].append("spoilt")
        with pytest.raises(TypeError, match="does not support item assignment"):
            data["tags"] = []
        return ["x"]

    @vobj.register
    class SpoiltThing(vobj.VersionedObject):
        VERSION = "1.1"

        tags: list[str] = vobj.field(
            Converted(since="1.1", was=list[str], up=_watch, down=spoil, peers=True)
        )

    obj = SpoiltThing(tags=["a"])
    newest = CODEC.encode(obj)
    assert data_of(CODEC.encode(obj, to="1.0")) == {"tags": ["x"]}
    assert data_of(CODEC.backport(newest, to="1.0")) == {"tags": ["x"]}
    assert data_of(newest) == {"tags": ["a"]}
    assert obj.tags == ["a"]


def test_a_plain_converter_is_not_given_none_or_absence() -> None:
    """Unless it asks for them, None and an unset field pass a converter by."""

    @vobj.register
    class HalvedThing(vobj.VersionedObject):
        VERSION = "1.1"

        count: int | None = vobj.field(
            Converted(since="1.1", was=int | None, up=lambda v: v * 2, down=lambda v: v // 2)
        )

    pairs: Any = (({"count": 8}, {"count": 4}), ({"count": None}, {"count": None}), ({}, {}))
    for newer, older in pairs:
        assert data_of(sent(HalvedThing(**newer), "1.0")) == older
        assert data_of(CODEC.upgrade(node("HalvedThing", "1.0", older))) == newer
