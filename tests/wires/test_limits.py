"""Each limit on each wire: what stands at it passes, what is one over it fails."""

from __future__ import annotations

import tracemalloc
import uuid
from typing import Any

import pytest
from hypothesis import given
from oslo_serialization import jsonutils

from tests.wires.trees import WIRES, count, depth, json_trees
from vobj.errors import Key, LimitError, PayloadError, UsageError
from vobj.wires import DEFAULT_LIMITS, MAX_EXTENSIONS_NESTED, JsonWire, Limits

JSON = WIRES["json"]
MSGPACK = WIRES["msgpack"]
PRIMITIVE = WIRES["primitive"]
WIDE = 10**9
every_wire = pytest.mark.parametrize("name", sorted(WIRES))


def limits(**chosen: int) -> Limits:
    """Limits that are wide open but for the chosen ones."""
    opened = {"max_bytes": WIDE, "max_depth": WIDE, "max_values": WIDE, "max_set_objects": WIDE}
    return Limits(**{**opened, **chosen})


@every_wire
@given(tree=json_trees)
def test_the_count_is_exact(name: str, tree: dict[str, Any]) -> None:
    """A payload passes with max_values at its number of values, and fails with one less."""
    tree = {"a": tree}
    payload = WIRES[name].encode(tree)
    number = count(tree)
    assert WIRES[name].decode(payload, limits(max_values=number)) == tree
    with pytest.raises(LimitError, match=rf"(?s)more than {number - 1} values.*payload/count"):
        WIRES[name].decode(payload, limits(max_values=number - 1))


@every_wire
@given(tree=json_trees)
def test_the_depth_is_exact(name: str, tree: dict[str, Any]) -> None:
    """A payload passes with max_depth at its depth, and fails with one less."""
    tree = {"a": tree}
    payload = WIRES[name].encode(tree)
    number = depth(tree)
    assert WIRES[name].decode(payload, limits(max_depth=number)) == tree
    with pytest.raises(LimitError, match=rf"(?s)more than {number - 1} containers.*payload/depth"):
        WIRES[name].decode(payload, limits(max_depth=number - 1))


@given(tree=json_trees)
def test_blanks_in_json_count_nothing(tree: dict[str, Any]) -> None:
    """Indented JSON has the depth and the count of the same tree without blanks."""
    tree = {"a": tree}
    payload = jsonutils.dumps(tree, indent=3)
    exact = limits(max_depth=depth(tree), max_values=count(tree))
    assert JSON.decode(payload, exact) == tree
    with pytest.raises(LimitError, match="payload/count"):
        JSON.decode(payload, limits(max_values=count(tree) - 1))


@pytest.mark.parametrize("name", ["json", "msgpack"])
def test_the_size_is_exact(name: str) -> None:
    """A payload passes with max_bytes at its length, and fails with one less."""
    payload = WIRES[name].encode({"a": "å" * 100})
    assert WIRES[name].decode(payload, limits(max_bytes=len(payload)))
    for data in (payload, bytearray(payload), memoryview(payload)):
        with pytest.raises(LimitError, match=rf"more than {len(payload) - 1} bytes.*payload/size"):
            WIRES[name].decode(data, limits(max_bytes=len(payload) - 1))


def test_the_size_of_text_is_that_of_its_bytes() -> None:
    """JSON as text is measured as UTF-8: two letters of two bytes and six others are ten."""
    assert JSON.decode('["åå"]', limits(max_bytes=8)) == ["åå"]
    with pytest.raises(LimitError, match=r"more than 7 bytes.*payload/size"):
        JSON.decode('["åå"]', limits(max_bytes=7))
    with pytest.raises(LimitError, match=r"more than 5 bytes.*payload/size"):
        JSON.decode('["åå"]', limits(max_bytes=5))


@every_wire
def test_the_default_depth_passes_and_one_more_fails(name: str) -> None:
    """64 containers pass, 65 do not."""
    tree: dict[str, Any] = {}
    for _ in range(DEFAULT_LIMITS.max_depth - 1):
        tree = {"a": tree}
    assert WIRES[name].decode(WIRES[name].encode(tree)) == tree
    with pytest.raises(LimitError, match=r"more than 64 containers.*payload/depth"):
        WIRES[name].decode(WIRES[name].encode({"a": tree}))


@every_wire
def test_the_default_count_passes_and_one_more_fails(name: str) -> None:
    """A million values pass, one more does not."""
    tree: dict[str, Any] = {"a": [None] * (DEFAULT_LIMITS.max_values - 2)}
    assert WIRES[name].decode(WIRES[name].encode(tree)) == tree
    tree["a"].append(None)
    with pytest.raises(LimitError, match=r"more than 1000000 values.*payload/count"):
        WIRES[name].decode(WIRES[name].encode(tree))


def test_set_objects_are_counted_over_all_sets() -> None:
    """1,024 UUIDs in sets pass, one more does not; numbers and other UUIDs are not counted."""
    some = [uuid.UUID(int=number) for number in range(1_024)]
    tree: dict[str, Any] = {"a": set(some[:1_000]), "b": frozenset(some[1_000:]), "c": some}
    assert MSGPACK.decode(MSGPACK.encode(tree)) == tree
    tree["d"] = set(range(10_000))
    assert MSGPACK.decode(MSGPACK.encode(tree)) == tree
    tree["e"] = {uuid.UUID(int=2**100)}
    with pytest.raises(LimitError, match=r"more than 1024 values of extension.*payload/count"):
        MSGPACK.decode(MSGPACK.encode(tree))
    assert MSGPACK.decode(MSGPACK.encode(tree), limits(max_set_objects=1_025)) == tree


def test_extensions_nest_to_a_fixed_depth() -> None:
    """Frozensets nest four deep, and not five, whatever the limits."""
    value: object = 1
    for _ in range(MAX_EXTENSIONS_NESTED):
        value = frozenset({value})
    assert MSGPACK.decode(MSGPACK.encode({"a": value})) == {"a": value}
    raw = MSGPACK.encode({"a": frozenset({value})})
    with pytest.raises(LimitError, match=r"nested more than 4 deep.*payload/depth"):
        MSGPACK.decode(raw, limits())


def test_values_inside_extensions_count_and_nest() -> None:
    """A set counts as itself, its list and its elements, and its list is one container."""
    raw = MSGPACK.encode({"a": {1, 2}})
    assert MSGPACK.decode(raw, limits(max_values=5, max_depth=2)) == {"a": {1, 2}}
    with pytest.raises(LimitError, match="payload/count"):
        MSGPACK.decode(raw, limits(max_values=4))
    with pytest.raises(LimitError, match="payload/depth"):
        MSGPACK.decode(raw, limits(max_depth=1))


def test_errors_in_trees_say_where() -> None:
    """On trees in memory the path of the container at fault is given, long keys cut."""
    deep = {"a": [1, {"b" * 99: {"c": {}}}]}
    with pytest.raises(LimitError, match="payload/depth") as caught:
        PRIMITIVE.decode(deep, limits(max_depth=4))
    assert caught.value.path == (Key("a"), 1, Key("b" * 61 + "..."), Key("c"))
    assert all(isinstance(part, Key | int) for part in caught.value.path)
    with pytest.raises(LimitError, match="payload/count") as caught:
        PRIMITIVE.decode({"a": ({"b": [1, 2]},)}, limits(max_values=5))
    assert caught.value.path == ("a", 0, "b")
    with pytest.raises(PayloadError, match=r"text, got int - at `\$\[\"a\"\]`.*malformed") as wrong:
        PRIMITIVE.decode({"a": {1: 2}})
    assert wrong.value.path == ("a",)


def test_a_tree_that_contains_itself_is_too_deep() -> None:
    """A cycle ends in payload/depth."""
    tree: dict[str, Any] = {}
    tree["a"] = [tree]
    with pytest.raises(LimitError, match="payload/depth"):
        PRIMITIVE.decode(tree)


def test_a_tree_that_repeats_itself_has_too_many_values() -> None:
    """Forty lists, each twice in the next, end in payload/count, not in a walk of 2**40 steps."""
    tree: list[Any] = []
    for _ in range(40):
        tree = [tree, tree]
    with pytest.raises(LimitError, match="payload/count"):
        PRIMITIVE.decode({"a": tree})


def test_sets_in_trees_are_walked() -> None:
    """Sets of a tree in memory are containers; other objects are left to the fields."""
    tree = {"a": {frozenset({1, 2})}, "b": uuid.UUID(int=1)}
    assert PRIMITIVE.decode(tree, limits(max_values=6, max_depth=3)) is tree
    with pytest.raises(LimitError, match="payload/depth"):
        PRIMITIVE.decode(tree, limits(max_depth=2))
    with pytest.raises(LimitError, match="payload/count"):
        PRIMITIVE.decode(tree, limits(max_values=5))


@pytest.mark.parametrize("field", ["max_bytes", "max_depth", "max_values", "max_set_objects"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "64", None])
def test_a_limit_is_a_whole_number_above_zero(field: str, value: Any) -> None:
    """Anything else is the local program's mistake."""
    with pytest.raises(UsageError, match=rf"Expected {field} to be a whole number.*usage/argument"):
        Limits(**{field: value})


def test_depths_beyond_the_reader_are_remote_errors() -> None:
    """A max_depth that the reader cannot follow gives a RemoteError, not a RecursionError."""
    with pytest.raises(LimitError, match="payload/depth"):
        JSON.decode(b"[" * 100_000, limits())
    with pytest.raises(PayloadError, match=r"StackError.*payload/malformed"):
        MSGPACK.decode(b"\x91" * 100_000 + b"\xc0", limits())


class Hungry:
    """A text codec that needs more memory than any machine has."""

    def dumps(self, obj: Any, /) -> str:
        return str(bytearray(1 << 62))

    def loads(self, s: str, /) -> Any:
        return bytearray(1 << 62)


class Rude(Hungry):
    """A text codec whose complaints are not fit for a log."""

    def loads(self, s: str, /) -> Any:
        raise KeyError if s == "{}" else LookupError("two\nlines, and colour \x1b[31m" + "x" * 999)


def test_complaints_of_a_reader_are_shown_on_one_line() -> None:
    """The text of any exception is shown, cut, without control characters."""
    with pytest.raises(
        PayloadError, match=r"LookupError: two\\nlines.*\\x1b.*\.\.\. \[payload/malf"
    ) as caught:
        JsonWire(Rude()).decode(b"[]")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300
    with pytest.raises(PayloadError, match=r"not: KeyError \[payload/malformed\]"):
        JsonWire(Rude()).decode(b"{}")


def test_keys_of_a_text_subclass_are_text() -> None:
    """A dict in memory may have keys of a subclass of str."""
    tree = {Key("a"): 1}
    assert PRIMITIVE.decode(tree) is tree


def test_a_tree_that_does_not_fit_into_memory_is_too_large() -> None:
    """Memory that runs out while a payload is read is payload/size."""
    with pytest.raises(LimitError, match=r"memory.*payload/size"):
        JsonWire(Hungry()).decode(b"{}")


@pytest.mark.parametrize(
    ("name", "raw", "rule"),
    [
        ("msgpack", (b"\xdc\x10\x00" * 1_000).ljust(1_000_000, b"\xc0"), "payload/depth"),
        ("msgpack", (b"\xdd\x00\x0f\xff\xff" * 1_000).ljust(1_000_000, b"\xc0"), "payload/count"),
        ("msgpack", (b"\xdd\x00\x0f\x42\x00" * 1_000).ljust(9_000_000, b"\xc0"), "payload/count"),
        ("msgpack", b"\x81\xa1a" + b"\xdd\x00\x0f\x00\x00" + b"\x80" * 20_000, "payload/malformed"),
        ("json", b"[" * 65 + b'"' * 9_000_000, "payload/count"),
        ("json", b"[" * 9_000_000, "payload/count"),
        ("json", b"[" + b"[]," * 2_000_000 + b"[]]", "payload/count"),
    ],
)
def test_claims_take_no_memory(name: str, raw: bytes, rule: str) -> None:
    """What a hostile payload claims is not given room for: 50 MB at most, and its own length."""
    tracemalloc.start()
    try:
        with pytest.raises(PayloadError, match=rule):
            WIRES[name].decode(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000 + 3 * len(raw)
