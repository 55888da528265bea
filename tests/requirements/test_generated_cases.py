"""The cases that laws are tried on: an object without data exercises no rule."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vobj.testkit.bare import ENVELOPE
from vobj.testkit.stories import Family
from vobj.testkit.strategies import families, payloads, versions


def test_generated_objects_are_populated_and_partial_and_sent_to_every_version() -> None:
    """Most generated objects hold data, some lack fields, and all kinds of targets are drawn."""
    sizes: Counter[str] = Counter()
    targets: set[int] = set()

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.data(), families())
    def look(data: st.DataObject, family: Family) -> None:
        top = family.top
        newest = top.history.version.minor
        known = top.moments[newest].fields
        held = ENVELOPE.data(data.draw(payloads(family)))
        whole = ENVELOPE.data(data.draw(payloads(family, complete=True)))
        sizes["empty" if not held else "partial" if len(held) < len(known) else "whole"] += 1
        targets.add(newest - data.draw(versions(family))[top.name])
        assert set(whole) == set(known)

    look()
    assert sizes["partial"] > 0
    assert sizes["whole"] > 0
    assert sizes["empty"] < sizes.total() / 2
    assert targets >= {0, 1, 2}
