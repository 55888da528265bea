"""`vobj plan`: what a backport or an upgrade between two versions does, step by step."""

from __future__ import annotations

from typing import Any

import click

from vobj.cli.lookup import class_of
from vobj.cli.screen import add_row, clean, console, print_json, table
from vobj.cli.steps import describe, describe_child
from vobj.errors import VobjError
from vobj.plan import Plan, compile_plan
from vobj.version import Version


class VersionType(click.ParamType[Version]):
    """`X.Y` on the command line."""

    name = "version"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Version:
        """The parsed version; anything else is a usage error."""
        try:
            return Version.parse(value)
        except VobjError as error:
            self.fail(clean(error.message), param, ctx)


VERSION = VersionType()


@click.command(
    epilog="""\b
Example:
  $ vobj plan fleet.objects:Server 1.5 1.1""",
)
@click.argument("target", metavar="MODULE:CLASS")
@click.argument("source", metavar="FROM", type=VERSION)
@click.argument("goal", metavar="TO", type=VERSION)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def plan(*, target: str, source: Version, goal: Version, as_json: bool) -> None:
    """Print the steps from version FROM of a class to version TO.

    TO below FROM is a backport, above it an upgrade. A step names a field as it is called when the
    step acts. Objects inside have plans of their own, to the version that the manifest gives them.
    """
    from vobj.model import history_of

    told = history_of(class_of(target))
    told.check_supported(goal)
    found = compile_plan(told, source, goal)
    if as_json:
        print_json(document(found))
        return
    kind = "upgrade" if found.upward else "backport"
    click.echo(
        f"{found.object_name} {found.source} -> {found.target}: "
        + (f"{kind}, {len(found.steps)} steps" if found.steps else "no steps")
    )
    if found.steps:
        made = table(["step", "at", "what it does"])
        for number, step in enumerate(found.steps, 1):
            add_row(made, [str(number), step.at, describe(step)])
        console().print(made)
    for child in found.children:
        click.echo(describe_child(child))


def document(found: Plan) -> dict[str, Any]:
    """A plan as plain data."""
    return {
        "object": found.object_name,
        "from": str(found.source),
        "to": str(found.target),
        "direction": "upgrade" if found.upward else "backport",
        "steps": [
            {"at": step.at, "kind": type(step).__name__, "text": describe(step)}
            for step in found.steps
        ],
        "children": [
            {"field": one.newer, "older": one.field, "type": str(one.type)}
            for one in found.children
        ],
        "names": dict(found.names),
    }
