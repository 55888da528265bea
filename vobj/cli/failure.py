"""How a command fails: with a message for people, and the exit status of the program's theory."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import IO, Any, Self

import click

from vobj.cli.screen import clean
from vobj.errors import RULES, VobjError, render_path

WRONG = 1
NOT_STARTED = 2


class Failure(click.ClickException):
    """Ends the command. Every line of `message` is cleaned before it is shown on stderr."""

    def __init__(self, message: str, *, status: int = WRONG) -> None:
        super().__init__(message)
        self.status = status

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """What the process ends with."""
        return self.status

    @classmethod
    def of(cls, error: VobjError, doing: str = "") -> Self:
        """The message, the path and the rule of an error of the library."""
        text = f"{doing}: {error.message}" if doing else error.message
        lines = [text]
        if error.path:
            lines.append(f"  at    {render_path(error.path)}")
        lines.append(f"  rule  {error.rule}: {RULES[error.rule]}")
        return cls("\n".join(lines))

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message on stderr."""
        text = "\n".join(clean(line) for line in self.message.split("\n"))
        click.secho(f"error: {text}", err=file is None, file=file)


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """` Did you mean ...?` with what is spelled like `name`, each after `prefix`, or nothing."""
    near = get_close_matches(name, sorted(set(known)), n=3)
    return f" Did you mean {' or '.join(prefix + one for one in near)}?" if near else ""
