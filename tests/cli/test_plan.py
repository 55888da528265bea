"""`vobj plan`, and the words for steps."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Vobj
from vobj import ABSENT, Converted, Refused
from vobj.cli.steps import describe, describe_child
from vobj.history import WireType
from vobj.plan import (
    Backfill,
    ChildStep,
    Convert,
    ConvertGroup,
    Drop,
    FillNull,
    HideElements,
    MapValue,
    Note,
    Refuse,
    Rename,
    Restore,
    Snapshot,
    Step,
)

BACKPORT = """\
HarbourShip 1.6 -> 1.1: backport, 6 steps
+-------------------------------------------------------+
| step | at  | what it does                             |
|------+-----+------------------------------------------|
| 1    | 1.6 | refuse if cargo is "steam"               |
| 2    | 1.5 | set flag to "unknown" if it is null      |
| 3    | 1.5 | change state from "moored" to "docked"   |
| 4    | 1.3 | set masts to 2, whatever it holds        |
| 5    | 1.3 | convert speed, to the form before 1.3    |
| 6    | 1.2 | rename tons to weight                    |
+-------------------------------------------------------+
crew: each HarbourCrew by its own plan
"""


def squeezed(text: str) -> list[list[str]]:
    """Lines as words: the width of a column is the table's business."""
    return [line.replace("-", " ").split() for line in text.splitlines()]


def test_a_backport_is_printed_step_by_step(vobj: Vobj) -> None:
    """The steps stand in the order in which they act, then the children."""
    result = vobj("plan", "tests.cli.harbour:HarbourShip", "1.6", "1.1")
    assert result.exit_code == 0
    assert squeezed(result.stdout) == squeezed(BACKPORT)


def test_an_upgrade_is_printed_step_by_step(vobj: Vobj) -> None:
    """The upgrade is the mirror, from the oldest version."""
    result = vobj("plan", "tests.cli.harbour:HarbourShip", "1.1", "1.6", "--json")
    told = json.loads(result.stdout)
    assert told["direction"] == "upgrade"
    assert [(one["at"], one["kind"], one["text"]) for one in told["steps"]] == [
        ("1.2", "Rename", "rename weight to tons"),
        ("1.3", "Convert", "convert speed, to the form since 1.3"),
        ("1.3", "Drop", "leave masts out"),
        ("1.5", "MapValue", 'change state from "docked" to "moored"'),
    ]
    assert told["children"] == [
        {"field": "crew", "older": "crew", "type": "List<Object<HarbourCrew>>"}
    ]
    assert told["names"]["weight"] == "tons"


def test_equal_versions_have_no_steps(vobj: Vobj) -> None:
    """Nothing is done between two versions with the same data."""
    result = vobj("plan", "tests.cli.harbour:HarbourCrew", "1.1", "1.1")
    assert result.stdout == "HarbourCrew 1.1 -> 1.1: no steps\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["tests.cli.harbour", "1.6", "1.1"], 2, "There are tests.cli.harbour:HarbourBuoy"),
        (["tests.cli.harbour:HarbourShip", "new", "1.1"], 2, "Expected a version such as '1.3'"),
        (["tests.cli.harbour:HarbourShip", "1.6", "1.0"], 1, "rule  refused/oldest: "),
        (["tests.cli.harbour:HarbourShip", "1.9", "1.1"], 1, "rule  version/unsupported: "),
        (["tests.cli.harbour:HarbourShip", "2.0", "1.1"], 1, "rule  version/unsupported: "),
        (["tests.cli.harbour:HarbourBuoy", "1.3", "1.1"], 1, "has no declared history"),
    ],
)
def test_what_has_no_plan(vobj: Vobj, arguments: list[str], status: int, message: str) -> None:
    """A version that nothing explains, or that is refused, is told with its rule."""
    result = vobj("plan", *arguments)
    assert result.exit_code == status
    assert message in result.stderr


def down(value: object) -> object:
    return value


def up(value: object) -> object:
    return value


CONVERTED = Converted(since="1.2", was=str, up=up, down=down)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Note("1.2", "a", "mind"), "warn if a is set: mind"),
        (Restore("1.2", "a", [1]), "set a to [1], whatever it holds"),
        (Backfill("1.2", "a", None), "set a to null if it is unset"),
        (Refuse("1.2", ("a", "b"), Refused(since="1.2", present=True)), "refuse if a or b is set"),
        (Refuse("1.2", ("a",), Refused({"x", "y"}, since="1.2")), 'refuse if a is "x" or "y"'),
        (
            Snapshot("1.2"),
            "remember the data as it stands, for converters that read other fields",
        ),
        (
            MapValue("1.2", "a", (("x", "y"), ("z", ABSENT))),
            'change a from "x" to "y", from "z" to unset',
        ),
        (Convert("1.2", "a", down, CONVERTED), "convert a, to the form before 1.2"),
        (Convert("1.2", "a", up, CONVERTED), "convert a, to the form since 1.2"),
        (
            ConvertGroup("1.2", ("a", "b"), up, CONVERTED),
            "convert a, b together, to the form since 1.2",
        ),
        (FillNull("1.2", "a", 0), "set a to 0 if it is null"),
        (FillNull("1.2", "a", 0, unset_too=True), "set a to 0 if it is null or unset"),
        (HideElements("1.2", "a", ("X", "Y")), "leave elements of X, Y out of a"),
        (Rename("1.2", "a", "b"), "rename a to b"),
        (Drop("1.2", "a"), "leave a out"),
    ],
)
def test_every_step_has_words(step: Step, text: str) -> None:
    """A step reads as one line."""
    assert describe(step) == text


@pytest.mark.parametrize(
    ("child", "text"),
    [
        (ChildStep("a", "a", WireType("Object", object_name="X"), None), "a: X by its own plan"),
        (
            ChildStep("a", "b", WireType("Object", object_name="X", polymorphic=True), None),
            "b (older: a): X or a subclass by its own plan",
        ),
    ],
)
def test_a_child_has_words(child: ChildStep, text: str) -> None:
    """A child names its class, and its older field name where that differs."""
    assert describe_child(child) == text
