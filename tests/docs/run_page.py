"""Runs the code of one Markdown page: `python tests/docs/run_page.py docs/tutorial.md`.

Theory
    A page is a session. Its blocks run in order, in one module namespace and one temporary
    directory:

    - A `python` block is executed. When a file name follows (```` ```python fleet.py ````), it is
      also saved under that name, for later commands to import.
    - An `output` block is what the `python` block before it printed, under the same rules as what
      is shown under a command.
    - A `console` block is a terminal: each `$ vobj ...` line is run by the shell, must succeed, and
      must print what the lines under it show. Showing nothing checks nothing but success; a line
      `...` stands for any lines. To show a command that fails, end it with `; echo $?`.
    - A comment `<!-- not run: reason -->` on the line before a block exempts it. It is the only
      way: a Python or shell block that this program does not understand is an error.

    Every other language is data and is left alone. A page gets a process of its own, because the
    registry of objects is one per process. Blocks are compiled under the page's own name and line
    numbers, so that a traceback points into the page.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap
import traceback
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND_SECONDS = 30

PYTHON = {"python"}
CONSOLE = {"bash", "console", "sh", "shell"}
OUTPUT = {"output"}
UNKNOWN_CODE = {"py", "pycon", "python3", "shell-session", "zsh"}

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_NOT_RUN = re.compile(r"\s*<!-- not run: (?P<reason>\S.*?) -->\s*$")


class PageError(Exception):
    """A page, or something it shows, is not as it should be; the text starts with its place."""


@dataclass(frozen=True)
class Block:
    """One fenced block: `line` is that of its first line of text, counted from 1."""

    page: str
    line: int
    language: str
    file: str
    text: str
    not_run: str

    @property
    def is_code(self) -> bool:
        return self.language in PYTHON | CONSOLE | OUTPUT | UNKNOWN_CODE


@dataclass(frozen=True)
class Command:
    """One `$ ` line of a console block, and the lines shown under it."""

    line: int
    text: str
    shown: tuple[str, ...]


def blocks(page: str, markdown: str) -> list[Block]:
    """All fenced blocks of a page in order. Raises PageError for a fence or a mark out of place."""
    found: list[Block] = []
    lines = markdown.split("\n")
    number = 0
    marked = ""
    while number < len(lines):
        mark, fence = _NOT_RUN.match(lines[number]), _FENCE.match(lines[number])
        number += 1
        if marked and not fence:
            raise PageError(f"{page}:{number - 1}: a 'not run' mark stands right before its block")
        if mark:
            marked = mark["reason"]
        elif "<!-- not run" in lines[number - 1]:
            raise PageError(f"{page}:{number}: a 'not run' mark is `<!-- not run: reason -->`")
        if not fence:
            continue
        end = _closing(page, lines, number, fence["fence"])
        language, _, file = fence["info"].strip().partition(" ")
        text = textwrap.dedent("\n".join(lines[number:end])) + "\n"
        found.append(Block(page, number + 1, language, file.strip(), text, marked))
        number, marked = end + 1, ""
    if marked:
        raise PageError(f"{page}:{number}: a 'not run' mark stands right before its block")
    return found


def _closing(page: str, lines: list[str], start: int, fence: str) -> int:
    for number in range(start, len(lines)):
        line = lines[number].strip()
        if line.startswith(fence) and not line.strip(fence[0]):
            return number
    raise PageError(f"{page}:{start}: the block is never closed")


def commands(block: Block) -> list[Command]:
    """The commands of a console block. Raises PageError for a line that would silently not run."""
    found: list[Command] = []
    rest = block.text.rstrip("\n").split("\n")
    end = block.line + len(rest)
    while rest:
        line = end - len(rest)
        text = rest.pop(0)
        if text.split()[:2] != ["$", "vobj"]:
            raise PageError(
                f"{block.page}:{line}: Expected `$ vobj ...`, got {text!r}; "
                "mark a block of other commands with `<!-- not run: reason -->`"
            )
        while text.endswith("\\") and rest:
            text = text[:-1] + rest.pop(0)
        shown: list[str] = []
        while rest and not rest[0].startswith("$ "):
            shown.append(rest.pop(0).rstrip())
        found.append(Command(line, text.removeprefix("$ "), tuple(shown)))
    return found


def same_output(shown: tuple[str, ...], printed: list[str]) -> bool:
    """Whether the shown lines describe the printed ones; `...` stands for any number of lines."""
    parts = [r"(?:.*\n)*" if line.strip() == "..." else re.escape(line) + "\n" for line in shown]
    return re.fullmatch("".join(parts), "".join(f"{line}\n" for line in printed)) is not None


def _trimmed(lines: list[str]) -> list[str]:
    """Without the space at the ends of lines and the empty lines at the end."""
    return "\n".join(line.rstrip() for line in lines).rstrip("\n").split("\n")


def _run_command(block: Block, command: Command, environment: dict[str, str]) -> None:
    place = f"{block.page}:{command.line}: $ {command.text}"
    try:
        done = subprocess.run(
            command.text,
            shell=True,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PageError(f"{place}\nstill runs after {COMMAND_SECONDS} seconds") from None
    if done.returncode:
        raise PageError(f"{place}\nended with status {done.returncode}:\n{done.stdout}")
    if command.shown:
        _compare(place, list(command.shown), done.stdout)


def _compare(place: str, shown: list[str], printed: str) -> None:
    wanted, got = _trimmed(shown), _trimmed(printed.split("\n"))
    if not same_output(tuple(wanted), got):
        raise PageError(
            f"{place}\nThe page shows:\n{_indented(wanted)}\nIt printed:\n{_indented(got)}"
        )


def _indented(lines: list[str]) -> str:
    return textwrap.indent("\n".join(lines), "    ", lambda _: True)


def _run_python(block: Block, namespace: dict[str, object]) -> str:
    """Executes a block, returns what it printed."""
    if block.file:
        Path(block.file).write_text(block.text)
    padded = "\n" * (block.line - 1) + block.text
    try:
        # The page is the file, so that tracebacks quote it.
        code = compile(padded, ROOT / block.page, "exec", dont_inherit=True)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, namespace)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a page may raise anything
        frames = traceback.TracebackException.from_exception(error)
        del frames.stack[0]  # this function
        text = "".join(frames.format()).rstrip()
        raise PageError(f"{block.page}:{block.line}: the block failed\n{text}") from None
    return printed.getvalue()


def _check_output(block: Block, printed: str | None) -> None:
    place = f"{block.page}:{block.line}: output"
    if printed is None:
        raise PageError(f"{place} stands after the `python` block that prints it")
    _compare(place, block.text.split("\n"), printed)


def _environment(home: Path) -> dict[str, str]:
    """A plain terminal in which `vobj` is this interpreter's."""
    shim = home / "bin" / "vobj"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m vobj "$@"\n')
    shim.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{shim.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }


def run(page: str, found: list[Block]) -> int:
    """Runs the blocks of one page, returns how many. Raises PageError at the first that fails."""
    module = types.ModuleType("page")
    sys.modules["page"] = module
    warnings.filterwarnings("error", module=r"page$|vobj(\.|$)")
    count = 0
    printed: str | None = None
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory, "work")
        work.mkdir()
        environment = _environment(Path(directory))
        back = Path.cwd()
        os.chdir(work)
        sys.path.insert(0, str(work))  # where `python -m vobj` looks as well
        try:
            for block in runnable(found):
                if block.language in OUTPUT:
                    _check_output(block, printed)
                    printed = None
                    continue
                count += 1
                if block.language in PYTHON:
                    printed = _run_python(block, vars(module))
                    continue
                printed = None
                for command in commands(block):
                    _run_command(block, command, environment)
        finally:
            sys.path.remove(str(work))
            os.chdir(back)
    return count


def runnable(found: list[Block]) -> Iterator[Block]:
    """The blocks that run. Raises PageError for code in a language that nothing here runs."""
    for block in found:
        if block.not_run or not block.is_code:
            continue
        if block.language in UNKNOWN_CODE:
            raise PageError(
                f"{block.page}:{block.line}: a block of {block.language!r} is not run; "
                "write `python` or `console`"
            )
        yield block


def main(page: str) -> int:
    path = Path(page).resolve()
    name = os.path.relpath(path, ROOT)
    try:
        found = blocks(name, path.read_text())
        count = run(name, found)
    except PageError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{name}: {count} blocks ran")
    for block in found:
        if block.not_run:
            print(f"{name}:{block.line}: not run: {block.not_run}")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1]))
