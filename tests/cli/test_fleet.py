"""`vobj fleet`: its tables and documents, and the exit statuses that scripts go by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Vobj, VobjProcess
from tests.cli.harbour import HarbourShip
from vobj.fleet import Fleet, read_releases
from vobj.version import Manifest

NEW = Manifest.of(HarbourShip)
OLD = Manifest({"HarbourShip": "1.5", "HarbourCrew": "1.0"})


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of the record; the commands get it from the environment."""
    made = f"sqlite:///{tmp_path / 'fleet.sqlite'}"
    monkeypatch.setenv("VOBJ_FLEET_URL", made)
    monkeypatch.chdir(tmp_path)
    return made


@pytest.fixture
def fleet(url: str) -> Iterator[Fleet]:
    with Fleet(refresh=1e-9) as made:
        yield made


@pytest.fixture
def upgrading(fleet: Fleet) -> Fleet:
    """Two hosts of the new release, one of the old, and what it asked for."""
    fleet.announce("sea", NEW, host="h1", release="2")
    fleet.announce("sea", NEW, host="h2", release="2")
    fleet.announce("sea", OLD, host="h3", release="1")
    fleet.backports.backported({(("sea", "h3"), "HarbourShip", "1.6", "1.5"): 12})
    return fleet


def test_the_fleet_as_tables(vobj: Vobj, upgrading: Fleet) -> None:
    """Services, versions, the pin and what holds it back, as plain text."""
    result = vobj("fleet")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == f"Fleet at {upgrading.place}: 3 live services, 0 silent"
    assert lines[1] == f"Pin: auto {OLD.fingerprint}, wire packed"
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert ["HarbourShip", "1.5", "1.6", "1.5: 1, 1.6: 2", "sea on h3 (1): 1.5"] in cells
    assert ["sea", "h1", "2", "live"] in [row[:4] for row in cells]
    assert ["sea on h3", "HarbourShip", "1.6", "1.5", "12"] in [row[:5] for row in cells]
    assert result.stdout.isascii()


def test_the_fleet_as_a_document(vobj: Vobj, upgrading: Fleet) -> None:
    result = vobj("fleet", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["pin"]["manifest"] == OLD.to_dict()
    assert len(told["services"]) == 3


def test_no_service_at_all(vobj: Vobj, fleet: Fleet) -> None:
    """Without a pin the exit status is 1, and the reason is on stderr."""
    result = vobj("fleet")
    assert result.exit_code == 1
    assert result.stdout == f"Fleet at {fleet.place}: 0 live services, 0 silent\n"
    assert "No live service has announced what it reads" in result.stderr
    assert vobj("fleet", "--json").exit_code == 1


def test_names_on_the_terminal(vobj: Vobj, fleet: Fleet) -> None:
    """What holds the terminal up is escaped; brackets are no markup."""
    fleet.announce("[red]a[/red]", {"S\x1b[2Jhip": "1.0"}, host="h1")
    result = vobj("fleet")
    assert "[red]a[/red]" in result.stdout
    assert "\x1b" not in result.stdout
    assert "S\\x1b[2Jhip" in result.stdout


def test_conflicts_and_problems_are_notes(vobj: Vobj, upgrading: Fleet) -> None:
    upgrading.announce("sea", OLD, host="h1", release="1")
    upgrading.announce("far", {"HarbourShip": "2.0"}, host="h9")
    text = vobj("fleet").stdout
    assert "note: sea on h1 is announced with different manifests (1 and 2); all of them" in text
    assert "note: HarbourShip is read in the major versions 1 and 2" in text


def test_the_pin_of_the_command(vobj: Vobj, upgrading: Fleet, tmp_path: Path) -> None:
    """`--pin` shows the fleet under a release or a file, `--import` knows what fits together."""
    (tmp_path / "pin.json").write_text('{"HarbourShip": "1.2"}')
    told = json.loads(vobj("fleet", "--pin", "file:pin.json", "--json").stdout)
    assert told["pin"]["source"] == "file pin.json"
    result = vobj("fleet", "--pin", "2026.1")
    assert result.exit_code == 1
    assert "vobj-releases.json: It cannot be read" in result.stderr
    upgrading.announce("crew", {"HarbourCrew": "1.0"}, host="h4")
    told = json.loads(vobj("fleet", "--import", "tests.cli.harbour", "--json").stdout)
    assert told["pin"]["manifest"] == OLD.to_dict()


def test_a_version_that_may_be_dropped(vobj: Vobj, upgrading: Fleet) -> None:
    """Exit status 0 when nobody needs it, and only then."""
    result = vobj("fleet", "can-drop", "HarbourShip", "1.4")
    assert result.exit_code == 0
    assert result.stdout.startswith("HarbourShip 1.4 may be dropped\nnote: the record begins at 20")
    result = vobj("fleet", "can-drop", "HarbourShip", "1.4", "--within", "0")
    assert result.stdout == "HarbourShip 1.4 may be dropped\n"


def test_a_version_that_is_needed(vobj: Vobj, upgrading: Fleet) -> None:
    """Exit status 1, with each reason on a line."""
    result = vobj("fleet", "can-drop", "HarbourShip", "1.5")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        "HarbourShip 1.5 is still needed",
        "  sea on h3 (1) is live and reads 1.5",
    ]
    assert lines[2].startswith("  sea on h3 asked for 1.5, last at 20")
    told = json.loads(vobj("fleet", "can-drop", "HarbourShip", "1.5", "--json").stdout)
    assert (told["can_drop"], [one["kind"] for one in told["needs"]]) == (
        False, ["live", "backport"],
    )  # fmt: skip


def test_options_before_the_command(vobj: Vobj, upgrading: Fleet) -> None:
    """What is said of the fleet holds for the command after it."""
    result = vobj("fleet", "--json", "--url", upgrading.place, "can-drop", "HarbourShip", "1.4")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["can_drop"] is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["can-drop", "HarborShip", "1.5"], "Did you mean HarbourShip?"),
        (["can-drop", "HarbourShip", "new"], "Expected a version such as '1.3', got 'new'"),
        (["can-drop", "HarbourShip"], "Missing argument 'VERSION'"),
        (["can-drop", "HarbourShip", "1.5", "--within", "soon"], "Expected a time span"),
        (["can-drop", "HarbourShip", "1.5", "--within", "1"], "such as 90s, 30m, 12h or 14d"),
        (["--url", "redis://x"], "kept in sqlite, postgresql, mariadb, mysql, not in redis"),
        (["--url", "sqlite:////no/where/x"], "fleet/away"),
        (["--import", "tests.nowhere"], "There is no module tests.nowhere"),
        (["forget", "a\nb", "h1"], "Expected a service of at most 200"),
        (["drop"], "No such command 'drop'"),
    ],
)
def test_what_cannot_be_answered(
    vobj: Vobj, upgrading: Fleet, arguments: list[str], message: str
) -> None:
    """A typo, or a record that is away, is exit status 2 and never 0."""
    result = vobj("fleet", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_spans_of_time(vobj: Vobj, upgrading: Fleet) -> None:
    for span, seconds in {"90s": 90, "30m": 1800, "12h": 43_200, "14d": 1_209_600, "0": 0}.items():
        result = vobj("fleet", "can-drop", "HarbourShip", "1.4", "--within", span, "--json")
        assert json.loads(result.stdout)["within_seconds"] == seconds


def test_a_release_is_written(vobj: Vobj, url: str) -> None:
    """The installed code's manifest goes into the file, once."""
    result = vobj("fleet", "release", "2026.1", "tests.cli.harbour:HarbourShip")
    assert (result.exit_code, result.stdout) == (
        0, "2026.1 written to vobj-releases.json: 2 objects\n",
    )  # fmt: skip
    assert read_releases("vobj-releases.json") == {"2026.1": NEW}
    result = vobj("fleet", "release", "2026.1", "tests.cli.harbour:HarbourShip", "--json")
    told = json.loads(result.stdout)
    assert (told["changed"], told["manifest"]) == (False, NEW.to_dict())
    result = vobj("fleet", "release", "2026.1", "tests.cli.harbour")
    assert result.exit_code == 1
    assert "2026.1 is there already and says HarbourBuoy nothing, not 1.3" in result.stderr
    result = vobj("fleet", "release", "2026.1", "tests.cli.harbour", "--replace")
    assert result.exit_code == 0
    assert read_releases("vobj-releases.json")["2026.1"]["HarbourBuoy"] == "1.3"


def test_a_service_is_forgotten(vobj: Vobj, upgrading: Fleet, url: str) -> None:
    """A silent service is taken out once; a live one stays."""
    with Fleet(url, lease=1e-6) as brief:
        brief.announce("sea", OLD, host="gone")
    assert vobj("fleet", "can-drop", "HarbourCrew", "1.0").stdout.count("silent") == 1
    result = vobj("fleet", "forget", "sea", "gone")
    assert (result.exit_code, result.stdout) == (0, "sea on gone is taken out\n")
    result = vobj("fleet", "forget", "sea", "gone")
    assert (result.exit_code, result.stdout) == (1, "There is no silent sea on gone\n")
    assert json.loads(vobj("fleet", "forget", "sea", "h1", "--json").stdout)["forgotten"] == 0
    assert "silent" not in vobj("fleet", "can-drop", "HarbourCrew", "1.0").stdout


def test_a_long_list_is_cut(vobj: Vobj, fleet: Fleet) -> None:
    """People see the first rows and how many there are more; JSON has all."""
    for number in range(60):
        fleet.announce("sea", OLD if number < 30 else NEW, host=f"h{number:02}")
    text = vobj("fleet").stdout
    assert "and 10 more; --json has them" in text
    assert "and 25 more" in text
    reasons = vobj("fleet", "can-drop", "HarbourShip", "1.6").stdout.splitlines()
    assert "  and 10 more reasons" in reasons


def test_the_page_of_can_drop_in_a_script(vobj_process: VobjProcess, upgrading: Fleet) -> None:
    """A process of its own ends with the same statuses."""
    assert vobj_process("fleet", "can-drop", "HarbourShip", "1.4").returncode == 0
    assert vobj_process("fleet", "can-drop", "HarbourShip", "1.5").returncode == 1
    assert vobj_process("fleet", "can-drop", "Nothing", "1.5").returncode == 2
