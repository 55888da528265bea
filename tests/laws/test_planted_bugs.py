"""Every law catches a bug of the kind it is there for: one is planted, and the law is broken."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, find, settings
from hypothesis import strategies as st

import vobj
from tests.laws.exchanges import Exchange, exchanges
from vobj import plan as plans
from vobj.changes import ABSENT
from vobj.evolve import Envelope, merge_children, merge_fields, upgrade
from vobj.plan import Backfill, Convert, Plan, Rename, Restore
from vobj.testkit import bare, laws, object_laws
from vobj.testkit.bare import ENVELOPE
from vobj.testkit.classes import object_of, registered
from vobj.testkit.edits import edits, rearranged
from vobj.testkit.stories import manifest
from vobj.testkit.strategies import families, field_values, payloads, versions

# `vobj.evolve` gives the functions the names of these modules.
BACKPORT = importlib.import_module("vobj.evolve.backport")
UPGRADE = importlib.import_module("vobj.evolve.upgrade")
RUN = importlib.import_module("vobj.evolve.run")
CODEC = importlib.import_module("vobj.codec")

SEARCH = settings(
    max_examples=2_000,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def outcomes(draw: Any, check: Callable[[st.DrawFn], object]) -> str | None:
    """The law that a drawn case breaks; None when it breaks none, or fails in another way."""
    try:
        check(draw)
    except laws.LawBroken as broken:
        return broken.law
    except vobj.VobjError:
        return None
    return None


def assert_caught(law: str, check: Callable[[Any], object]) -> None:
    """A case that breaks the law is found among generated ones; `find` raises when none is."""
    seeded = random.Random(20170222)
    assert (
        find(outcomes(check), lambda letter: letter == law, settings=SEARCH, random=seeded) == law
    )


def again(draw: Any) -> object:
    """Law (a) on a drawn case."""
    case: Exchange = draw(exchanges())
    return laws.check_backport_again(case.codec, case.newest, case.to)


def again_from_the_oldest(draw: Any) -> object:
    """Law (a) on a drawn case of a caller that knows nothing newer than the oldest versions."""
    case: Exchange = draw(exchanges(oldest=True, max_versions=3))
    return laws.check_backport_again(case.codec, case.newest, case.to)


def survives(draw: Any) -> object:
    """Law (b) on a drawn case."""
    case: Exchange = draw(exchanges())
    return laws.check_visible_survives(case.codec, case.newest, case.to)


def untouched(draw: Any) -> object:
    """Law (c) on a drawn case, with somebody else's edits."""
    case: Exchange = draw(exchanges())
    current = draw(edits(case.family, case.newest, case.family.newest()))
    return laws.check_untouched_put_back(case.codec, case.newest, case.to, current)


def shows(draw: Any) -> object:
    """Law (d) on a drawn case."""
    case: Exchange = draw(exchanges())
    edited = draw(edits(case.family, case.older, case.at))
    return laws.check_edit_shows(case.codec, case.newest, edited, case.to)


def conflicts(draw: Any) -> object:
    """Law (d) on a drawn case with two callers."""
    case: Exchange = draw(exchanges(linked=False))
    names = case.both_names()
    assume(names)
    low, high = draw(st.sampled_from(names))
    edited = draw(edits(case.family, case.older, case.at, fields=frozenset({low})))
    newest = case.family.newest()
    current = draw(edits(case.family, case.newest, newest, fields=frozenset({high})))
    return laws.check_conflict(case.codec, case.newest, current, edited, case.to, low)


def comes_back(draw: Any) -> object:
    """Law (e) on a drawn case."""
    family = draw(families())
    at = draw(versions(family))
    return laws.check_older_survives(family.codec(), draw(payloads(family, at)), manifest(at))


def presence(draw: Any) -> object:
    """The law of presence on a drawn case."""
    case: Exchange = draw(exchanges())
    return laws.check_presence(case.codec, case.newest, case.to)


def keeps_hidden(draw: Any, *, keyed: bool = True, **wishes: Any) -> object:
    """Law (f) on a drawn case."""
    case: Exchange = draw(exchanges(lists=True, keyed=keyed, **wishes))
    names = case.list_field(keyed=keyed)
    assume(names is not None)
    elements = ENVELOPE.data(case.older)[names[0]]
    fresh = field_values(case.family, case.at, case.family.top.name, names[0], max_size=1)
    changed = draw(rearranged(case.family, elements, fresh)) if keyed else elements[1:]
    assume(keyed or elements[0] not in changed)
    edited = case.with_elements(names[0], changed)
    return laws.check_elements_keep_hidden_data(case.codec, case.newest, edited, names, case.to)


def keeps_filtered(draw: Any) -> object:
    """Law (f) on a drawn case with classes that older lists do not hold."""
    return keeps_hidden(draw, subclassed=True, max_versions=2, oldest=True)


def keeps_without_keys(draw: Any) -> object:
    """Law (f) on a drawn case without keys, of which one element was deleted."""
    return keeps_hidden(draw, keyed=False)


def hops(draw: Any) -> object:
    """Law (h) on a drawn case."""
    family = draw(families())
    newest, first = draw(payloads(family)), draw(versions(family))
    second = draw(versions(family, at_most=first))
    return laws.check_hops(family.codec(), newest, [manifest(first), manifest(second)])


def of_object(check: Callable[..., object], wire: str) -> Callable[[Any], object]:
    """A law of objects on a drawn one."""

    def drawn(draw: Any) -> object:
        family = draw(families(max_versions=3))
        with registered(family) as classes:
            obj = object_of(classes, draw(payloads(family)))
            return check(vobj.Codec(wire), obj, manifest(draw(versions(family))))

    return drawn


def without(*kinds: type) -> Callable[..., Any]:
    """A runner of plans that forgets the steps of some kinds."""
    run = RUN.run

    def forgetful(plan: Plan, *given: Any, **more: Any) -> Any:
        kept = tuple(step for step in plan.steps if not isinstance(step, kinds))
        return run(replace(plan, steps=kept), *given, **more)

    return forgetful


def compiling(change: Callable[[Plan], list[Any]]) -> Callable[..., Plan]:
    """A compiler of plans with other steps than they should have."""
    compile_plan = plans.compile_plan

    def compiled(*given: Any) -> Plan:
        made = compile_plan(*given)
        return replace(made, steps=tuple(change(made)))

    return compiled


def test_upgrading_in_the_wrong_order_breaks_law_a(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (a) catches an upgrade that runs its steps newest first."""
    monkeypatch.setattr(UPGRADE, "compile_plan", compiling(lambda made: list(made.steps[::-1])))
    assert_caught("a", again_from_the_oldest)


def test_forgetting_to_convert_up_breaks_law_a(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (a) catches an upgrade that stamps the newer version on values in their older form."""
    monkeypatch.setattr(UPGRADE, "run", without(Convert))
    assert_caught("a", again)


def test_forgetting_to_rename_back_breaks_law_b(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (b) catches an upgrade that leaves a field under its older name."""
    monkeypatch.setattr(UPGRADE, "run", without(Rename))
    assert_caught("b", survives)


def test_forgetting_to_convert_back_breaks_law_b(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (b) catches an upgrade that leaves values in their older form."""
    monkeypatch.setattr(UPGRADE, "run", without(Convert))
    assert_caught("b", survives)


def test_taking_the_edited_payload_whole_breaks_law_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (c) catches a put-back that upgrades what came back and forgets what it had."""
    monkeypatch.setattr(bare, "merge", lambda current, edited, scope, **_: upgrade(edited, scope))
    assert_caught("c", untouched)


def test_clearing_what_the_caller_left_out_breaks_law_d(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (d) catches a put-back that never unsets a field."""
    put = merge_fields.put
    monkeypatch.setattr(
        merge_fields, "put", lambda data, name, value: value is ABSENT or put(data, name, value)
    )
    assert_caught("d", shows)


def test_accepting_any_edit_breaks_law_d(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (d) catches a put-back that does not look whether an edit can be held."""
    monkeypatch.setattr(merge_fields.Fields, "_differ", _differ_only_from_what_was_sent())
    assert_caught("d", shows)


def _differ_only_from_what_was_sent() -> Callable[..., bool]:
    differ = merge_fields.Fields._differ

    def blind(self: Any, unit: Any, one: Any, other: Any) -> bool:
        return other is not getattr(self, "_wanted", None) and differ(self, unit, one, other)

    return blind


def test_letting_the_last_caller_win_breaks_law_d(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (d) catches a put-back that does not see that somebody else changed the field."""
    monkeypatch.setattr(merge_fields.Fields, "_changed_since", lambda self, unit: False)
    assert_caught("d", conflicts)


def test_forgetting_to_convert_breaks_law_e(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (e) catches a backport that leaves values in their newer form."""
    monkeypatch.setattr(BACKPORT, "run", without(Convert))
    assert_caught("e", comes_back)


def test_forgetting_restore_breaks_the_law_of_presence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law of presence catches a backport that leaves out what was removed."""
    monkeypatch.setattr(BACKPORT, "run", without(Restore))
    assert_caught("presence", presence)


def test_backfill_over_a_value_breaks_the_law_of_presence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law of presence catches a backfill that overwrites a value that is there."""
    run = RUN.run

    def overwriting(plan: Plan, *given: Any, **more: Any) -> Any:
        made = run(plan, *given, **more)
        fills = {step.field: step.value for step in plan.steps if isinstance(step, Backfill)}
        return {name: fills.get(name, value) for name, value in made.items()}

    monkeypatch.setattr(UPGRADE, "run", overwriting)
    assert_caught("presence", presence)


def test_pairing_by_index_breaks_law_f(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (f) catches a put-back that pairs the elements of lists by position."""
    by_index = lambda self, left, right: {i: i for i in range(min(len(left), len(right)))}  # noqa: E731
    monkeypatch.setattr(merge_children._List, "_pair", by_index)
    assert_caught("f", keeps_hidden)


def test_pairing_unkeyed_elements_by_index_breaks_law_f(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (f) catches pairing by position where elements have no keys as well."""
    by_index = lambda left, right, _: {i: i for i in range(min(len(left), len(right)))}  # noqa: E731
    monkeypatch.setattr(merge_children, "pair_by_content", by_index)
    assert_caught("f", keeps_without_keys)


def test_dropping_hidden_elements_breaks_law_f(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (f) catches a put-back that keeps only the elements the caller knows."""
    monkeypatch.setattr(merge_children._List, "_stays", lambda self, index: False)
    assert_caught("f", keeps_filtered)


def test_encoding_for_a_peer_in_another_way_breaks_law_g(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (g) catches an encoder that does not filter `changes` as the backport does."""
    encode = vobj.Codec.encode

    def unfiltered(self: Any, obj: Any, to: Any = None, **more: Any) -> Any:
        made = encode(self, obj, to, **more)
        return {**made, "versioned_object.changes": sorted(obj.obj_what_changed())}

    monkeypatch.setattr(vobj.Codec, "encode", unfiltered)
    check = of_object(object_laws.check_encode_for_peer, "primitive")
    assert_caught("g", check)


def test_being_off_by_one_version_breaks_law_h(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (h) catches a backport that forgets the changes of the version it starts from."""
    late = compiling(lambda made: [one for one in made.steps if one.at != str(made.source)])
    monkeypatch.setattr(BACKPORT, "compile_plan", late)
    assert_caught("h", hops)


def test_forgetting_what_was_changed_breaks_law_i(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (i) catches a decoder that forgets which fields were changed."""
    decode = vobj.Codec.decode

    def forgetful(self: Any, data: object, **more: Any) -> Any:
        made = decode(self, data, **more)
        made.obj_reset_changes()
        return made

    monkeypatch.setattr(vobj.Codec, "decode", forgetful)
    check = of_object(lambda codec, obj, _: object_laws.check_encode_again(codec, obj), "json")
    assert_caught("i", check)


def test_running_a_plan_in_place_breaks_law_j(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (j) catches a backport that writes into the payload it was given."""
    run = RUN.run

    def in_place(plan: Plan, data: Any, *given: Any, **more: Any) -> Any:
        made = run(plan, data, *given, **more)
        data.clear()
        data.update(made)
        return data

    monkeypatch.setattr(BACKPORT, "run", in_place)
    assert_caught("j", again)


def test_merging_in_place_breaks_law_j(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law (j) catches a put-back that writes into the current payload."""
    replaced = Envelope.replaced

    def in_place(self: Any, node: Any, **content: Any) -> Any:
        node[self.key("data")] = content["data"]
        return replaced(self, node, **content)

    monkeypatch.setattr(Envelope, "replaced", in_place)
    assert_caught("j", shows)
