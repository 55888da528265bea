"""Which version of a child a caller gets: by name, by date, through its parents, or by policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.evolve.fleet import (
    FLEET,
    NIC,
    NIC_TYPE,
    NOTE,
    NOTE_TYPE,
    backport_refused,
    data,
    keyed,
    listed,
    nic,
    note,
    old_nic,
    old_note,
    server,
    told,
    version,
    world,
)
from tests.evolve.foreign import HandWritten, foreign
from tests.history.declaring import NUMBER, TEXT, field, history
from vobj.changes import (
    Added,
    ChildVersions,
    ClassFact,
    Inherits,
    NoChange,
    Renamed,
)
from vobj.errors import (
    ManifestError,
    PayloadError,
    UsageError,
)
from vobj.evolve import Scope, backport
from vobj.history import declare
from vobj.testkit.bare import BareCodec, node

HOLDER = history(
    "1.2",
    field("one", NIC_TYPE),
    field("many", listed(NIC_TYPE)),
    field("named", keyed(NIC_TYPE)),
    facts=[NoChange("1.1"), NoChange("1.2")],
    name="Holder",
)


def held(**fields: Any) -> Any:
    """A Holder of today."""
    return node("Holder", "1.2", fields)


def with_policy(policy: str | None) -> BareCodec:
    """A world in which nothing dates the Nics of a Holder."""
    return world(HOLDER, NIC, policy=policy)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("keep", nic("a")), ("oldest", old_nic("a")), ("drop", None)],
)
@pytest.mark.parametrize("to", [{"Holder": "1.1"}, "1.1"], ids=["manifest", "version"])
def test_a_policy_for_a_child_that_is_not_named(policy: str, expected: Any, to: Any) -> None:
    """keep sends it as it is, oldest at its floor, drop leaves the field out."""
    made = with_policy(policy).backport(held(one=nic("a")), to)
    assert made == node("Holder", "1.1", {} if expected is None else {"one": expected})


@pytest.mark.parametrize("policy", [None, "raise"])
@pytest.mark.parametrize(
    ("to", "text"), [({"Holder": "1.1"}, "The manifest does"), ("1.1", "A version for the top")]
)
def test_a_child_that_is_not_named_is_an_error(policy: str | None, to: Any, text: str) -> None:
    """Without a policy nothing is guessed; the error says what can be done."""
    error = backport_refused(with_policy(policy), held(many=[nic("a")]), to, ManifestError)
    assert told(error) == ("manifest/child-unnamed", "$.many[0]")
    assert text in error.message
    assert (error.object_name, error.version) == ("Nic", "1.1")


@pytest.mark.parametrize("policy", [None, "raise", "oldest", "drop"])
def test_a_child_of_one_version_needs_no_name(policy: str | None) -> None:
    """A class that ever had one version is not versioned, where only a version is asked for."""
    single = history("1.0", field("a"), name="Nic")
    codec = world(HOLDER, single, policy=policy)
    sent = held(one=node("Nic", "1.0", {"a": "x"}))
    assert codec.backport(sent, "1.0") == node("Holder", "1.0", data(sent))


@pytest.mark.parametrize("field_name", ["many", "named"])
def test_an_element_cannot_be_dropped(field_name: str) -> None:
    """Leaving out an element would change what the list says: drop is for single fields."""
    inside = [nic("a")] if field_name == "many" else {"k": nic("a")}
    error = backport_refused(
        with_policy("drop"), held(**{field_name: inside}), {"Holder": "1.0"}, UsageError
    )
    assert error.rule == "usage/policy"
    assert error.path[0] == field_name
    assert error.object_name == "Nic"


@pytest.mark.parametrize(("policy", "stamp"), [("keep", "1.2"), ("oldest", "1.0")])
def test_a_policy_for_the_top_object(policy: str, stamp: str) -> None:
    """The top object can be kept or sent at its floor, and never dropped."""
    assert version(with_policy(policy).backport(held(), {"Nic": "1.0"})) == stamp
    error = backport_refused(with_policy("drop"), held(), {"Nic": "1.0"}, UsageError)
    assert told(error) == ("usage/policy", "$")


def test_unknown_policies_are_backport_refused() -> None:
    """A policy is one of the four; what happens to hidden fields one of two."""
    error = backport_refused(with_policy("guess"), held(), {"Holder": "1.0"}, UsageError)
    assert "raise, keep, drop, oldest" in error.message
    assert error.rule == "usage/policy"
    scope = Scope(FLEET.catalog, hidden="null")
    with pytest.raises(UsageError, match="drop, reset") as caught:
        backport(server("1.3"), "1.0", scope)
    assert caught.value.rule == "usage/policy"


@pytest.mark.parametrize(
    ("to", "stamp"),
    [
        ("1.0", "1.0"), ("1.2", "1.0"), ("1.3", "1.1"),
        ({"Server": "1.2"}, "1.0"),
        ({"Server": "1.2", "Nic": "1.1"}, "1.1"),
        ({"Server": "1.3", "Nic": "1.0"}, "1.0"),
    ],
)  # fmt: skip
def test_dated_children(to: Any, stamp: str) -> None:
    """ChildVersions says what a version of the holder holds; the manifest counts before it."""
    made = FLEET.backport(server("1.3", nics=[nic("a")]), to)
    assert version(data(made)["nics"][0]) == stamp


def test_a_table_that_starts_later() -> None:
    """Below the first entry of ChildVersions the policy decides."""
    late = history("1.2", field("one", NIC_TYPE, ChildVersions({"1.1": "1.0"})), name="Holder")
    codec = world(late, NIC)
    assert version(data(codec.backport(held(one=nic("a")), "1.1"))["one"]) == "1.0"
    error = backport_refused(codec, held(one=nic("a")), "1.0", ManifestError)
    assert told(error) == ("manifest/child-unnamed", "$.one")


def test_a_version_of_ten_is_after_nine() -> None:
    """Tables are read in the order of versions, not of text."""
    minors = [NoChange(f"1.{one}") for one in range(1, 11)]
    table = ChildVersions({"1.9": "1.0", "1.10": "1.1"})
    many = declare("Holder", "1.10", [field("one", NIC_TYPE, table)], minors)
    codec = world(many, NIC)
    sent = node("Holder", "1.10", {"one": nic("a")})
    assert version(data(codec.backport(sent, "1.10"))["one"]) == "1.1"
    assert version(data(codec.backport(sent, "1.9"))["one"]) == "1.0"


def _derived(name: str, parent: str, table: dict[str, str], at: str = "1.3") -> Any:
    facts: list[ClassFact] = [
        Inherits(table, of=parent),
        *(NoChange(f"1.{one}") for one in (1, 2, 3)),
    ]
    return declare(name, at, [field("a")], facts, parent=parent, inherits=table)


FAST = _derived("FastNic", "Nic", {"1.0": "1.0", "1.2": "1.1"})
FASTER = _derived("FasterNic", "FastNic", {"1.1": "1.2", "1.3": "1.3"})
FAMILY = world(
    HOLDER, NIC, FAST, FASTER,
    ancestors={"FastNic": ("Nic",), "FasterNic": ("FastNic", "Nic")},
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "named", "stamp"),
    [
        ("FastNic", {"FastNic": "1.1"}, "1.1"),
        ("FastNic", {"FastNic": "1.3", "Nic": "1.0"}, "1.3"),
        ("FastNic", {"Nic": "1.0"}, "1.1"),
        ("FastNic", {"Nic": "1.1"}, "1.3"),
        ("FastNic", {"Nic": "1.7"}, "1.3"),
        ("FasterNic", {"FastNic": "1.2"}, "1.2"),
        ("FasterNic", {"FastNic": "1.3"}, "1.3"),
        ("FasterNic", {"Nic": "1.1"}, "1.3"),
    ],
)
def test_a_manifest_that_knows_only_a_parent(name: str, named: dict[str, str], stamp: str) -> None:
    """Inherits says which own version stands on a parent's; it is followed through all parents."""
    sent = held(one=node(name, "1.3", {"a": "x"}))
    made = FAMILY.backport(sent, {"Holder": "1.0", **named})
    assert version(data(made)["one"]) == stamp


@pytest.mark.parametrize("named", [{"FastNic": "1.1"}, {"Nic": "1.0"}, {}])
def test_a_parent_that_is_too_old(named: dict[str, str]) -> None:
    """A peer whose parent is older than all that the class stood on does not have the class."""
    sent = held(one=node("FasterNic", "1.3", {"a": "x"}))
    error = backport_refused(FAMILY, sent, {"Holder": "1.0", **named}, ManifestError)
    assert told(error) == ("manifest/child-unnamed", "$.one")


def test_a_parent_that_is_not_registered() -> None:
    """Inherits from a class that this process does not have leads nowhere."""
    codec = world(HOLDER, FAST)
    sent = held(one=node("FastNic", "1.3", {"a": "x"}))
    error = backport_refused(codec, sent, {"Holder": "1.0", "Nic": "1.0"}, ManifestError)
    assert told(error) == ("manifest/child-unnamed", "$.one")


def lower(found: dict[str, Any], target: tuple[int, ...]) -> None:
    """A hook: `speed` is new in 1.1."""
    if target < (1, 1):
        found.pop("speed", None)


def test_a_foreign_child_is_left_to_its_hook() -> None:
    """The hook gets version, manifest, context and live object; unnamed, it stays as it is."""
    entry = foreign("Nic", "1.1", {"speed": NUMBER}, lower)
    codec = world(HOLDER, foreign=[entry])
    child = node("Nic", "1.1.5", {"speed": 1})
    named = {"Holder": "1.0", "Nic": "1.0"}
    made = codec.backport(held(one=child), named, context="request")
    assert data(made)["one"] == node("Nic", "1.0", {})
    assert data(codec.backport(held(one=child), {"Holder": "1.0"}))["one"] == child
    code = entry.foreign
    assert isinstance(code, HandWritten)
    assert code.asked == [
        ("1.0", named, "request", None),
        ("1.1.5", {"Holder": "1.0"}, None, None),
    ]
    live = object()
    sent = held(one=child)
    backport(sent, named, replace(codec.scope(), live={id(data(sent)["one"]): live}))
    assert code.asked[-1] == ("1.0", named, None, live)


def test_a_foreign_child_goes_by_its_declared_name() -> None:
    """As by oslo, a class that the manifest does not name goes at the declared one's version."""
    entry = foreign("FastNic", "1.1", {"speed": NUMBER}, lower)
    codec = world(HOLDER, NIC, foreign=[entry])
    sent = held(one=node("FastNic", "1.1", {"speed": 1}))
    made = codec.backport(sent, {"Holder": "1.0", "Nic": "1.0"})
    assert data(made)["one"] == node("FastNic", "1.0", {})


def test_a_foreign_child_may_be_dated() -> None:
    """ChildVersions of an own class dates foreign children, too."""
    dated = history("1.1", field("one", NIC_TYPE, ChildVersions({"1.0": "1.0", "1.1": "1.1"})))
    codec = world(dated, foreign=[foreign("Nic", "1.1", {"speed": NUMBER}, lower)])
    sent = server("1.1", one=node("Nic", "1.1", {"speed": 1}))
    assert data(codec.backport(sent, "1.0"))["one"] == node("Nic", "1.0", {})


@pytest.mark.parametrize(
    ("policy", "to", "expected"),
    [
        ("keep", {"Holder": "1.0"}, "1.1"),
        ("oldest", {"Holder": "1.0"}, "1.0"),
        ("keep", "1.0", "1.1"),
    ],
)
def test_policies_for_foreign_children(policy: str, to: Any, expected: str) -> None:
    """A policy that is asked for counts for foreign children as well."""
    entry = foreign("Nic", "1.1", {"speed": NUMBER}, lower)
    codec = world(HOLDER, foreign=[entry], policy=policy)
    made = codec.backport(held(one=node("Nic", "1.1", {"speed": 1})), to)
    assert version(data(made)["one"]) == expected


def test_a_foreign_child_needs_a_name_where_only_a_version_is_asked_for() -> None:
    """oslo's default is about manifests; a bare version says nothing about children."""
    codec = world(HOLDER, foreign=[foreign("Nic", "1.1", {"speed": NUMBER}, lower)])
    sent = held(one=node("Nic", "1.1", {"speed": 1}))
    assert told(backport_refused(codec, sent, "1.0", ManifestError))[0] == "manifest/child-unnamed"


def test_a_foreign_object_at_the_top() -> None:
    """It is kept when the manifest does not name it, as by oslo; a policy may ask otherwise."""
    entries = [foreign("Nic", "1.1", {"speed": NUMBER}, lower)]
    sent = node("Nic", "1.1", {"speed": 1})
    assert world(foreign=entries).backport(sent, {"Rack": "1.0"}) == sent
    assert world(foreign=entries).backport(sent, "1.0") == node("Nic", "1.0", {})
    oldest = world(foreign=entries, policy="oldest")
    assert oldest.backport(sent, {"Rack": "1.0"}) == node("Nic", "1.0", {})
    raising = world(foreign=entries, policy="raise")
    assert told(backport_refused(raising, sent, {"Rack": "1.0"}, ManifestError))[0] == (
        "manifest/object-unnamed"
    )


def no_way(_found: dict[str, Any], _target: tuple[int, ...]) -> None:
    raise LookupError("a hook refuses with whatever it likes")


def test_the_exception_of_a_hook_leaves_as_it_is() -> None:
    """Callers of oslo catch what their hooks raise."""
    codec = world(HOLDER, foreign=[foreign("Nic", "1.1", {}, no_way)])
    sent = held(one=node("Nic", "1.1", {}))
    with pytest.raises(LookupError, match="whatever it likes"):
        codec.backport(sent, {"Holder": "1.0", "Nic": "1.0"})


def test_children_of_dropped_fields_are_not_visited() -> None:
    """What the target does not see may hold anything."""
    made = history("1.1", field("boot", NIC_TYPE, Added(since="1.1")), field("a", TEXT))
    codec = world(made)
    assert codec.backport(server("1.1", boot="no envelope", a="x"), "1.0") == server("1.0", a="x")


def test_children_follow_a_rename() -> None:
    """An object in a renamed field is backported under its older name."""
    made = history(
        "1.1", field("boot", NIC_TYPE, Renamed("first", since="1.1"), ChildVersions({"1.0": "1.0"}))
    )
    assert world(made, NIC).backport(server("1.1", boot=nic("a")), "1.0") == server(
        "1.0", first=old_nic("a")
    )


def test_a_grid_of_notes() -> None:
    """Containers nest, and a tuple stays a tuple."""
    grid = history("1.0", field("grid", listed(keyed(NOTE_TYPE))), name="Grid")
    codec = world(grid, NOTE)
    sent = node("Grid", "1.0", {"grid": ({"k": note("n")}, {})})
    made = codec.backport(sent, {"Grid": "1.0", "Note": "1.0"})
    assert made == node("Grid", "1.0", {"grid": ({"k": old_note("n")}, {})})
    error = backport_refused(
        codec, node("Grid", "1.0", {"grid": [{"k": [1]}]}), "1.0", PayloadError
    )
    assert told(error) == ("payload/envelope", '$.grid[0]["k"]')
