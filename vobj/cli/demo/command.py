"""`vobj demo`: two releases of a service talk to each other, and every claim is checked."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from vobj.cli.demo.conductor import ConductorFailed, ConductorProcess, command_of
from vobj.cli.demo.environments import Environment, environment_of, environments_of, make_all
from vobj.cli.demo.example import SOURCE_ROOT, Example, SetupError
from vobj.cli.demo.pipe import Node, NodeFailed, Refused, variables
from vobj.cli.demo.play import Play
from vobj.cli.demo.scene import Scene, Verdict
from vobj.cli.demo.show import show_nodes, show_scene, show_verdict
from vobj.cli.demo.stage import Stage
from vobj.cli.failure import NOT_STARTED, WRONG, Failure
from vobj.cli.screen import print_json

_START_SECONDS = 60


@click.command(
    epilog="""\b
Examples:
  $ vobj demo
  $ vobj demo --own
\b
Exit status:
  0  every check held
  1  a check failed, or a process died
  2  the demo could not be set up""",
)
@click.option("--own", is_flag=True, help="Play examples/rolling_upgrade; needs no network.")
@click.option("--fresh", is_flag=True, help="Make the environments anew.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--examples",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The directory examples/ of the source tree, if vobj runs from elsewhere.",
)
def demo(*, own: bool, fresh: bool, as_json: bool, examples: Path | None) -> None:
    """Run an old release, a new one and a conductor, and let them exchange objects.

    The new node is os-vif 5.3.0 with vobj, the old one the os-vif of 2017, unmodified, without
    vobj. The first time both are installed into .venv-demo/ of the source tree. The old node first
    refuses a new object. Then oslo's own serializer there asks the conductor to backport what is
    too new; the object is read, edited and put back, and what came of it is compared with what
    must. With --own, the old node also gets and saves what is in a database behind the conductor.
    """
    try:
        example = Example.load(examples, "rolling_upgrade" if own else "os_vif")
        if not as_json:
            click.secho(example.title, bold=True)
        made = {} if own else _environments(example, fresh=fresh, quiet=as_json)
    except SetupError as error:
        hint = "" if own else "\nNo network? `vobj demo --own` needs none."
        raise Failure(f"The demo is not set up. {error}{hint}", status=NOT_STARTED) from None
    try:
        document, verdict = _run(example, own=own, quiet=as_json)
    except SetupError as error:
        raise Failure(str(error), status=NOT_STARTED) from None
    except (NodeFailed, ConductorFailed) as error:
        raise Failure(f"{error}\n{error.stderr}".rstrip(), status=WRONG) from None
    except Refused as error:
        raise Failure(f"A node does not say who it is. {error}", status=WRONG) from None
    if as_json:
        print_json({"title": example.title, "environments": made, **document})
    else:
        show_verdict(verdict)
    if not verdict.ok:
        raise click.exceptions.Exit(WRONG)


def _environments(example: Example, *, fresh: bool, quiet: bool) -> dict[str, Any]:
    """Make what is not ready; what was made and how long it took, by name. Raises SetupError."""
    found = environments_of(example)
    made = {name: {"ready": one.ready and not fresh, "seconds": 0.0} for name, one in found.items()}
    if not quiet and not all(told["ready"] for told in made.values()):
        click.echo("Making two environments in .venv-demo: once, in two minutes at most.")

    def told(environment: Environment, seconds: float) -> None:
        name = environment.home.name
        made[name]["seconds"] = round(seconds, 1)
        if not quiet:
            state = "ready" if made[name]["ready"] else f"made in {seconds:.0f} s"
            click.echo(f"{name} environment: {state}")

    make_all(list(found.values()), told, fresh=fresh)
    return made


def _run(example: Example, *, own: bool, quiet: bool) -> tuple[dict[str, Any], Verdict]:
    """Start all three, play, and end them."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(TemporaryDirectory(prefix="vobj-demo-")))
        database = place / "database.sqlite" if example.database else None
        old = stack.enter_context(_node(example, "old", own=own, database=None))
        new = stack.enter_context(_node(example, "new", own=own, database=database))
        conductor = stack.enter_context(_conductor(example, place, own=own, database=database))
        stage = Stage(example, old, new, conductor, database)
        play = Play(stage)
        if not quiet:
            show_nodes(stage.hello, conductor.command[3:], _shown_home(example))
        scenes: list[Scene] = []
        for number, scene in enumerate(play.scenes(), 1):
            scenes.append(scene)
            if not quiet:
                show_scene(number, scene)
        verdict = Verdict.of(scenes, play.expected)
        document = {
            "nodes": stage.hello,
            "conductor": conductor.command,
            "scenes": [scene.to_dict() for scene in scenes],
            "verdict": verdict.to_dict(),
        }
        return document, verdict


def _node(example: Example, name: str, *, own: bool, database: Path | None) -> Node:
    """Start a node; only the new one finds vobj beside it."""
    release = example.old if name == "old" else example.new
    python, source = _home(example, name, own=own)
    env = _variables(example, str(source) if name == "new" else None, database)
    command = [str(python), str(example.line_node), str(release.program)]
    return Node(name, command, env, seconds=_START_SECONDS)


def _conductor(
    example: Example, place: Path, *, own: bool, database: Path | None
) -> ConductorProcess:
    """Start the conductor with what the new node runs."""
    python, source = _home(example, "new", own=own)
    return ConductorProcess(
        command_of(python, example.served, place),
        _variables(example, str(source), database),
        home=example.served.home or place,
        log=place / "conductor.log",
    )


def _home(example: Example, name: str, *, own: bool) -> tuple[Path, Path]:
    """The interpreter of a release, and where the vobj beside it is; `--own` runs this very one."""
    if own:
        return Path(sys.executable), SOURCE_ROOT
    release = example.old if name == "old" else example.new
    return environment_of(example, release, name).python, example.home.parent


def _variables(example: Example, pythonpath: str | None, database: Path | None) -> dict[str, str]:
    env = variables(pythonpath=pythonpath)
    if example.database is not None:
        env.pop(example.database, None)
        if database is not None:
            env[example.database] = str(database)
    return env


def _shown_home(example: Example) -> str:
    home = example.served.home
    return str(home.relative_to(example.home.parent)) if home else ""
