"""An old node that gets and saves a stored object through the conductor.

Theory
    The database is read here as well, row by row, so that a save that was refused or cut off is
    seen to have left no trace, whatever the services say.
"""

from __future__ import annotations

from typing import Any

from vobj.cli.demo.check import values
from vobj.cli.demo.exchange import Edits, Told, edits_shown, holds_none, landed, received
from vobj.cli.demo.pipe import Refused
from vobj.cli.demo.scene import Message, Scene
from vobj.cli.demo.stage import Stage


def refused_without_conductor(stage: Stage, scene: Scene) -> None:
    """Check that the old node has no way of its own to what is stored."""
    uuid = stage.store(scene)
    found: Any = None
    try:
        found = stage.ask_old(scene, "get", uuid=uuid)
    except Refused as error:
        scene.messages.append(Message("old", "database", error.report["class"]))
    scene.check("nor does it reach the database", found is None, found)


def store_exchange(stage: Stage, scene: Scene, told: Told) -> None:
    """The old node gets an object and saves its edits; both run at the conductor."""
    uuid = stage.store(scene)
    before = stage.new.call("stored", uuid=uuid)
    seen = stage.ask_old(scene, "get", uuid=uuid)
    received(stage, scene, before, seen, told["unseen"])
    meanwhile: Edits = told.get("meanwhile", ())
    if meanwhile:
        scene.meanwhile = edits_shown(before["payload"], meanwhile)
        before = stage.new.call("edit_stored", uuid=uuid, edits=meanwhile)
        scene.messages.append(Message("new", "database", "stores its own edits"))
    stage.rows = stage.dump()
    scene.edited = edits_shown(seen["payload"], told["edits"])
    try:
        back = stage.ask_old(scene, "save", edits=told["edits"])
    except Refused as error:
        _refusal(stage, scene, error, told.get("refused"))
        return
    stage.rows = None
    scene.check("it is saved", "refused" not in told, "it should have been refused")
    holds_none(scene, back)
    after = stage.new.call("stored", uuid=uuid)
    landed(scene, before["payload"], after["payload"], told.get("lands", told["edits"]))
    again = values(stage.ask_old(scene, "get", uuid=uuid), {})
    scene.check("after it, the old node holds what is stored", values(back, {}) == again,
                back["fields"])  # fmt: skip


def _refusal(stage: Stage, scene: Scene, error: Refused, expected: str | None) -> None:
    scene.refused = error.report
    claim = f"it is refused: {expected}" if expected else "it is not refused"
    scene.check(claim, expected is not None and error.report.get("rule") == expected, error)
    scene.check("every row is as it was", stage.dump() == stage.rows, "a row changed")
    stage.rows = None
