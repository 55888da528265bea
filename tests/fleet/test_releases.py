"""The releases file and pins that are files: written in one form, read strictly, followed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fleet.conftest import MakeFleet
from tests.fleet.yard import NEW, OLD
from vobj.errors import UsageError
from vobj.fleet import read_releases, write_release


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vobj-releases.json"


def test_what_is_written_is_read(file: Path) -> None:
    """Releases keep their order; the text is one object per line."""
    assert write_release(file, "2026.2", NEW)
    assert write_release(file, "2026.1", OLD)
    assert read_releases(file) == {"2026.2": NEW, "2026.1": OLD}
    assert list(read_releases(file)) == ["2026.2", "2026.1"]
    assert '\n    "YardCrane": "1.0",\n' in file.read_text()
    assert list(file.parent.iterdir()) == [file]


def test_the_same_again_changes_nothing(file: Path) -> None:
    write_release(file, "2026.1", OLD)
    before = file.stat().st_mtime_ns
    assert not write_release(file, "2026.1", OLD)
    assert file.stat().st_mtime_ns == before


def test_a_release_is_not_changed_by_accident(file: Path) -> None:
    """What was released stays, unless it is said that it shall not."""
    write_release(file, "2026.1", OLD)
    message = "2026.1 is there already and says YardCrane 1.0, not 1.2, and 1 more"
    with pytest.raises(UsageError, match=message) as caught:
        write_release(file, "2026.1", NEW)
    assert caught.value.rule == "fleet/releases"
    assert read_releases(file) == {"2026.1": OLD}
    assert write_release(file, "2026.1", NEW, replace=True)
    assert read_releases(file) == {"2026.1": NEW}


def test_the_mode_of_the_file_stays(file: Path) -> None:
    write_release(file, "a", OLD)
    file.chmod(0o640)
    write_release(file, "b", OLD)
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["", "auto", "file:x", " a", "a\n", "x" * 201, 7])
def test_what_is_no_name_of_a_release(file: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a release"):
        write_release(file, name, OLD)
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not the JSON it should be"),
        ("[]", "Expected {name of a release"),
        ('{"a": {"X": "1.0"}, "a": {"X": "1.1"}}', "'a' stands there twice"),
        ('{"a": {"X": "1.0", "X": "1.1"}}', "'X' stands there twice"),
        ('{"a": {"X": "1"}}', "a: Expected a version such as '1.3', got '1'"),
        ('{"a": {"X": ["1.0"]}}', "a: Expected {object: version}"),
        ('{"a": "1.0"}', "a: Expected {object: version}"),
        ('{"a": {"": "1.0"}}', "a: Expected the name of an object"),
        ('{"auto": {"X": "1.0"}}', "'auto' cannot be the name of a release"),
        ('{"a": ' * 100_000, "is not the JSON it should be"),
        ("\ud800".encode("utf-16", "surrogatepass"), "is not the JSON it should be"),
    ],
)
def test_a_file_that_is_not_as_it_should_be(file: Path, text: str | bytes, message: str) -> None:
    """Almost right is wrong, and the message has the file."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=message) as caught:
        read_releases(file)
    assert caught.value.rule == "fleet/releases"
    assert str(file) in str(caught.value)


def test_a_manifest_of_too_many_entries(file: Path) -> None:
    many = {f"Object{number}": "1.0" for number in range(100_000)}
    file.write_text(json.dumps({"a": many}))
    with pytest.raises(UsageError, match="100000 entries is over the limit of 10000"):
        read_releases(file)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="It cannot be read: No such file"):
        read_releases(tmp_path / "nothing.json")
    with pytest.raises(UsageError, match="It cannot be read: Is a directory"):
        read_releases(tmp_path)
    with pytest.raises(UsageError, match="It cannot be written: No such file"):
        write_release(tmp_path / "no" / "where.json", "a", OLD)


def test_a_pin_that_is_a_release(make_fleet: MakeFleet, file: Path) -> None:
    """The pin is what the file says of the release, whoever lives, and follows the file."""
    write_release(file, "2026.1", OLD)
    fleet = make_fleet(pin="2026.1", releases=file)
    fleet.announce("new", NEW)
    first = fleet.pin()
    assert (first, fleet.pin.source) == (OLD, "release 2026.1")
    assert fleet.pin() is first
    write_release(file, "2026.1", NEW, replace=True)
    assert fleet.pin() == NEW


def test_a_pin_that_is_a_file(make_fleet: MakeFleet, tmp_path: Path) -> None:
    """A file with one manifest is followed; while it is broken the last pin stays and says so."""
    file = tmp_path / "pin.json"
    file.write_text(json.dumps(OLD.to_dict()))
    fleet = make_fleet(pin=f"file:{file}")
    assert fleet.pin() == OLD
    assert make_fleet(pin=file).pin() == OLD
    file.write_text("{")
    assert fleet.pin() == OLD
    trouble = fleet.pin.state().trouble
    assert trouble is not None
    assert trouble.error.rule == "fleet/pin"
    with pytest.raises(UsageError, match="is not the JSON it should be") as caught:
        make_fleet(pin=file).pin()
    assert caught.value.rule == "fleet/pin"


def test_a_release_that_is_not_there(make_fleet: MakeFleet, file: Path) -> None:
    write_release(file, "2026.1", OLD)
    with pytest.raises(UsageError, match=r"has no release '2026.2'. Did you mean 2026.1\?"):
        make_fleet(pin="2026.2", releases=file).pin()
    with pytest.raises(UsageError, match="has no release 'x'. It has 2026.1."):
        make_fleet(pin="x", releases=file).pin()
    with pytest.raises(UsageError, match="Expected auto, the name of a release or file:PATH"):
        make_fleet(pin="")


def test_who_holds_a_pin_that_is_a_file(make_fleet: MakeFleet, tmp_path: Path) -> None:
    """Where no service holds an object back, what the pin follows does."""
    file = tmp_path / "pin.json"
    file.write_text(json.dumps(OLD.to_dict()))
    fleet = make_fleet(pin=file)
    fleet.announce("new", NEW)
    dock = {one["object"]: one for one in fleet.status()["objects"]}["YardDock"]
    assert (dock["held_back"], dock["because"]) == (True, f"the pin follows file {file}")
