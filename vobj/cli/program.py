"""The program: its commands, and how every error of the library is told.

Theory
    A command is imported when it is called, or asked for its own help. The list of commands is
    static, so that `vobj --help` answers at once.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from vobj.cli.failure import Failure, nearest
from vobj.cli.screen import WIDTH
from vobj.errors import VobjError

# Each command: its module, where it is called what it is called here, and what it shows.
COMMANDS = {
    "history": ("vobj.cli.history", "The versions of a class and what each of them changed."),
    "plan": ("vobj.cli.plan", "The steps of a backport or an upgrade."),
    "inspect": ("vobj.cli.inspect", "What stands in a payload."),
    "fleet": ("vobj.cli.fleet", "Who is there, the pin, and what may be dropped."),
    "conductor": ("vobj.cli.conductor", "Serve older and newer peers over HTTP."),
    "fleet-test": ("vobj.cli.fleet_test", "Two releases under load and faults, and the count."),
    "demo": ("vobj.cli.demo.command", "An old and a new release talk, and nothing is lost."),
}


class Program(click.Group):
    """The commands of `COMMANDS`, each loaded when it is wanted."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the list."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command of a name, or None."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[name][0])
        found: click.Command = getattr(module, name.replace("-", "_"))
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments start with; a typo is answered with what is near."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}.{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without loading what it lists."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what the library raises becomes a message and exit status 1."""
        try:
            return super().invoke(ctx)
        except VobjError as error:
            raise Failure.of(error) from None


@click.group(
    cls=Program,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": WIDTH,
        "terminal_width": None if sys.stdout.isatty() else WIDTH,
    },
    epilog="""\b
Exit status:
  0  it is as it should be
  1  what the command looked at is wrong
  2  the command could not start
\b
Example:
  $ vobj history fleet.objects:Server""",
)
@click.version_option(package_name="pyvobj", message="vobj %(version)s")
def program() -> None:
    """Versioned objects whose declared history gives backports, upgrades and put-backs."""
