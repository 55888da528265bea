"""The entry point: it alone runs without the packages of the `cli` extra, and names them."""

from __future__ import annotations

import importlib.util
import io
import sys
import warnings

_NEEDED = ("click", "rich")


def main() -> int:
    """Run the command line of this process; the result is the exit status."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"The vobj command needs {' and '.join(missing)}: pip install 'pyvobj[cli]'",
            file=sys.stderr,
        )
        return 2
    from vobj.cli.program import program

    _prepare()
    return int(program(prog_name="vobj", standalone_mode=True) or 0)


def _prepare() -> None:
    """Make a console script equal to `python -m vobj`, on any terminal."""
    if sys.path[0] != "":
        sys.path.insert(0, "")  # modules of the working directory are found either way
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what libraries say to their developers
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
