"""The laws on generated histories, with envelopes straight from what was told of each version."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.laws.exchanges import Exchange, exchanges
from vobj.testkit import laws
from vobj.testkit.bare import ENVELOPE, BareCodec
from vobj.testkit.edits import edits, rearranged
from vobj.testkit.stories import Family, manifest
from vobj.testkit.strategies import families, field_values, payloads, versions

CASES = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    max_examples=settings.default.max_examples // 2,
)


@CASES
@given(families())
def test_the_schema_of_each_version_is_what_was_told(family: Family) -> None:
    """The schema that the declaration gives for a version is what that release itself had."""
    for story in family.stories:
        for minor, moment in enumerate(story.moments):
            assert story.history.schema(f"1.{minor}").fields == moment.fields


@CASES
@given(exchanges())
def test_unset_stays_unset_unless_a_change_says_otherwise(case: Exchange) -> None:
    """Restore always fires, a backfill never overwrites, nothing else sets or unsets a field."""
    laws.check_presence(case.codec, case.newest, case.to)


@CASES
@given(exchanges())
def test_a_backport_of_an_upgraded_backport_is_the_same(case: Exchange) -> None:
    """Law (a): backport(upgrade(backport(x))) == backport(x)."""
    laws.check_backport_again(case.codec, case.newest, case.to)


@CASES
@given(exchanges())
def test_what_no_change_loses_comes_back(case: Exchange) -> None:
    """Law (b): fields without a down-lossy change are equal in upgrade(backport(x)) and x."""
    laws.check_visible_survives(case.codec, case.newest, case.to)


@CASES
@given(exchanges(), st.data())
def test_putting_back_no_edit_changes_nothing(case: Exchange, data: st.DataObject) -> None:
    """Law (c): merge(x, backport(x)) == x, and the same after somebody else changed x."""
    laws.check_untouched_put_back(case.codec, case.newest, case.to)
    current = data.draw(edits(case.family, case.newest, case.family.newest()))
    laws.check_untouched_put_back(case.codec, case.newest, case.to, current)


@CASES
@given(exchanges(), st.data())
def test_an_edit_is_seen_by_who_made_it(case: Exchange, data: st.DataObject) -> None:
    """Law (d): backport(merge(x, e)) == e for every edit e that can be represented."""
    edited = data.draw(edits(case.family, case.older, case.at))
    laws.check_edit_shows(case.codec, case.newest, edited, case.to)


@CASES
@given(exchanges(lists=True), st.data())
def test_an_edit_of_lists_is_seen_by_who_made_it(case: Exchange, data: st.DataObject) -> None:
    """Law (d) where elements are inserted, deleted, moved and edited, with keys and without."""
    edited = data.draw(edits(case.family, case.older, case.at))
    laws.check_edit_shows(case.codec, case.newest, edited, case.to)


@CASES
@given(st.data())
def test_an_edit_is_seen_by_a_caller_that_names_a_version(data: st.DataObject) -> None:
    """Laws (a) to (d) where the caller names only its version, and the children are dated."""
    family = data.draw(families(dated_children=True))
    newest, top = data.draw(payloads(family)), family.top
    codec = BareCodec(family.codec().catalog, policy="oldest")
    to = f"1.{data.draw(st.integers(top.history.oldest.minor, top.newest))}"
    older = laws.backport_or_none(codec, newest, to)
    assume(older is not None)
    laws.check_backport_again(codec, newest, to)
    laws.check_visible_survives(codec, newest, to)
    laws.check_untouched_put_back(codec, newest, to)


@CASES
@given(exchanges(), st.data())
def test_an_edit_goes_back_into_an_object_that_is_not_the_newest(
    case: Exchange, data: st.DataObject
) -> None:
    """Laws (c) and (d) between any two versions: the current object may be an older one itself."""
    at = data.draw(versions(case.family, at_most=case.at))
    older = laws.backport_or_none(case.codec, case.older, manifest(at))
    assume(older is not None)
    laws.check_untouched_put_back(case.codec, case.older, manifest(at))
    edited = data.draw(edits(case.family, older, at))
    laws.check_edit_shows(case.codec, case.older, edited, manifest(at))


@CASES
@given(exchanges(), st.data())
def test_an_edit_is_not_in_conflict_with_itself(case: Exchange, data: st.DataObject) -> None:
    """Law (d): the same edit on both sides is no conflict."""
    edited = data.draw(edits(case.family, case.older, case.at))
    laws.check_edit_twice(case.codec, case.newest, edited, case.to)


@CASES
@given(exchanges(), st.data())
def test_a_policy_settles_every_conflict(case: Exchange, data: st.DataObject) -> None:
    """Law (d): two callers' edits merge or conflict, and a policy settles the conflict."""
    edited = data.draw(edits(case.family, case.older, case.at))
    current = data.draw(edits(case.family, case.newest, case.family.newest()))
    laws.check_policies_settle(case.codec, case.newest, current, edited)


@CASES
@given(st.data())
def test_an_older_payload_comes_back(data: st.DataObject) -> None:
    """Law (e): backport(upgrade(y)) == y for an older payload y, except up-lossy fields."""
    family = data.draw(families())
    at = data.draw(versions(family))
    older = data.draw(payloads(family, at))
    laws.check_older_survives(family.codec(), older, manifest(at))


@CASES
@given(exchanges(lists=True, keyed=True), st.data())
def test_hidden_data_stays_on_its_element(case: Exchange, data: st.DataObject) -> None:
    """Law (f): deleting, inserting, moving keyed elements leaves hidden data on its own element."""
    names = case.list_field(keyed=True)
    assume(names is not None)
    older_name, _ = names
    elements = ENVELOPE.data(case.older)[older_name]
    fresh = field_values(case.family, case.at, case.family.top.name, older_name, max_size=1)
    changed = data.draw(rearranged(case.family, elements, fresh))
    edited = case.with_elements(older_name, changed)
    laws.check_elements_keep_hidden_data(case.codec, case.newest, edited, names, case.to)


@CASES
@given(exchanges(lists=True, keyed=False), st.data())
def test_deleting_an_element_without_a_key_keeps_the_others_whole(
    case: Exchange, data: st.DataObject
) -> None:
    """Law (f) without keys: what is only deleted takes nothing from the other elements."""
    names = case.list_field(keyed=False)
    assume(names is not None)
    elements = ENVELOPE.data(case.older)[names[0]]
    kept = data.draw(st.lists(st.sampled_from(range(len(elements))), unique=True).map(sorted))
    edited = case.with_elements(names[0], [elements[index] for index in kept])
    laws.check_elements_keep_hidden_data(case.codec, case.newest, edited, names, case.to)


@CASES
@given(exchanges(linked=False), st.data())
def test_edits_of_different_fields_both_survive(case: Exchange, data: st.DataObject) -> None:
    """Law (d) with two callers: disjoint edits both survive."""
    names = case.both_names()
    mine = data.draw(st.sets(st.sampled_from(range(len(names))))) if names else set()
    older = frozenset(low for index, (low, _) in enumerate(names) if index in mine)
    newer = frozenset(high for index, (_, high) in enumerate(names) if index not in mine)
    edited = data.draw(edits(case.family, case.older, case.at, fields=older))
    current = data.draw(edits(case.family, case.newest, case.family.newest(), fields=newer))
    laws.check_disjoint_edits(case.codec, case.newest, current, edited, case.to)


@CASES
@given(exchanges(linked=False), st.data())
def test_different_edits_of_one_field_conflict(case: Exchange, data: st.DataObject) -> None:
    """Law (d) with two callers: different edits of a value conflict, and a policy settles it."""
    kinds = case.family.top.moments[case.at[case.family.top.name]].fields
    names = [(low, high) for low, high in case.both_names() if kinds[low].child() is None]
    assume(names)
    low, high = data.draw(st.sampled_from(names))
    edited = data.draw(edits(case.family, case.older, case.at, fields=frozenset({low})))
    newest = case.family.newest()
    current = data.draw(edits(case.family, case.newest, newest, fields=frozenset({high})))
    laws.check_conflict(case.codec, case.newest, current, edited, case.to, low)


@CASES
@given(st.data())
def test_one_hop_equals_several(data: st.DataObject) -> None:
    """Law (h): one hop equals hop by hop wherever both succeed."""
    family = data.draw(families())
    newest = data.draw(payloads(family))
    first = data.draw(versions(family))
    second = data.draw(versions(family, at_most=first))
    laws.check_hops(family.codec(), newest, [manifest(first), manifest(second)])
