"""The page about the command line, from the commands themselves."""

from __future__ import annotations

import inspect

import click

from vobj.cli.program import program

INTRO = """\
# Commands

`vobj` is the same as `python -m vobj`; it needs the `cli` extra. Modules that a command names are
found in the working directory as well. Output that goes to no terminal is plain ASCII of 100
columns, without colour.
"""


def commands_page() -> str:
    """The text of commands.md."""
    context = click.Context(program, info_name="vobj")
    parts = [INTRO, _epilog(program)]
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        assert command is not None
        parts.append(_command(command, f"vobj {name}"))
        if isinstance(command, click.Group):
            inner = command.commands.items()
            parts += [_command(one, f"vobj {name} {sub}") for sub, one in inner]
    return "\n\n".join(part.strip("\n") for part in parts)


def _command(command: click.Command, title: str) -> str:
    context = click.Context(command, info_name=title)
    usage = " ".join([title, *command.collect_usage_pieces(context)])
    parts = [f"## {title}", f"`{usage}`", _text(command.help)]
    options = [one for one in command.params if isinstance(one, click.Option)]
    if options:
        rows = [f"| {_names(one)} | {one.help or ''}{_default(one)} |" for one in options]
        parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]))
    parts.append(_epilog(command))
    return "\n\n".join(part for part in parts if part)


def _names(option: click.Option) -> str:
    shown = ", ".join(f"`{name}`" for name in option.opts)
    return (
        shown
        if option.is_flag
        else f"{shown} {option.metavar or option.type.name.split()[0].upper()}"
    )


def _default(option: click.Option) -> str:
    return f" Default: {option.default}." if option.show_default else ""


def _text(text: str | None) -> str:
    return inspect.cleandoc(text or "").replace("\b\n", "")


def _epilog(command: click.Command) -> str:
    text = _text(command.epilog)
    return f"```text\n{text}\n```" if text else ""
