"""The picture of the demo in the terminal."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from vobj.cli.demo.check import ABSENT
from vobj.cli.demo.scene import Message, Scene, Shown, Verdict
from vobj.cli.screen import add_row, clean, console, shortened, table

_LONGEST_VALUE = 40
_LONGEST_TEXT = 200
_LONGEST_LINE = 92
_LONGEST_WAY = len("conductor -> old")


def show_nodes(hello: Mapping[str, Mapping[str, Any]], command: Sequence[str], own: str) -> None:
    """Who talks to whom, and how the conductor was started. own: its directory, if that matters."""
    made = table(["process", "release", "Python", "oslo.versionedobjects", "classes", "vobj"])
    for name, told in hello.items():
        add_row(made, [name, told["release"], told["python"],
                       told["libraries"]["oslo.versionedobjects"],
                       str(len(told["manifest"])), _uses(told["vobj"])])  # fmt: skip
    add_row(made, ["conductor", "what the new node runs", "", "", "", "used"])
    console().print(made)
    click.echo(f"The conductor was started{f' in {own}' if own else ''} with")
    lines = textwrap.wrap(
        clean(f"vobj {' '.join(command)}"), _LONGEST_LINE,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    click.echo("  " + " \\\n      ".join(lines))


def _uses(vobj: Mapping[str, bool]) -> str:
    if vobj["imported"]:
        return "used"
    return "not used" if vobj["installed"] else "not there"


def show_scene(number: int, scene: Scene) -> None:
    """One scene: what was sent, seen, edited and put back, and every check."""
    title = f"{number}. {scene.title}" + (f": {scene.subject}" if scene.subject else "")
    made = table(["", ""], title=title, header=False)
    for label, texts, style in _rows(scene):
        if texts:
            add_row(made, [label, "\n".join(texts)], style=style, line=True)
    screen = console()
    screen.print()
    screen.print(made)


def _rows(scene: Scene) -> Iterable[tuple[str, list[str], str]]:
    yield "messages", [_message(one) for one in scene.messages], ""
    yield "kept -> received", [f"{one.path}  {_versions(one)}" for one in scene.objects], ""
    yield "old cannot see", [f"{one.path} = {value(one.before)}" for one in scene.unseen], ""
    yield "old sees as", [_otherwise(one) for one in scene.otherwise], ""
    yield "old edits", [_edit(one) for one in scene.edited], ""
    yield "new edits, too", [_edit(one) for one in scene.meanwhile], ""
    yield "put back", [*map(_edit, scene.landed), *_kept(scene)], "bold"
    if scene.refused is not None:
        rule = f" [{scene.refused['rule']}]" if "rule" in scene.refused else ""
        text = str(scene.refused["text"]).removesuffix(rule)
        yield "refused", [shortened(f"{scene.refused['class']}: {text}{rule}", _LONGEST_TEXT)], ""
    yield "died", scene.died.splitlines(), "red"
    yield "checks", [_check(one.claim, one.seen) for one in scene.checks if one.ok], "green"
    failed = [_check(one.claim, one.seen) for one in scene.checks if not one.ok]
    yield "FAILED", failed, "bold red"


def _message(one: Message) -> str:
    reads = "" if one.classes is None else f", manifest of {one.classes} classes"
    return f"{f'{one.sender} -> {one.receiver}':{_LONGEST_WAY}}  {one.text}{reads}"


def _versions(one: Shown) -> str:
    name, _, version = str(one.after).partition(" ")
    return f"{one.before} -> {version if str(one.before).startswith(f'{name} ') else one.after}"


def _otherwise(one: Shown) -> str:
    if one.path == one.after_path:
        return f"{one.path} = {value(one.after)}, here {value(one.before)}"
    return f"{one.after_path} = {value(one.after)}, here {one.path} = {value(one.before)}"


def _edit(one: Shown) -> str:
    return f"{one.path}: {value(one.before)} -> {value(one.after)}"


def _kept(scene: Scene) -> list[str]:
    if not scene.landed or not (scene.kept or scene.lost):
        return []
    text = f"{scene.kept} hidden values kept, {scene.lost} lost"
    return [f"{text}; the old node's answer holds none of them"]


def _check(claim: str, seen: str) -> str:
    return f"{claim}: {shortened(seen, _LONGEST_TEXT)}" if seen else claim


def value(held: Any) -> str:
    """A value, short enough for a table; an envelope is its object's name and version."""
    if held == ABSENT:
        return ABSENT
    if isinstance(held, dict):
        name = next((key for key in held if key.endswith("object.name")), None)
        if name is not None:
            return clean(f"{held[name]} {held[name.removesuffix('name') + 'version']}")
    if isinstance(held, list) and any(isinstance(one, dict) for one in held):
        return shortened(f"[{', '.join(map(value, held))}]", 2 * _LONGEST_VALUE)
    return clean(shortened(json.dumps(held), _LONGEST_VALUE))


def show_verdict(verdict: Verdict) -> None:
    """One row per scene, and the counts."""
    made = table(["", "scene", "hidden kept", "edits landed", "checks", "result"])
    for number, scene in enumerate(verdict.scenes, 1):
        hidden = f"{scene.kept} of {scene.kept + scene.lost}" if scene.landed else ""
        edits = f"{scene.edits_landed} of {len(scene.landed)}" if scene.landed else ""
        made_row = [str(number), scene.title, hidden, edits, str(len(scene.checks)),
                    "ok" if scene.ok else "FAILED"]  # fmt: skip
        add_row(made, made_row, style="" if scene.ok else "bold red")
    screen = console()
    screen.print()
    screen.print(made)
    told = verdict.to_dict()
    missing = told["scenes_expected"] - told["scenes"]
    if missing:
        click.secho(f"{missing} scenes were not reached.", fg="red")
    text = (
        f"{told['hidden_kept'] + told['hidden_lost']} hidden values, {told['hidden_lost']} lost; "
        f"{told['edits']} edits, {told['edits_landed']} put back; "
        f"{told['requests']} requests to the conductor; "
        f"{told['checks']} checks, {told['checks_failed']} failed."
    )
    click.secho(text, fg="green" if verdict.ok else "red", bold=True)
