"""The play: which node says what to which, and what must be true afterwards.

Theory
    The new node keeps objects; the old node reads, edits and returns them. The driver carries the
    payloads, and asks each side only for what it sees. Edits accumulate from scene to scene, as
    they do in a fleet. When a node dies, its scene ends with a failed check, what the new node
    holds is compared with what it held before, and nothing more is played.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from vobj.cli.demo.example import Example
from vobj.cli.demo.pipe import Node, NodeFailed, Refused
from vobj.cli.demo.scene import Scene, Shown

_Edits = Sequence[Mapping[str, Any]]


class Play:
    """An example with its two nodes running."""

    def __init__(self, example: Example, old: Node, new: Node) -> None:
        self.example = example
        self.old = old
        self.new = new
        self.hello = {"old": old.call("hello"), "new": new.call("hello")}
        self.manifest: Mapping[str, str] = self.hello["old"]["manifest"]
        self._held: dict[str, dict[str, Any]] = {}

    def scenes(self) -> Iterator[Scene]:
        """Each scene when it is over; ends early after a node died."""
        for scene, act in self._acts():
            try:
                act(scene)
            except Refused as error:
                scene.refused = error.report
                scene.check("nothing is refused here", False, error)
            except NodeFailed as error:
                self._after_death(scene, error)
                yield scene
                return
            yield scene

    @property
    def expected(self) -> int:
        """How many scenes there are."""
        return len(self._acts())

    def _acts(self) -> list[tuple[Scene, Callable[[Scene], None]]]:
        example = self.example
        refused = example.refused_newest
        exchanges = [(Scene(one["title"], one["object"]), self._exchange(one))
                     for one in example.exchanges]  # fmt: skip
        return [
            (Scene("Without a backport", refused), self._refuse_newest),
            *exchanges,
            (Scene(str(example.offered["title"]), "offered"), self._offered),
            (Scene("Both nodes end"), self._end),
        ]

    def _refuse_newest(self, scene: Scene) -> None:
        payload = self.new.call("send", object=scene.subject)["payload"]
        self._show(scene.subject)
        try:
            seen = self.old.call("receive", payload=payload)
        except Refused as error:
            scene.refused = error.report
            seen = None
        scene.check("the old node refuses the newest object", seen is None, "it was accepted")
        if self.example.old.source is not None:
            found = self.hello["old"]["vobj"]
            scene.check("the old node has no vobj", found is False, "it was found there")

    def _exchange(self, told: Mapping[str, Any]) -> Callable[[Scene], None]:
        def act(scene: Scene) -> None:
            before = self._show(scene.subject)
            try:
                sent = self._send(scene.subject)
            except Refused as error:
                self._refusal(scene, error, told.get("refused") if "edits" not in told else None)
                return
            scene.check("it is sent", "edits" in told, "it should have been refused")
            seen = self.old.call("receive", payload=sent)
            self._received(scene, before, seen, told["unseen"])
            self._edit_and_put_back(scene, told, sent, before)

        return act

    def _received(
        self, scene: Scene, before: dict[str, Any], seen: dict[str, Any], expected: list[str]
    ) -> None:
        here = {one["path"]: one for one in seen["objects"]}
        for one in before["objects"]:
            other = here.get(one["path"])
            if other is not None and (one["path"] == "$" or _stamp(one) != _stamp(other)):
                scene.objects.append(Shown(one["path"], _stamp(one), _stamp(other)))
        hidden = unseen(before, seen, self.example.spellings)
        scene.unseen = [Shown(path, value_at(before["payload"], path), ABSENT) for path in hidden]
        scene.otherwise = _otherwise(before, seen, self.example.spellings)
        known = all(self.manifest.get(one["object"]) == one["version"] for one in seen["objects"])
        scene.check("every object has a version of the old node's", known, seen["objects"])
        scene.check("the old node sees what it should", hidden == sorted(expected),
                    f"hidden are {hidden}")  # fmt: skip

    def _edit_and_put_back(
        self, scene: Scene, told: Mapping[str, Any], sent: dict[str, Any], before: dict[str, Any]
    ) -> None:
        meanwhile: _Edits = told.get("meanwhile", ())
        lands: _Edits = told.get("lands", told["edits"])
        if meanwhile:
            held = self.new.call("edit", object=scene.subject, edits=meanwhile)
            scene.meanwhile = _edits_shown(before["payload"], meanwhile)
            self._held[scene.subject] = before = held
        back = self.old.call("edit", payload=sent, edits=told["edits"])
        scene.edited = _edits_shown(sent, told["edits"])
        told_of = [one.path for one in scene.unseen
                   if value_at(back["payload"], one.path) is not ABSENT]  # fmt: skip
        scene.check("the old node's answer holds nothing that was hidden", not told_of, told_of)
        try:
            after = self.new.call("put_back", object=scene.subject, payload=back["payload"])
        except Refused as error:
            self._refusal(scene, error, told.get("refused"))
            return
        scene.check("it is put back", "refused" not in told, "it should have been refused")
        self._held[scene.subject] = after
        self._landed(scene, before["payload"], after["payload"], lands)
        again = self.old.call("receive", payload=self._send(scene.subject))
        same = all(
            under(again, touched(edit)) == under(back, touched(edit)) for edit in told["edits"]
        )
        scene.check("sent again, the old node reads its own edits", same, again["fields"])

    def _landed(
        self, scene: Scene, before: dict[str, Any], after: dict[str, Any], lands: _Edits
    ) -> None:
        wrong = list(differences(edited(before, lands), after))
        places = [touched(edit) for edit in lands]
        scene.landed = [
            shown if edit.get("remove") or "append" in edit
            else Shown(shown.path, shown.before, value_at(after, shown.path))
            for edit, shown in zip(lands, _edits_shown(before, lands), strict=True)
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

    def _refusal(self, scene: Scene, error: Refused, expected: str | None) -> None:
        scene.refused = error.report
        rule = error.report.get("rule")
        claim = f"it is refused: {expected}" if expected else "it is not refused"
        scene.check(claim, expected is not None and rule == expected, error)
        scene.check("the object is as it was", self._intact(scene.subject), "it changed")

    def _offered(self, scene: Scene) -> None:
        told, spellings = self.example.offered, self.example.spellings
        offer = self.old.call("offer")
        kept = self.new.call("adopt", object=scene.subject, payload=offer["payload"])
        self._held[scene.subject] = kept
        old_values, new_values = values(offer, spellings), values(kept, spellings)
        gains = {path: one for path, one in new_values.items() if path not in old_values}
        becomes = {path: one for path, one in new_values.items()
                   if path in old_values and old_values[path] != one}  # fmt: skip
        scene.objects = [Shown("$", _stamp(kept), _stamp(offer))]
        scene.unseen = [Shown(path, one, ABSENT) for path, one in gains.items()]
        scene.otherwise = _otherwise(kept, offer, spellings)
        scene.check("the new node adds what it should", gains == told["gains"], gains)
        scene.check("the new node reads what it should", becomes == told["becomes"], becomes)
        again = self.old.call("receive", payload=self._send(scene.subject))
        first = values(offer, {}) | told["returns"]
        scene.check("sent back, the old node reads its own object", values(again, {}) == first,
                    again["fields"])  # fmt: skip

    def _end(self, scene: Scene) -> None:
        for node in (self.old, self.new):
            status = node.quit()
            scene.check(f"the {node.name} node ends with status 0", status == 0, status)

    def _show(self, name: str) -> dict[str, Any]:
        self._held[name] = self.new.call("show", object=name)
        return self._held[name]

    def _send(self, name: str) -> dict[str, Any]:
        payload = self.new.call("send", object=name, manifest=self.manifest)["payload"]
        return dict(payload)

    def _intact(self, name: str) -> bool:
        return self.new.call("show", object=name) == self._held[name]

    def _after_death(self, scene: Scene, error: NodeFailed) -> None:
        scene.died = "\n".join([str(error), *error.stderr.splitlines()])
        scene.check(f"the {error.node.name} node lives", False, error)
        if error.node is self.old and scene.subject in self._held:
            try:
                intact = self._intact(scene.subject)
            except (NodeFailed, Refused) as other:
                scene.check("the new node still has the object as it was", False, other)
            else:
                scene.check("the new node still has the object as it was", intact, "it changed")


def _stamp(one: Mapping[str, Any]) -> str:
    return f"{one['object']} {one['version']}"


def _otherwise(
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


def _edits_shown(payload: Mapping[str, Any], edits: _Edits) -> list[Shown]:
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
