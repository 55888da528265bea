"""May a version be dropped? Only when nobody who counts needs it, and each who does is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fleet.conftest import MakeFleet
from tests.fleet.yard import NEW, OLD
from vobj.errors import UsageError, VobjError
from vobj.fleet import Fleet
from vobj.fleet.drop import Verdict

DAY = 86_400.0


def asked(
    fleet: Fleet, version: str = "1.2", within: float = DAY, name: str = "YardDock"
) -> Verdict:
    return fleet.can_drop(name, version, within=within)


def kinds(found: Verdict) -> list[str]:
    return [one.kind for one in found.needs]


@pytest.fixture
def upgraded(fleet: Fleet) -> Fleet:
    """A fleet whose only service reads the newest version."""
    fleet.announce("dock", NEW, host="h1", release="2")
    return fleet


def test_nobody_needs_it(upgraded: Fleet) -> None:
    assert asked(upgraded).can_drop
    assert asked(upgraded, "1.3").can_drop


def test_a_live_service_needs_it(upgraded: Fleet) -> None:
    """Who reads nothing newer needs the version, and every one after what it reads."""
    old = upgraded.announce("dock", OLD, host="h2", release="1")
    found = asked(upgraded)
    assert not found.can_drop
    (need,) = found.needs
    assert (need.kind, need.text) == ("live", "dock on h2 (1) is live and reads 1.2")
    assert need.about["host"] == "h2"
    assert kinds(asked(upgraded, "1.3")) == ["live"]
    assert asked(upgraded, "1.1").can_drop
    old.withdraw()
    assert asked(upgraded).can_drop


def test_a_newest_version_is_needed_by_its_readers(upgraded: Fleet) -> None:
    assert kinds(asked(upgraded, "1.4")) == ["live"]


def test_a_silent_service_may_come_back(upgraded: Fleet, make_fleet: MakeFleet) -> None:
    """A node whose lease ran out counts, until it is replaced, too long ago, or forgotten."""
    make_fleet(lease=1e-6).announce("dock", OLD, host="h2")
    (need,) = asked(upgraded).needs
    assert need.kind == "silent"
    assert need.text.startswith("dock on h2 reads 1.2 and went silent at 20")
    assert asked(upgraded, within=0).can_drop
    again = upgraded.announce("dock", NEW, host="h2")
    assert asked(upgraded).can_drop
    again.withdraw()
    assert not asked(upgraded).can_drop
    upgraded.forget("dock", "h2")
    assert asked(upgraded).can_drop


def test_a_caller_that_asked_for_it(upgraded: Fleet) -> None:
    """Backports count for a while, also of callers that never announced themselves."""
    upgraded.backports.backported({(("cron", "x"), "YardDock", "1.4", "1.1"): 7})
    (need,) = asked(upgraded).needs
    assert need.kind == "backport"
    assert need.text.startswith("cron on x asked for 1.1, last at 20")
    assert need.text.endswith("(7 in all)")
    assert need.about["count"] == 7
    assert asked(upgraded, "1.0").can_drop
    assert asked(upgraded, name="YardCrane", version="1.0").can_drop
    assert asked(upgraded, within=0).can_drop


def test_a_caller_without_a_name(upgraded: Fleet) -> None:
    upgraded.backports.backported({(("", ""), "YardDock", "1.4", "1.2"): 1})
    assert asked(upgraded).needs[0].text.startswith("a caller without a name asked for 1.2")


def test_a_target_that_is_no_version_is_kept(upgraded: Fleet) -> None:
    """What cannot be understood counts as a need."""
    upgraded.backports.backported({(("a", ""), "YardDock", "1.4", "what"): 1})
    assert kinds(asked(upgraded, "1.0")) == ["backport"]


def test_the_pin_holds_it(make_fleet: MakeFleet, upgraded: Fleet, tmp_path: Path) -> None:
    """A pin that is a file keeps what it names, whoever lives."""
    file = tmp_path / "pin.json"
    file.write_text(json.dumps(OLD.to_dict()))
    found = asked(make_fleet(pin=file))
    assert [one.text for one in found.needs] == [f"the pin (file {file}) holds it at 1.2"]
    assert asked(make_fleet(pin=file), "1.1").can_drop
    file.write_text("{")
    (need,) = asked(make_fleet(pin=file)).needs
    assert need.text.startswith("the pin cannot be read: ")


def test_the_pin_is_lowered_to_it(upgraded: Fleet) -> None:
    """A dock that is sent at 1.3 for the sake of its crane needs 1.3, though all docks read 1.4."""
    upgraded.announce("crane", {"YardCrane": "1.1"}, host="h1")
    assert kinds(asked(upgraded, "1.3")) == ["pin"]
    assert asked(upgraded, "1.2").can_drop


def test_another_major_version(upgraded: Fleet) -> None:
    """Readers of 1.x are no reason to keep 2.0, nor the other way round."""
    upgraded.announce("next", {"YardSign": "2.1"})
    upgraded.announce("sign", {"YardSign": "1.0"})
    assert kinds(asked(upgraded, "2.0", name="YardSign")) == []
    assert kinds(asked(upgraded, "1.0", name="YardSign")) == ["live"]


def test_an_empty_record_lets_nothing_go(fleet: Fleet) -> None:
    """Nothing is known, for example at a URL that is the wrong one: the answer is no."""
    found = asked(fleet)
    assert [one.text for one in found.needs] == ["no live service has announced what it reads"]
    assert (found.recorded_since, found.covers) == (None, False)


def test_an_object_that_nobody_knows(upgraded: Fleet) -> None:
    """A typo is no permission."""
    with pytest.raises(UsageError, match=r"announced 'YardDok'.* Did you mean YardDock\?") as found:
        asked(upgraded, name="YardDok")
    assert found.value.rule == "usage/argument"
    with pytest.raises(VobjError, match="Expected a version"):
        asked(upgraded, "x")


def test_how_far_back_the_record_goes(upgraded: Fleet) -> None:
    """The answer says that it does not know what was before the record."""
    found = asked(upgraded)
    assert not found.covers
    assert found.recorded_since is not None
    assert asked(upgraded, within=0).covers
    assert found.to_dict()["can_drop"] is True
