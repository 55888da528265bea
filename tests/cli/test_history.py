"""`vobj history`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Vobj, VobjProcess

FROM_THE_FUTURE = """
import vobj

@vobj.register
class Broken(vobj.VersionedObject):
    VERSION = "1.1"
    x: int = vobj.field(vobj.Added(since="1.4"))
"""


def test_the_table_is_newest_first(vobj: Vobj) -> None:
    """Versions stand newest first, each with its changes and what both directions lose."""
    result = vobj("history", "tests.cli.harbour:HarbourShip")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].rstrip() == "HarbourShip 1.6: versions 1.1 and later, key imo"
    first_cells = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    assert [cell for cell in first_cells if cell] == [
        "version", "1.6", "1.5", "1.4", "1.3", "1.2", "1.1"
    ]  # fmt: skip
    assert lines[-1] == "nothing is sent below 1.1"


def test_json_tells_schema_and_loss(vobj: Vobj) -> None:
    """The JSON document has the fields at each version and the loss of each change."""
    result = vobj("history", "tests.cli.harbour:HarbourShip", "--json")
    [told] = json.loads(result.stdout)["histories"]
    assert (told["object"], told["version"], told["oldest"]) == ("HarbourShip", "1.6", "1.1")
    by_version = {one["version"]: one for one in told["versions"]}
    assert list(by_version) == ["1.6", "1.5", "1.4", "1.3", "1.2", "1.1"]
    assert by_version["1.1"]["changes"] == []
    assert by_version["1.1"]["fields"]["weight"] == "Integer"
    assert "masts" not in by_version["1.3"]["fields"]
    assert by_version["1.2"]["changes"] == [
        {
            "field": "tons",
            "change": "Renamed",
            "text": "renamed from weight",
            "backport": "lossless",
            "upgrade": "lossless",
        }
    ]
    [mapped] = [one for one in by_version["1.5"]["changes"] if one["change"] == "Mapped"]
    assert (mapped["backport"], mapped["upgrade"]) == ("lossless", "lossless")


def test_a_module_shows_all_of_its_classes(vobj: Vobj) -> None:
    """Without a class, every declared history is shown, and classes without one are named."""
    result = vobj("history", "tests.cli.harbour")
    assert result.exit_code == 0
    assert "HarbourCrew 1.1: versions 1.0 and later, key badge" in result.stdout
    assert "HarbourShip 1.6: versions 1.1" in result.stdout
    assert result.stdout.endswith("\nWithout a declared history: HarbourBuoy\n")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("tests.cli.harbor", "no module tests.cli.harbor. Did you mean tests.cli.harbour?"),
        ("tests.cli.harbour.HarbourShip", "is written tests.cli.harbour:HarbourShip."),
        ("vobj.clii.main", "no module vobj.clii. Did you mean vobj.cli?"),
        ("jsn", "There is no module jsn. Did you mean json"),
        ("nothing_is_like_this_one_xyzzy", "no module nothing_is_like_this_one_xyzzy.\n"),
        ("harbour.py", "Expected the dotted name of a module"),
        ("tests.cli.harbour:HarborShip", "Did you mean HarbourShip"),
        ("tests.cli.harbour:x", "It has HarbourBuoy, HarbourCrew, HarbourShip."),
        ("json:Server", "json has no versioned object 'Server'. It has none."),
        ("json", "json declares no versioned objects"),
        ("tests.cli.harbour:HarbourBuoy", "HarbourBuoy of tests.cli.harbour:HarbourBuoy declare"),
    ],
)
def test_a_target_that_is_not_there(vobj: Vobj, target: str, message: str) -> None:
    """A typo is answered with what is spelled like it, and exit status 2."""
    result = vobj("history", target)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import vobj\nx = 1 / 0\n", "ZeroDivisionError: division by zero\n  in    "),
        ("import not_installed_here\n", "No module named 'not_installed_here'"),
        ("x = (\n", "SyntaxError: '(' was never closed"),
        ("raise SystemExit(3)\n", "SystemExit: 3"),
        (FROM_THE_FUTURE, "  at    $.x\n  rule  declare/future: "),
    ],
)
def test_a_module_that_cannot_be_imported(
    vobj_process: VobjProcess, tmp_path: Path, source: str, message: str
) -> None:
    """What an import raises is told in a few lines, with exit status 1 and no traceback."""
    (tmp_path / "broken_fleet.py").write_text(source)
    done = vobj_process("history", "broken_fleet", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "error: Importing broken_fleet failed: " in done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
