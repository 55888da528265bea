"""The play: which process says what to which, and what must be true afterwards.

Theory
    The new node keeps objects and sends them as they are; the old node reads them, with the
    conductor's help, edits and returns them. The driver carries the payloads between the nodes, and
    asks each side only for what it sees. Edits accumulate from scene to scene, as they do in a
    fleet. When a process dies, its scene ends with a failed check, what is kept and stored is
    compared with what was, and nothing more is played.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from vobj.cli.demo.check import ABSENT, values
from vobj.cli.demo.conductor import ConductorFailed
from vobj.cli.demo.exchange import exchange, otherwise, stamp
from vobj.cli.demo.pipe import NodeFailed, Refused
from vobj.cli.demo.scene import Message, Scene, Shown
from vobj.cli.demo.stage import Stage
from vobj.cli.demo.storing import refused_without_conductor, store_exchange

_Act = Callable[[Stage, Scene], None]


class Play:
    """The scenes of the example on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        example = stage.example
        self._acts: list[tuple[Scene, _Act]] = [
            (Scene("Without a conductor", example.refused_newest), _refuse_newest),
            *(_act(exchange, told) for told in example.exchanges),
            (Scene(str(example.offered["title"]), "offered"), _offered),
            *(_act(store_exchange, told) for told in example.stored),
            (Scene("All three end"), _end),
        ]

    @property
    def expected(self) -> int:
        """How many scenes there are."""
        return len(self._acts)

    def scenes(self) -> Iterator[Scene]:
        """Each scene when it is over; ends early after a process died."""
        for scene, act in self._acts:
            try:
                act(self.stage, scene)
            except Refused as error:
                scene.refused = error.report
                scene.check("nothing is refused here", False, error)
            except (LookupError, TypeError) as error:
                # A path of the example leads nowhere in what a node answered.
                scene.check("the answers have the shape they should", False, repr(error))
            except (NodeFailed, ConductorFailed) as error:
                self._after_death(scene, error)
                yield scene
                return
            if any(one.receiver == "conductor" for one in scene.messages):
                scene.check("the conductor's log tells of the same requests", self.stage.agreed(),
                            self.stage.conductor.requests())  # fmt: skip
            yield scene

    def _after_death(self, scene: Scene, error: NodeFailed | ConductorFailed) -> None:
        stage = self.stage
        scene.died = "\n".join([str(error), *error.stderr.splitlines()])
        if isinstance(error, ConductorFailed):
            scene.refused = error.report
            scene.check("the conductor lives", False, error)
        else:
            scene.check(f"the {error.node.name} node lives", False, error)
            if error.node is stage.new:
                return
        if scene.subject in stage.held:
            try:
                intact = stage.intact(scene.subject)
            except (NodeFailed, Refused) as other:
                scene.check("the new node still has the object as it was", False, other)
            else:
                scene.check("the new node still has the object as it was", intact, "it changed")
        if stage.rows is not None:
            scene.check("every row is as it was", stage.dump() == stage.rows, "a row changed")


def _act(play: Callable[..., None], told: Mapping[str, Any]) -> tuple[Scene, _Act]:
    return Scene(told["title"], told["object"]), partial(play, told=told)


def _refuse_newest(stage: Stage, scene: Scene) -> None:
    """The old node cannot read the newest object; then it is given the conductor."""
    stage.show(scene.subject)
    seen = None
    try:
        seen = stage.receive(scene)
    except Refused as error:
        scene.refused = error.report
    scene.check("the old node refuses the newest object", seen is None, "it was accepted")
    if stage.example.stored:
        refused_without_conductor(stage, scene)
    found = stage.hello["old"]["vobj"]
    if stage.example.old.source is not None:
        scene.check("the old node has no vobj", not found["installed"], "it was found there")
    else:
        scene.check("the old node uses no vobj", not found["imported"], "it was imported there")
    stage.old.call("connect", conductor=stage.conductor.address)


def _offered(stage: Stage, scene: Scene) -> None:
    """The old node makes an object; the new one keeps it and sends it back."""
    told, spellings = stage.example.offered, stage.example.spellings
    offer = stage.ask_old(scene, "offer")
    scene.messages.append(Message("old", "new", f"its own {stamp(offer)}"))
    kept = stage.new.call("adopt", object=scene.subject, payload=offer["payload"])
    stage.held[scene.subject] = kept
    old_values, new_values = values(offer, spellings), values(kept, spellings)
    gains = {path: one for path, one in new_values.items() if path not in old_values}
    becomes = {path: one for path, one in new_values.items()
               if path in old_values and old_values[path] != one}  # fmt: skip
    scene.objects = [Shown("$", stamp(kept), stamp(offer))]
    scene.unseen = [Shown(path, one, ABSENT) for path, one in gains.items()]
    scene.otherwise = otherwise(kept, offer, spellings)
    scene.check("the new node adds what it should", gains == told["gains"], gains)
    scene.check("the new node reads what it should", becomes == told["becomes"], becomes)
    again = stage.receive(scene)
    first = values(offer, {}) | told["returns"]
    scene.check("sent back, the old node reads its own object", values(again, {}) == first,
                again["fields"])  # fmt: skip


def _end(stage: Stage, scene: Scene) -> None:
    for node in (stage.old, stage.new):
        status = node.quit()
        scene.check(f"the {node.name} node ends with status 0", status == 0, status)
    stopped = stage.conductor.stop()
    scene.check("the conductor ends with status 0", stopped == 0, stopped)
    complaints = stage.conductor.complaints()
    scene.check("its log tells of no error of its own", not complaints, complaints)
