"""One exchange: the old node receives, edits and returns; and what must be true afterwards.

Theory
    What is expected stands in the example's `exchanges.json` and in the payloads. An edit of the
    old node has landed when the newest object differs from what it was in that edit alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vobj.cli.demo.check import (
    ABSENT,
    differences,
    edited,
    touched,
    under,
    unseen,
    value_at,
    values,
    within,
)
from vobj.cli.demo.pipe import Refused
from vobj.cli.demo.scene import Message, Scene, Shown
from vobj.cli.demo.stage import Stage

Edits = Sequence[Mapping[str, Any]]
Told = Mapping[str, Any]


def exchange(stage: Stage, scene: Scene, told: Told) -> None:
    """The new node sends an object, the old one edits it, the new one puts the edits back."""
    before = stage.show(scene.subject)
    try:
        seen = stage.receive(scene)
    except Refused as error:
        refusal(stage, scene, error, told.get("refused") if "edits" not in told else None)
        return
    scene.check("it is received", "edits" in told, "it should have been refused")
    received(stage, scene, before, seen, told["unseen"])
    newer = any(one.before != one.after for one in scene.objects)
    asked = [one.text for one in scene.messages if one.receiver == "conductor"]
    claim = "the conductor is asked once" if newer else "the conductor is not asked"
    scene.check(claim, len(asked) == int(newer), asked)
    _edit_and_put_back(stage, scene, told, seen, before)


def received(
    stage: Stage, scene: Scene, before: dict[str, Any], seen: dict[str, Any], expected: list[str]
) -> None:
    """Compare what the old node sees with the newest object and with what it should see."""
    here = {one["path"]: one for one in seen["objects"]}
    for one in before["objects"]:
        other = here.get(one["path"])
        if other is not None and (one["path"] == "$" or stamp(one) != stamp(other)):
            scene.objects.append(Shown(one["path"], stamp(one), stamp(other)))
    spellings = stage.example.spellings
    hidden = unseen(before, seen, spellings)
    scene.unseen = [Shown(path, value_at(before["payload"], path), ABSENT) for path in hidden]
    scene.otherwise = otherwise(before, seen, spellings)
    known = all(stage.manifest.get(one["object"]) == one["version"] for one in seen["objects"])
    scene.check("every object has a version of the old node's", known, seen["objects"])
    scene.check("the old node sees what it should", hidden == sorted(expected),
                f"hidden are {hidden}")  # fmt: skip


def _edit_and_put_back(
    stage: Stage, scene: Scene, told: Told, seen: dict[str, Any], before: dict[str, Any]
) -> None:
    meanwhile: Edits = told.get("meanwhile", ())
    lands: Edits = told.get("lands", told["edits"])
    if meanwhile:
        held = stage.new.call("edit", object=scene.subject, edits=meanwhile)
        scene.meanwhile = edits_shown(before["payload"], meanwhile)
        stage.held[scene.subject] = before = held
    back = stage.ask_old(scene, "edit", edits=told["edits"])
    scene.edited = edits_shown(seen["payload"], told["edits"])
    scene.messages.append(Message("old", "new", f"{stamp(back)}, edited"))
    holds_none(scene, back)
    try:
        after = stage.new.call("put_back", object=scene.subject, payload=back["payload"])
    except Refused as error:
        refusal(stage, scene, error, told.get("refused"))
        return
    scene.check("it is put back", "refused" not in told, "it should have been refused")
    stage.held[scene.subject] = after
    landed(scene, before["payload"], after["payload"], lands)
    again = stage.receive(scene)
    same = all(under(again, touched(edit)) == under(back, touched(edit)) for edit in told["edits"])
    scene.check("sent again, the old node reads its own edits", same, again["fields"])


def holds_none(scene: Scene, back: Mapping[str, Any]) -> None:
    """Check that nothing that was hidden from the old node is in what it returns."""
    told_of = [one.path for one in scene.unseen
               if value_at(back["payload"], one.path) is not ABSENT]  # fmt: skip
    scene.check("the old node's answer holds nothing that was hidden", not told_of, told_of)


def landed(scene: Scene, before: dict[str, Any], after: dict[str, Any], lands: Edits) -> None:
    """Check that the newest payload changed in the edits and nowhere else, and count."""
    wrong = list(differences(edited(before, lands), after))
    places = [touched(edit) for edit in lands]
    scene.landed = [
        shown if edit.get("remove") or "append" in edit
        else Shown(shown.path, shown.before, value_at(after, shown.path))
        for edit, shown in zip(lands, edits_shown(before, lands), strict=True)
    ]  # fmt: skip
    gone = [edit["path"] for edit in lands if edit.get("remove")]
    hidden = [one for one in scene.unseen if not any(within(one.path, path) for path in gone)]
    at_edits = [one for one in wrong if any(within(one[0], place) for place in places)]
    scene.lost = min(len(hidden), len(wrong) - len(at_edits)) if hidden else 0
    scene.kept = len(hidden) - scene.lost
    scene.edits_landed = len(lands) - sum(
        any(within(one[0], place) for one in at_edits) for place in places
    )
    scene.check("put back: the edits, and nothing else, are changed", not wrong, wrong[:5])


def refusal(stage: Stage, scene: Scene, error: Refused, expected: str | None) -> None:
    """Check a refusal: by the rule or the class that was expected, and without a trace."""
    scene.refused = error.report
    found = error.report.get("rule") or error.report["class"]
    claim = f"it is refused: {expected}" if expected else "it is not refused"
    scene.check(claim, expected is not None and found == expected, error)
    scene.check("the object is as it was", stage.intact(scene.subject), "it changed")


def stamp(one: Mapping[str, Any]) -> str:
    """The name and the version in a description."""
    return f"{one['object']} {one['version']}"


def otherwise(
    newest: Mapping[str, Any], seen: Mapping[str, Any], spellings: Mapping[str, str]
) -> list[Shown]:
    """What is read under another name or as another value than at the newest version."""
    today = values(newest, spellings)
    found = []
    for one in seen["fields"]:
        path = spellings.get(one["path"], one["path"])
        before = today.get(path, ABSENT)
        if path != one["path"] or before != one["value"]:
            found.append(Shown(path, before, one["value"], one["path"]))
    return found


def edits_shown(payload: Mapping[str, Any], edits: Edits) -> list[Shown]:
    """Each edit with what stood there before it."""
    found = []
    current = dict(payload)
    for edit in edits:
        path, before = edit["path"], value_at(current, edit["path"])
        if "append" in edit:
            found.append(Shown(f"{path}[{len(before)}]", ABSENT, edit["append"]))
        else:
            found.append(Shown(path, before, ABSENT if edit.get("remove") else edit["value"]))
        current = edited(current, [edit])
    return found
