"""Envelopes, the walk through them, and what counts as equal."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.evolve.fleet import FLEET, NIC_TYPE, NOTE_TYPE, keyed, listed, nic, note, old_nic, server
from tests.evolve.fleet import one_class as world_of
from tests.history.declaring import NUMBER, TEXT, field, history
from vobj.changes import ABSENT, Added
from vobj.errors import Key, PayloadError, UnknownClassError, render_path
from vobj.evolve import Envelope, Scope, canonical, frozen_node, iter_nodes
from vobj.evolve.compare import frozen, same
from vobj.evolve.scope import Recorder
from vobj.evolve.walk import map_children
from vobj.history import WireType
from vobj.testkit.bare import ENVELOPE, BareCatalog, BareCodec, node

SET = WireType("Set", element=TEXT)
SCOPE = FLEET.scope()


def test_an_envelope_has_a_prefix() -> None:
    """The keys are those of the base's serialization namespace; one reader per prefix."""
    ours = Envelope.of("nova_object")
    assert ours is Envelope.of("nova_object")
    assert ours.key("data") == "nova_object.data"
    given = {"nova_object.name": "A", "nova_object.namespace": "nova",
             "nova_object.version": "1.0", "nova_object.data": {"a": 1},
             "nova_object.changes": ("a",)}  # fmt: skip
    assert ours.check(given) is given
    assert (ours.name(given), ours.version(given)) == ("A", "1.0")
    assert (ours.data(given), ours.changes(given)) == ({"a": 1}, ["a"])
    assert ours.is_node(given)
    assert not ENVELOPE.is_node(given)
    assert not ours.is_node("nova_object.name")


def test_an_envelope_with_other_content() -> None:
    """`replaced` is a new dict that keeps what it does not know; empty changes are left out."""
    given = {**node("A", "1.1", {"a": 1}, ["a"]), "more": 1}
    before = copy.deepcopy(given)
    made = ENVELOPE.replaced(given, version="1.0", data={}, changes=[])
    assert made == {**node("A", "1.0", {}), "more": 1}
    assert ENVELOPE.changes(made) == []
    again = ENVELOPE.replaced(given, version="1.0", data={"b": 1}, changes=["b"])
    assert again == {**node("A", "1.0", {"b": 1}, ["b"]), "more": 1}
    assert given == before


WHOLE = node("A", "1.0", {}, ["a"])


@pytest.mark.parametrize("part", ["name", "namespace", "version", "data"])
@pytest.mark.parametrize("value", [None, 1, b"text", ["a"]], ids=repr)
def test_a_part_that_is_wrong(part: str, value: object) -> None:
    """Each part is there and of its type; the message names the key and what was found."""
    got = "nothing" if value is None else type(value).__name__
    with pytest.raises(PayloadError, match=f"versioned_object.{part}.*got {got}") as caught:
        ENVELOPE.check({**WHOLE, ENVELOPE.key(part): value})
    assert caught.value.rule == "payload/envelope"


@pytest.mark.parametrize("changes", [None, "a", {"a": 1}, [1], [None], [["a"]]], ids=repr)
def test_changes_that_are_no_list_of_names(changes: object) -> None:
    """`changes` may be missing, and is else a list of names."""
    with pytest.raises(PayloadError, match="to be a list of names") as caught:
        ENVELOPE.check({**WHOLE, ENVELOPE.key("changes"): changes})
    assert caught.value.rule == "payload/envelope"


@pytest.mark.parametrize("value", [None, 7, "text", [WHOLE]], ids=repr)
def test_what_is_no_envelope(value: object) -> None:
    """Only a dict is an envelope."""
    with pytest.raises(PayloadError, match="Expected an envelope, got") as caught:
        ENVELOPE.check(value)
    assert caught.value.rule == "payload/envelope"


GRID = listed(keyed(NOTE_TYPE))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (NOTE_TYPE, WHOLE, "A"),
        (NOTE_TYPE, None, None),
        (listed(NOTE_TYPE), [WHOLE, None], ["A", None]),
        (listed(NOTE_TYPE), (WHOLE,), ("A",)),
        (WireType("Set", element=NOTE_TYPE), [WHOLE], ["A"]),
        (keyed(NOTE_TYPE), {"k": WHOLE}, {"k": "A"}),
        (GRID, [{"k": WHOLE}, {}], [{"k": "A"}, {}]),
        (GRID, None, None),
    ],
)
def test_a_walk_through_containers(kind: WireType, value: Any, expected: Any) -> None:
    """Every envelope is visited, None stays, and containers keep their form."""
    assert map_children(value, kind, SCOPE, ENVELOPE.name) == expected


@pytest.mark.parametrize(
    ("kind", "value", "rule", "path"),
    [
        (NOTE_TYPE, 7, "payload/envelope", "$"),
        (listed(NOTE_TYPE), {}, "payload/value", "$"),
        (listed(NOTE_TYPE), [WHOLE, []], "payload/envelope", "$[1]"),
        (keyed(NOTE_TYPE), [], "payload/value", "$"),
        (keyed(NOTE_TYPE), {"a.b": 7}, "payload/envelope", '$["a.b"]'),
        (GRID, [{}, {"k": "text"}], "payload/envelope", '$[1]["k"]'),
        (GRID, ["text"], "payload/value", "$[0]"),
    ],
)
def test_a_walk_through_other_shapes(kind: WireType, value: Any, rule: str, path: str) -> None:
    """A value of another shape than its type is told with its place."""
    with pytest.raises(PayloadError, match="Expected") as caught:
        map_children(value, kind, SCOPE, ENVELOPE.name)
    assert (caught.value.rule, render_path(caught.value.path)) == (rule, path)


def test_a_walk_tells_its_recorder_where_it_is() -> None:
    """While a value is visited the recorder knows its path, and afterwards it does not."""
    recorder = Recorder()
    scope = Scope(FLEET.catalog, recorder=recorder)
    paths: list[Any] = []
    map_children([{"k": WHOLE}], GRID, scope, lambda _node: paths.append(tuple(recorder.path)))
    assert paths == [(0, "k")]
    assert isinstance(paths[0][1], Key)
    assert recorder.path == []
    with pytest.raises(PayloadError, match="Expected an envelope"):
        map_children([{"k": 7}], GRID, scope, ENVELOPE.name)
    assert recorder.path == []


def test_envelopes_are_found_by_form() -> None:
    """Well-formed envelopes at any depth; what only looks like one is looked into, no further."""
    inner, deep = node("Nic", "1.0", {}), node("Note", "1.0", {"x": [{"y": node("A", "1.0", {})}]})
    broken = {ENVELOPE.key("name"): "Broken", "inside": inner}
    tree = node("Server", "1.0", {"a": (inner, 7), "b": {"k": deep}, "c": broken, "d": None})
    names = [ENVELOPE.name(one) for one in iter_nodes(tree, ENVELOPE)]
    assert names[0] == "Server"
    assert sorted(names) == ["A", "Nic", "Note", "Server"]
    assert list(iter_nodes(None, ENVELOPE)) == []


@pytest.mark.parametrize(
    ("one", "other", "kind", "equal"),
    [
        (None, None, TEXT, True),
        (None, ABSENT, TEXT, False),
        (None, "", TEXT, False),
        (1, 1.0, NUMBER, True),
        (1, True, NUMBER, False),
        (False, 0, NUMBER, False),
        (float("nan"), float("nan"), NUMBER, True),
        ([1, 2], (1, 2), listed(NUMBER), True),
        ([1, 2], [2, 1], listed(NUMBER), False),
        ([1], [True], listed(NUMBER), False),
        (["a", "b"], ["b", "a"], SET, True),
        (["a", "b"], ("b", "a"), SET, True),
        (["a"], ["a", "b"], SET, False),
        ([["a", "b"]], [["b", "a"]], listed(SET), True),
        ([["a", "b"]], [["b", "a"]], None, False),
        ({"a"}, frozenset({"a"}), None, True),
        ({"k": ["a", "b"]}, {"k": ["b", "a"]}, keyed(SET), True),
        ({"k": ["a", "b"]}, {"k": ["b", "a"]}, None, False),
        ({"k": 1}, {"j": 1}, None, False),
        ({"k": {"j": 1}}, {"k": {"j": True}}, None, False),
        ([], {}, None, False),
        ([], set(), None, False),
        ("1", 1, None, False),
        (bytearray(b"a"), bytearray(b"a"), None, True),
        (bytearray(b"a"), bytearray(b"b"), None, False),
    ],
)
def test_what_means_the_same(*, one: Any, other: Any, kind: WireType | None, equal: bool) -> None:
    """Sets have no order, True is not 1, a tuple is a list, NaN is NaN."""
    assert same(one, other, kind, SCOPE) is equal
    assert (hash(frozen(one, kind, SCOPE)) == hash(frozen(other, kind, SCOPE))) or not equal


TAGGED = history("1.1", field("tags", SET), field("later", SET, Added(since="1.1")), name="Tagged")
TAGGED_TYPE = WireType("Object", object_name="Tagged")
TAGS = BareCodec(BareCatalog([TAGGED]))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (nic("a"), nic("a"), True),
        (nic("a"), nic("b"), False),
        (nic("a"), {**nic("a"), ENVELOPE.key("changes"): ["mac"]}, True),
        (nic("a"), {**nic("a"), ENVELOPE.key("version"): "1.1.7"}, True),
        (node("Nic", "1.0", {"mac": "m"}), node("Nic", "1.1", {"mac": "m"}), False),
        (node("Nic", "1.0", {}), node("Note", "1.0", {}), False),
        (node("Tagged", "1.0", {"tags": ["a", "b"]}), node("Tagged", "1.0", {"tags": ["b", "a"]}),
         True),
        (node("Tagged", "1.1", {"later": ["a", "b"]}), node("Tagged", "1.1", {"later": ["b", "a"]}),
         True),
        (node("Tagged", "1.0", {"later": ["a", "b"]}), node("Tagged", "1.0", {"later": ["b", "a"]}),
         False),
        (node("Rack", "1.0", {"a": [1]}), node("Rack", "1.0", {"a": [1]}), True),
        (node("Rack", "1.0", {"a": [1]}), node("Rack", "1.0", {"a": [2]}), False),
        (node("Rack", "1.0", {}), node("Shelf", "1.0", {}), False),
        ({ENVELOPE.key("name"): "Nic"}, {ENVELOPE.key("name"): "Nic"}, True),
        ({ENVELOPE.key("name"): ["Nic"]}, {ENVELOPE.key("name"): ["Nic"]}, True),
        ({ENVELOPE.key("name"): "Nic"}, {ENVELOPE.key("name"): "Note"}, False),
        (node("Nic", "x", {}), node("Nic", "x", {}), True),
        (server("1.3", nics=[nic("a")]), server("1.3", nics=[nic("a")]), True),
        (server("1.3", nics=[nic("a")]), server("1.3", nics=[nic("b")]), False),
    ],
)  # fmt: skip
def test_envelopes_that_mean_the_same(*, one: Any, other: Any, equal: bool) -> None:
    """Name, X.Y and data count, `changes` and .Z do not; an unknown class compares by form."""
    scope = BareCodec(BareCatalog([*_histories(), TAGGED])).scope()
    assert (frozen_node(one, scope) == frozen_node(other, scope)) is equal
    assert same([one], [other], None, scope) is equal


def _histories() -> list[Any]:
    entries = [FLEET.catalog.parent(name) for name in ("Server", "Nic", "Note")]
    return [entry.history for entry in entries if entry is not None]


def test_the_one_order() -> None:
    """`changes` stand in field order, unknown ones last; sets are sorted, at every depth."""
    made = history(
        "1.0",
        field("b", listed(SET)), field("a", SET), field("one", TAGGED_TYPE),
        field("many", keyed(TAGGED_TYPE)), field("order", listed(TEXT)),
        name="Box",
    )  # fmt: skip
    scope = BareCodec(BareCatalog([made, TAGGED])).scope()
    tagged = node("Tagged", "1.0", {"tags": ("b", "a")}, ["zz", "later", "tags"])
    given = node(
        "Box", "1.0",
        {"a": [True, "b", None, 1, "a", [2], [1]], "b": [["z", "y"], None], "one": tagged,
         "many": {"k": tagged}, "order": ["b", "a"], "odd": ["b", "a"]},
        ["odd", "one", "a", "b"],
    )  # fmt: skip
    before = copy.deepcopy(given)
    sorted_ = node("Tagged", "1.0", {"tags": ("a", "b")}, ["tags", "later", "zz"])
    assert canonical(given, scope) == node(
        "Box", "1.0",
        {"a": [None, True, 1, [1], [2], "a", "b"], "b": [["y", "z"], None], "one": sorted_,
         "many": {"k": sorted_}, "order": ["b", "a"], "odd": ["b", "a"]},
        ["b", "a", "one", "odd"],
    )  # fmt: skip
    assert given == before


@pytest.mark.parametrize(
    "payload",
    [
        node("Rack", "1.0", {"tags": ["b", "a"]}, ["b", "a"]),
        node("Tagged", "1.7", {"tags": ["b", "a"]}, ["b", "a"]),
        node("Tagged", "1.0", {"tags": "text"}),
        node("Tagged", "1.0", {"tags": None}),
    ],
)
def test_what_has_no_order_stays(payload: Any) -> None:
    """A class that is not known here, and a value of another shape, are left alone."""
    assert canonical(payload, TAGS.scope()) == payload


def test_an_object_of_another_shape_has_no_order() -> None:
    """Where an object should stand and does not, the value is left alone."""
    scope = world_of(field("boot", NIC_TYPE), version="1.0").scope()
    assert canonical(server("1.0", boot=[2, 1]), scope) == server("1.0", boot=[2, 1])
    assert canonical(server("1.0", boot=old_nic("a")), scope) == server("1.0", boot=old_nic("a"))


@pytest.mark.parametrize(
    ("field_type", "value", "path"),
    [
        (TAGGED_TYPE, {ENVELOPE.key("name"): "Tagged"}, ("one",)),
        (listed(TAGGED_TYPE), [None, {ENVELOPE.key("name"): "Tagged"}], ("one", 1)),
        (keyed(TAGGED_TYPE), {"k": {ENVELOPE.key("name"): "Tagged"}}, ("one", Key("k"))),
    ],
    ids=["single", "in a list", "in a dict"],
)
def test_an_envelope_that_no_plan_looked_into(
    field_type: WireType, value: Any, path: tuple[object, ...]
) -> None:
    """Under a name that the older version lacks, it meets nothing before it is ordered."""
    made = history("1.1", field("one", field_type, Added(since="1.1", backfill=None)), name="Box")
    codec = BareCodec(BareCatalog([made, TAGGED]))
    with pytest.raises(PayloadError, match="namespace' of type str, got nothing") as caught:
        canonical(codec.upgrade(node("Box", "1.0", {"one": value})), codec.scope())
    assert (caught.value.rule, caught.value.path) == ("payload/envelope", path)


def test_a_catalog_of_bare_histories() -> None:
    """It reads what it has, and says what it has not."""
    catalog = FLEET.catalog
    assert catalog.entry("Nic", "1.0").version.short == "1.1"
    assert catalog.parent("Rack") is None
    with pytest.raises(UnknownClassError, match=r"Rack 1\.0 is not registered") as caught:
        catalog.entry("Rack", "1.0")
    assert caught.value.rule == "payload/class"
    assert note("n") == FLEET.upgrade(note("n"))
