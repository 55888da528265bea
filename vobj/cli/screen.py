"""What reaches the terminal: cleaned text, tables, JSON.

Theory
    A terminal obeys escape sequences, and a payload may hold them. `clean` leaves printable
    characters only; every other one (controls, line ends, bidirectional marks, lone surrogates) is
    written as its escape. Rich gets `Text` objects and never markup, so that brackets mean nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 100


def clean(text: str) -> str:
    """The text with every character that does not print written as its escape."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escape(one) for one in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def shortened(text: str, longest: int) -> str:
    """The text, cut in the middle to at most `longest` characters."""
    if len(text) <= longest:
        return text
    head = (longest - 3) // 2
    return f"{text[:head]}...{text[len(text) - (longest - 3 - head) :]}"


def console() -> Console:
    """Where tables go: a terminal as it is, anything else at a fixed width without colour."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        force_terminal=terminal,
        width=None if terminal else WIDTH,
        no_color=None if terminal else True,
        markup=False,
        highlight=False,
        emoji=False,
    )


def table(columns: Sequence[str], *, title: str = "", header: bool = True) -> Table:
    """An empty table in the frame that suits stdout."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(
        title=Text(clean(title), style="bold") if title else None,
        title_justify="left",
        box=box.ROUNDED if sys.stdout.isatty() else box.ASCII,
        show_header=header,
        header_style="bold",
    )
    for name in columns:
        made.add_column(name, overflow="fold")
    return made


def add_row(made: Table, cells: Iterable[str], *, style: str = "", line: bool = False) -> None:
    """Add a row of cleaned cells; a cell may have several lines. line: rule off the row below."""
    from rich.text import Text

    texts = ("\n".join(map(clean, cell.split("\n"))) for cell in cells)
    made.add_row(*(Text(text) for text in texts), style=style or None, end_section=line)


def print_json(document: Any) -> None:
    """Print one JSON document, in ASCII."""
    click.echo(json.dumps(document, indent=2))
