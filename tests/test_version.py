"""Versions and manifests: what is read, what is refused, and what counts as the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vobj.errors import ManifestError, UsageError, VobjError
from vobj.version import Manifest, Version


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("1.0", Version(1, 0)),
        ("0.0", Version(0, 0)),
        ("1.10.3", Version(1, 10, 3)),
        ("1.2.0", Version(1, 2, 0)),
        ("999999999.999999999.999999999", Version(999999999, 999999999, 999999999)),
    ],
)
def test_a_version_is_read_and_written(text: str, parsed: Version) -> None:
    """What is read is written again as it was."""
    assert Version.parse(text) == parsed
    assert str(parsed) == text
    assert Version.parse(parsed) is parsed


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.", ".1", "1.2.3.4", "1.2.", "v1.2", "1.2 ", " 1.2", "1.2\n", "-1.2", "1.x",
     "1,2", "1_0.2", "1.1000000000", "\u0661.\u0662", "1.²"],
)  # fmt: skip
def test_other_text_is_no_version(text: str) -> None:
    """Only ASCII digits with one or two dots between them, of at most nine digits each."""
    with pytest.raises(VobjError, match=r"Expected a version such as '1\.3'") as caught:
        Version.parse(text)
    assert caught.value.rule == "version/malformed"


@pytest.mark.parametrize("value", [None, 1, 1.2, b"1.3", (1, 2), ["1.2"]])
def test_other_values_are_no_versions(value: object) -> None:
    """Numbers, bytes and plain tuples are not read as versions."""
    with pytest.raises(VobjError, match=r"Expected a version such as '1\.3'") as caught:
        Version.parse(value)
    assert caught.value.rule == "version/malformed"


def test_a_long_text_is_shown_shortened() -> None:
    """A peer cannot fill a log with one version."""
    with pytest.raises(VobjError, match=r"got 'xxxx.*\.\.\. \[") as caught:
        Version.parse("x" * 10_000)
    assert len(str(caught.value)) < 150


_versions = st.builds(Version, st.integers(0, 20), st.integers(0, 20), st.none())


@given(_versions, _versions)
def test_versions_are_ordered_as_numbers(one: Version, other: Version) -> None:
    """1.9 is before 1.10: order is by whole numbers, major first."""
    assert (one.xy < other.xy) == ((one.major, one.minor) < (other.major, other.minor))
    assert (one < other) == (one.xy < other.xy)
    assert Version.parse(one.short) == one


def test_a_fix_counts_for_nothing_but_the_text() -> None:
    """.Z is shown, and what decides on compatibility does not see it."""
    assert Version(1, 2, 7).xy == Version(1, 2).xy == (1, 2)
    assert (Version(1, 2, 7).short, str(Version(1, 2, 7)), str(Version(1, 2))) == (
        "1.2", "1.2.7", "1.2",
    )  # fmt: skip


def test_a_manifest_is_a_mapping() -> None:
    """It reads as the dict it was made from, sorted by name."""
    manifest = Manifest({"Server": "1.4", "Flavor": "1.0.2"})
    assert list(manifest) == ["Flavor", "Server"]
    assert (len(manifest), manifest["Server"], manifest.get("Nic")) == (2, "1.4", None)
    assert manifest == {"Server": "1.4", "Flavor": "1.0.2"}
    assert repr(manifest) == "Manifest({'Flavor': '1.0.2', 'Server': '1.4'})"
    assert len(Manifest()) == len(Manifest({})) == len(Manifest(None)) == 0
    with pytest.raises(KeyError, match="Nic"):
        manifest["Nic"]


def test_a_manifest_cannot_be_changed() -> None:
    """What `to_dict` gives is a copy, and the manifest itself takes no assignment."""
    manifest = Manifest({"Server": "1.4"})
    manifest.to_dict()["Server"] = "1.0"
    assert manifest["Server"] == "1.4"
    with pytest.raises(TypeError, match="does not support item assignment"):
        manifest["Server"] = "1.0"  # type: ignore[index]


@given(st.dictionaries(st.text(min_size=1), _versions.map(str), max_size=5))
def test_equal_content_has_an_equal_fingerprint(versions: dict[str, str]) -> None:
    """Order does not count, and another version or name gives another fingerprint."""
    one, other = Manifest(versions), Manifest(dict(reversed(versions.items())))
    assert one == other
    assert (one.fingerprint, hash(one)) == (other.fingerprint, hash(other))
    assert len(one.fingerprint) == 16
    changed = one | {"Server": "99.0"}
    assert changed != one
    assert changed.fingerprint != one.fingerprint


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    """Neither the hash seed of a process nor its order of insertion has a part in it."""
    program = "from vobj import Manifest; print(Manifest({'B': '1.1', 'A': '1.0'}).fingerprint)"
    for seed in ("1", "2"):
        shown = subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            check=True, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert shown.stdout.strip() == Manifest({"A": "1.0", "B": "1.1"}).fingerprint


def test_a_manifest_equals_mappings_only() -> None:
    """It is a mapping, so it never equals a list of pairs."""
    manifest = Manifest({"Server": "1.4"})
    assert manifest != [("Server", "1.4")]
    assert manifest != {"Server": "1.5"}


def test_a_delta_is_laid_over_a_release() -> None:
    """`released | changes` is a new manifest, the released one stays."""
    released = Manifest({"Server": "1.4", "Flavor": "1.0"})
    assert released | {"Server": "1.5", "Nic": ["1.0", "1.1"]} == {
        "Flavor": "1.0", "Nic": "1.1", "Server": "1.5",
    }  # fmt: skip
    assert released == {"Server": "1.4", "Flavor": "1.0"}


@pytest.mark.parametrize(
    ("given", "highest"),
    [
        (["1.9", "1.10"], "1.10"),
        (("1.2.3", "1.2.10"), "1.2.10"),
        (["1.2.0", "1.2"], "1.2.0"),
        ({"1.0": "a", "2.0": "b"}, "2.0"),
        ([Version(1, 3), "1.2"], "1.3"),
        (Version(1, 3, 1), "1.3.1"),
    ],
)
def test_of_several_versions_the_highest_counts(given: Iterable[str], highest: str) -> None:
    """A release that has several versions of a class speaks the highest."""
    assert Manifest({"Server": given})["Server"] == highest


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ("1.1", "manifest/malformed"),
        ([("Server", "1.1")], "manifest/malformed"),
        ({1: "1.1"}, "manifest/malformed"),
        ({"": "1.1"}, "manifest/malformed"),
        ({"Server": "newest"}, "manifest/version"),
        ({"Server": None}, "manifest/version"),
        ({"Server": 1.1}, "manifest/version"),
        ({"Server": []}, "manifest/version"),
        ({"Server": ["1.1", "x"]}, "manifest/version"),
        ({"Server": b"1.1"}, "manifest/version"),
        ({"Server": "1.1", 2: "1.1"}, "manifest/malformed"),
    ],
)
def test_what_is_no_manifest(given: Mapping[str, str], rule: str) -> None:
    """Anything but names with versions is the peer's mistake, and is told as that."""
    with pytest.raises(ManifestError, match=r"Expected|names no version") as caught:
        Manifest(given)
    assert caught.value.rule == rule
    assert caught.value.object_name == ("Server" if rule == "manifest/version" else None)


def test_the_number_of_entries_is_limited() -> None:
    """A manifest from a peer cannot be larger than the limit, and one at the limit is read."""
    within = {f"C{index}": "1.0" for index in range(Manifest.MAX_ENTRIES)}
    assert len(Manifest(json.loads(json.dumps(within)))) == Manifest.MAX_ENTRIES
    with pytest.raises(ManifestError, match="10001 entries is over the limit of 10000") as caught:
        Manifest(within | {"Server": "1.0"})
    assert caught.value.rule == "manifest/limit"


def test_the_limit_can_be_raised_by_a_subclass() -> None:
    """The limit is an attribute of the class."""

    class Small(Manifest):
        MAX_ENTRIES = 1

    assert len(Small({"Server": "1.0"})) == 1
    with pytest.raises(ManifestError, match="2 entries is over the limit of 1"):
        Small({"Server": "1.0", "Flavor": "1.0"})


def test_what_this_process_speaks_needs_classes() -> None:
    """Without a declared class `Manifest.of` says what to import; with one it collects."""
    program = """
from vobj import Manifest, UsageError
try:
    Manifest.of("Server")
except UsageError as error:
    print(error.rule)
import vobj
@vobj.register
class Server(vobj.VersionedObject):
    VERSION = "1.4"
    history = [vobj.OldestSupported("1.4")]
print(Manifest.of("Server").to_dict())
"""
    shown = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env={"PYTHONPATH": "."},
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert shown.stdout.splitlines() == ["usage/argument", "{'Server': '1.4'}"]


def test_a_manifest_is_what_the_model_collects() -> None:
    """The model fills in how a tree is collected; before that there is nothing to ask."""

    class Unfilled(Manifest):
        _collect = None

    class Filled(Manifest):
        _collect = staticmethod(lambda *roots: dict.fromkeys(roots, "1.0"))

    with pytest.raises(UsageError, match="import the module that declares them") as caught:
        Unfilled.of("Server")
    assert caught.value.rule == "usage/argument"
    assert Filled.of("Server", "Nic") == {"Nic": "1.0", "Server": "1.0"}
