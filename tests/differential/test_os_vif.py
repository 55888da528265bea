"""Every class of os-vif at each of its versions: vobj gives what oslo gives."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.differential.compare import Comparison
from tests.differential.os_vif_objects import ROOT, all_classes, made, manifests, older

# How much of an object is set: all of it, most, and a little.
SHARES = (1.0, 1.0, 0.8, 0.8, 0.3)

pytestmark = pytest.mark.filterwarnings(
    "ignore:Using class 'VIFPortProfileOVSRepresentor':PendingDeprecationWarning"
)


def test_os_vif_is_what_it_is_taken_for() -> None:
    """The classes are those of the release that the tests name, some with older versions."""
    classes = all_classes()
    assert len(classes) == 31
    dated = {name: cls.VERSION for name, cls in classes.items() if cls.VERSION != "1.0"}
    assert dated["VIFPortProfileOpenVSwitch"] == "1.4"
    assert len(dated) == 12


def test_os_vif_gives_what_oslo_gives(record_property: Callable[[str, object], None]) -> None:
    """Encode, backport and decode agree for each class, version and manifest, partial or nested."""
    cases = targets = 0
    for name, cls in all_classes().items():
        comparison = Comparison(ROOT)
        asked = [*older(cls.VERSION), *manifests(name), {}, {"Network": "1.0"}]
        for at, share in enumerate(SHARES):
            obj = made(name, random.Random(f"{name}/{at}"), share)
            comparison.current(obj)
            for to in asked:
                comparison.case(obj, to)
        cases += comparison.cases
        targets += len(asked)
    record_property(
        "note",
        f"os-vif against oslo: {len(all_classes())} classes, {targets} targets, {cases} cases",
    )
    assert cases > 1_000
